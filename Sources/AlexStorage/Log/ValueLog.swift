import StorageIO

// The append-only log of records, memory-mapped.
//
// An append: (1) room is there, else grow; (2) header, value and padding are stored behind the last record; (3) the
// checksum is stored; (4) `end` moves. A read: (1) the granule of the place names segment, salt and bound; (2) the
// length is held against the bound; (3) the key is compared; (4) the checksum is compared.
//
// Invariants
// 1. segmentBase + 4,096 <= end <= limit <= segmentBase + bytes allocated; `end` is a multiple of 8 and only ascends.
// 2. Records from a segment's header to its end are whole, and their sequence numbers follow on each other.
// 3. A commit lies in one segment. Its first record has the begin flag, its last the end flag.
// 4. Bytes from `granules[g].base` to `granules[g].end` are mapped, for each granule of a segment.
// 5. Writes are refused by `limit == end`: closed, poisoned and frozen states cost the fast path nothing.
//
// Threads: one at a time. Only `GrowthWorker` runs beside it, on address space that this thread has not adopted yet.

/// The value log of one store: the directory, its lock, its segments, and the end where records are appended.
@usableFromInline package struct ValueLog: ~Copyable {
    /// The first byte of the address region. A record's place is its distance from here.
    @usableFromInline let base: UnsafeMutableRawPointer
    /// What is mapped where, one entry for every 16 MiB of the region.
    @usableFromInline let granules: UnsafeMutablePointer<Granule>
    /// The place of the next record.
    @usableFromInline var end: Int
    /// The place that records may reach without growth.
    @usableFromInline var limit: Int
    /// The place of the tail segment's first byte.
    @usableFromInline var segmentBase: Int
    /// The tail segment's salt.
    @usableFromInline var salt: UInt64
    /// The sequence number of the next record.
    @usableFromInline var nextSequence: UInt64
    /// The checksum of the tail's last record; 0 when it has none.
    @usableFromInline var lastChecksum: UInt32
    @usableFromInline let checksOnRead: Bool
    @usableFromInline let lengthGuess: LengthGuess
    /// A place in no segment, whose granule is counted on and never read.
    @usableFromInline let nowhere: UInt64
    /// What reads of many records ask for ahead, and whether they do.
    @usableFromInline let pages: AdvisedPages
    /// The segments as files, and all that is seldom needed.
    let files: LogFiles

    /// The segment behind 16 MiB of the region.
    @usableFromInline struct Granule {
        @usableFromInline var salt: UInt64 = 0
        /// The place of the segment's first byte.
        @usableFromInline var base = 0
        /// The place behind the last byte that is mapped; 0 where there is no segment.
        @usableFromInline var end = 0
        /// Records here that are garbage: overwritten, removed, and durable marks. After an open, those of a segment
        /// are counted at its first granule. Only the sum over a segment means something.
        @usableFromInline var garbage: UInt32 = 0
        /// Tombstones here.
        @usableFromInline var tombstones: UInt32 = 0

        @usableFromInline init() {}
    }

    init(files: LogFiles, checksOnRead: Bool) {
        self.files = files
        self.checksOnRead = checksOnRead
        lengthGuess = files.lengthGuess
        base = files.region.base
        granules = files.granules
        pages = files.memory.pages
        nowhere = UInt64(files.granuleCount) << UInt64(LogFormat.granuleShift)
        end = 0
        limit = 0
        segmentBase = 0
        salt = 0
        nextSequence = 1
        lastChecksum = 0
    }

    /// What opening the log found.
    package var recovery: RecoveryReport { files.recovery }
    @usableFromInline var isOpen: Bool { files.state != .closed }
    /// What reads throw when it is not.
    @usableFromInline var closedError: AlexStoreError { files.unreadable ?? .closed }
}
