import LearnedIndex

extension AlexStore {
    /// Runs `body` with a transaction, and commits its writes as one unit when `body` returns: after any crash all of
    /// them are there or none. When `body` throws, or has called `rollBack()`, nothing of it is left.
    ///
    /// ```swift
    /// try store.transaction { transaction in
    ///     try transaction.put([1], forKey: 7)
    ///     try transaction.remove(8)
    /// }
    /// ```
    /// The transaction has the store for itself: a write or a sync that goes past it throws `transactionInProgress`
    /// until `body` has returned; reads of the store see what was there before. In class power, commits that wait are
    /// made durable first. The commit costs what `putBatch` does, and survives what that does.
    ///
    /// - Parameter bytesMax: What its writes may count for, at most 1 GiB: see ``WriteTransaction``.
    /// - Returns: What `body` returns.
    /// - Throws: what `body` throws; as ``putBatch(_:)`` does, and then nothing has changed; `transactionInProgress`
    ///   inside another one, `scanInProgress` inside a scan.
    public func transaction<Value>(
        bytesMax: Int = WriteTransaction.bytesMaxUsual, _ body: (WriteTransaction) throws -> Value
    ) throws -> Value {
        try beginTransaction()
        let transaction = WriteTransaction(self, bytesMax: bytesMax, monitor: nil)
        let value: Value
        do {
            defer { endTransaction() }
            value = try body(transaction)
        } catch {
            transaction.end()
            throw error
        }
        transaction.end()
        try commit(StagedCommit(&transaction.writes))
        return value
    }

    /// From here on nobody writes but the transaction's commit.
    private func beginTransaction() throws(AlexStoreError) {
        let files = state.pointee.log.files
        switch files.state {
        case .closed: throw .closed
        case .poisoned: throw .poisoned
        case .open: break
        }
        if files.frozenDepth > 0 { throw files.frozenError }
        if let group { try group.wait(through: .max) }
        state.pointee.log.freeze()
        files.isInTransaction = true
    }

    private func endTransaction() {
        state.pointee.log.files.isInTransaction = false
        state.pointee.log.thaw()
    }

    /// Commits puts and removals as one unit.
    func commit(_ commit: StagedCommit) throws(AlexStoreError) {
        if commit.isEmpty { return }
        if let group {
            try group.commit(commit) { () throws(AlexStoreError) in true }
            return
        }
        try commitAlone(commit)
    }

    /// The same outside class power, with nobody else in the store.
    func commitAlone(_ commit: StagedCommit) throws(AlexStoreError) {
        if commit.isEmpty { return }
        tendCompaction()
        try reserveIndex(inserts: commit.count)
        var place = try state.pointee.log.append(commit)
        for (key, write) in commit.changes {
            switch write {
            case .put: try enter(key, place)
            case .remove: erase(key, tombstone: place)
            }
            place += UInt64(write.recordBytes)
        }
    }

    /// Takes a key out of the index, whose tombstone lies at `place`.
    @inlinable @inline(__always)
    func erase(_ key: Int64, tombstone place: UInt64) {
        state.pointee.log.noteTombstone(at: place)
        let removed = state.pointee.forget(key)
        state.pointee.log.noteGarbage(at: removed)
    }

    // MARK: Compare and put

    /// Puts `value` if the present value of `key` is `expected`, or, with `nil`, if the key is absent. Returns whether
    /// it did; if not, nothing is written. Expected O(log log n + bytes of both values).
    ///
    /// ```swift
    /// try store.put(mine, forKey: lock, ifValueIs: nil)
    /// ```
    /// - Throws: as ``put(_:forKey:)-([UInt8],_)`` does, and then nothing has changed; `damaged` when the present value
    ///   can't be read.
    @discardableResult
    public func put(
        _ value: [UInt8], forKey key: Int64, ifValueIs expected: [UInt8]?
    ) throws(AlexStoreError) -> Bool {
        if let group { return try group.put(value, forKey: key, ifValueIs: expected, in: self) }
        guard try holds(expected, forKey: key) else { return false }
        try put(value, forKey: key)
        return true
    }

    /// Whether the value of `key` is `expected`; `nil` for an absent key.
    func holds(_ expected: [UInt8]?, forKey key: Int64) throws(AlexStoreError) -> Bool {
        let isEqual = try withValue(forKey: key) { present in expected.map { present.elementsEqual($0) } ?? false }
        return isEqual ?? (expected == nil)
    }
}

extension StagedWrites.Write {
    /// Bytes of its record in the log.
    var recordBytes: Int {
        if case .put(let value) = self { return LogFormat.recordBytes(valueBytes: value.bytes.count) }
        return LogFormat.recordHeaderBytes
    }
}

extension ValueLog {
    /// Appends puts and tombstones as one commit, all or nothing. Returns the first record's place. O(value bytes).
    mutating func append(_ commit: StagedCommit) throws(AlexStoreError) -> UInt64 {
        let bytes = try Self.commitBytes(count: commit.count, value: commit.value)
        if bytes > limit - end { try makeRoom(for: bytes) }
        let first = end
        for index in 0..<commit.count {
            var flags = commit.flag(index)
            if index == 0 { flags |= LogFormat.batchBeginFlag }
            if index == commit.count - 1 { flags |= LogFormat.batchEndFlag }
            let value = commit.value(index)
            _ = store(commit.key(index), value, flags: flags, bytes: LogFormat.recordBytes(valueBytes: value.count))
        }
        return UInt64(first)
    }
}
