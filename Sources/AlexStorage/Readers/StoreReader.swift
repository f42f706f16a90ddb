public import LearnedIndex

// Reading on any thread beside the one that writes. A get:
// 1. enters an epoch;
// 2. looks the key up in the index, beside the writer (IndexReader);
// 3. reads the record at that place: its segment is in the shared table, and mapped;
// 4. hands the bytes out; leaves the epoch.
//
// Why it is right. A record's bytes and its segment's entry are stored before the index leads to them, and the index
// publishes with release what readers load with acquire. Compaction changes the index first, then begins an epoch, and
// unmaps a segment only when no reader is left that entered before. Bytes once handed out never change, as records are
// never written to again.
//
// Threads: any number in one reader; one for each keeps them out of each other's cache lines. Nobody waits for a lock.

/// Reads a store on any thread while another one writes it, compacts it or makes a checkpoint of it.
///
/// ```swift
/// let reader = store.reader()            // a reader for each thread that reads
/// // on another thread, while this one goes on writing:
/// let name = try reader.bytes(forKey: 89073)
/// ```
///
/// A read takes no lock and never keeps the writer waiting. It shows each key as it was at some moment during the call;
/// reads by one thread never see a key go back to what it was before. Two keys may be of two moments, those of one
/// batch included: a ``StoreSnapshot`` holds all keys at one. In class power reads show only what is durable.
///
/// A reader keeps the store's memory, not its lock: it may outlive the store. After ``AlexStore/close()`` its calls
/// throw `closed`; bytes that a pin holds stay as they are. After a failed sync reads go on.
///
/// ## Topics
/// ### Reading
/// - ``withValue(forKey:_:)``
/// - ``bytes(forKey:)``
/// - ``contains(_:)``
/// - ``scan(in:descending:limit:_:)``
/// - ``forEachValue(forKeys:_:)``
/// - ``pin()``
public final class StoreReader: @unchecked Sendable {
    // Safe to share: everything is constant, and made to be used by many threads.
    @usableFromInline let index: IndexReader
    @usableFromInline let records: SharedRecords
    /// Keeps the maps.
    private let memory: SegmentMemory

    init(_ index: consuming IndexReader, _ memory: SegmentMemory) {
        self.index = index
        self.memory = memory
        records = memory.records(LengthGuess())
    }

    deinit { records.lengthGuess.release() }

    /// Calls `body` with the value of `key` where it lies in the log, without a copy; `nil` for an absent key.
    /// Expected O(log log n), and O(value bytes) to check it.
    ///
    /// The bytes must not be kept beyond the call. As long as `body` runs, nothing is unmapped that compaction has
    /// replaced meanwhile.
    ///
    /// - Throws: `damaged` when the record is not what was written; `closed`.
    @inlinable
    public func withValue<Result>(
        forKey key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(AlexStoreError) -> Result? {
        let pin = index.enter()
        defer { index.leave(pin) }
        guard let value = try value(forKey: key, under: pin) else { return nil }
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
        if index.value(forKey: key) != nil { return true }
        if records.isClosed { throw .closed }
        return false
    }

    /// The value where it lies; it stays there as long as `pin` is not left.
    @inlinable @inline(__always)
    func value(forKey key: Int64, under pin: EpochPin) throws(AlexStoreError) -> UnsafeRawBufferPointer? {
        guard let place = index.value(forKey: key, under: pin) else {
            // A closed store has an empty index, so that only a miss needs to ask.
            if records.isClosed { throw .closed }
            return nil
        }
        return try records.value(at: place, key: key)
    }

    /// Calls `body` with the number and the value of each of `keys`, `nil` for an absent one, in their order. Groups of
    /// 32 keys advance together through index and log, so that their misses overlap: two to six times the rate of
    /// single reads where the store is larger than the caches. Expected O(keys × log log n + value bytes).
    ///
    /// Each value is one that its key had during the call, not all of one moment. The bytes must not be kept beyond the
    /// call.
    ///
    /// - Throws: `damaged` at the first record that is not as written; `closed`.
    @inlinable
    public func forEachValue(
        forKeys keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(AlexStoreError) {
        var failure: AlexStoreError?
        withUnsafeTemporaryAllocation(of: UInt64?.self, capacity: BatchedRead.groupKeys) { places in
            var start = 0
            var ahead = records.ahead(.scattered)
            while start < keys.count && failure == nil {
                let end = min(start &+ BatchedRead.groupKeys, keys.count)
                let pin = index.enter()
                index.values(forKeys: UnsafeBufferPointer(rebasing: keys[start..<end]), into: places, under: pin)
                for at in start..<end {
                    guard let place = places[at &- start] else { continue }
                    if ahead.isOn { ahead.ask(place) }
                    records.prefetch(place)
                }
                do throws(AlexStoreError) {
                    for at in start..<end {
                        guard let place = places[at &- start] else {
                            if records.isClosed { throw .closed }
                            body(at, nil)
                            continue
                        }
                        body(at, try records.value(at: place, key: keys[at]))
                    }
                } catch {
                    failure = error
                }
                index.leave(pin)
                start = end
            }
        }
        if let failure { throw failure }
    }
}

/// How many keys of a batched read advance together.
@usableFromInline
enum BatchedRead {
    /// As many as in a group of the index: 32 records of two lines each are what the first cache holds easily.
    @usableFromInline static var groupKeys: Int { 32 }
}

extension AlexStore {
    /// A way to read this store on other threads while this one writes it. O(1); call it on the store's own thread.
    ///
    /// The first one fixes the index's place in the address space, with room for some 2,800 million keys where the
    /// system grants it: see `AlexIndex.reader()`. From then on a write costs two plain stores more.
    public func reader() -> StoreReader {
        guard let group else { return makeReader() }
        group.monitor.lock()
        defer { group.monitor.unlock() }
        return makeReader()
    }

    func makeReader() -> StoreReader {
        StoreReader(state.pointee.index.reader(), state.pointee.log.files.memory)
    }

    /// Calls `body` with the number and the value of each of `keys`: see ``StoreReader/forEachValue(forKeys:_:)``. For
    /// the store's own thread; `body` must not write to the store.
    ///
    /// - Throws: `damaged` at the first record that is not as written; `closed`.
    @inlinable
    public func forEachValue(
        forKeys keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(AlexStoreError) {
        let state = state
        guard state.pointee.log.isOpen else { throw state.pointee.log.closedError }
        state.pointee.log.freeze()
        defer { state.pointee.log.thaw() }
        var failure: AlexStoreError?
        withUnsafeTemporaryAllocation(of: UInt64?.self, capacity: BatchedRead.groupKeys) { places in
            var start = 0
            var ahead = state.pointee.log.ahead(.scattered)
            while start < keys.count && failure == nil {
                let end = min(start &+ BatchedRead.groupKeys, keys.count)
                state.pointee.index.values(forKeys: UnsafeBufferPointer(rebasing: keys[start..<end]), into: places)
                for at in start..<end {
                    guard let place = places[at &- start] else { continue }
                    if ahead.isOn { ahead.ask(place) }
                    state.pointee.log.prefetchRecord(at: place)
                }
                do throws(AlexStoreError) {
                    for at in start..<end {
                        guard let place = places[at &- start] else {
                            guard state.pointee.log.isOpen else { throw state.pointee.log.closedError }
                            body(at, nil)
                            continue
                        }
                        body(at, try state.pointee.log.value(at: place, key: keys[at]))
                    }
                } catch {
                    failure = error
                }
                start = end
            }
        }
        if let failure { throw failure }
    }
}

extension StoreCommitter {
    /// A way to read without the committer's lock, on any thread: reads neither wait for commits nor hold them up.
    /// O(1). See ``AlexStore/reader()``.
    public func reader() -> StoreReader {
        monitor.lock()
        defer { monitor.unlock() }
        return store.makeReader()
    }
}
