import StorageBackends

/// Pairs in one sorted array and binary search: backend `sorted-array`. It takes no single inserts, for each would
/// move half of the array.
final class SortedArrayUnderTest: IndexUnderTest {
    private struct Map: LoopedMap {
        struct Pair {
            var key: Int64
            var value: UInt64
        }

        var pairs: UnsafeMutableBufferPointer<Pair>

        /// The first pair whose key is at or above `key`. Halves without a branch: the step is chosen, not jumped to.
        @inline(__always)
        func lowerBound(_ key: Int64) -> Int {
            guard var length = Optional(pairs.count), length > 0, let base = pairs.baseAddress else { return 0 }
            var low = 0
            while length > 1 {
                let half = length &>> 1
                // Safe: low + half is below low + length, which is at most the count.
                low = base[low &+ half &- 1].key < key ? low &+ half : low
                length &-= half
            }
            return base[low].key < key ? low &+ 1 : low
        }

        @inline(__always)
        func value(forKey key: Int64) -> UInt64? {
            let place = lowerBound(key)
            // Safe: the place is below the count.
            guard place < pairs.count, pairs.baseAddress.unsafelyUnwrapped[place].key == key else { return nil }
            return pairs.baseAddress.unsafelyUnwrapped[place].value
        }

        @inline(__always)
        func forEach(from key: Int64, _ body: (Int64, UInt64) -> Bool) {
            for place in lowerBound(key)..<pairs.count where !body(pairs[place].key, pairs[place].value) { return }
        }
    }

    private var map = Map(pairs: .init(start: nil, count: 0))

    deinit { map.pairs.deallocate() }

    var count: Int { map.pairs.count }
    var allocatedBytes: Int { map.pairs.count * MemoryLayout<Map.Pair>.stride }
    var structure: [IndexFigure] { [] }

    func load(_ keys: IndexKeys) throws(BackendError) {
        map.pairs.deallocate()
        let pairs = UnsafeMutableBufferPointer<Map.Pair>.allocate(capacity: keys.count)
        for (place, key) in keys.enumerated() {
            pairs.initializeElement(at: place, to: Map.Pair(key: key, value: IndexPayload.value(of: key)))
        }
        map.pairs = pairs
    }

    /// Nothing: the descriptor says that it can't.
    func insert(_ keys: IndexKeys) -> IndexTally { IndexTally() }
    func insert(_ keys: IndexKeys, nanoseconds: UnsafeMutablePointer<UInt64>) -> IndexTally { IndexTally() }
    func remove(_ keys: IndexKeys) -> IndexTally { IndexTally() }

    func lookUp(_ keys: IndexKeys) -> IndexTally { IndexLoops.lookUp(map, keys) }
    func lookUpDependent(_ keys: IndexKeys) -> IndexTally { IndexLoops.lookUpDependent(map, keys) }
    func lookUpBatched(_ keys: IndexKeys) -> IndexTally { IndexLoops.lookUp(map, keys) }
    func scan(from keys: IndexKeys, length: Int) -> IndexTally { IndexLoops.scan(map, from: keys, length: length) }
    func walk() -> IndexTally { IndexLoops.walk(map) }
}
