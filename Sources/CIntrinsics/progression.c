// Whether bytes are words in arithmetic progression: the value check of the benchmark, in as few instructions as the
// processor allows, because every instruction that waits for a value keeps the next operation's reads from beginning.
#include "CIntrinsics.h"

#include <string.h>

/// Four words, at any address.
typedef uint64_t four_words __attribute__((vector_size(32)));

static inline uint64_t load_word(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

/// The difference between the `count` (below 8) bytes at `at` and the top bytes of `word`; 0 if they agree.
static inline uint64_t tail_difference(const uint8_t *at, size_t count, uint64_t word) {
    uint64_t tail = 0;
    for (size_t i = 0; i < count; i++) tail |= (uint64_t)at[i] << 8 * i;
    return tail ^ (__builtin_bswap64(word) & ((UINT64_C(1) << 8 * count) - 1));
}

// What the words must be is computed from `first` and `step` alone, so that of each four words only two instructions
// wait for the value: the comparison, which loads, and the sum of differences.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("avx2", "default")))
#endif
int intrinsics_is_progression(const void *bytes, size_t count, uint64_t first, uint64_t step) {
    const uint8_t *at = bytes, *end = at + count;
    uint64_t word = first;
    four_words differences = {0, 0, 0, 0};
    if (count >= 32) {
        // Of lanes 0 to 3 the first and third have no single step, the first two no double one.
        const four_words single = {0, UINT64_MAX, 0, UINT64_MAX}, twice = {0, 0, UINT64_MAX, UINT64_MAX};
        four_words steps = {step, step, step, step}, expected = {first, first, first, first};
        expected += (steps & single) + (steps << 1 & twice);
        steps <<= 2;
        word += (count / 32) * 4 * step;
        do {
            four_words found;
            memcpy(&found, at, 32);
            differences |= found ^ expected;
            expected += steps;
            at += 32;
        } while (end - at >= 32);
    }
    uint64_t difference = 0;
    // At most three words where there were 32 bytes.
#pragma clang loop vectorize(disable) unroll(disable)
    while (end - at >= 8) {
        difference |= load_word(at) ^ word;
        word += step;
        at += 8;
    }
    size_t tail = (size_t)(end - at);
    if (tail > 0 && count >= 8) {
        // The last eight bytes: the end of the last word, then the top bytes of the one that would come next.
        uint64_t expected = (word - step) >> 8 * tail | __builtin_bswap64(word) << (64 - 8 * tail);
        difference |= load_word(end - 8) ^ expected;
    } else if (tail > 0) {
        difference = tail_difference(at, tail, word);
    }
    return (difference | differences[0] | differences[1] | differences[2] | differences[3]) == 0;
}
