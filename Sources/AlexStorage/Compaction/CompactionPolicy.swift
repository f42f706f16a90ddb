/// What a compaction takes, and when it is worth its while.
public struct CompactionPolicy: Sendable, Hashable {
    /// A segment is rewritten when at least this share of its records is garbage, 0 to 1. With 0 every segment is, also
    /// one without garbage: then everything lies in the order of the keys.
    public var garbageShareMin: Double
    /// Takes the segments with the largest share of garbage first, and stops before the one that would make it more
    /// bytes than these; at least one is taken.
    public var inputBytesMax = Int.max
    /// Whether the segment that is being written to is sealed and taken, when its garbage is enough. Otherwise a store
    /// whose log fits into one segment has nothing to compact.
    public var sealsTail = true

    /// A quarter of garbage: rewriting three bytes gives back one.
    public init(garbageShareMin: Double = 0.25) { self.garbageShareMin = garbageShareMin }

    func check() throws(AlexStoreError) {
        guard garbageShareMin >= 0, garbageShareMin <= 1 else {
            throw .unsupported("garbageShareMin \(garbageShareMin) is no share; use 0 to 1")
        }
    }

    /// Every record that counts, and no other, in the order of the keys.
    public static var everything: CompactionPolicy { CompactionPolicy(garbageShareMin: 0) }
}

/// What ``AlexStore/compact(_:)`` has done. Every record that it took is told: recordsTaken = recordsKept +
/// recordsSuperseded + tombstonesKept + tombstonesDropped.
public struct CompactionReport: Sendable, Hashable {
    /// Segments that were replaced, and those that hold their live records now.
    public internal(set) var segmentsTaken = 0
    public internal(set) var segmentsWritten = 0
    /// Their bytes, headers included.
    public internal(set) var bytesTaken = 0
    public internal(set) var bytesWritten = 0
    /// Records of the replaced segments.
    public internal(set) var recordsTaken: UInt64 = 0
    /// Puts that count, rewritten.
    public internal(set) var recordsKept: UInt64 = 0
    /// Records that were overwritten or removed, and durable marks.
    public internal(set) var recordsSuperseded: UInt64 = 0
    /// Tombstones that an older record of the key may still need, rewritten.
    public internal(set) var tombstonesKept: UInt64 = 0
    /// Tombstones that no record needs any more.
    public internal(set) var tombstonesDropped: UInt64 = 0
}

extension CompactionReport: CustomStringConvertible {
    public var description: String {
        "\(segmentsTaken) segments of \(bytesTaken) bytes became \(segmentsWritten) of \(bytesWritten); of "
            + "\(recordsTaken) records \(recordsKept) kept, \(recordsSuperseded) superseded; tombstones "
            + "\(tombstonesKept) kept, \(tombstonesDropped) dropped"
    }
}
