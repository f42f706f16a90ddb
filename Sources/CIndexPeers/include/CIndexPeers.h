// Ordered maps and a hash table of C++ from int64 to uint64, with the whole measured loops beside them: a call a loop,
// none an operation. Built with the trait IndexPeers (INDEX_PEERS); without it nothing here is defined.
#ifndef C_INDEX_PEERS_H
#define C_INDEX_PEERS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    /// absl::btree_map
    INDEX_PEER_ABSL_BTREE = 0,
    /// std::map
    INDEX_PEER_STD_MAP = 1,
    /// absl::flat_hash_map: unordered
    INDEX_PEER_ABSL_HASH = 2,
} index_peer_kind;

/// A map and its counting allocator. One thread at a time.
typedef struct index_peer index_peer;

/// What a loop came to.
typedef struct {
    /// Operations that found their key.
    uint64_t hits;
    /// Pairs returned by scans and walks.
    uint64_t pairs;
    /// Values that were not the payload of their key, and keys out of order.
    uint64_t wrong;
    /// Sum of all values found, modulo 2^64.
    uint64_t checksum;
} index_peer_tally;

/// The version of Abseil that this was built with: `Abseil LTS 20220623`.
const char *index_peer_abseil(void);
/// The same of the standard library: `libstdc++ 20220819`.
const char *index_peer_standard_library(void);

index_peer *index_peer_create(index_peer_kind kind);
void index_peer_destroy(index_peer *peer);

size_t index_peer_count(const index_peer *peer);

/// Bytes of all blocks that the map holds, as malloc keeps them: usable size and 8 bytes of header each.
size_t index_peer_bytes(const index_peer *peer);

/// Fills an empty map from ascending keys the way the library does it best: with a hint at the end, or reserved.
void index_peer_load(index_peer *peer, const int64_t *keys, size_t count);

/// Inserts each key with its payload; hits are keys that were there.
index_peer_tally index_peer_insert(index_peer *peer, const int64_t *keys, size_t count);

/// The same, with the thread's processor time of each insert, clock included (CLOCK_THREAD_CPUTIME_ID).
index_peer_tally index_peer_insert_timed(
    index_peer *peer, const int64_t *keys, size_t count, uint64_t *nanoseconds);

/// Removes each key; hits are keys that were there.
index_peer_tally index_peer_remove(index_peer *peer, const int64_t *keys, size_t count);

/// Looks each key up; the processor may overlap them.
index_peer_tally index_peer_look_up(const index_peer *peer, const int64_t *keys, size_t count);

/// Looks each key up; each key is computed from the value found before it, and after an absent key the processor has to
/// end the lookup before the next may begin (LFENCE).
index_peer_tally index_peer_look_up_dependent(const index_peer *peer, const int64_t *keys, size_t count);

/// From each key, the next `length` pairs in ascending order. Nothing for the hash table.
index_peer_tally index_peer_scan(const index_peer *peer, const int64_t *keys, size_t count, size_t length);

/// All pairs: their number, whether they are right and in order; the checksum is that of their values.
index_peer_tally index_peer_walk(const index_peer *peer);

#ifdef __cplusplus
}
#endif

#endif
