public import LearnedIndex

extension StoreReader {
    /// Begins a read of several values: those borrowed through the pin stay where they are as long as it lives, and
    /// cost no fence each. O(1).
    public func pin() -> ReaderPin { ReaderPin(self) }
}

/// A read in progress beside the writer. Values are borrowed from it without a copy; the compiler sees to it that none
/// outlives it.
///
/// ```swift
/// let pin = reader.pin()
/// if let value = try pin.value(forKey: 7) { print(value.byteCount) }
/// ```
///
/// Each value is one that its key had at some moment since the pin began: a pin holds memory, not a state, which a
/// ``StoreSnapshot`` does. While it lives, segments that compaction has replaced stay mapped and on the disk.
public struct ReaderPin: ~Copyable, Sendable {
    @usableFromInline let reader: StoreReader
    @usableFromInline let epoch: EpochPin

    init(_ reader: StoreReader) {
        self.reader = reader
        epoch = reader.index.enter()
    }

    deinit { reader.index.leave(epoch) }

    /// The value of `key` where it lies in the log, or `nil`. Expected O(log log n), and O(value bytes) to check it.
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    @inlinable
    @_lifetime(borrow self)
    public func value(forKey key: Int64) throws(AlexStoreError) -> RawSpan? {
        guard let bytes = try reader.value(forKey: key, under: epoch) else { return nil }
        // Safe: what an index entry led to since the pin began stays mapped while it lives, and places never change.
        let span = RawSpan(_unsafeBytes: bytes)
        return _overrideLifetime(span, borrowing: self)
    }

    /// Whether `key` is there. Expected O(log log n).
    ///
    /// - Throws: `closed`.
    @inlinable
    public func contains(_ key: Int64) throws(AlexStoreError) -> Bool {
        if reader.index.value(forKey: key, under: epoch) != nil { return true }
        if reader.records.isClosed { throw .closed }
        return false
    }
}
