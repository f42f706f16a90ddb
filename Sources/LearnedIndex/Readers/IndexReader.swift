import CIntrinsics

/// Reads an index while one thread writes it.
///
/// ```swift
/// var index = try AlexIndex()
/// let reader = index.reader()          // as many as there are threads that read
/// // on another thread, while this one goes on writing:
/// reader.value(forKey: 42)
/// reader.forEach(in: 0...100) { key, value in true }
/// ```
/// A read takes no lock and never keeps the writer waiting. It sees each key as it was at some moment of the read, and
/// reads by one thread never see a key go back to what it was before. A read tries a node again while the writer
/// changes it, and after 64 attempts asks the writer to go on with a copy; what it can have to wait for is the one
/// change that is under way, for as long as the system has stopped the writer in its midst.
///
/// Any number of threads may use one reader at once; one for each keeps them out of each other's cache lines. A reader
/// outlives its index if it must: then it reads what was there last.
public struct IndexReader: ~Copyable, @unchecked Sendable {
    private let handle: IndexHandle
    @usableFromInline let view: SharedView
    @usableFromInline let home: Int

    init(_ handle: IndexHandle) {
        let state = handle.state
        self.handle = handle
        view = SharedView(base: state.pointee.base, shared: state.pointee.shared, epochs: state.pointee.epochs)
        home = Int(truncatingIfNeeded: intrinsics_add(state.pointee.shared.owners, 1))
    }

    deinit {
        handle.destroy()
    }

    /// The epochs by which this index's memory is given back, for an engine that keeps more than the index by them.
    public var epochs: EpochRegistry { view.epochs }

    /// Begins a read of several steps, for the calls that say `under:`; ended with `leave`, once. Who keeps by `epochs`
    /// what the index leads to does not give it back meanwhile. O(1), one exchange of a word; never waits.
    @inlinable @inline(__always)
    public func enter() -> EpochPin { view.epochs.enter(home: home) }

    /// Ends a read of several steps. O(1), one store.
    @inlinable @inline(__always)
    public func leave(_ pin: EpochPin) { view.epochs.leave(pin) }

    /// The value of a key, or nil. O(height), as `AlexIndex.value(forKey:)`, and some 10 ns more where all is in the
    /// cache. Where it is not, one lookup overlaps the next less than there, for reasons not found (it is not the
    /// exchange of a word at entry, without which it was as slow): `values(forKeys:into:)` is for many.
    @inlinable
    public func value(forKey key: Int64) -> UInt64? {
        let pin = view.epochs.enter(home: home)
        let value = view.value(forKey: key, NoHook())
        view.epochs.leave(pin)
        return value
    }

    /// The same for a thread that is pinned already, and goes on to use the value under the same pin. O(height).
    @inlinable
    public func value(forKey key: Int64, under pin: EpochPin) -> UInt64? { view.value(forKey: key, NoHook()) }

    /// Writes the value of `keys[i]`, or nil, to `results[i]` for every key: groups of 32 keys go down side by side.
    /// Each value is one that its key had during the call, not all of one moment. O(height) a key. Allocates nothing.
    ///
    /// `results` must be at least as long as `keys`.
    @inlinable
    public func values(
        forKeys keys: UnsafeBufferPointer<Int64>, into results: UnsafeMutableBufferPointer<UInt64?>
    ) {
        precondition(results.count >= keys.count, "fewer results than keys")
        forEachGroup(keys, results) { keys, count, places, target in
            let pin = view.epochs.enter(home: home)
            view.group(keys, count, places, target)
            view.epochs.leave(pin)
        }
    }

    /// The same for a thread that is pinned already, and goes on to use the values under the same pin. O(height) a key.
    @inlinable
    public func values(
        forKeys keys: UnsafeBufferPointer<Int64>, into results: UnsafeMutableBufferPointer<UInt64?>,
        under pin: EpochPin
    ) {
        precondition(results.count >= keys.count, "fewer results than keys")
        forEachGroup(keys, results) { keys, count, places, target in view.group(keys, count, places, target) }
    }

    @inlinable @inline(__always)
    func forEachGroup(
        _ keys: UnsafeBufferPointer<Int64>, _ results: UnsafeMutableBufferPointer<UInt64?>,
        _ body: (UnsafePointer<Int64>, Int, UnsafeMutablePointer<Child>, UnsafeMutablePointer<UInt64?>) -> Void
    ) {
        guard let first = keys.baseAddress, let target = results.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Child.self, capacity: IndexHandle.groupKeys) { places in
            // Safe: a buffer of more than no places has an address.
            let places = places.baseAddress.unsafelyUnwrapped
            var at = 0
            while at < keys.count {
                let count = min(IndexHandle.groupKeys, keys.count &- at)
                // Safe: `at + count` is within both buffers.
                body(first + at, count, places, target + at)
                at &+= count
            }
        }
    }

    /// Calls `body` in ascending order with each pair whose key is in `range` until it returns false.
    ///
    /// Every key that was in the index all the while is handed out, once; one that came or went during the scan may be
    /// or not. Each value is one that the key had during the scan. `body` may take as long as it likes, and may read.
    ///
    /// O(height) for each 64 pairs or data node, whichever is less, then one copy and one step a pair.
    public func forEach(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        view.forEach(in: range, home: home, NoHook(), body)
    }

    /// The same, descending, at the same cost.
    public func forEachDescending(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        view.forEachDescending(in: range, home: home, NoHook(), body)
    }

    /// The pairs that one step of an ascending scan finds: up to `limit`, at most 64, all of one moment, the first at
    /// `first` or the next above it, none above `last`. For a thread that is pinned already, and goes on to use the
    /// values under the same pin. O(height), and one copy of each pair found.
    ///
    /// - Returns: The key to go on from, or nil when there is nothing left up to `last`. Of the keys below it, `body`
    ///   had all that were there.
    public func step(
        from first: Int64, through last: Int64, limit: Int, under pin: EpochPin, _ body: (Int64, UInt64) -> Void
    ) -> Int64? {
        view.step(from: first, through: last, limit: limit, ascends: true, body)
    }

    /// The same for a descending scan: `first` is the highest key, `last` the lowest. The same cost.
    public func stepDescending(
        from first: Int64, through last: Int64, limit: Int, under pin: EpochPin, _ body: (Int64, UInt64) -> Void
    ) -> Int64? {
        view.step(from: first, through: last, limit: limit, ascends: false, body)
    }

    /// A lookup that a test disturbs.
    package func value(forKey key: Int64, hook: some ReadHook) -> UInt64? {
        let pin = view.epochs.enter(home: home)
        defer { view.epochs.leave(pin) }
        return view.value(forKey: key, hook)
    }

    /// A scan that a test disturbs.
    package func forEach(
        in range: ClosedRange<Int64>, hook: some ReadHook, _ body: (Int64, UInt64) -> Bool
    ) {
        view.forEach(in: range, home: home, hook, body)
    }

    /// The same, descending.
    package func forEachDescending(
        in range: ClosedRange<Int64>, hook: some ReadHook, _ body: (Int64, UInt64) -> Bool
    ) {
        view.forEachDescending(in: range, home: home, hook, body)
    }
}

extension AlexIndex {
    /// A way to read this index on other threads while this one writes it. O(1).
    ///
    /// The first one lets the index ask for 64 GiB of address space, or as much as is granted, unless it holds so much
    /// already that huge pages were asked for; from then on its range stays where it is, and inserts that would need a
    /// longer one throw `outOfMemory`. So take the first reader of an index that is to become huge before filling it,
    /// or set `Configuration.reservedBytes`.
    public mutating func reader() -> IndexReader {
        handle.share()
        return IndexReader(handle)
    }

    /// Gives back, now, all replaced nodes that no reader can hold any more; for tests.
    package mutating func reclaim() { handle.reclaim() }

    /// Calls `body` at every step of a change that readers may see, until the next call; for tests.
    package mutating func onStep(_ body: (() -> Void)?) { handle.state.pointee.onStep = body }

    /// The epochs by which readers beside the writer are known. O(1).
    public var epochs: EpochRegistry { handle.state.pointee.epochs }
}
