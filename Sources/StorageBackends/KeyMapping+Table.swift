// Keys that are given: a sorted table, and a permutation where they are to come in random order.
//
// 1. Record r has the key of rank permutation(r), or of rank r.
// 2. The way back is a search for the key's rank. A scan passes keys in ascending order, so the search gallops from the
//    rank found last: steps of 1, 2, 4 … and then halving. O(log distance).
// 3. The key of an absent number lies in the gap behind the key of some rank, the first gap from there on, the end of
//    the range of keys taken as one.
extension KeyMapping {
    private func rank(ofRecord record: UInt64) -> UInt64 {
        permutation.map { $0.place(ofRank: record, count: tableCount) } ?? record
    }

    @usableFromInline
    func tableKey(ofRecord record: UInt64) -> Int64 {
        guard let table else { return 0 }
        if record >= Self.absentRecords { return absentKey(table, record &- Self.absentRecords) }
        precondition(record < tableCount, "record \(record) is beyond the table's \(tableCount) keys")
        // Safe: the permutation stays below the count, and so does the record.
        return table[Int(rank(ofRecord: record))]
    }

    private func absentKey(_ table: UnsafePointer<Int64>, _ number: UInt64) -> Int64 {
        let hash = Self.mix(number ^ offset)
        var rank = Int(hash.multipliedFullWidth(by: tableCount).high)
        for _ in 0..<tableCount {
            // Safe: rank is below the count.
            let below = table[rank]
            let last = rank + 1 == Int(tableCount)
            let gap = last ? UInt64(bitPattern: .max &- below) : UInt64(bitPattern: table[rank + 1] &- below) &- 1
            if gap > 0 { return below &+ 1 &+ Int64(bitPattern: Self.mix(hash).multipliedFullWidth(by: gap).high) }
            rank = last ? 0 : rank + 1
        }
        // No gap between or above the keys: below the first, unless the table holds every key there is.
        return table[0] &- 1
    }

    /// The record of one of the table's keys, or `noRecord`.
    @usableFromInline
    func record(ofTableKey key: Int64, near rank: inout UInt64) -> UInt64 {
        guard let table else { return Self.noRecord }
        // Safe: `low` stays below the count, `high` is at most the count and never read.
        var low = rank < tableCount && table[Int(rank)] <= key ? rank : 0
        var high = low &+ 1
        var step: UInt64 = 1
        while high < tableCount, table[Int(high)] <= key {
            low = high
            step &*= 2
            high = min(low &+ step, tableCount)
        }
        while high &- low > 1 {
            let middle = low &+ (high &- low) / 2
            if table[Int(middle)] <= key { low = middle } else { high = middle }
        }
        rank = low
        guard table[Int(low)] == key else { return Self.noRecord }
        return permutation.map { $0.rank(ofPlace: low, count: tableCount) } ?? low
    }
}
