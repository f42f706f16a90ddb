// A transaction keeps its writes in memory until it commits; nothing of it is in the log before.
//
// 1. A write goes to `StagedWrites`. A read looks there first, then in the store; a scan merges both.
// 2. The commit is one batch of the log: records of puts and of removals, the first with the begin flag, the last with
//    the end flag. Recovery takes such a batch whole or not at all.
// 3. Rolling back forgets the writes: there is nothing to undo.
//
// Two ways to keep others out:
// - `AlexStore.transaction` has the store for itself: the log is frozen while the body runs, so that a write which goes
//   past the transaction is refused. What it has read can't change.
// - `StoreCommitter.transaction` lets others write (optimistic): it notes what it has read, and the commit compares,
//   with the lock held, before it gives out a sequence number. If something has changed the body is run again.
//
// Invariants
// 1. A removal is staged only for a key that the store holds; that it does was read, and is compared at the commit.
// 2. Staged and noted together count for at most `bytesMax`.
// 3. After the end of the body every call throws `transactionEnded`.

/// Reads and writes that are committed together: all of them, or none.
///
/// ```swift
/// try store.transaction { transaction in
///     guard let stock = try transaction.bytes(forKey: 7) else { return transaction.rollBack() }
///     try transaction.put(sold(stock), forKey: 7)
///     try transaction.remove(8)
/// }
/// ```
/// Its reads see its own writes. It ends with the body: committed when that returns, rolled back when it throws or has
/// called ``rollBack()``. A transaction is used on the thread that its body was called on.
///
/// Memory: keys written and, through a ``StoreCommitter``, keys read count for 128 bytes each, values written for
/// their length besides; together at most the `bytesMax` that the transaction was begun with.
public final class WriteTransaction {
    let store: AlexStore
    private let bytesMax: Int
    var writes = StagedWrites()
    /// What was read; `nil` where nobody else can write.
    var reads: TransactionReads?
    /// What others are kept out with for the length of one read.
    let monitor: Monitor?
    private var state = State.open
    var scans = 0

    private enum State { case open, rolledBack, ended }

    /// The usual bound on what a transaction keeps in memory: 64 MiB.
    public static let bytesMaxUsual = 64 << 20

    /// - Parameter monitor: Not `nil` where others may write meanwhile.
    init(_ store: AlexStore, bytesMax: Int, monitor: Monitor?) {
        self.store = store
        self.bytesMax = min(bytesMax, LogFormat.commitBytesMax)
        self.monitor = monitor
        reads = monitor == nil ? nil : TransactionReads()
    }

    // MARK: Reading

    /// A copy of the value of `key` as the transaction's own writes leave it, or `nil`. Expected O(log log n + value
    /// bytes).
    ///
    /// - Throws: `damaged`; `closed`; `transactionEnded`; `transactionTooLong`; `conflict` when the key has changed
    ///   since it was read before.
    public func bytes(forKey key: Int64) throws(AlexStoreError) -> [UInt8]? {
        try withValue(forKey: key) { Array($0) }
    }

    /// Calls `body` with the value of `key` without a copy; `nil` for an absent key. The bytes must not be kept beyond
    /// the call, and `body` must not use the store.
    ///
    /// - Throws: as ``bytes(forKey:)`` does.
    public func withValue<Result>(
        forKey key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(AlexStoreError) -> Result? {
        try checkOpen()
        switch writes[key] {
        case .put(let value): return withExtendedLifetime(value) { body(value.bytes) }
        case .remove: return nil
        case nil:
            return try reading(key) { () throws(AlexStoreError) in try store.withValue(forKey: key, body) }
        }
    }

    /// Whether `key` is there after the transaction's own writes. Expected O(log log n).
    ///
    /// - Throws: as ``bytes(forKey:)`` does.
    public func contains(_ key: Int64) throws(AlexStoreError) -> Bool {
        try checkOpen()
        switch writes[key] {
        case .put: return true
        case .remove: return false
        case nil: return try isInStore(key)
        }
    }

    private func isInStore(_ key: Int64) throws(AlexStoreError) -> Bool {
        try reading(key) { () throws(AlexStoreError) in try store.contains(key) }
    }

    /// Reads `key` from the store, with others kept out, and notes what was read.
    private func reading<Result>(
        _ key: Int64, _ body: () throws(AlexStoreError) -> Result
    ) throws(AlexStoreError) -> Result {
        guard let monitor else { return try body() }
        monitor.lock()
        defer { monitor.unlock() }
        let result = try body()
        try reads?.note(key, sequence: store.state.pointee.sequence(ofKey: key))
        try checkMemory(adding: 0)
        return result
    }

    // MARK: Writing

    /// Inserts `key`, or overwrites its value, in this transaction. Expected O(value bytes).
    ///
    /// - Throws: `valueTooLong`; `transactionTooLong`, and then the transaction is as before and can still be
    ///   committed; `transactionEnded`; `scanInProgress` inside the body of a scan of the transaction.
    public func put(_ value: UnsafeRawBufferPointer, forKey key: Int64) throws(AlexStoreError) {
        try checkWritable()
        guard value.count <= LogFormat.valueBytesMax else { throw ValueLog.tooLong(value.count) }
        let growth = StagedWrites.bytesOfKey + value.count - StagedWrites.bytes(of: writes[key])
        try checkMemory(adding: growth)
        writes.set(.put(StagedValue(value)), forKey: key)
    }

    /// Inserts `key`, or overwrites its value: see ``put(_:forKey:)-(UnsafeRawBufferPointer,_)``.
    public func put(_ value: [UInt8], forKey key: Int64) throws(AlexStoreError) {
        let result = value.withUnsafeBytes { bytes in
            Result { () throws(AlexStoreError) in try put(bytes, forKey: key) }
        }
        try result.get()
    }

    /// Puts `value` if the present value of `key` is `expected`, or, with `nil`, if the key is absent. Returns whether
    /// it did. Expected O(log log n + bytes of both values).
    ///
    /// - Throws: as ``bytes(forKey:)`` and ``put(_:forKey:)-([UInt8],_)`` do.
    @discardableResult
    public func put(
        _ value: [UInt8], forKey key: Int64, ifValueIs expected: [UInt8]?
    ) throws(AlexStoreError) -> Bool {
        try checkWritable()
        let isEqual = try withValue(forKey: key) { present in expected.map { present.elementsEqual($0) } ?? false }
        guard isEqual ?? (expected == nil) else { return false }
        try put(value, forKey: key)
        return true
    }

    /// Removes `key` in this transaction. Returns whether it was there. Expected O(log log n).
    ///
    /// - Throws: as ``bytes(forKey:)`` and ``put(_:forKey:)-([UInt8],_)`` do.
    @discardableResult
    public func remove(_ key: Int64) throws(AlexStoreError) -> Bool {
        try checkWritable()
        if case .remove = writes[key] { return false }
        let isInStore = try isInStore(key)
        let wasThere = isInStore || writes[key] != nil
        if !wasThere { return false }
        if isInStore { try checkMemory(adding: writes[key] == nil ? StagedWrites.bytesOfKey : 0) }
        writes.set(isInStore ? .remove : nil, forKey: key)
        return true
    }

    /// Forgets all writes and ends the transaction: the rest of the body can only return. O(writes).
    public func rollBack() {
        guard state == .open else { return }
        state = .rolledBack
        writes.removeAll()
    }

    // MARK: State

    /// Ends the transaction with its body. What was read and written is still there for the commit.
    func end() { state = .ended }

    var isRolledBack: Bool { state == .rolledBack }

    func checkOpen() throws(AlexStoreError) {
        if state != .open { throw .transactionEnded }
    }

    private func checkWritable() throws(AlexStoreError) {
        try checkOpen()
        if scans > 0 { throw .scanInProgress }
    }

    func checkMemory(adding bytes: Int) throws(AlexStoreError) {
        guard writes.bytes + (reads?.bytes ?? 0) + bytes <= bytesMax else {
            throw .transactionTooLong(limit: bytesMax)
        }
    }
}
