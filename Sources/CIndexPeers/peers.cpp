// One class template over the three maps; the C interface calls one virtual function a loop.
#include "CIndexPeers.h"

#ifdef INDEX_PEERS

#include <absl/base/config.h>
#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <malloc.h>
#include <time.h>

#include <cstdlib>
#include <map>
#include <new>
#include <type_traits>

namespace {

/// Counts what malloc really keeps for each block: its usable size and the 8 bytes before it.
template <class T>
struct CountingAllocator {
    using value_type = T;
    size_t *bytes;

    explicit CountingAllocator(size_t *counter) : bytes(counter) {}
    template <class U>
    CountingAllocator(const CountingAllocator<U> &other) : bytes(other.bytes) {}

    T *allocate(size_t count) {
        void *block = std::malloc(count * sizeof(T));
        if (block == nullptr) throw std::bad_alloc();
        *bytes += malloc_usable_size(block) + 8;
        return static_cast<T *>(block);
    }
    void deallocate(T *block, size_t) {
        *bytes -= malloc_usable_size(block) + 8;
        std::free(block);
    }
    template <class U>
    bool operator==(const CountingAllocator<U> &other) const {
        return bytes == other.bytes;
    }
    template <class U>
    bool operator!=(const CountingAllocator<U> &other) const {
        return bytes != other.bytes;
    }
};

using Allocator = CountingAllocator<std::pair<const int64_t, uint64_t>>;
using BTree = absl::btree_map<int64_t, uint64_t, std::less<int64_t>, Allocator>;
using Tree = std::map<int64_t, uint64_t, std::less<int64_t>, Allocator>;
using Hash = absl::flat_hash_map<
    int64_t, uint64_t, absl::container_internal::hash_default_hash<int64_t>,
    absl::container_internal::hash_default_eq<int64_t>, Allocator>;

/// The value that belongs to a key: the same function as IndexPayload in Swift.
inline uint64_t payload(int64_t key) { return static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15u; }

/// Zero, in a way that the compiler can't see through and the processor has to wait for.
inline uint64_t opaque_zero(uint64_t word) {
    uint64_t same = word;
    __asm__ volatile("" : "+r"(same));
    return same ^ word;
}

/// Begins nothing behind it before all in front has ended: the same as intrinsics_finish_all in Swift's loops.
inline void finish_all() {
#if defined(__x86_64__)
    __asm__ volatile("lfence" : : : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("dsb ld\n\tisb" : : : "memory");
#else
#error "no instruction is known here that waits for all before it"
#endif
}

inline uint64_t thread_nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

struct index_peer {
    size_t bytes = 0;
    virtual ~index_peer() = default;
    virtual size_t count() const = 0;
    virtual void load(const int64_t *keys, size_t count) = 0;
    virtual index_peer_tally insert(const int64_t *keys, size_t count) = 0;
    virtual index_peer_tally insert_timed(const int64_t *keys, size_t count, uint64_t *nanoseconds) = 0;
    virtual index_peer_tally remove(const int64_t *keys, size_t count) = 0;
    virtual index_peer_tally look_up(const int64_t *keys, size_t count) const = 0;
    virtual index_peer_tally look_up_dependent(const int64_t *keys, size_t count) const = 0;
    virtual index_peer_tally scan(const int64_t *keys, size_t count, size_t length) const = 0;
    virtual index_peer_tally walk() const = 0;
};

namespace {

template <class Map>
struct Peer final : index_peer {
    static constexpr bool is_ordered = !std::is_same_v<Map, Hash>;
    Map map;

    Peer() : map(Allocator(&bytes)) {}

    size_t count() const override { return map.size(); }

    void load(const int64_t *keys, size_t count) override {
        if constexpr (is_ordered) {
            for (size_t i = 0; i < count; i++) map.emplace_hint(map.end(), keys[i], payload(keys[i]));
        } else {
            map.reserve(count);
            for (size_t i = 0; i < count; i++) map.emplace(keys[i], payload(keys[i]));
        }
    }

    void put(int64_t key, index_peer_tally &tally) {
        auto [place, is_new] = map.emplace(key, payload(key));
        if (is_new) return;
        tally.hits++;
        place->second = payload(key);
    }

    index_peer_tally insert(const int64_t *keys, size_t count) override {
        index_peer_tally tally = {0, 0, 0, 0};
        for (size_t i = 0; i < count; i++) put(keys[i], tally);
        return tally;
    }

    index_peer_tally insert_timed(const int64_t *keys, size_t count, uint64_t *nanoseconds) override {
        index_peer_tally tally = {0, 0, 0, 0};
        for (size_t i = 0; i < count; i++) {
            uint64_t begin = thread_nanoseconds();
            put(keys[i], tally);
            nanoseconds[i] = thread_nanoseconds() - begin;
        }
        return tally;
    }

    index_peer_tally remove(const int64_t *keys, size_t count) override {
        index_peer_tally tally = {0, 0, 0, 0};
        for (size_t i = 0; i < count; i++) tally.hits += map.erase(keys[i]);
        return tally;
    }

    index_peer_tally look_up(const int64_t *keys, size_t count) const override {
        index_peer_tally tally = {0, 0, 0, 0};
        for (size_t i = 0; i < count; i++) {
            auto found = map.find(keys[i]);
            if (found == map.end()) continue;
            tally.hits++;
            tally.wrong += found->second != payload(keys[i]);
            tally.checksum += found->second;
        }
        return tally;
    }

    index_peer_tally look_up_dependent(const int64_t *keys, size_t count) const override {
        index_peer_tally tally = {0, 0, 0, 0};
        uint64_t last = 0;
        for (size_t i = 0; i < count; i++) {
            int64_t key = static_cast<int64_t>(static_cast<uint64_t>(keys[i]) + opaque_zero(last));
            auto found = map.find(key);
            if (found == map.end()) {
                // No value to depend on, and a zero would be known as soon as the branch is guessed.
                finish_all();
                continue;
            }
            last = found->second;
            tally.hits++;
            tally.wrong += last != payload(key);
            tally.checksum += last;
        }
        return tally;
    }

    index_peer_tally scan(const int64_t *keys, size_t count, size_t length) const override {
        index_peer_tally tally = {0, 0, 0, 0};
        if constexpr (is_ordered) {
            for (size_t i = 0; i < count; i++) {
                auto place = map.lower_bound(keys[i]);
                int64_t previous = keys[i];
                for (size_t rest = length; rest > 0 && place != map.end(); rest--, ++place) {
                    tally.pairs++;
                    tally.wrong += (place->first < previous) | (place->second != payload(place->first));
                    previous = place->first;
                    tally.checksum += place->second;
                }
            }
        }
        return tally;
    }

    index_peer_tally walk() const override {
        index_peer_tally tally = {0, 0, 0, 0};
        int64_t previous = INT64_MIN;
        for (const auto &pair : map) {
            if (is_ordered && tally.pairs > 0) tally.wrong += pair.first <= previous;
            tally.wrong += pair.second != payload(pair.first);
            previous = pair.first;
            tally.pairs++;
            tally.checksum += pair.second;
        }
        return tally;
    }
};

}  // namespace

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

const char *index_peer_abseil(void) {
#ifdef ABSL_LTS_RELEASE_VERSION
    return "Abseil LTS " TEXT(ABSL_LTS_RELEASE_VERSION) "." TEXT(ABSL_LTS_RELEASE_PATCH_LEVEL);
#else
    return "Abseil";
#endif
}

const char *index_peer_standard_library(void) {
#ifdef __GLIBCXX__
    return "libstdc++ " TEXT(__GLIBCXX__);
#else
    return "the C++ standard library";
#endif
}

index_peer *index_peer_create(index_peer_kind kind) {
    switch (kind) {
        case INDEX_PEER_ABSL_BTREE: return new Peer<BTree>();
        case INDEX_PEER_STD_MAP: return new Peer<Tree>();
        default: return new Peer<Hash>();
    }
}

void index_peer_destroy(index_peer *peer) { delete peer; }
size_t index_peer_count(const index_peer *peer) { return peer->count(); }
size_t index_peer_bytes(const index_peer *peer) { return peer->bytes; }
void index_peer_load(index_peer *peer, const int64_t *keys, size_t count) { peer->load(keys, count); }
index_peer_tally index_peer_insert(index_peer *peer, const int64_t *keys, size_t count) {
    return peer->insert(keys, count);
}
index_peer_tally index_peer_insert_timed(
    index_peer *peer, const int64_t *keys, size_t count, uint64_t *nanoseconds) {
    return peer->insert_timed(keys, count, nanoseconds);
}
index_peer_tally index_peer_remove(index_peer *peer, const int64_t *keys, size_t count) {
    return peer->remove(keys, count);
}
index_peer_tally index_peer_look_up(const index_peer *peer, const int64_t *keys, size_t count) {
    return peer->look_up(keys, count);
}
index_peer_tally index_peer_look_up_dependent(const index_peer *peer, const int64_t *keys, size_t count) {
    return peer->look_up_dependent(keys, count);
}
index_peer_tally index_peer_scan(const index_peer *peer, const int64_t *keys, size_t count, size_t length) {
    return peer->scan(keys, count, length);
}
index_peer_tally index_peer_walk(const index_peer *peer) { return peer->walk(); }

#endif
