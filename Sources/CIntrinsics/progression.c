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

/// Or-s into `differences` how far four words at `at` are from being `steps` above the words before them. A macro,
/// because a function of its own could not take vectors that its caller alone may use.
#define COMPARE_FOUR(at)                                                                                               \
    do {                                                                                                               \
        four_words words, before;                                                                                      \
        memcpy(&words, (at) + 8, 32);                                                                                  \
        memcpy(&before, (at), 32);                                                                                     \
        differences |= (words - before) ^ steps;                                                                       \
    } while (0)

/// The difference between the last `count` (below 8) bytes of a value and the top bytes of `word`; 0 if they agree.
static inline uint64_t tail_difference(const uint8_t *at, size_t count, uint64_t word) {
    uint64_t tail = 0;
    if (count & 4) memcpy(&tail, at, 4);
    for (size_t i = count & 4; i < count; i++) tail |= (uint64_t)at[i] << 8 * i;
    return tail ^ (__builtin_bswap64(word) & ((UINT64_C(1) << 8 * count) - 1));
}

#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("avx2", "default")))
#endif
int intrinsics_is_progression(const void *bytes, size_t count, uint64_t first, uint64_t step) {
    const uint8_t *at = bytes;
    size_t words = count / 8;
    const uint8_t *tail = at + 8 * words;
    uint64_t difference = tail_difference(tail, count % 8, first + words * step);
    if (words == 0) return difference == 0;
    difference |= load_word(at) ^ first;
    // Each word against the one before it: four pairs a step, the last step drawn back to end with the last pair.
    size_t pairs = words - 1;
    if (pairs >= 4) {
        four_words steps = {step, step, step, step};
        four_words differences = {0, 0, 0, 0};
        for (size_t i = 0; i + 4 <= pairs; i += 4) COMPARE_FOUR(at + 8 * i);
        COMPARE_FOUR(at + 8 * (pairs - 4));
        difference |= differences[0] | differences[1] | differences[2] | differences[3];
    } else {
        for (size_t i = 0; i < pairs; i++) difference |= (load_word(at + 8 * i + 8) - load_word(at + 8 * i)) ^ step;
    }
    return difference == 0;
}
