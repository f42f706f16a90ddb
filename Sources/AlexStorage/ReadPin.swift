extension AlexStore {
    /// Begins a read: values borrowed through the pin stay where they are as long as it lives. O(1).
    public func pin() -> ReadPin { ReadPin(store: self) }
}

/// A read in progress. Values are borrowed from it without a copy; the compiler sees to it that none outlives it.
///
/// ```swift
/// let pin = store.pin()
/// if let value = try pin.value(forKey: 7) { print(value.byteCount) }
/// ```
public struct ReadPin: ~Copyable {
    @usableFromInline let store: AlexStore

    init(store: AlexStore) {
        self.store = store
        store.state.pointee.pins += 1
    }

    deinit { store.unpin() }

    /// The value of `key` where it lies in the log, or `nil`. Expected O(log log n), and O(value bytes) to check it.
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    @inlinable
    @_lifetime(borrow self)
    public func value(forKey key: Int64) throws(AlexStoreError) -> RawSpan? {
        guard let bytes = try store.valueBytes(forKey: key) else { return nil }
        // Safe: the map stays as long as the store object, which the pin holds, and places never change.
        let span = RawSpan(_unsafeBytes: bytes)
        return _overrideLifetime(span, borrowing: self)
    }
}
