// The operation stream of alexbench, written a second time from its definition: keys, values, kinds and hash.
// Uniform distribution, values of a fixed size, reads, absent reads, inserts and scans.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

inline uint64_t mix(uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
    return bits ^ (bits >> 31);
}

struct Random {
    uint64_t state;
    uint64_t next() { return mix(state += 0x9E3779B97F4A7C15ull); }
    uint64_t below(uint64_t bound) { return uint64_t((unsigned __int128)next() * bound >> 64); }
};

enum Kind : uint8_t { read, readAbsent, insert, update, removal, scan };

struct Operation {
    int64_t key;
    uint64_t record;
    uint32_t length;
    uint32_t valueOffset;
    Kind kind;
};

// The bytes of a record: words in arithmetic progression.
struct Value {
    uint64_t first, step;
    explicit Value(uint64_t record, uint32_t version = 0) {
        uint64_t mixed = (record ^ 0xD6E8FEB86659FD93ull) * 0x9E3779B97F4A7C15ull;
        uint64_t folded = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93ull;
        first = folded + version * 0x9FB21C651E98DF25ull;
        step = ((folded ^ (folded >> 29)) + version * 0xA24BAED4963EE407ull) | 1;
    }
    // Whether the bytes are the record's at any version: the first word tells which.
    static bool matchesAnyVersion(uint64_t record, const void *bytes, size_t count) {
        if (count < 8) return true;
        uint64_t word;
        memcpy(&word, bytes, 8);
        uint64_t version = (word - Value(record).first) * 0x02AB9C720D1024ADull;
        return version >> 32 == 0 && Value(record, uint32_t(version)).matches(bytes, count);
    }
    void fill(uint8_t *bytes, size_t count) const {
        uint64_t word = first;
        size_t offset = 0;
        for (; offset + 8 <= count; offset += 8, word += step) memcpy(bytes + offset, &word, 8);
        for (; offset < count; ++offset, word <<= 8) bytes[offset] = uint8_t(word >> 56);
    }
    bool matches(const void *start, size_t count) const {
        auto bytes = static_cast<const uint8_t *>(start);
        uint64_t word = first, difference = 0, found;
        size_t offset = 0;
        for (; offset + 8 <= count; offset += 8, word += step) {
            memcpy(&found, bytes + offset, 8);
            difference |= found ^ word;
        }
        for (; offset < count; ++offset, word <<= 8) difference |= bytes[offset] ^ uint8_t(word >> 56);
        return difference == 0;
    }
};

struct Phase {
    const char *name;
    uint64_t operations;
    // Percent by kind.
    uint32_t mix[6];
};

struct Stream {
    uint64_t keyOffset, count = 0, hash = 0x243F6A8885A308D3ull;
    uint32_t valueBytes;
    Random random;
    const Phase *phase = nullptr;
    std::vector<Operation> operations;
    std::vector<uint8_t> values;

    Stream(uint64_t seed, uint32_t valueBytes)
        : keyOffset(seed * 0x9E3779B97F4A7C15ull), valueBytes(valueBytes), random{mix(seed ^ 0x5EED0F574EA3ull)} {}

    int64_t key(uint64_t record) const { return int64_t(mix(record + keyOffset)); }

    // The inverse of key: the record number whose value a scan must find.
    uint64_t record(int64_t key) const {
        uint64_t bits = uint64_t(key);
        bits ^= (bits >> 31) ^ (bits >> 62);
        bits *= 0x319642B2D24D8EC3ull;
        bits ^= (bits >> 27) ^ (bits >> 54);
        bits *= 0x96DE1B173F119089ull;
        bits ^= (bits >> 30) ^ (bits >> 60);
        return bits - keyOffset;
    }

    void begin(const Phase &next) {
        phase = &next;
        random = Random{random.next()};
    }

    // The next operations: inserts before the first phase, then what the phase draws.
    void make(uint64_t limit) {
        operations.clear();
        values.clear();
        for (uint64_t made = 0; made < limit; ++made) append(phase ? draw() : insert);
    }

  private:
    Kind draw() {
        uint32_t point = uint32_t(random.below(100));
        uint8_t kind = 0;
        while (kind < 5 && point >= phase->mix[kind]) point -= phase->mix[kind++];
        return Kind(kind);
    }

    void append(Kind kind) {
        Operation operation{0, 0, 0, 0, kind};
        switch (kind) {
        case readAbsent: operation.record = (1ull << 62) + random.below(1ull << 62); break;
        case insert:
            operation.record = count++;
            operation.length = valueBytes;
            operation.valueOffset = uint32_t(values.size());
            values.resize(values.size() + valueBytes);
            Value(operation.record).fill(values.data() + operation.valueOffset, valueBytes);
            break;
        default:
            operation.record = random.below(count);
            operation.length = kind == scan ? 100 : valueBytes;
        }
        operation.key = key(operation.record);
        uint64_t rest = uint64_t(operation.length) << 3 ^ kind;
        hash = (hash ^ uint64_t(operation.key)) * 0x9FB21C651E98DF25ull;
        hash = ((hash ^ (hash >> 32)) ^ rest) * 0xD6E8FEB86659FD93ull;
        hash ^= hash >> 29;
        operations.push_back(operation);
    }
};
