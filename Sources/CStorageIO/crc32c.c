// CRC32C three times: a table, the processor's instruction, and the instruction on three stretches at once.
//
// The instruction has a latency of three cycles and a throughput of one, so one chain keeps a third of the unit busy.
// Long inputs are cut into three blocks whose chains run side by side; a table then carries the first two checksums
// over the bytes that follow them (CRC is linear: the checksum of A followed by n zero bytes is a linear function of
// the checksum of A, kept here as four tables of 256).
#include "CStorageIO.h"

#include <string.h>

enum { BLOCK = 128 };

static const uint32_t polynomial = 0x82F63B78u;
static uint32_t table[8][256];
/// Appends BLOCK zero bytes to a checksum, byte by byte of the checksum.
static uint32_t carry[4][256];
static int has_instruction;

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

uint32_t storage_io_crc32c_table(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    for (; count >= 8; count -= 8, at += 8) {
        uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
        crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24]
            ^ table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    while (count--) crc = (crc >> 8) ^ table[0][(crc ^ *at++) & 255];
    return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HARDWARE __attribute__((target("sse4.2")))
#define STEP64(crc, word) ((uint32_t)_mm_crc32_u64((crc), (word)))
#define STEP32(crc, word) _mm_crc32_u32((crc), (word))
#define STEP8(crc, byte) _mm_crc32_u8((crc), (byte))
static int find_instruction(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2");
}
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define HARDWARE __attribute__((target("+crc")))
#define STEP64(crc, word) __crc32cd((crc), (word))
#define STEP32(crc, word) __crc32cw((crc), (word))
#define STEP8(crc, byte) __crc32cb((crc), (byte))
static int find_instruction(void) { return (getauxval(AT_HWCAP) >> 7 & 1) != 0; }
#endif

#ifdef HARDWARE

/// One chain, four words a turn: a read is checked in few instructions, so that the next one can begin beside it.
static inline HARDWARE uint32_t chain(uint32_t crc, const uint8_t *at, size_t count) {
    for (; count >= 32; count -= 32, at += 32) {
        crc = STEP64(crc, load64(at));
        crc = STEP64(crc, load64(at + 8));
        crc = STEP64(crc, load64(at + 16));
        crc = STEP64(crc, load64(at + 24));
    }
    for (; count >= 8; count -= 8, at += 8) crc = STEP64(crc, load64(at));
    if (count & 4) {
        uint32_t word;
        memcpy(&word, at, 4);
        crc = STEP32(crc, word);
        at += 4;
    }
    for (count &= 3; count > 0; count--) crc = STEP8(crc, *at++);
    return crc;
}

static inline uint32_t carry_block(uint32_t crc) {
    return carry[0][crc & 255] ^ carry[1][crc >> 8 & 255] ^ carry[2][crc >> 16 & 255] ^ carry[3][crc >> 24];
}

static inline HARDWARE uint32_t three_chains(uint32_t crc, const uint8_t *at, size_t count) {
    for (; count >= 3 * BLOCK; count -= 3 * BLOCK, at += 3 * BLOCK) {
        uint32_t second = 0, third = 0;
        for (size_t i = 0; i < BLOCK; i += 8) {
            crc = STEP64(crc, load64(at + i));
            second = STEP64(second, load64(at + BLOCK + i));
            third = STEP64(third, load64(at + 2 * BLOCK + i));
        }
        crc = carry_block(carry_block(crc) ^ second) ^ third;
    }
    return chain(crc, at, count);
}

static HARDWARE uint32_t hardware(uint32_t crc, const void *bytes, size_t count) {
    return three_chains(crc, bytes, count);
}

static HARDWARE uint32_t hardware_plain(uint32_t crc, const void *bytes, size_t count) {
    return chain(crc, bytes, count);
}

/// The words that end at `end`, without a loop: as many cases from `count` down as there are words.
static inline HARDWARE uint32_t whole_words(uint32_t crc, const uint8_t *end, size_t count) {
#define WORD(n)                                                                                                        \
    case n: crc = STEP64(crc, load64(end - 8 * (n))); /* fall through */
#define EIGHT_WORDS(n) WORD(n + 7) WORD(n + 6) WORD(n + 5) WORD(n + 4) WORD(n + 3) WORD(n + 2) WORD(n + 1) WORD(n)
    switch (count) {
        EIGHT_WORDS(40) EIGHT_WORDS(32) EIGHT_WORDS(24) EIGHT_WORDS(16) EIGHT_WORDS(8)
        WORD(7) WORD(6) WORD(5) WORD(4) WORD(3) WORD(2) WORD(1)
    }
#undef EIGHT_WORDS
#undef WORD
    return crc;
}

// A record read at random comes from memory, and until it is there nothing behind it can be retired: how many reads are
// under way at once depends on how few instructions one is. So values of less than three blocks have no loop.
static inline HARDWARE uint32_t hardware_record(uint32_t seed, const uint8_t *record, size_t value_bytes) {
    uint32_t length;
    memcpy(&length, record + 8, 4);
    uint32_t crc = STEP64(seed, load64(record));
    crc = STEP64(crc, (uint64_t)length);
    crc = STEP64(crc, load64(record + 16));
    const uint8_t *value = record + 24;
    if (value_bytes >= 3 * BLOCK) return three_chains(crc, value, value_bytes);
    const uint8_t *at = value + (value_bytes & ~(size_t)7);
    crc = whole_words(crc, at, value_bytes / 8);
    if (value_bytes & 4) {
        uint32_t word;
        memcpy(&word, at, 4);
        crc = STEP32(crc, word);
        at += 4;
    }
    if (value_bytes & 2) {
        crc = STEP8(crc, at[0]);
        crc = STEP8(crc, at[1]);
        at += 2;
    }
    if (value_bytes & 1) crc = STEP8(crc, *at);
    return crc;
}

/// Instructions of `hardware_record` lie in the caller, which runs them only where they are.
#define RECORD HARDWARE

#else

#define RECORD
static int find_instruction(void) { return 0; }
#define hardware storage_io_crc32c_table
#define hardware_plain storage_io_crc32c_table
#define hardware_record table_record

#endif

static __attribute__((noinline)) uint32_t table_record(uint32_t seed, const uint8_t *record, size_t value_bytes) {
    uint8_t header[24];
    memcpy(header, record, 24);
    memset(header + 12, 0, 4);
    return storage_io_crc32c_table(storage_io_crc32c_table(seed, header, 24), record + 24, value_bytes);
}

__attribute__((constructor)) static void fill_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (polynomial & (0u - (crc & 1)));
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int row = 1; row < 8; row++) {
            uint32_t crc = table[row - 1][byte];
            table[row][byte] = (crc >> 8) ^ table[0][crc & 255];
        }
    }
    static const uint8_t zeros[BLOCK];
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int row = 0; row < 4; row++) carry[row][byte] = storage_io_crc32c_table(byte << 8 * row, zeros, BLOCK);
    }
    has_instruction = find_instruction();
}

int storage_io_crc32c_is_hardware(void) { return has_instruction; }

uint32_t storage_io_crc32c(uint32_t crc, const void *bytes, size_t count) {
    return has_instruction ? hardware(crc, bytes, count) : storage_io_crc32c_table(crc, bytes, count);
}

uint32_t storage_io_crc32c_plain(uint32_t crc, const void *bytes, size_t count) {
    return has_instruction ? hardware_plain(crc, bytes, count) : storage_io_crc32c_table(crc, bytes, count);
}

RECORD uint32_t storage_io_record_checksum(uint32_t seed, const void *record, size_t value_bytes) {
    uint32_t crc = __builtin_expect(has_instruction, 1) ? hardware_record(seed, record, value_bytes)
                                   : table_record(seed, record, value_bytes);
    return crc ? crc : 0xFFFFFFFFu;
}

uint32_t storage_io_record_write(
    void *record, uint32_t seed, int64_t key, uint64_t sequence_and_flags, const void *value, size_t value_bytes) {
    uint8_t *at = record;
    uint32_t length = (uint32_t)value_bytes;
    size_t padded = (value_bytes + 7) & ~(size_t)7;
    memcpy(at, &key, 8);
    memcpy(at + 8, &length, 4);
    memcpy(at + 16, &sequence_and_flags, 8);
    if (padded) memset(at + 24 + padded - 8, 0, 8);
    if (value_bytes) memcpy(at + 24, value, value_bytes);
    uint32_t checksum = storage_io_record_checksum(seed, record, value_bytes);
    memcpy(at + 12, &checksum, 4);
    return checksum;
}
