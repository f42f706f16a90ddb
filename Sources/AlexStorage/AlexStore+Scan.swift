public import LearnedIndex

extension AlexStore {
    /// Calls `body` with each pair whose key is in `range`, in the order of the keys, until it returns false or `limit`
    /// pairs were visited. Expected O(log log n + pairs + value bytes).
    ///
    /// The index is read a few pairs ahead of the log, and the records ahead are prefetched: after a load in random
    /// order each record of a scan lies on a line of its own, and the misses then overlap. Of a log larger than memory
    /// the pages are asked for besides: see <doc:LargerThanMemory>.
    ///
    /// The bytes must not be kept beyond the call. Writes inside `body` throw `scanInProgress`.
    ///
    /// - Returns: How many pairs `body` was called with.
    /// - Throws: `damaged` at the first record that is not as written, after `body` had those before it; `closed`.
    @inlinable @discardableResult
    public func scan(
        in range: ClosedRange<Int64> = .min ... .max, descending: Bool = false, limit: Int = .max,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) -> Int {
        let state = state
        state.pointee.index.complete()
        guard state.pointee.log.isOpen else { throw state.pointee.log.closedError }
        guard limit > 0 else { return 0 }
        state.pointee.log.freeze()
        defer { state.pointee.log.thaw() }
        return try withUnsafeTemporaryAllocation(
            of: PairAhead.self, capacity: PairAhead.windowPairs
        ) { window throws(AlexStoreError) in
            var scan = PairsAhead(
                // Safe: a buffer of more than no pairs has an address.
                window: window.baseAddress.unsafelyUnwrapped, limit: limit,
                pages: state.pointee.log.ahead(descending ? .descending : .ascending))
            // Closures that are written where they are called: a named function that shares variables with this one
            // would have each access to them checked while the scan runs.
            if descending {
                state.pointee.index.forEachDescending(in: range) { scan.find($0, $1, state, body) }
            } else {
                state.pointee.index.forEach(in: range) { scan.find($0, $1, state, body) }
            }
            scan.visitRest(state, body)
            if let failure = scan.failure { throw failure }
            return scan.visited
        }
    }
}

/// The pairs of a scan that the index has told of: those whose records are being asked for, and those that were read.
@usableFromInline
struct PairsAhead {
    /// Pairs `visited ..< found` are in the window, each at its number modulo the window's size.
    @usableFromInline let window: UnsafeMutablePointer<PairAhead>
    @usableFromInline let limit: Int
    @usableFromInline var pages: PagesAhead
    @usableFromInline var found = 0
    @usableFromInline var visited = 0
    @usableFromInline var goesOn = true
    @usableFromInline var failure: AlexStoreError?

    @inlinable @inline(__always)
    init(window: UnsafeMutablePointer<PairAhead>, limit: Int, pages: PagesAhead) {
        self.window = window
        self.limit = limit
        self.pages = pages
    }

    /// Takes the next pair and asks for its record; makes room for it by reading the oldest one.
    ///
    /// - Returns: Whether the scan goes on.
    @inlinable @inline(__always)
    mutating func find(
        _ key: Int64, _ place: UInt64, _ state: UnsafeMutablePointer<AlexStore.State>,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        if found &- visited == PairAhead.windowPairs { visitOldest(state, body) }
        if pages.isOn { pages.ask(place) }
        state.pointee.log.prefetchRecord(at: place)
        // Safe: the place of a pair that was visited, or of none yet.
        (window + found & (PairAhead.windowPairs &- 1)).initialize(to: PairAhead(key: key, place: place))
        found &+= 1
        return goesOn && found < limit
    }

    /// Reads what is left in the window.
    @inlinable @inline(__always)
    mutating func visitRest(
        _ state: UnsafeMutablePointer<AlexStore.State>, _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) {
        while goesOn && visited < found { visitOldest(state, body) }
    }

    @inlinable @inline(__always)
    mutating func visitOldest(
        _ state: UnsafeMutablePointer<AlexStore.State>, _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) {
        do throws(AlexStoreError) {
            // Safe: a pair that was found and not visited.
            let pair = window[visited & (PairAhead.windowPairs &- 1)]
            let value = try state.pointee.log.value(at: pair.place, key: pair.key)
            visited &+= 1
            goesOn = body(pair.key, value)
        } catch {
            failure = error
            goesOn = false
        }
    }
}

/// A pair that a scan has found in the index and not read from the log yet.
@usableFromInline
struct PairAhead {
    /// How far a scan reads ahead, a power of two: enough to keep the processor's line-fill buffers busy.
    @usableFromInline static var windowPairs: Int { 16 }

    @usableFromInline let key: Int64
    @usableFromInline let place: UInt64

    @inlinable
    init(key: Int64, place: UInt64) {
        self.key = key
        self.place = place
    }
}
