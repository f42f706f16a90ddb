// Words that one thread writes while others read them: loads and stores that are never torn or repeated, and the order
// between them. On x86-64 all but `exchange_if`, `add` and `fence_full` are plain moves.
#ifndef SHARED_WORDS_H
#define SHARED_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#define SHARED_WORD static inline __attribute__((always_inline))

SHARED_WORD uint64_t intrinsics_load_relaxed(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED);
}

SHARED_WORD uint64_t intrinsics_load_acquire(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}

SHARED_WORD void intrinsics_store_relaxed(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELAXED);
}

SHARED_WORD void intrinsics_store_release(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}

/// No load after it is done before a load ahead of it.
SHARED_WORD void intrinsics_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

/// No load after it is done before a store ahead of it is visible to all.
SHARED_WORD void intrinsics_fence_full(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/// Stores `desired` if the word is `expected`, with a full fence; whether it did.
SHARED_WORD bool intrinsics_exchange_if(void *word, uint64_t expected, uint64_t desired) {
    bool done = __atomic_compare_exchange_n(
        (uint64_t *)word, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
#if !defined(__x86_64__)
    // Elsewhere a load may still pass the store of an exchange.
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
    return done;
}

/// Adds to the word and returns what it was.
SHARED_WORD uint64_t intrinsics_add(void *word, uint64_t summand) {
    return __atomic_fetch_add((uint64_t *)word, summand, __ATOMIC_SEQ_CST);
}

/// Makes a version odd before what it guards is changed. One writer only.
SHARED_WORD void intrinsics_version_begin(void *version) {
    uint64_t *word = (uint64_t *)version;
    __atomic_store_n(word, *word + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/// Makes a version even again after the change.
SHARED_WORD void intrinsics_version_end(void *version) {
    uint64_t *word = (uint64_t *)version;
    __atomic_store_n(word, *word + 1, __ATOMIC_RELEASE);
}

/// Tells the processor that this thread waits for another's store.
SHARED_WORD void intrinsics_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#undef SHARED_WORD

/// Lets another thread run (sched_yield(2)).
void intrinsics_yield(void);

/// Zeroed memory that begins at a cache line of 64 bytes (aligned_alloc(3)), or NULL; `bytes` is a multiple of 64.
/// Given back with `intrinsics_lines_release`.
void *intrinsics_lines_allocate(unsigned long bytes);
void intrinsics_lines_release(void *lines);

#endif
