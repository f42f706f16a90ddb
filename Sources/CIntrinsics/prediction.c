// Where a line puts the keys of a node to be built: the one loop of the learned index that vectors speed up, for its
// work is arithmetic on all entries of a node. The vector loop and its scalar twin are one text, and round alike,
// because multiplication and addition are kept apart.
#include "CIntrinsics.h"

#pragma STDC FP_CONTRACT OFF

static inline __attribute__((always_inline)) uint16_t place_of(
    int64_t key, int64_t center, float slope, float intercept, float top) {
    int64_t distance = (int64_t)((uint64_t)key - (uint64_t)center);
    // Negative where the difference does not fit: then the signs of both differ, and the result's is the wrong one.
    int64_t wraps = (key ^ center) & (key ^ distance);
    float position = (float)distance * slope + intercept;
    position = wraps < 0 ? (key < center ? 0 : top) : position;
    float above = position > 0 ? position : 0;
    return (uint16_t)(int32_t)(above < top ? above : top);
}

#if defined(__x86_64__) && defined(__linux__)
// Converting 64-bit integers to single precision is an instruction of AVX-512 DQ.
__attribute__((target_clones("avx512dq", "default")))
#endif
void intrinsics_predict_pairs(
    const void *pairs, size_t count, int64_t center, float slope, float intercept, int32_t limit, uint16_t *places) {
    const int64_t *words = (const int64_t *)pairs;
    float top = (float)limit;
    for (size_t i = 0; i < count; i++) places[i] = place_of(words[2 * i], center, slope, intercept, top);
}

void intrinsics_predict_pairs_scalar(
    const void *pairs, size_t count, int64_t center, float slope, float intercept, int32_t limit, uint16_t *places) {
    const int64_t *words = (const int64_t *)pairs;
    float top = (float)limit;
#pragma clang loop vectorize(disable) interleave(disable)
    for (size_t i = 0; i < count; i++) places[i] = place_of(words[2 * i], center, slope, intercept, top);
}
