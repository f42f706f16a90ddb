// The tracer.
//
// 1. Fork. The child waits until it has been seized, then executes the program.
// 2. PTRACE_SEIZE with PTRACE_O_TRACECLONE: every thread that the child starts is traced from its first instruction.
// 3. Each thread stops at the entry and at the exit of each system call. At the entry its number and arguments are
//    kept; at the exit, if the call succeeded, it is counted in the window that is open.
// 4. A mark is a prctl(2) with an option that no kernel knows: it fails, and the tracer sees its arguments.
//
// Invariants: (a) one thread traces, as ptrace(2) demands; (b) a call counts in the window open at its exit; (c) only
// descriptors that came from open(2) or openat(2) count as files, so output, pipes and event counters do not.
#define _GNU_SOURCE
#include "CSystemTrace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// <sys/ptrace.h> and <linux/ptrace.h> can't be included together everywhere; the call itself is all that is needed.
extern long ptrace(int request, ...);

/// "ALEX", an option that prctl(2) does not have.
#define MARK 0x414c4558

enum { is_file = 1, is_synced = 2, files_limit = 65536, threads_limit = 1024 };

/// A thread of the child and the call that it is in.
typedef struct {
    pid_t id;
    int in_call;
    uint64_t number;
    uint64_t arguments[6];
} thread;

typedef struct {
    system_trace_report *report;
    /// The open window, or -1.
    int window;
    unsigned char files[files_limit];
    thread threads[threads_limit];
    size_t thread_count;
} tracer;

void system_trace_begin(int window) { syscall(SYS_prctl, MARK, window, 1, 0, 0); }
void system_trace_end(int window, uint64_t operations) { syscall(SYS_prctl, MARK, window, 0, operations, 0); }

static thread *thread_of(tracer *self, pid_t id) {
    for (size_t i = 0; i < self->thread_count; i++)
        if (self->threads[i].id == id) return &self->threads[i];
    if (self->thread_count == threads_limit) return NULL;
    thread *added = &self->threads[self->thread_count++];
    memset(added, 0, sizeof *added);
    added->id = id;
    return added;
}

static void forget(tracer *self, pid_t id) {
    for (size_t i = 0; i < self->thread_count; i++)
        if (self->threads[i].id == id) self->threads[i] = self->threads[--self->thread_count];
}

static unsigned char kind_of(const tracer *self, uint64_t file) { return file < files_limit ? self->files[file] : 0; }

static void set_kind(tracer *self, int64_t file, unsigned char kind) {
    if (file >= 0 && file < files_limit) self->files[file] = kind;
}

static void mark(tracer *self, const uint64_t *arguments) {
    int window = (int)arguments[1];
    if (window < 0 || window >= SYSTEM_TRACE_WINDOWS) return;
    if (arguments[2] == 1) {
        self->window = window;
        return;
    }
    self->window = -1;
    self->report->windows[window].endings++;
    self->report->windows[window].operations += arguments[3];
}

static unsigned char kind_for_flags(uint64_t flags) {
    // O_SYNC contains O_DSYNC.
    return is_file | ((flags & O_DSYNC) != 0 ? is_synced : 0);
}

static int is_writable_file_map(const uint64_t *arguments) {
    // The two lowest flags say private, shared, or shared and validated.
    int is_shared = (arguments[3] & 3) != MAP_PRIVATE;
    return is_shared && (arguments[2] & PROT_WRITE) != 0 && (arguments[3] & MAP_ANONYMOUS) == 0;
}

/// Keeps the table of open files. Returns whether the call was one of those that it is made from.
static int follow_files(tracer *self, const thread *in, int64_t result) {
    const uint64_t *arguments = in->arguments;
    switch (in->number) {
#ifdef SYS_open
    case SYS_open: set_kind(self, result, kind_for_flags(arguments[1])); return 1;
#endif
#ifdef SYS_creat
    case SYS_creat: set_kind(self, result, is_file); return 1;
#endif
    case SYS_openat: set_kind(self, result, kind_for_flags(arguments[2])); return 1;
    case SYS_close: set_kind(self, (int64_t)arguments[0], 0); return 1;
#ifdef SYS_dup2
    case SYS_dup2:
#endif
    case SYS_dup:
    case SYS_dup3: set_kind(self, result, kind_of(self, arguments[0])); return 1;
    case SYS_fcntl:
        if (arguments[1] == F_DUPFD || arguments[1] == F_DUPFD_CLOEXEC)
            set_kind(self, result, kind_of(self, arguments[0]));
        return 1;
    case SYS_mmap: self->report->writable_maps += is_writable_file_map(arguments); return 1;
    default: return 0;
    }
}

static void count_write(tracer *self, system_trace_window *window, const thread *in, int64_t result, int is_flagged) {
    unsigned char kind = kind_of(self, in->arguments[0]);
    if ((kind & is_file) == 0) return;
    window->writes++;
    window->bytes_written += (uint64_t)result;
    if ((kind & is_synced) != 0 || is_flagged) window->synced_writes++;
}

static void count(tracer *self, const thread *in, int64_t result) {
    if (follow_files(self, in, result) || self->window < 0) return;
    system_trace_window *window = &self->report->windows[self->window];
    switch (in->number) {
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_syncfs:
    case SYS_sync: window->syncs++; break;
    case SYS_msync: window->syncs += (in->arguments[2] & MS_SYNC) != 0; break;
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_pwritev: count_write(self, window, in, result, 0); break;
    case SYS_pwritev2: count_write(self, window, in, result, (in->arguments[5] & (RWF_DSYNC | RWF_SYNC)) != 0); break;
    case SYS_io_submit:
#ifdef SYS_io_uring_enter
    case SYS_io_uring_enter:
#endif
        window->unseen++;
        break;
    default: break;
    }
}

/// The thread has stopped at the entry or exit of a call. Returns 0, or -errno where the kernel does not tell the call.
static int at_call(tracer *self, pid_t id) {
    struct ptrace_syscall_info info;
    memset(&info, 0, sizeof info);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, id, sizeof info, &info) < 0) return errno == ESRCH ? 0 : -errno;
    thread *in = thread_of(self, id);
    if (in == NULL) return -EOVERFLOW;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        in->in_call = 1;
        in->number = info.entry.nr;
        for (int i = 0; i < 6; i++) in->arguments[i] = info.entry.args[i];
        if (in->number == SYS_prctl && in->arguments[0] == MARK) mark(self, in->arguments);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && in->in_call) {
        in->in_call = 0;
        if (!info.exit.is_error) count(self, in, info.exit.rval);
    }
    return 0;
}

/// Follows the child to its end. Returns 0 or -errno.
static int follow(tracer *self, pid_t child) {
    for (;;) {
        int status;
        pid_t id = waitpid(-child, &status, __WALL);
        if (id < 0 && errno == EINTR) continue;
        if (id < 0) return -errno;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            forget(self, id);
            if (id != child) continue;
            self->report->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return 0;
        }
        int delivered = 0;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            int problem = at_call(self, id);
            if (problem < 0) {
                kill(child, SIGKILL);
                while (waitpid(-child, &status, __WALL) > 0 || errno == EINTR) {}
                return problem;
            }
        } else if (status >> 16 == 0) {
            delivered = WSTOPSIG(status);
        }
        (void)ptrace(PTRACE_SYSCALL, id, 0, (void *)(intptr_t)delivered);
    }
}

/// The child's side of the fork. Only calls that are safe between fork and exec.
static void become(const char *const *argv, const int *gate, unsigned seconds_limit) {
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close(gate[1]);
    char go;
    while (read(gate[0], &go, 1) < 0 && errno == EINTR) {}
    close(gate[0]);
    int nowhere = open("/dev/null", O_RDWR);
    for (int file = 0; file < 3; file++) dup2(nowhere, file);
    alarm(seconds_limit);
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

int system_trace_run(const char *const *argv, unsigned seconds_limit, system_trace_report *report) {
    memset(report, 0, sizeof *report);
    tracer *self = calloc(1, sizeof *self);
    if (self == NULL) return -ENOMEM;
    self->report = report;
    self->window = -1;
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) < 0) {
        free(self);
        return -errno;
    }
    int problem = 0;
    pid_t child = fork();
    if (child == 0) become(argv, gate, seconds_limit);
    if (child < 0) problem = -errno;
    close(gate[0]);
    if (child > 0) {
        setpgid(child, child);
        long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
        if (ptrace(PTRACE_SEIZE, child, 0, options) < 0 || ptrace(PTRACE_INTERRUPT, child, 0, 0) < 0) {
            problem = -errno;
            kill(child, SIGKILL);
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        } else {
            if (write(gate[1], "", 1) < 0) problem = -errno;
            int followed = follow(self, child);
            if (problem == 0) problem = followed;
        }
    }
    close(gate[1]);
    free(self);
    return problem;
}
