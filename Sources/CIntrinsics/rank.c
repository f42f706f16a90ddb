// How many keys of a node lie at or below a key: the end of a search, where halving what is left would guess wrong at
// every second step. The vector loop compares four pairs at a time, their values too, whose counts are thrown away; its
// scalar twin adds up one comparison after the other. Neither has a branch that depends on a key.
#include "CIntrinsics.h"

#include <string.h>

/// Four pairs of a key and another word, at any address.
typedef int64_t four_pairs __attribute__((vector_size(64)));

#if defined(__x86_64__) && defined(__linux__)
// One register and a comparison into a mask with AVX-512, two with AVX2; SSE2 has no comparison of 64-bit integers, so
// that it is made of others there, at about the speed of the scalar twin.
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
size_t intrinsics_rank_pairs(const void *pairs, size_t count, int64_t key) {
    const int64_t *words = (const int64_t *)pairs;
    four_pairs keys = {key, key, key, key, key, key, key, key};
    four_pairs none = {0, 0, 0, 0, 0, 0, 0, 0};
    // Four sums, so that no addition waits for the one before. A lane that compares true is -1.
    four_pairs found[4] = {none, none, none, none};
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        four_pairs here[4];
        memcpy(here, words + 2 * i, sizeof here);
        for (int part = 0; part < 4; part++) found[part] -= here[part] <= keys;
    }
    for (; i + 4 <= count; i += 4) {
        four_pairs here;
        memcpy(&here, words + 2 * i, sizeof here);
        found[0] -= here <= keys;
    }
    four_pairs sum = (found[0] + found[1]) + (found[2] + found[3]);
    size_t rank = (size_t)(sum[0] + sum[2] + sum[4] + sum[6]);
    for (; i < count; i++) rank += words[2 * i] <= key;
    return rank;
}

size_t intrinsics_rank_pairs_scalar(const void *pairs, size_t count, int64_t key) {
    const int64_t *words = (const int64_t *)pairs;
    size_t rank = 0;
#pragma clang loop vectorize(disable) interleave(disable)
    for (size_t i = 0; i < count; i++) rank += words[2 * i] <= key;
    return rank;
}
