/// What opening a store found, kept and dropped.
public struct RecoveryReport: Sendable, Hashable {
    /// Whether the store had been closed properly, or is new.
    public internal(set) var wasClean = true
    /// Whether the index was made of a checkpoint, and why not.
    public internal(set) var checkpoint = CheckpointUse.none
    /// Segments that were read, of those before a checkpoint only the header.
    public internal(set) var segmentsRead = 0
    /// Records that were read, found whole and kept. Those before a checkpoint are not read.
    public internal(set) var recordsKept: UInt64 = 0
    /// Bytes of log that were kept, segment headers included.
    public internal(set) var bytesKept = 0
    /// Bytes behind the end of the log that had been written and were dropped.
    public internal(set) var bytesDropped = 0
    /// Whole segments that were dropped because the log was cut before them.
    public internal(set) var segmentsDropped: [String] = []
    /// Where the log was cut and why, when something was dropped.
    public internal(set) var cut: Cut?

    /// What became of the checkpoint.
    public enum CheckpointUse: Sendable, Hashable {
        /// There was none: the index was built from the whole log.
        case none
        /// The index is its image, and what was written to the log after it.
        case used
        /// It could not be used, and the index was built from the whole log.
        case ignored(reason: String)
    }

    /// The place where the log was cut.
    public struct Cut: Sendable, Hashable {
        /// The segment's file name.
        public let segment: String
        /// The offset in the file.
        public let offset: Int
        public let reason: String
    }
}

extension RecoveryReport: CustomStringConvertible {
    public var description: String {
        var text = wasClean ? "clean" : "not closed properly"
        switch checkpoint {
        case .none: break
        case .used: text += "; went on from a checkpoint"
        case .ignored(let reason): text += "; the checkpoint was not used: \(reason)"
        }
        text += "; kept \(recordsKept) records in \(bytesKept) bytes"
        if let cut {
            text += "; dropped \(bytesDropped) bytes from \(cut.segment) at \(cut.offset): \(cut.reason)"
            if !segmentsDropped.isEmpty { text += "; dropped \(segmentsDropped.joined(separator: ", "))" }
        }
        return text
    }
}
