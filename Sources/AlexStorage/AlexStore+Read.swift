public import LearnedIndex

extension AlexStore {
    /// Calls `body` with the value of `key` where it lies in the log, without a copy; `nil` for an absent key.
    /// Expected O(log log n), and O(value bytes) to check it.
    ///
    /// The bytes must not be kept beyond the call, and `body` must not compact.
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    @inlinable
    public func withValue<Result>(
        forKey key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(AlexStoreError) -> Result? {
        guard let value = try valueBytes(forKey: key) else { return nil }
        let state = state
        // Keeps the bytes where they are from a compaction inside `body`.
        state.pointee.borrows &+= 1
        defer { state.pointee.borrows &-= 1 }
        return body(value)
    }

    /// A copy of the value of `key`, or `nil`. Expected O(log log n + value bytes).
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    public func bytes(forKey key: Int64) throws(AlexStoreError) -> [UInt8]? {
        try withValue(forKey: key) { Array($0) }
    }

    /// Whether `key` is there. Expected O(log log n). Does not read the record.
    ///
    /// - Throws: `closed`.
    @inlinable
    public func contains(_ key: Int64) throws(AlexStoreError) -> Bool {
        if !state.pointee.filter.lets(key) { return false }
        if state.pointee.index.value(forKey: key) != nil { return true }
        guard state.pointee.log.isOpen else { throw state.pointee.log.closedError }
        State.noteAbsent(in: state)
        return false
    }

    /// Asks for the record of `key`, which a later read will look at. It looks the key up, and may wait for that.
    package func prefetch(forKey key: Int64) {
        if let place = state.pointee.index.value(forKey: key) { state.pointee.log.prefetchRecord(at: place) }
    }

    /// The value where it lies, valid until the store is closed.
    @inlinable @inline(__always)
    func valueBytes(forKey key: Int64) throws(AlexStoreError) -> UnsafeRawBufferPointer? {
        // A filter that is off lets every key pass; that of a closed store is off.
        if !state.pointee.filter.lets(key) { return nil }
        guard let place = state.pointee.index.value(forKey: key) else {
            // A closed store has an empty index, so that only a miss needs to ask.
            guard state.pointee.log.isOpen else { throw state.pointee.log.closedError }
            State.noteAbsent(in: state)
            return nil
        }
        return try state.pointee.log.value(at: place, key: key)
    }
}
