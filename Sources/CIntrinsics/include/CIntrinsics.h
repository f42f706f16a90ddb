// The few machine instructions that Swift can't name. Header only: every function is inlined into its caller.
#ifndef C_INTRINSICS_H
#define C_INTRINSICS_H

#include <stdint.h>
#include <time.h>

/// Asks the cache for the line at `address`; never faults.
static inline __attribute__((always_inline)) void intrinsics_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// `value` rounded towards zero and held within 0 ... limit; NaN gives 0.
static inline __attribute__((always_inline)) int64_t intrinsics_clamp(double value, int64_t limit) {
    if (!(value > 0)) return 0;
    return value >= (double)limit ? limit : (int64_t)value;
}

/// Zero, computed from `word` in a way that neither compiler nor processor can skip.
static inline __attribute__((always_inline)) uint64_t intrinsics_opaque_zero(uint64_t word) {
    uint64_t zero = word;
    __asm__ volatile("" : "+r"(zero));
    return zero ^ word;
}

/// Nanoseconds of CLOCK_MONOTONIC (clock_gettime(2)).
static inline int64_t intrinsics_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
