// The store: a learned index over a value log.
//
// A put appends a record to the log and enters its place in the index; a get asks the index for the place and reads
// the record there. The log is the truth: at open the index is rebuilt from it, or from a checkpoint and what the log
// holds behind it.
//
// Invariants
// 1. The index holds exactly the keys whose last record in the log is a put, each with that record's place.
// 2. The log is written first. A put that throws has changed neither.
// 3. A record never moves. Compaction writes it anew elsewhere and changes the index; the old bytes stay where they are
//    nobody can read them any more: no pin, no reader on another thread, no snapshot.
//
// Threads: one at a time, or any number through a `StoreCommitter`; besides, any number through a `StoreReader` or a
// `StoreSnapshot`, which take no lock. All hot state lies behind one pointer that never
// changes, so that no access is counted or checked for exclusivity.

public import LearnedIndex

/// An ordered key-value store in a directory: keys are `Int64`, values are bytes.
///
/// ```swift
/// let store = try AlexStore(directory: "towns")
/// try store.put(Array("Ulm".utf8), forKey: 89073)
/// let name = try store.bytes(forKey: 89073)
/// try store.close()
/// ```
///
/// A store's own methods, those that read included, are for one thread at a time; ``committer()`` gives many threads
/// a way in to write. Any number read beside it through a ``reader()`` each or a ``snapshot()``, without locks. A
/// directory is open in one store at a time: a second opener gets `AlexStoreError.locked`. It must not be used in a
/// child process after fork(2):
/// the child does not inherit its maps. There it can't be closed, and what becomes of the copy does not touch the
/// store.
///
/// ## Topics
/// ### Opening and closing
/// - ``init(directory:options:)``
/// - ``sync()``
/// - ``checkpoint()``
/// - ``finishOwnWork()``
/// - ``close()``
/// - ``recovery``
/// - ``verify()``
/// - ``verify(progress:)``
/// ### Reading
/// - ``pin()``
/// - ``reader()``
/// - ``snapshot()``
/// - ``withValue(forKey:_:)``
/// - ``bytes(forKey:)``
/// - ``contains(_:)``
/// - ``scan(in:descending:limit:_:)``
/// - ``forEachValue(forKeys:_:)``
/// - ``count``
/// ### Writing
/// - ``put(_:forKey:)``
/// - ``putBatch(_:)``
/// - ``put(_:forKey:ifValueIs:)``
/// - ``remove(_:)``
/// - ``transaction(bytesMax:_:)``
/// ### Compaction
/// - ``compact(_:)``
/// - ``compact(_:progress:)``
/// - ``automaticCompaction``
/// - ``statistics()``
/// ### Class power and many threads
/// - ``putWithoutWaiting(_:forKey:)``
/// - ``waitUntilDurable(_:)``
/// - ``durableSequence``
/// - ``committer()``
/// ### Copies, and what is left of a damaged store
/// - ``backup(to:)``
/// - ``beginBackup()``
/// - ``salvage(directory:to:options:progress:)``
public final class AlexStore {
    /// Index and log, behind a pointer that lives as long as the store.
    @usableFromInline let state: UnsafeMutablePointer<State>
    /// Who commits in class power; `nil` in the others.
    @usableFromInline let group: GroupCommit?
    /// Compacts the store by itself; `nil` where that is off.
    let compactor: BackgroundCompactor?

    @usableFromInline
    struct State: ~Copyable {
        @usableFromInline var log: ValueLog
        @usableFromInline var index: AlexIndex
        /// Pins that have not ended yet.
        @usableFromInline var pins = 0
        /// Calls of `withValue` that are in their body.
        @usableFromInline var borrows = 0
        /// Whether there may be a snapshot that must hear of a change first.
        @usableFromInline var isWatched = false
        let views = SnapshotViews()
        /// Which keys are surely not there.
        @usableFromInline var filter = KeyFilter()

        init(log: consuming ValueLog, index: consuming AlexIndex) {
            self.log = log
            self.index = index
        }
    }

    /// The version of the library.
    public static let version = "0.1.0"

    /// The longest value: 64 MiB.
    public static var valueBytesMax: Int { LogFormat.valueBytesMax }

    /// Opens the store in `directory`, creating it when the directory is empty or absent. O(segments) after a clean
    /// close that left a checkpoint: the index's image is brought in as reads need it, and whole before the first
    /// write. Else O(keys), and O(bytes of log) behind the last checkpoint.
    ///
    /// What a crash left behind the last whole commit is dropped and told in ``recovery``.
    ///
    /// - Throws: `locked` when it is open already; `incompatible` when the directory holds something else, a newer
    ///   format or one of the other endianness, and then nothing was changed; `damaged` when what was durable can't be
    ///   read; `unsupported` for an option that can't be; `io`; `addressSpaceExhausted`.
    public init(directory: String, options: AlexStoreOptions = AlexStoreOptions()) throws(AlexStoreError) {
        try options.automaticCompaction?.check()
        let filter = try options.absentKeyFilter.shape()
        var index: AlexIndex
        do { index = try AlexIndex() } catch { throw .index(error) }
        var batch = ReplayBatch()
        defer { batch.release() }
        let log = try ValueLog.open(
            directory: directory, options: options,
            image: { reader, files in
                do throws(CheckpointRefusal) {
                    index = try LateCheckpoint(reader, files).index()
                    return nil
                } catch { return error.reason }
            }, replay: { batch.add($0, to: &index) })
        do { try batch.finish(into: &index) } catch { throw .index(error) }
        if !log.hasCheckpointedCounts { log.countGarbage(index) }
        if let unreadable = log.files.unreadable { throw unreadable }
        state = .allocate(capacity: 1)
        state.initialize(to: State(log: log, index: index))
        state.pointee.log.files.lateCheckpoint?.store = state
        group = options.durability == .power ? GroupCommit(state: state) : nil
        compactor = options.automaticCompaction.map(BackgroundCompactor.init)
        if let filter {
            switch options.absentKeyFilter {
            case .off: break
            case .always: state.pointee.filter.begin(filter, state.pointee.index)
            // In class power other threads' commits enter keys.
            case .adaptive: if group == nil { state.pointee.filter.adapt(filter) }
            }
        }
        if let compactor { state.pointee.log.files.turnBytes = compactor.settings.lookBytes }
        group?.store = self
        // A filter that is always asked has needed all of the index: an image and a log that are both damaged may have
        // shown only now.
        if let unreadable = state.pointee.log.files.unreadable { throw unreadable }
    }

    deinit {
        if state.pointee.log.files.isInherited {
            // The parent's threads may be at work on all of it, and their locks are held here for ever: it stays.
            _ = group.map(Unmanaged.passRetained)
            _ = compactor.map(Unmanaged.passRetained)
            return
        }
        // A store that was not closed is as after a crash: the next open replays its log.
        compactor?.stop()
        state.pointee.filter.end()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// What opening the store found, kept and dropped.
    public var recovery: RecoveryReport { state.pointee.log.recovery }

    /// How many keys there are. O(1).
    @inlinable
    public var count: Int { state.pointee.index.count }

    /// Everything up to this sequence number survives power loss. In class power that is all that reads show; in the
    /// others it moves with `sync`. O(1).
    public var durableSequence: UInt64 { group?.durableSequence ?? state.pointee.log.files.durableSequence }

    /// Returns once the commit with this sequence number, and all before it, survive power loss. O(1), and a sync at
    /// most.
    ///
    /// - Throws: as `sync` does. Then it is open whether they are there after a reopen.
    public func waitUntilDurable(_ sequence: UInt64) throws(AlexStoreError) {
        if let group { return try group.wait(through: sequence) }
        if durableSequence < sequence { try sync() }
    }

    /// Makes every write so far durable, against power loss too (fdatasync(2) on each segment that has changed).
    /// O(segments that have), and the disk's time.
    ///
    /// - Throws: `io` when the system fails to; then the store is poisoned: writes are refused, reads go on, and what
    ///   was written since the last sync may be lost.
    public func sync() throws(AlexStoreError) {
        if let group { return try group.wait(through: .max) }
        // A sync on the compaction's thread may have failed: then this one must not succeed.
        tendCompaction(canSeal: false)
        try state.pointee.log.sync()
    }

    /// Makes everything durable, gives back unused space and unlocks the directory. O(segments), and O(keys) where it
    /// writes a checkpoint. Every later call but another
    /// `close` throws `closed`. Spans from a pin that is still there stay valid.
    ///
    /// - Throws: `io` or `poisoned`. The store is closed and unlocked even so; the next open replays its log.
    ///   `unsupported` in a child process: the parent's store stays open.
    public func close() throws(AlexStoreError) {
        if state.pointee.log.files.isInherited {
            throw .unsupported("the store was opened by the process that this one was forked from; close it there")
        }
        if let group { return try group.close() }
        endCompaction()
        dismissReplaced()
        let state = state
        defer { state.pointee.removeAll() }
        try state.pointee.log.close(indexedBy: state)
    }
}
