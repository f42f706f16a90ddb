/// What a store holds and what it takes.
public struct StoreStatistics: Sendable, Hashable {
    /// Keys.
    public let keys: Int
    /// Segments of the log.
    public let segments: Int
    /// Bytes of log: headers and records, those that were overwritten or removed included.
    public let logBytes: Int
    /// Bytes of the segments' files, with what is allocated ahead.
    public let diskBytes: Int
    /// The sequence number of the last record.
    public let lastSequence: UInt64
}

extension AlexStore {
    /// Counts what the store holds. O(segments). Waits for growth that is under way.
    ///
    /// - Throws: `io`; `closed`.
    public func statistics() throws(AlexStoreError) -> StoreStatistics {
        guard state.pointee.log.isOpen else { throw .closed }
        return StoreStatistics(
            keys: count, segments: state.pointee.log.segmentCount, logBytes: state.pointee.log.logBytes,
            diskBytes: try state.pointee.log.diskBytes(), lastSequence: state.pointee.log.nextSequence - 1)
    }
}
