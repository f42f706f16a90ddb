public import LearnedIndex

extension StoreReader {
    /// Calls `body` with each pair whose key is in `range`, in the order of the keys, until it returns false or `limit`
    /// pairs were visited. Expected O(log log n + pairs + value bytes).
    ///
    /// Every key that was there all the while is handed out, once; one that came or went during the scan may be or not.
    /// Each value is one that its key had during the scan: a scan of a ``StoreSnapshot`` is of one moment. Up to 64
    /// pairs are looked up in one go, and their records prefetched; what they lead to is kept where it is until `body`
    /// has had them. The bytes must not be kept beyond the call of `body`.
    ///
    /// - Returns: How many pairs `body` was called with.
    /// - Throws: `damaged` at the first record that is not as written, after `body` had those before it; `closed`.
    @inlinable @discardableResult
    public func scan(
        in range: ClosedRange<Int64> = .min ... .max, descending: Bool = false, limit: Int = .max,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) -> Int {
        var failure: AlexStoreError?
        var visited = 0
        withUnsafeTemporaryAllocation(of: PairAhead.self, capacity: ScanWindow.pairs) { window in
            // Safe: a buffer of more than no pairs has an address.
            let window = window.baseAddress.unsafelyUnwrapped
            let last = descending ? range.lowerBound : range.upperBound
            var next: Int64? = descending ? range.upperBound : range.lowerBound
            var ahead = records.ahead(descending ? .descending : .ascending)
            while let from = next, visited < limit, failure == nil {
                let pin = index.enter()
                let count = fill(
                    window, from, last, descending, min(limit &- visited, ScanWindow.pairs), pin, &next, &ahead)
                do throws(AlexStoreError) {
                    // What was missing may be so because the store was closed.
                    if records.isClosed { throw .closed }
                    for rank in 0..<count {
                        let value = try records.value(at: window[rank].place, key: window[rank].key)
                        visited &+= 1
                        if !body(window[rank].key, value) {
                            next = nil
                            break
                        }
                    }
                } catch {
                    failure = error
                }
                index.leave(pin)
            }
        }
        if let failure { throw failure }
        return visited
    }

    /// Fills a window with the next pairs and asks for their records. Returns how many there are.
    @usableFromInline
    func fill(
        _ window: UnsafeMutablePointer<PairAhead>, _ from: Int64, _ last: Int64, _ descending: Bool, _ limit: Int,
        _ pin: EpochPin, _ next: inout Int64?, _ ahead: inout PagesAhead
    ) -> Int {
        var count = 0
        if descending {
            next = index.stepDescending(from: from, through: last, limit: limit, under: pin) {
                take($0, $1, window, &count, &ahead)
            }
        } else {
            next = index.step(from: from, through: last, limit: limit, under: pin) {
                take($0, $1, window, &count, &ahead)
            }
        }
        return count
    }

    /// One more pair of the window, and its record asked for.
    @inline(__always)
    private func take(
        _ key: Int64, _ place: UInt64, _ window: UnsafeMutablePointer<PairAhead>, _ count: inout Int,
        _ ahead: inout PagesAhead
    ) {
        if ahead.isOn { ahead.ask(place) }
        records.prefetch(place)
        // Safe: a step hands out no more than `limit` pairs, which the window has room for.
        (window + count).initialize(to: PairAhead(key: key, place: place))
        count &+= 1
    }
}

/// How many pairs a reader's scan looks up in one go.
@usableFromInline
enum ScanWindow {
    /// As many as a step of the index copies: 1 KiB of the stack.
    @usableFromInline static var pairs: Int { 64 }
}
