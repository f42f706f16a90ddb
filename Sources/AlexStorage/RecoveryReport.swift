/// What opening a store found, kept and dropped.
public struct RecoveryReport: Sendable, Hashable {
    /// Whether the store had been closed properly, or is new.
    public internal(set) var wasClean = true
    /// Segments that were read.
    public internal(set) var segmentsRead = 0
    /// Records that were found whole and kept.
    public internal(set) var recordsKept: UInt64 = 0
    /// Bytes of log that were kept, segment headers included.
    public internal(set) var bytesKept = 0
    /// Bytes behind the end of the log that had been written and were dropped.
    public internal(set) var bytesDropped = 0
    /// Whole segments that were dropped because the log was cut before them.
    public internal(set) var segmentsDropped: [String] = []
    /// Where the log was cut and why, when something was dropped.
    public internal(set) var cut: Cut?

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
        text += "; kept \(recordsKept) records in \(bytesKept) bytes"
        if let cut {
            text += "; dropped \(bytesDropped) bytes from \(cut.segment) at \(cut.offset): \(cut.reason)"
            if !segmentsDropped.isEmpty { text += "; dropped \(segmentsDropped.joined(separator: ", "))" }
        }
        return text
    }
}
