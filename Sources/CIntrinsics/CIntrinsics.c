#define _GNU_SOURCE
#include "CIntrinsics.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { HUGE_PAGE_BYTES = 2 << 20 };

void *intrinsics_memory_reserve(size_t bytes) {
    int protection = PROT_READ | PROT_WRITE;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (bytes >= 2 * HUGE_PAGE_BYTES) {
        // A little too much, so that a huge page's boundary lies in it; what stands out on both sides goes back.
        char *wide = mmap(NULL, bytes + HUGE_PAGE_BYTES, protection, flags, -1, 0);
        if (wide != MAP_FAILED) {
            size_t before = -(uintptr_t)wide % HUGE_PAGE_BYTES;
            if (before > 0) munmap(wide, before);
            munmap(wide + before + bytes, HUGE_PAGE_BYTES - before);
            return wide + before;
        }
    }
    void *address = mmap(NULL, bytes, protection, flags, -1, 0);
    return address == MAP_FAILED ? NULL : address;
}

void intrinsics_memory_advise_huge(void *address, size_t bytes) {
    // Advice: where the kernel has no huge pages, small ones do.
    (void)madvise(address, bytes, MADV_HUGEPAGE);
}

void intrinsics_memory_advise_small(void *address, size_t bytes) {
    if (bytes > 0) (void)madvise(address, bytes, MADV_NOHUGEPAGE);
}

void intrinsics_memory_populate(void *address, size_t bytes) { (void)madvise(address, bytes, MADV_POPULATE_WRITE); }

void *intrinsics_memory_grow(void *address, size_t old_bytes, size_t new_bytes) {
    void *moved = mremap(address, old_bytes, new_bytes, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

void *intrinsics_memory_extend(void *address, size_t old_bytes, size_t new_bytes) {
    // The address is a hint that is not taken where something lies: whatever was mapped elsewhere goes back.
    char *behind = (char *)address + old_bytes;
    size_t bytes = new_bytes - old_bytes;
    void *given = mmap(behind, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (given == MAP_FAILED) return NULL;
    if (given == behind) return address;
    munmap(given, bytes);
    return NULL;
}

void intrinsics_memory_discard(void *address, size_t bytes) { (void)madvise(address, bytes, MADV_DONTNEED); }

void intrinsics_memory_release(void *address, size_t bytes) { munmap(address, bytes); }

void intrinsics_yield(void) { (void)sched_yield(); }

void *intrinsics_lines_allocate(unsigned long bytes) {
    void *lines = aligned_alloc(64, bytes);
    if (lines) memset(lines, 0, bytes);
    return lines;
}

void intrinsics_lines_release(void *lines) { free(lines); }
