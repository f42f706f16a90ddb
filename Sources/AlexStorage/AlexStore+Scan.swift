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
        var failure: AlexStoreError?
        let visited = withUnsafeTemporaryAllocation(of: PairAhead.self, capacity: PairAhead.windowPairs) { window in
            // Pairs `visited ..< found` are in the window, each at its number modulo the window's size.
            var found = 0
            var visited = 0
            var goesOn = true
            var ahead = state.pointee.log.ahead(descending ? .descending : .ascending)
            func visitOldest() {
                do throws(AlexStoreError) {
                    let pair = window[visited & (PairAhead.windowPairs &- 1)]
                    let value = try state.pointee.log.value(at: pair.place, key: pair.key)
                    visited &+= 1
                    goesOn = body(pair.key, value)
                } catch {
                    failure = error
                    goesOn = false
                }
            }
            func find(key: Int64, place: UInt64) -> Bool {
                if found &- visited == PairAhead.windowPairs { visitOldest() }
                if ahead.isOn { ahead.ask(place) }
                state.pointee.log.prefetchRecord(at: place)
                window[found & (PairAhead.windowPairs &- 1)] = PairAhead(key: key, place: place)
                found &+= 1
                return goesOn && found < limit
            }
            if descending {
                state.pointee.index.forEachDescending(in: range, find)
            } else {
                state.pointee.index.forEach(in: range, find)
            }
            while goesOn && visited < found { visitOldest() }
            return visited
        }
        if let failure { throw failure }
        return visited
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
