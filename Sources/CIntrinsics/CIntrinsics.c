#define _GNU_SOURCE
#include "CIntrinsics.h"

#include <sys/mman.h>

void *intrinsics_memory_reserve(size_t bytes) {
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return address == MAP_FAILED ? NULL : address;
}

void *intrinsics_memory_grow(void *address, size_t old_bytes, size_t new_bytes) {
    void *moved = mremap(address, old_bytes, new_bytes, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

void intrinsics_memory_release(void *address, size_t bytes) { munmap(address, bytes); }
