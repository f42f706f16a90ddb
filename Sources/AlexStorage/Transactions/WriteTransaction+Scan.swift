// A scan over the store and the transaction's own writes together.
//
// 1. Pairs come from the store in order; where nobody else can write from one scan of it, otherwise some at a time,
//    each time with others kept out.
// 2. Before a pair of the store, the staged keys that lie before it are handed out, if they are puts; a staged key
//    takes the place of the store's.
// 3. What lies behind the last pair of the store is handed out at the end.

extension WriteTransaction {
    /// Calls `body` with each pair whose key is in `range`, in the order of the keys, as the transaction's own writes
    /// leave them, until it returns false or `limit` pairs were visited. Expected O(log log n + pairs + value bytes),
    /// and O(keys written) at the first scan after a write of a new key.
    ///
    /// The bytes must not be kept beyond the call. `put` and `remove` inside `body` throw `scanInProgress`.
    ///
    /// - Returns: How many pairs `body` was called with.
    /// - Throws: as ``bytes(forKey:)`` does.
    @discardableResult
    public func scan(
        in range: ClosedRange<Int64> = .min ... .max, descending: Bool = false, limit: Int = .max,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) -> Int {
        try checkOpen()
        guard limit > 0 else { return 0 }
        scans += 1
        defer { scans -= 1 }
        var merge = StagedMerge(&writes, range, isDescending: descending, limit: limit)
        if monitor == nil {
            try store.scan(in: range, descending: descending) { key, value in merge.take(key, value, body) }
            merge.finish(body)
        } else {
            try scanInSteps(range, descending, &merge, body)
        }
        return merge.visited
    }

    /// Pairs that are copied with others kept out: 64.
    private static var stepPairs: Int { 64 }

    /// A pair of the store, copied.
    private struct Copied {
        var key: Int64
        var value: [UInt8]
        var sequence: UInt64
    }

    private func scanInSteps(
        _ range: ClosedRange<Int64>, _ descending: Bool, _ merge: inout StagedMerge,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) {
        var rest: ClosedRange<Int64>? = range
        while let open = rest {
            let step = try copyStep(open, descending)
            for pair in step {
                try reads?.note(pair.key, sequence: pair.sequence)
                if pair.value.withUnsafeBytes({ merge.take(pair.key, $0, body) }) { continue }
                return try note(descending ? pair.key...range.upperBound : range.lowerBound...pair.key)
            }
            rest = step.count < Self.stepPairs ? nil : Self.rest(of: open, behind: step[step.count - 1].key, descending)
        }
        merge.finish(body)
        try note(range)
    }

    private func note(_ range: ClosedRange<Int64>) throws(AlexStoreError) {
        reads?.note(range)
        try checkMemory(adding: 0)
    }

    private static func rest(
        of range: ClosedRange<Int64>, behind key: Int64, _ descending: Bool
    ) -> ClosedRange<Int64>? {
        if descending { return key > range.lowerBound ? range.lowerBound...(key - 1) : nil }
        return key < range.upperBound ? (key + 1)...range.upperBound : nil
    }

    private func copyStep(_ range: ClosedRange<Int64>, _ descending: Bool) throws(AlexStoreError) -> [Copied] {
        monitor?.lock()
        defer { monitor?.unlock() }
        var step: [Copied] = []
        try store.scan(in: range, descending: descending, limit: Self.stepPairs) { key, value in
            step.append(Copied(key: key, value: Array(value), sequence: 0))
            return true
        }
        for index in step.indices { step[index].sequence = store.state.pointee.sequence(ofKey: step[index].key) }
        return step
    }
}

/// Staged keys on their way into a scan.
private struct StagedMerge {
    private let writes: StagedWrites
    /// Keys in the range, in the order of the scan; the next to be looked at.
    private let keys: [Int64]
    private var next = 0
    private let isDescending: Bool
    private let limit: Int
    private(set) var visited = 0
    /// Whether `body` has had enough.
    private var isOver = false

    init(_ writes: inout StagedWrites, _ range: ClosedRange<Int64>, isDescending: Bool, limit: Int) {
        let ordered = writes.keys()
        let first = ordered.partitioningIndex { $0 >= range.lowerBound }
        let last = ordered.partitioningIndex { $0 > range.upperBound }
        keys = isDescending ? ordered[first..<last].reversed() : Array(ordered[first..<last])
        self.writes = writes
        self.isDescending = isDescending
        self.limit = limit
    }

    /// Hands out a pair of the store, and staged ones before it. Returns whether the scan goes on.
    mutating func take(
        _ key: Int64, _ value: UnsafeRawBufferPointer, _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        while next < keys.count, isDescending ? keys[next] >= key : keys[next] <= key {
            let staged = keys[next]
            next += 1
            handOutStaged(staged, body)
            if isOver || staged == key { return !isOver }
        }
        handOut(key, value, body)
        return !isOver
    }

    /// Hands out the staged pairs behind the last of the store.
    mutating func finish(_ body: (Int64, UnsafeRawBufferPointer) -> Bool) {
        while next < keys.count && !isOver {
            next += 1
            handOutStaged(keys[next - 1], body)
        }
    }

    private mutating func handOutStaged(_ key: Int64, _ body: (Int64, UnsafeRawBufferPointer) -> Bool) {
        guard case .put(let value) = writes[key] else { return }
        withExtendedLifetime(value) { handOut(key, value.bytes, body) }
    }

    private mutating func handOut(
        _ key: Int64, _ value: UnsafeRawBufferPointer, _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) {
        visited += 1
        isOver = !body(key, value) || visited == limit
    }
}

extension [Int64] {
    /// The first index from which on `predicate` holds, for one that holds from some index on. O(log count).
    fileprivate func partitioningIndex(where predicate: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
