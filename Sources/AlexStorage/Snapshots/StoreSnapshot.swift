public import LearnedIndex

/// The store as it was at one moment, to be read on any thread while others go on writing.
///
/// ```swift
/// let snapshot = try store.snapshot()
/// try store.put([1], forKey: 7)
/// try snapshot.bytes(forKey: 7)          // what was there before
/// ```
///
/// Opening one takes a moment whatever the store's size, and copies nothing. From then on the writer keeps, for each
/// key that it changes, where its old value is: some 24 bytes in memory for each key changed since, the values stay
/// where they are on the disk. Segments that compaction has replaced since stay on the disk and mapped. So a snapshot
/// costs more the longer it lives and the more is written; without one, writes pay nothing.
///
/// Reads take no lock. They see whole batches only, and in class power only what is durable. A snapshot ends with its
/// last use, with `close()` or when the store is closed, whatever comes first; it is not on the disk. It may be used by
/// several threads at once, and ended on any.
///
/// ## Topics
/// ### Reading
/// - ``value(forKey:)``
/// - ``withValue(forKey:_:)``
/// - ``bytes(forKey:)``
/// - ``contains(_:)``
/// - ``scan(in:descending:limit:_:)``
/// - ``count``
public struct StoreSnapshot: ~Copyable, @unchecked Sendable {
    // Safe to share: everything is constant, and what it leads to is made to be read beside the writer.
    @usableFromInline let index: IndexReader
    @usableFromInline let records: SharedRecords
    let view: SnapshotView
    private let views: SnapshotViews
    /// Keeps the maps.
    private let memory: SegmentMemory

    /// How many keys there were. O(1).
    public let count: Int
    /// The sequence number of the last commit that it shows.
    public let lastSequence: UInt64

    init(
        _ index: consuming IndexReader, _ memory: SegmentMemory, _ view: SnapshotView, of views: SnapshotViews,
        count: Int, lastSequence: UInt64
    ) {
        self.index = index
        self.memory = memory
        records = memory.records(LengthGuess())
        self.view = view
        self.views = views
        self.count = count
        self.lastSequence = lastSequence
    }

    deinit {
        views.end(view)
        records.lengthGuess.release()
    }

    /// Ends it now, as its last use does.
    public consuming func close() {}

    /// The value of `key` where it lies in the log, or `nil`; it stays there as long as the snapshot lives. Expected
    /// O(log log n) for the index and for each snapshot opened since that is still there, and O(value bytes) to check.
    ///
    /// - Throws: `damaged` when the record is not what was written; `snapshotLost`; `closed`.
    @_lifetime(borrow self)
    public func value(forKey key: Int64) throws(AlexStoreError) -> RawSpan? {
        guard let bytes = try valueBytes(forKey: key) else { return nil }
        // Safe: segments that hold what the snapshot shows stay mapped while it lives (SnapshotViews, step 4).
        let span = RawSpan(_unsafeBytes: bytes)
        return _overrideLifetime(span, borrowing: self)
    }

    /// Calls `body` with the value of `key` where it lies; `nil` for an absent key. See ``value(forKey:)``.
    @inlinable
    public func withValue<Result>(
        forKey key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(AlexStoreError) -> Result? {
        guard let value = try valueBytes(forKey: key) else { return nil }
        return body(value)
    }

    /// A copy of the value of `key`, or `nil`. See ``value(forKey:)``.
    public func bytes(forKey key: Int64) throws(AlexStoreError) -> [UInt8]? {
        try withValue(forKey: key) { Array($0) }
    }

    /// Whether `key` was there. See ``value(forKey:)``; does not read the record.
    public func contains(_ key: Int64) throws(AlexStoreError) -> Bool { try place(forKey: key) != nil }

    @usableFromInline
    func valueBytes(forKey key: Int64) throws(AlexStoreError) -> UnsafeRawBufferPointer? {
        guard let place = try place(forKey: key) else { return nil }
        return try records.value(at: place, key: key)
    }

    private func place(forKey key: Int64) throws(AlexStoreError) -> UInt64? { try place(forKey: key, amid: {}) }

    /// Where the value of `key` was. The index is asked first, and of each view its successor: see `SnapshotViews`.
    ///
    /// - Parameter amid: Called for each view between the two looks at it; a test acts as the writer there.
    @inline(__always)
    func place(forKey key: Int64, amid: () -> Void) throws(AlexStoreError) -> UInt64? {
        let pin = index.enter()
        defer { index.leave(pin) }
        let current = index.value(forKey: key, under: pin)
        // A close empties the index, which no view hears of.
        if records.isClosed { throw .closed }
        var at: SnapshotView? = view
        while let view = at {
            let next = view.next
            amid()
            if let kept = view.place(forKey: key) { return kept == SnapshotView.absent ? nil : kept }
            if view.isLost { throw .snapshotLost }
            at = next
        }
        return current
    }
}

extension AlexStore {
    /// The store as it is now, to be read on any thread while this one goes on writing. O(1); call it on the store's
    /// own thread, or ``StoreCommitter/snapshot()`` on any.
    ///
    /// In class power it shows what is durable.
    ///
    /// - Throws: `index` without memory for it; `closed`.
    public func snapshot() throws(AlexStoreError) -> StoreSnapshot {
        guard let group else { return try makeSnapshot() }
        group.monitor.lock()
        defer { group.monitor.unlock() }
        return try makeSnapshot()
    }

    /// The same with nobody else writing.
    func makeSnapshot() throws(AlexStoreError) -> StoreSnapshot {
        guard state.pointee.log.isOpen else { throw .closed }
        dismissReplaced()
        let index = state.pointee.index.reader()
        let view: SnapshotView
        do { view = try state.pointee.views.open(index.epochs) } catch { throw .index(error) }
        state.pointee.isWatched = true
        let files = state.pointee.log.files
        return StoreSnapshot(
            index, files.memory, view, of: state.pointee.views, count: state.pointee.index.count,
            lastSequence: files.isMapped ? state.pointee.log.nextSequence - 1 : files.durableSequence)
    }
}

extension StoreCommitter {
    /// The store as it is now, after every commit that has returned: see ``AlexStore/snapshot()``. Any thread; it waits
    /// for the committer's lock, not for a sync.
    ///
    /// - Throws: `index` without memory for it; `closed`.
    public func snapshot() throws(AlexStoreError) -> StoreSnapshot {
        monitor.lock()
        defer { monitor.unlock() }
        return try store.makeSnapshot()
    }
}
