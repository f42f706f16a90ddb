/// What ``AlexStore/salvage(directory:to:options:progress:)`` found, kept and dropped.
public struct SalvageReport: Sendable, Hashable {
    /// The files of the source, in the order in which they were read.
    public internal(set) var segments: [Segment] = []
    /// Files that compaction had replaced or not published yet: not read.
    public internal(set) var leftovers: [String] = []
    /// Keys that the new store holds.
    public internal(set) var keys = 0
    /// Records that were whole: puts and deletes.
    public internal(set) var records: UInt64 = 0
    /// Records among them of which a newer one of the same key was found.
    public internal(set) var superseded: UInt64 = 0
    /// Keys whose newest record is a delete: they are not in the new store.
    public internal(set) var deleted = 0
    /// Whole records of commits of which another part is lost. They were kept: the commit was not kept as one.
    public internal(set) var recordsOfBrokenCommits: UInt64 = 0
    /// Whole records of a last commit that had not come to its end: never committed, so not kept.
    public internal(set) var recordsOfTornCommit: UInt64 = 0
    /// Bytes that were written once and are no whole record.
    public internal(set) var bytesDropped = 0
    /// What else has to be known to trust the result.
    public internal(set) var remarks: [String] = []

    /// Whether nothing was damaged: every byte that was written is part of a whole record, and every file was usable.
    public var isSound: Bool {
        bytesDropped == 0 && recordsOfBrokenCommits == 0 && remarks.isEmpty
            && segments.allSatisfy { $0.problem == nil && $0.gaps == 0 }
    }

    /// One file of the source.
    public struct Segment: Sendable, Hashable {
        public let name: String
        /// Whole records that were found in it.
        public internal(set) var records: UInt64 = 0
        /// Stretches that hold no whole record although something was written there.
        public internal(set) var gaps = 0
        /// The first of them.
        public internal(set) var firstGap: Gap?
        public internal(set) var bytesDropped = 0
        /// What is wrong with the file as a whole, and what follows from it; `nil` where nothing is.
        public internal(set) var problem: String?
        /// Whether its records could be looked for at all.
        public internal(set) var isUsable = true
    }

    /// A stretch of a file.
    public struct Gap: Sendable, Hashable {
        public let offset: Int
        public let bytes: Int
        /// Why the record that begins there can't be taken.
        public let reason: String
    }
}
