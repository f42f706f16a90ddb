// System calls as they are, with -errno for a failure, so that no later call can overwrite the reason.
#define _GNU_SOURCE
#include "CStorageIO.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HUGE_PAGE_BYTES = STORAGE_IO_HUGE_PAGE_BYTES };

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static int result(int value) { return value < 0 ? -errno : value; }

int storage_io_open(const char *path, int mode) {
    static const int flags[] = {O_RDONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC};
    int file;
    do file = open(path, flags[mode & 3] | O_CLOEXEC, 0644);
    while (file < 0 && errno == EINTR);
    return result(file);
}

int storage_io_memory_file(void) { return result(memfd_create("alexstorage", MFD_CLOEXEC)); }

int storage_io_close(int file) { return result(close(file)); }

int storage_io_make_directory(const char *path) {
    if (mkdir(path, 0755) == 0) return 0;
    if (errno != EEXIST) return -errno;
    struct stat status;
    if (stat(path, &status) < 0) return -errno;
    return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

int storage_io_rename(const char *from, const char *to) { return result(rename(from, to)); }
int storage_io_unlink(const char *path) { return result(unlink(path)); }

int64_t storage_io_size(int file) {
    struct stat status;
    return fstat(file, &status) < 0 ? -errno : (int64_t)status.st_size;
}

int storage_io_identity(int file, uint64_t *device, uint64_t *inode) {
    struct stat status;
    if (fstat(file, &status) < 0) return -errno;
    *device = (uint64_t)status.st_dev;
    *inode = (uint64_t)status.st_ino;
    return 0;
}

int64_t storage_io_pread(int file, void *bytes, size_t count, int64_t offset) {
    ssize_t done = pread(file, bytes, count, offset);
    return done < 0 ? -errno : done;
}

// A write beyond RLIMIT_FSIZE sends SIGXFSZ, which ends the process unless somebody handles it. A library installs no
// handler: it asks first.
static int is_beyond_limit(int64_t end) {
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && (uint64_t)end > limit.rlim_cur;
}

int64_t storage_io_pwrite(int file, const void *bytes, size_t count, int64_t offset) {
    if (is_beyond_limit(offset + (int64_t)count)) return -EFBIG;
    ssize_t done = pwrite(file, bytes, count, offset);
    return done < 0 ? -errno : done;
}

int storage_io_allocate(int file, int64_t offset, int64_t count) {
    if (is_beyond_limit(offset + count)) return -EFBIG;
    return result(fallocate(file, 0, offset, count));
}
int storage_io_truncate(int file, int64_t size) { return result(ftruncate(file, size)); }
int storage_io_sync_data(int file) { return result(fdatasync(file)); }
int storage_io_sync(int file) { return result(fsync(file)); }

int storage_io_try_lock(int file) {
#ifdef F_OFD_SETLK
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_OFD_SETLK, &whole) == 0) return 0;
    if (errno == EAGAIN || errno == EACCES) return 1;
    if (errno != EINVAL) return -errno;
#endif
    if (flock(file, LOCK_EX | LOCK_NB) == 0) return 0;
    return errno == EWOULDBLOCK ? 1 : -errno;
}

void storage_io_unlock(int file) {
#ifdef F_OFD_SETLK
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    (void)fcntl(file, F_OFD_SETLK, &whole);
#endif
    (void)flock(file, LOCK_UN);
}

void *storage_io_reserve(size_t bytes) {
    // A little too much, so that it can begin at a huge page's boundary; what stands out on both sides goes back.
    char *wide = mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (wide == MAP_FAILED) return NULL;
    size_t before = -(uintptr_t)wide % HUGE_PAGE_BYTES;
    if (before > 0) munmap(wide, before);
    munmap(wide + before + bytes, HUGE_PAGE_BYTES - before);
    return wide + before;
}

int storage_io_release(void *address, size_t bytes) { return result(munmap(address, bytes)); }

int storage_io_map_fixed(void *address, size_t count, int file, int64_t offset, int writable) {
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    if (mmap(address, count, protection, MAP_SHARED | MAP_FIXED, file, offset) == MAP_FAILED) return -errno;
    return result(madvise(address, count, MADV_DONTFORK));
}

int storage_io_unmap_fixed(void *address, size_t count) {
    void *bare = mmap(address, count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    return bare == MAP_FAILED ? -errno : 0;
}

int storage_io_advise_huge(void *address, size_t count) { return result(madvise(address, count, MADV_HUGEPAGE)); }

int storage_io_advise(void *address, size_t count, int advice) {
    static const int advices[] = {MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_NORMAL};
    return result(madvise(address, count, advices[advice & 3]));
}

int storage_io_populate(void *address, size_t count) {
    int done;
    do done = madvise(address, count, MADV_POPULATE_WRITE);
    while (done < 0 && (errno == EINTR || errno == EAGAIN));
    return result(done);
}

void storage_io_thread_yields(void) { (void)setpriority(PRIO_PROCESS, 0, 10); }

uint32_t storage_io_word(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

void storage_io_change_word(uint32_t *word) { __atomic_fetch_add(word, 1, __ATOMIC_ACQ_REL); }

void storage_io_wait_while(uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

void storage_io_wake(uint32_t *word, int32_t count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
