extension AlexStore {
    /// A handle through which any number of threads write and read at once. O(1).
    public func committer() -> StoreCommitter { StoreCommitter(store: self) }
}

/// A way into a store for many threads.
///
/// ```swift
/// let committer = store.committer()
/// // on any thread:
/// try committer.put(value, forKey: 7)
/// ```
/// In class power the commits of all threads that wait at the same time are written and synced together: one
/// fdatasync(2) for each group. If it fails, everyone in the group gets the error, and everyone after `poisoned`.
///
/// Thread rule: the methods of the committer take a lock and may be called from any thread, reads included. The store's
/// own methods take none: while threads are inside a committer of it, do not call them.
public final class StoreCommitter: @unchecked Sendable {
    // Safe to share: every method holds the group's monitor, or this one, while it touches the store.
    let store: AlexStore
    let monitor: Monitor

    init(store: AlexStore) {
        self.store = store
        monitor = store.group?.monitor ?? store.state.pointee.log.files.monitor
    }

    /// Inserts `key`, or overwrites its value, with the cost and the errors of ``AlexStore/put(_:forKey:)``. The bytes
    /// must stay as they are until it returns.
    public func put(_ value: UnsafeRawBufferPointer, forKey key: Int64) throws(AlexStoreError) {
        // In class power the group takes the lock itself, and gives it up while it syncs. The store's own `put` would
        // look at the log's end without it.
        if let group = store.group {
            _ = try group.commit(count: 1, waits: true, key: { _ in key }, value: { _ in value })
            return
        }
        try locked { () throws(AlexStoreError) in try store.put(value, forKey: key) }
    }

    /// Inserts `key`, or overwrites its value, with the cost and the errors of ``AlexStore/put(_:forKey:)``.
    public func put(_ value: [UInt8], forKey key: Int64) throws(AlexStoreError) {
        let result = value.withUnsafeBytes { bytes in
            Result { () throws(AlexStoreError) in try put(bytes, forKey: key) }
        }
        try result.get()
    }

    /// Inserts or overwrites all pairs as one unit, with the cost and the errors of ``AlexStore/putBatch(_:)``.
    public func putBatch(_ pairs: [(key: Int64, value: [UInt8])]) throws(AlexStoreError) {
        if store.group != nil { return try store.putBatch(pairs) }
        try locked { () throws(AlexStoreError) in try store.putBatch(pairs) }
    }

    /// Removes `key`. Returns whether it was there after every commit before this one. Expected O(log log n).
    ///
    /// - Throws: as ``AlexStore/remove(_:)`` does; then nothing has changed.
    @discardableResult
    public func remove(_ key: Int64) throws(AlexStoreError) -> Bool {
        if store.group != nil { return try store.remove(key) }
        return try locked { () throws(AlexStoreError) in try store.remove(key) }
    }

    /// Inserts or overwrites without waiting for a sync, with the cost and the errors of
    /// ``AlexStore/putWithoutWaiting(_:forKey:)``.
    @discardableResult
    public func putWithoutWaiting(_ value: [UInt8], forKey key: Int64) throws(AlexStoreError) -> UInt64 {
        if store.group != nil { return try store.putWithoutWaiting(value, forKey: key) }
        return try locked { () throws(AlexStoreError) in try store.putWithoutWaiting(value, forKey: key) }
    }

    /// Returns once the commit with this sequence number, and all before it, survive power loss. One sync of its own at
    /// most.
    ///
    /// - Throws: as ``AlexStore/sync()`` does.
    public func waitUntilDurable(_ sequence: UInt64) throws(AlexStoreError) {
        if store.group != nil { return try store.waitUntilDurable(sequence) }
        try locked { () throws(AlexStoreError) in try store.waitUntilDurable(sequence) }
    }

    /// Compacts with the lock held, with the cost and the errors of ``AlexStore/compact(_:)``. Everyone else waits
    /// until it is done;
    /// ``compactInBackground(_:bytesPerSecond:)`` lets them in.
    @discardableResult
    public func compact(_ policy: CompactionPolicy = CompactionPolicy()) throws(AlexStoreError) -> CompactionReport {
        if store.group != nil { return try store.compact(policy) }
        return try locked { () throws(AlexStoreError) in try store.compact(policy) }
    }

    /// Everything up to this sequence number survives power loss. O(1).
    public var durableSequence: UInt64 {
        monitor.lock()
        defer { monitor.unlock() }
        return store.state.pointee.log.files.durableSequence
    }

    /// A copy of the value of `key`, or `nil`. Expected O(log log n + value bytes).
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    public func bytes(forKey key: Int64) throws(AlexStoreError) -> [UInt8]? {
        try locked { () throws(AlexStoreError) in try store.bytes(forKey: key) }
    }

    /// Calls `body` with the value of `key` where it lies, with the lock held; `nil` for an absent key. `body` must
    /// not use the store. Expected O(log log n), and O(value bytes) to check it.
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    public func withValue<Result>(
        forKey key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(AlexStoreError) -> Result? {
        try locked { () throws(AlexStoreError) in try store.withValue(forKey: key, body) }
    }

    /// Whether `key` is there. Expected O(log log n).
    ///
    /// - Throws: `closed`.
    public func contains(_ key: Int64) throws(AlexStoreError) -> Bool {
        try locked { () throws(AlexStoreError) in try store.contains(key) }
    }

    /// How many keys there are. O(1).
    public var count: Int {
        monitor.lock()
        defer { monitor.unlock() }
        return store.count
    }

    func locked<Result>(_ body: () throws(AlexStoreError) -> Result) throws(AlexStoreError) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        return try body()
    }
}
