// Counts the system calls that a child process makes between two marks, by tracing it with ptrace(2). The tracer sees
// every thread and every call that enters the kernel, whichever library makes it and however that library is linked;
// the traced program needs nothing but the marks, and no other process pays anything.
#ifndef C_SYSTEM_TRACE_H
#define C_SYSTEM_TRACE_H

#include <stdint.h>

/// Windows that a child can mark, numbered from 0.
#define SYSTEM_TRACE_WINDOWS 4

/// What happened inside one window, in all threads of the child. Calls that failed are left out.
typedef struct {
    /// How often the window was marked as ended.
    uint64_t endings;
    /// Operations, as the child told at the window's end.
    uint64_t operations;
    /// fsync, fdatasync, msync with MS_SYNC, syncfs, sync.
    uint64_t syncs;
    /// Writes that return when the data is stable: files opened with O_SYNC or O_DSYNC, RWF_SYNC, RWF_DSYNC.
    uint64_t synced_writes;
    /// write, pwrite, writev, pwritev, pwritev2 to files that the child opened itself.
    uint64_t writes;
    /// Bytes that these calls wrote.
    uint64_t bytes_written;
    /// Calls whose work can't be seen: io_uring_enter, io_submit.
    uint64_t unseen;
} system_trace_window;

typedef struct {
    system_trace_window windows[SYSTEM_TRACE_WINDOWS];
    /// Shared writable maps of files over the child's whole life: stores through them are no calls.
    uint64_t writable_maps;
    /// The child's exit code, or 128 + the signal that ended it.
    int exit_code;
} system_trace_report;

/// Starts `argv[0]` as a traced child in a process group of its own and waits for its end. The child is killed after
/// `seconds_limit` and when the caller ends. Its output goes to /dev/null.
/// Returns 0, or -errno where the system does not allow tracing. Linux 5.3 or later.
int system_trace_run(const char *const *argv, unsigned seconds_limit, system_trace_report *report);

/// For the child: what follows belongs to `window`, until the next mark. Untraced it is one failing prctl(2).
void system_trace_begin(int window);

/// For the child: the window ends after `operations` operations.
void system_trace_end(int window, uint64_t operations);

/// The processor that the calling thread runs on, or -1: sched_getcpu(3).
int system_processor(void);

/// Moves the calling thread to a processor, and leaves it free to be moved on: sched_setaffinity(2). Does nothing where
/// that is not allowed.
void system_move_to_processor(int processor);

/// Gives the free pages of the heap back to the system: malloc_trim(3).
void system_release_heap(void);

#endif
