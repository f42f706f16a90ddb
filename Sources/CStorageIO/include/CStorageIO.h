// CRC32C, the record as it lies in the log, and the system calls that Swift's overlay of the C library does not show.
#ifndef C_STORAGE_IO_H
#define C_STORAGE_IO_H

#include <stddef.h>
#include <stdint.h>

/// What a huge page holds on x86-64, and on ARM64 with pages of 4 KiB.
#define STORAGE_IO_HUGE_PAGE_BYTES (2 << 20)

/// CRC32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continuing from `crc`. No inversion before or after.
/// Uses the processor's instruction where there is one, found out once at start.
uint32_t storage_io_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same, always from the table: the twin that the fast form is tested against.
uint32_t storage_io_crc32c_table(uint32_t crc, const void *bytes, size_t count);

/// The same with the instruction but never interleaved; falls back to the table where there is no instruction.
uint32_t storage_io_crc32c_plain(uint32_t crc, const void *bytes, size_t count);

/// Whether `storage_io_crc32c` uses the processor's instruction.
int storage_io_crc32c_is_hardware(void);

/// The checksum of the record at `record`, its checksum field left out: CRC32C from `seed` over key, length widened to
/// 64 bits, sequence and flags, value. Never 0.
uint32_t storage_io_record_checksum(uint32_t seed, const void *record, size_t value_bytes);

/// Writes a record of 24 + `value_bytes` bytes and its zero padding to a multiple of 8 at `record`.
/// Returns the checksum.
uint32_t storage_io_record_write(
    void *record, uint32_t seed, int64_t key, uint64_t sequence_and_flags, const void *value, size_t value_bytes);

// System calls. Each returns 0 or more, or -errno.

/// open(2) with O_CLOEXEC. `mode` 0: read only; 1: read and write; 2: read and write, created when absent;
/// 3: read and write, created and emptied.
int storage_io_open(const char *path, int mode);
int storage_io_close(int file);
/// A file in memory without a name: memfd_create(2).
int storage_io_memory_file(void);
/// mkdir(2); 0 as well when the directory is there already.
int storage_io_make_directory(const char *path);
int storage_io_rename(const char *from, const char *to);
int storage_io_unlink(const char *path);
int64_t storage_io_size(int file);
int storage_io_identity(int file, uint64_t *device, uint64_t *inode);
int64_t storage_io_pread(int file, void *bytes, size_t count, int64_t offset);
int64_t storage_io_pwrite(int file, const void *bytes, size_t count, int64_t offset);
/// fallocate(2) with the size extended: blocks are there or the call fails.
int storage_io_allocate(int file, int64_t offset, int64_t count);
int storage_io_truncate(int file, int64_t size);
int storage_io_sync_data(int file);
int storage_io_sync(int file);
/// An exclusive lock on the open file description (F_OFD_SETLK, else flock): 0 taken, 1 held by another, or -errno.
int storage_io_try_lock(int file);
/// Gives the lock back, also where a child process has inherited the description and so would keep it.
void storage_io_unlock(int file);
/// Lets this thread come behind others: nice value 10, setpriority(2). A refusal is not told.
void storage_io_thread_yields(void);
/// Address space without memory behind it: mmap(2) with PROT_NONE and MAP_NORESERVE. NULL when refused.
void *storage_io_reserve(size_t bytes);
int storage_io_release(void *address, size_t bytes);
/// Maps `count` bytes of the file from `offset` over `address`, shared, out of reach of forked children.
int storage_io_map_fixed(void *address, size_t count, int file, int64_t offset, int writable);
/// Puts bare reserved address space back over `address`.
int storage_io_unmap_fixed(void *address, size_t count);
/// MADV_HUGEPAGE: pages of the file that are brought in now may be huge ones.
int storage_io_advise_huge(void *address, size_t count);
/// How the pages will be read. `advice` 0: MADV_NORMAL; 1: MADV_RANDOM; 2: MADV_WILLNEED.
int storage_io_advise(void *address, size_t count, int advice);

// A word on which threads wait for one another.

uint32_t storage_io_word(const uint32_t *word);
/// Makes the word another: all that were told of it before no longer fall asleep on it.
void storage_io_change_word(uint32_t *word);
/// Sleeps as long as the word is `value`: futex(2), FUTEX_WAIT. May return earlier.
void storage_io_wait_while(uint32_t *word, uint32_t value);
/// Wakes so many of those who sleep on the word: FUTEX_WAKE.
void storage_io_wake(uint32_t *word, int32_t count);

/// MADV_POPULATE_WRITE: every page there and writable, or an error and no signal.
int storage_io_populate(void *address, size_t count);

#endif
