public import LearnedIndex

extension AlexStore {
    /// Inserts `key`, or overwrites its value. Expected O(log log n + value bytes).
    ///
    /// On return the write survives what the store's durability class says. When it throws, nothing has changed that a
    /// read would show. A failed sync (`io` in class power) leaves open whether the write is there after a reopen.
    ///
    /// - Throws: `valueTooLong`; `io`, with `ENOSPC` on a full disk; `addressSpaceExhausted`; `poisoned`; `closed`;
    ///   `scanInProgress`; `index` when its memory is used up.
    @inlinable
    public func put(_ value: UnsafeRawBufferPointer, forKey key: Int64) throws(AlexStoreError) {
        // No room is the rare case, and in class power the only one: `limit` is never beyond `end` there.
        guard state.pointee.log.hasRoom(forValueBytes: value.count) else { return try putSlowly(value, forKey: key) }
        try reserveIndex(inserts: 1)
        // What the index will look at is on its way while the record is written.
        state.pointee.index.prefetch(forKey: key)
        let place = state.pointee.log.store(
            key, value, flags: LogFormat.putFlag | LogFormat.wholeCommitFlags,
            bytes: LogFormat.recordBytes(valueBytes: value.count))
        try enter(key, place)
    }

    /// A put that needs room or a sync, or is refused.
    @usableFromInline @inline(never)
    func putSlowly(_ value: UnsafeRawBufferPointer, forKey key: Int64) throws(AlexStoreError) {
        if let group {
            _ = try group.commit(count: 1, waits: true, key: { _ in key }, value: { _ in value })
            return
        }
        tendCompaction()
        try reserveIndex(inserts: 1)
        let place = try state.pointee.log.append(key, value, kind: LogFormat.putFlag)
        try enter(key, place)
    }

    /// Enters a record's place in the index; what it takes the place of is garbage.
    @inlinable @inline(__always)
    func enter(_ key: Int64, _ place: UInt64) throws(AlexStoreError) {
        let replaced: UInt64?
        do { replaced = try state.pointee.change(key, to: place) } catch { throw .index(error) }
        state.pointee.log.noteGarbage(at: replaced)
        if replaced == nil { State.noteNew(key, in: state) }
    }

    /// Inserts `key`, or overwrites its value, with the cost and the errors of
    /// ``put(_:forKey:)-(UnsafeRawBufferPointer,_)``.
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

    /// ``putBatch(_:)`` without arrays: `key` and `value` are asked for each index below `count`, `value` more than
    /// once, and must answer the same each time.
    ///
    /// - Throws: as ``putBatch(_:)`` does; then nothing has changed.
    @inlinable
    public func putBatch(
        count: Int, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer
    ) throws(AlexStoreError) {
        if let group {
            _ = try group.commit(count: count, waits: true, key: key, value: value)
            return
        }
        tendCompaction()
        let state = state
        try reserveIndex(inserts: count)
        state.pointee.index.isLoading = count >= AlexStore.loadFrom
        defer { state.pointee.index.isLoading = false }
        var refusal: IndexError?
        try state.pointee.log.appendBatch(count: count, key: key, value: value) { index, place in
            let ahead = index &+ AlexStore.keysAhead
            if ahead < count { state.pointee.index.prefetch(forKey: key(ahead)) }
            do throws(IndexError) {
                let replaced = try state.pointee.change(key(index), to: place)
                if replaced == nil { State.noteNew(key(index), in: state) }
                return replaced
            } catch {
                refusal = error
                return nil
            }
        }
        if let refusal { throw .index(refusal) }
    }

    /// So many keys ahead of the one that is entered, a batch asks for what the index will look at: 8, of 10 to 16
    /// lines that a processor waits for at once, and a key needs up to three.
    @inlinable static var keysAhead: Int { 8 }

    /// A batch of so many puts may wait for a huge page to be cleared: its index needs one every hundred thousand keys.
    @inlinable static var loadFrom: Int { 64 }

    /// Makes room in the index before the log is written, so that what the log holds can be entered.
    @inlinable @inline(__always)
    func reserveIndex(inserts: Int) throws(AlexStoreError) {
        do { try state.pointee.index.reserve(inserts: inserts) } catch { throw .index(error) }
    }

    /// Inserts `key`, or overwrites its value, without waiting for a sync. Returns the commit's sequence number, to be
    /// handed to ``waitUntilDurable(_:)``. Expected O(log log n + value bytes).
    ///
    /// In class power, reads show the write once it is durable: at the latest with the next write that waits, with
    /// `sync`, or when 1 MiB of such writes has gathered. Until then a crash may lose it, but never an earlier write
    /// while this one is kept. In the other classes it is an ordinary put, and durable with the next `sync`.
    ///
    /// - Throws: as `put` does.
    @discardableResult
    public func putWithoutWaiting(
        _ value: UnsafeRawBufferPointer, forKey key: Int64
    ) throws(AlexStoreError) -> UInt64 {
        if let group { return try group.commit(count: 1, waits: false, key: { _ in key }, value: { _ in value }) }
        try put(value, forKey: key)
        return state.pointee.log.nextSequence - 1
    }

    /// The same for an array: see ``putWithoutWaiting(_:forKey:)-(UnsafeRawBufferPointer,_)``.
    @discardableResult
    public func putWithoutWaiting(_ value: [UInt8], forKey key: Int64) throws(AlexStoreError) -> UInt64 {
        let result = value.withUnsafeBytes { bytes in
            Result { () throws(AlexStoreError) in try putWithoutWaiting(bytes, forKey: key) }
        }
        return try result.get()
    }

    /// Removes `key`. Returns whether it was there; if not, nothing is written. Expected O(log log n).
    ///
    /// - Throws: as `put` does; then nothing has changed.
    @inlinable @discardableResult
    public func remove(_ key: Int64) throws(AlexStoreError) -> Bool {
        if let group { return try group.remove(key) }
        guard try contains(key) else { return false }
        if !state.pointee.log.hasRoom(forValueBytes: 0) { tendCompaction() }
        let tombstone = try state.pointee.log.append(
            key, UnsafeRawBufferPointer(start: nil, count: 0), kind: LogFormat.deleteFlag)
        erase(key, tombstone: tombstone)
        return true
    }
}
