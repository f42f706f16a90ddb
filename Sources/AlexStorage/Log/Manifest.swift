import StorageIO

/// The file that names a store and says which of its files count and how much of its log is durable for certain.
/// Replaced as a whole, never edited.
struct Manifest: Hashable {
    var store: StoreIdentity
    /// The oldest segment of the log, whether it is still there or retired.
    var firstSegment: UInt64
    /// Everything before this place was durable when the manifest was written.
    var mark: LogPlace
    /// The sequence number of the next record at the mark.
    var markSequence: UInt64
    /// Whether something may have been written behind the mark. Set durably before the first such write.
    var isOpen = false
    /// Raised by one whenever compaction puts other files in the place of some: what is bound to places in files, such
    /// as a checkpoint, holds only for the layout that it was made for.
    var layoutGeneration: UInt64 = 0
    /// The checkpoint that counts; 0 while there is none.
    var checkpoint: UInt64 = 0
    /// The number that the next compacted segment gets. Never one that was used before.
    var nextCompacted: UInt64 = 1
    /// The compacted segments that count, their numbers ascending.
    var compacted: [Compacted] = []
    /// The segments of the log that compaction has replaced, as ranges that ascend and do not touch.
    var retired: [Retired] = []

    static let name = "MANIFEST"
    static let temporaryName = "MANIFEST.new"

    /// A compacted segment.
    struct Compacted: Sendable, Hashable {
        var id: UInt64
        /// The salt in its header: no other file passes for it.
        var salt: UInt64
        /// Where its records end, which is the end of its file.
        var end: Int
        var records: UInt64
        /// Of them tombstones.
        var tombstones: UInt64
        /// The least and the greatest sequence number of its records.
        var oldestSequence: UInt64
        var newestSequence: UInt64
    }

    /// Segments of the log, one behind the other, that are replaced, and what the chain of headers has to know of them.
    struct Retired: Sendable, Hashable {
        var first: UInt64
        var last: UInt64
        /// The sequence number of the first record of `first`, and the one that follows on the last record of `last`.
        var baseSequence: UInt64
        var nextSequence: UInt64
        /// Where the records of the segment before `first` end, and the last one's checksum, as its header said.
        var previousEnd: Int
        var previousChecksum: UInt32
        /// Where the records of `last` ended, and the last one's checksum, as its successor's header says.
        var lastEnd: Int
        var lastChecksum: UInt32
    }
}

/// A place in the log: a segment and an offset in its file.
struct LogPlace: Sendable, Hashable, Comparable {
    var segment: UInt64
    var offset: Int

    static func < (left: LogPlace, right: LogPlace) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}
