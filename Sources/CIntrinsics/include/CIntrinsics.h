// The few machine instructions that Swift can't name, inlined into their caller; memory; and the vector loops.
#ifndef C_INTRINSICS_H
#define C_INTRINSICS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "shared_words.h"

/// Asks the cache for the line at `address`; never faults.
static inline __attribute__((always_inline)) void intrinsics_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// `value` rounded towards zero and held within 0 ... limit; NaN gives 0.
static inline __attribute__((always_inline)) int64_t intrinsics_clamp(double value, int64_t limit) {
    if (!(value > 0)) return 0;
    return value >= (double)limit ? limit : (int64_t)value;
}

/// The same for a float and a small limit: two instructions and a conversion, no branch.
static inline __attribute__((always_inline)) int32_t intrinsics_clamp_float(float value, int32_t limit) {
    float above = value > 0 ? value : 0;
    float top = (float)limit;
    return (int32_t)(above < top ? above : top);
}

/// Where a line puts the keys of `count` pairs of a key and another word: `places[i]` is
/// (key i - center) * slope + intercept in single precision, rounded towards zero, held within 0 ... limit; a key more
/// than 2^63 from the centre goes to the end that it lies towards. A vector loop where the processor has one.
void intrinsics_predict_pairs(
    const void *pairs, size_t count, int64_t center, float slope, float intercept, int32_t limit, uint16_t *places);

/// Its scalar twin.
void intrinsics_predict_pairs_scalar(
    const void *pairs, size_t count, int64_t center, float slope, float intercept, int32_t limit, uint16_t *places);

/// How many of `count` pairs of a key and another word have a key at or below `key`; where the keys ascend, the place
/// of the first one above it. O(count), no branch that depends on a key. A vector loop where the processor has one.
size_t intrinsics_rank_pairs(const void *pairs, size_t count, int64_t key);

/// Its scalar twin.
size_t intrinsics_rank_pairs_scalar(const void *pairs, size_t count, int64_t key);

/// Address space of zeroed private memory, backed only where it is touched (mmap(2), MAP_NORESERVE), beginning at a
/// multiple of 2 MiB if it is at least two of them long; NULL if refused.
void *intrinsics_memory_reserve(size_t bytes);

/// Backs whole pages with memory at once instead of at the first touch of each (madvise(2), MADV_POPULATE_WRITE, from
/// Linux 5.14 on); a refusal is not told.
void intrinsics_memory_populate(void *address, size_t bytes);

/// The same memory with more room behind it, moved if it must be (mremap(2)); NULL if refused, then nothing changed.
void *intrinsics_memory_grow(void *address, size_t old_bytes, size_t new_bytes);

/// Asks for huge pages behind addresses not touched yet (madvise(2), MADV_HUGEPAGE); a refusal is not told.
void intrinsics_memory_advise_huge(void *address, size_t bytes);

/// Takes that back: what is touched next is small pages (madvise(2), MADV_NOHUGEPAGE); a refusal is not told.
void intrinsics_memory_advise_small(void *address, size_t bytes);

/// The same memory with more room behind it, where it is; NULL if something else is there or the system refuses.
void *intrinsics_memory_extend(void *address, size_t old_bytes, size_t new_bytes);

/// Gives back the memory, not the addresses: what is read there next is zero (madvise(2), MADV_DONTNEED).
void intrinsics_memory_discard(void *address, size_t bytes);

/// Gives memory back (munmap(2)).
void intrinsics_memory_release(void *address, size_t bytes);

/// Whether the bytes are 64-bit words `first`, `first + step` …; fewer than eight at the end are the top bytes of the
/// next word, its highest first. O(count).
int intrinsics_is_progression(const void *bytes, size_t count, uint64_t first, uint64_t step);

/// `word`, of which the compiler no longer knows what it is equal to.
static inline __attribute__((always_inline)) uint64_t intrinsics_unknown(uint64_t word) {
    __asm__ volatile("" : "+r"(word));
    return word;
}

/// Zero, computed from `word` in a way that neither compiler nor processor can skip.
static inline __attribute__((always_inline)) uint64_t intrinsics_opaque_zero(uint64_t word) {
    uint64_t zero = word;
    __asm__ volatile("" : "+r"(zero));
    return zero ^ word;
}

/// Begins nothing that stands behind it before all that stands in front has ended, guessed branches and loads included
/// (LFENCE of x86-64; DSB and ISB of arm64).
static inline __attribute__((always_inline)) void intrinsics_finish_all(void) {
#if defined(__x86_64__)
    __asm__ volatile("lfence" : : : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("dsb ld\n\tisb" : : : "memory");
#else
#error "no instruction is known here that waits for all before it"
#endif
}

/// Nanoseconds of CLOCK_MONOTONIC (clock_gettime(2)).
static inline int64_t intrinsics_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
