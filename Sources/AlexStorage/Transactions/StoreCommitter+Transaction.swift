#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension StoreCommitter {
    /// Runs `body` with a transaction, and commits its writes as one unit if nothing that it has read has changed.
    ///
    /// ```swift
    /// try committer.transaction { transaction in
    ///     let old = try transaction.bytes(forKey: 7) ?? [0]
    ///     try transaction.put([old[0] &+ 1], forKey: 7)
    /// }
    /// ```
    /// While `body` runs, other threads read and write as they like (optimistic concurrency control: Kung and Robinson,
    /// ACM TODS 6, 1981). What is exclusive is the commit: with the lock held, every key that was read is compared with
    /// what it was, every range that was scanned is looked through for new keys, and the records are written, or, in
    /// class power, added to the group. So transactions that commit are as if they had run one after the other, each at
    /// the moment of its commit, and those without writes, too.
    ///
    /// If something has changed, nothing is written and `body` is run again, up to `attempts` times in all: so it must
    /// do nothing outside the transaction that may not happen twice. Of transactions that conflict one always commits.
    /// Reads in `body` are each right, but may be of different moments; what such a run returns or throws does not
    /// count.
    ///
    /// In class power the commit shares its sync with those of other threads, and reads see what is durable: a key that
    /// another thread's commit changes and that waits for its sync is a conflict.
    ///
    /// The lock is held for one read, for 64 pairs of a scan, and at the commit for a look at each key that was read
    /// or lies in a range that was scanned.
    ///
    /// - Parameter bytesMax: What keys read and written and values written may count for, at most 1 GiB: see
    ///   ``WriteTransaction``.
    /// - Returns: What `body` returns.
    /// - Throws: what `body` throws; `conflict` after the last attempt; as ``AlexStore/putBatch(_:)`` does. Then
    ///   nothing has changed.
    public func transaction<Value>(
        bytesMax: Int = WriteTransaction.bytesMaxUsual, attempts: Int = 32,
        _ body: (WriteTransaction) throws -> Value
    ) throws -> Value {
        var attempt = 1
        while true {
            let transaction = WriteTransaction(store, bytesMax: bytesMax, monitor: monitor)
            let outcome = Result { try body(transaction) }
            transaction.end()
            guard let changed = try settle(transaction, isCommitted: outcome.isSuccess) else {
                return try outcome.get()
            }
            if attempt >= attempts { throw AlexStoreError.conflict(key: changed) }
            attempt += 1
            try giveWay()
        }
    }

    /// Compares what was read and, if all is as it was, commits. Returns a key that has changed.
    private func settle(_ transaction: WriteTransaction, isCommitted: Bool) throws(AlexStoreError) -> Int64? {
        guard let reads = transaction.reads else { return nil }
        let commit = isCommitted ? StagedCommit(&transaction.writes) : StagedCommit.nothing
        let compares = store.state.pointee.log.files.options.defences.comparesReads
        var changed: Int64?
        if let group = store.group {
            try group.commit(commit) { () throws(AlexStoreError) in
                if compares { changed = reads.firstChange(in: store.state, pending: group.pendingKeys) }
                return changed == nil
            }
        } else {
            try locked { () throws(AlexStoreError) in
                guard store.state.pointee.log.isOpen else {
                    if isCommitted { throw .closed }
                    return
                }
                if compares { changed = reads.firstChange(in: store.state, pending: []) }
                if changed == nil { try store.commitAlone(commit) }
            }
        }
        return changed
    }

    /// Lets the commit that was in the way come to its end.
    private func giveWay() throws(AlexStoreError) {
        guard let group = store.group else {
            sched_yield()
            return
        }
        try group.wait(through: .max)
    }

    /// Puts `value` if the present value of `key` is `expected`, or, with `nil`, if the key is absent, after every
    /// commit before this one: see ``AlexStore/put(_:forKey:ifValueIs:)``. Of threads that compare with the same value
    /// one puts.
    @discardableResult
    public func put(
        _ value: [UInt8], forKey key: Int64, ifValueIs expected: [UInt8]?
    ) throws(AlexStoreError) -> Bool {
        if store.group != nil { return try store.put(value, forKey: key, ifValueIs: expected) }
        return try locked { () throws(AlexStoreError) in try store.put(value, forKey: key, ifValueIs: expected) }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { return true }
        return false
    }
}
