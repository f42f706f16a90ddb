/// What a store holds and what it takes.
public struct StoreStatistics: Sendable, Hashable {
    /// Keys.
    public let keys: Int
    /// Segments, compacted ones included.
    public let segments: Int
    /// Bytes of all segments: headers and records, those that were overwritten or removed included.
    public let logBytes: Int
    /// Bytes of the segments' files, with what is allocated ahead.
    public let diskBytes: Int
    /// The sequence number of the last record.
    public let lastSequence: UInt64
    /// What the system reads beyond the pages of the log that are asked for: `system` or `none`, whichever
    /// ``ReadAhead/automatic`` has come to.
    public let readAhead: ReadAhead
    /// What each segment holds: the compacted ones first, the one that is written to last.
    public let perSegment: [SegmentStatistics]

    /// Bytes of records that are in use, estimated as in ``SegmentStatistics/garbageBytes``; headers of segments are
    /// counted as neither.
    public var liveBytes: Int { perSegment.reduce(0) { $0 + $1.liveBytes } }
    /// Bytes that compaction would give back.
    public var garbageBytes: Int { perSegment.reduce(0) { $0 + $1.garbageBytes } }
}

/// What one segment holds.
public struct SegmentStatistics: Sendable, Hashable {
    /// The name of its file.
    public let name: String
    /// Whether compaction has written it.
    public let isCompacted: Bool
    /// Bytes of header and records.
    public let bytes: Int
    /// All records, durable marks included.
    public let records: UInt64
    /// Records of keys that are there: exact.
    public let liveRecords: UInt64
    /// Deletes. They stay until no older record of their key is left.
    public let tombstones: UInt64
    /// Records that were overwritten or removed, and durable marks: exact.
    public let garbageRecords: UInt64
    /// The same in bytes, as if all records of the segment were of one length.
    public let garbageBytes: Int
    /// Bytes of the other records, tombstones included: exact if `garbageBytes` is.
    public let liveBytes: Int

    init(_ counts: SegmentCounts) {
        name = counts.name
        isCompacted = counts.isCompacted
        bytes = counts.end
        records = counts.records
        liveRecords = counts.live
        tombstones = counts.tombstones
        garbageRecords = counts.garbage
        garbageBytes = counts.estimatedBytes(counts.garbage)
        liveBytes = counts.recordBytes - garbageBytes
    }
}

extension AlexStore {
    /// Counts what the store holds. O(segments). Waits for growth that is under way.
    ///
    /// - Throws: `io`; `closed`.
    public func statistics() throws(AlexStoreError) -> StoreStatistics {
        guard state.pointee.log.isOpen else { throw .closed }
        return StoreStatistics(
            keys: count, segments: state.pointee.log.segmentCount, logBytes: state.pointee.log.logBytes,
            diskBytes: try state.pointee.log.diskBytes(), lastSequence: state.pointee.log.nextSequence - 1,
            readAhead: state.pointee.log.files.isAdvised ? .none : .system,
            perSegment: state.pointee.log.segmentCounts().map(SegmentStatistics.init))
    }
}
