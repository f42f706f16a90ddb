extension AlexStore {
    /// Copies the store as it is now into `directory`, which must be empty or absent. The copy is a store of its own,
    /// checked record by record, and durable on return. O(bytes of log).
    ///
    /// ```swift
    /// try store.backup(to: "towns-backup")
    /// ```
    ///
    /// The store is not changed but for a sync. To go on with it meanwhile, use ``beginBackup()`` and copy on another
    /// thread, or ``StoreCommitter/backup(to:)``.
    ///
    /// - Throws: `incompatible` when the directory is not empty; `io`, with `ENOSPC` on a full disk; `damaged`;
    ///   `poisoned`; `closed`. Then nothing is left of the copy.
    @discardableResult
    public func backup(to directory: String) throws(AlexStoreError) -> BackupReport {
        try beginBackup().copy(to: directory)
    }

    /// Holds the store's present state for a copy: syncs, notes where the log ends, opens each segment for reading.
    /// O(segments). What is written afterwards is not in the copy.
    ///
    /// - Throws: `io`; `poisoned`; `closed`; `scanInProgress`.
    public func beginBackup() throws(AlexStoreError) -> StoreBackup {
        if let group { return try group.beginBackup() }
        settleCompaction()
        try state.pointee.log.sync()
        return try state.pointee.log.beginBackup()
    }
}

extension ValueLog {
    /// The log up to its end, which is durable.
    func beginBackup() throws(AlexStoreError) -> StoreBackup {
        try StoreBackup(files: files, end: end - segmentBase, sequence: nextSequence)
    }
}

extension StoreCommitter {
    /// Copies the store into `directory` while other threads go on: see ``AlexStore/backup(to:)``. The lock is held
    /// only while the state to copy is noted, a sync included.
    @discardableResult
    public func backup(to directory: String) throws(AlexStoreError) -> BackupReport {
        try beginBackup().copy(to: directory)
    }

    /// Holds the present state for a copy: see ``AlexStore/beginBackup()``.
    public func beginBackup() throws(AlexStoreError) -> StoreBackup {
        if let group = store.group { return try group.beginBackup() }
        return try locked { () throws(AlexStoreError) in try store.beginBackup() }
    }
}
