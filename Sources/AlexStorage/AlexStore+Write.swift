public import LearnedIndex

extension AlexStore {
    /// Inserts `key`, or overwrites its value. Expected O(log log n + value bytes).
    ///
    /// On return the write survives what the store's durability class says. When it throws, nothing has changed.
    ///
    /// - Throws: `valueTooLong`; `io`, with `ENOSPC` on a full disk; `addressSpaceExhausted`; `poisoned`; `closed`;
    ///   `scanInProgress`; `index` when its memory is used up.
    @inlinable
    public func put(_ value: UnsafeRawBufferPointer, forKey key: Int64) throws(AlexStoreError) {
        try reserveIndex(inserts: 1)
        let place = try state.pointee.log.append(key, value, kind: LogFormat.putFlag)
        do { try state.pointee.index.updateValue(place, forKey: key) } catch { throw .index(error) }
    }

    /// Inserts `key`, or overwrites its value: see ``put(_:forKey:)-(UnsafeRawBufferPointer,_)``.
    public func put(_ value: [UInt8], forKey key: Int64) throws(AlexStoreError) {
        let result = value.withUnsafeBytes { bytes in
            Result { () throws(AlexStoreError) in try put(bytes, forKey: key) }
        }
        try result.get()
    }

    /// Inserts or overwrites all pairs as one unit: after any crash all of them are there or none. The last of two
    /// pairs with one key counts. Expected O(pairs × log log n + value bytes).
    ///
    /// - Throws: as `put` does, and `batchTooLong`; then nothing has changed.
    public func putBatch(_ pairs: [(key: Int64, value: [UInt8])]) throws(AlexStoreError) {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(pairs.count)
        for pair in pairs {
            ranges.append(bytes.count..<(bytes.count + pair.value.count))
            bytes.append(contentsOf: pair.value)
        }
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(AlexStoreError) in
                try putBatch(
                    count: pairs.count, key: { pairs[$0].key },
                    value: { UnsafeRawBufferPointer(rebasing: bytes[ranges[$0]]) })
            }
        }
        try result.get()
    }

    /// The same without arrays: `key` and `value` are asked for each index below `count`, `value` more than once, and
    /// must answer the same each time.
    @inlinable
    public func putBatch(
        count: Int, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer
    ) throws(AlexStoreError) {
        let state = state
        try reserveIndex(inserts: count)
        var refusal: IndexError?
        try state.pointee.log.appendBatch(count: count, key: key, value: value) { index, place in
            do throws(IndexError) {
                try state.pointee.index.updateValue(place, forKey: key(index))
            } catch {
                refusal = error
            }
        }
        if let refusal { throw .index(refusal) }
    }

    /// Makes room in the index before the log is written, so that what the log holds can be entered.
    @inlinable @inline(__always)
    func reserveIndex(inserts: Int) throws(AlexStoreError) {
        do { try state.pointee.index.reserve(inserts: inserts) } catch { throw .index(error) }
    }

    /// Removes `key`. Returns whether it was there; if not, nothing is written. Expected O(log log n).
    ///
    /// - Throws: as `put` does; then nothing has changed.
    @inlinable @discardableResult
    public func remove(_ key: Int64) throws(AlexStoreError) -> Bool {
        guard try contains(key) else { return false }
        _ = try state.pointee.log.append(
            key, UnsafeRawBufferPointer(start: nil, count: 0), kind: LogFormat.deleteFlag)
        state.pointee.index.removeValue(forKey: key)
        return true
    }
}
