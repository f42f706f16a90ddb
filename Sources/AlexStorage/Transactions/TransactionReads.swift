import LearnedIndex

// What an optimistic transaction has read, to be compared once more when it commits.
//
// A key is noted with the sequence number of the record that was read, 0 for an absent key: a record has its number for
// good, compaction included, and no two of a store have the same. A scan notes its keys, and the range that it has
// covered, so that a key that came into it is found, too.

/// The keys and ranges that a transaction has read outside its own writes.
struct TransactionReads {
    /// The sequence number of the record that was read; 0 where there was none.
    private(set) var sequences: [Int64: UInt64] = [:]
    private(set) var ranges: [ClosedRange<Int64>] = []

    /// What the reads count for.
    var bytes: Int { (sequences.count + ranges.count) * StagedWrites.bytesOfKey }

    /// Notes a read.
    ///
    /// - Throws: `conflict` when the key was read before and has changed since.
    mutating func note(_ key: Int64, sequence: UInt64) throws(AlexStoreError) {
        // What was read first stays: so the commit finds the change, too, should the body pass over the error.
        if let before = sequences[key] {
            if before != sequence { throw .conflict(key: key) }
        } else {
            sequences[key] = sequence
        }
    }

    /// Notes that a scan has seen all keys of a range.
    mutating func note(_ range: ClosedRange<Int64>) { ranges.append(range) }

    /// A key that was read and is not as it was; `nil` when all is. The caller has the store for itself.
    /// O(keys read, and keys in the ranges read).
    ///
    /// - Parameter isPending: Whether a commit that nobody has been shown yet changes the key.
    func firstChange(
        in state: UnsafeMutablePointer<AlexStore.State>, pending: [Dictionary<Int64, Bool>.Keys]
    ) -> Int64? {
        for (key, sequence) in sequences {
            if state.pointee.sequence(ofKey: key) != sequence { return key }
            for keys in pending where keys.contains(key) { return key }
        }
        for range in ranges {
            var newcomer: Int64?
            state.pointee.index.forEach(in: range) { key, _ in
                if sequences[key] ?? 0 == 0 { newcomer = key }
                return newcomer == nil
            }
            if let newcomer { return newcomer }
            for keys in pending {
                if let key = keys.first(where: range.contains) { return key }
            }
        }
        return nil
    }
}

extension AlexStore.State {
    /// The sequence number of the record of `key`, 0 where there is none.
    func sequence(ofKey key: Int64) -> UInt64 {
        guard let place = index.value(forKey: key) else { return 0 }
        return log.sequence(at: place)
    }
}

extension ValueLog {
    /// The sequence number of the record at `place`.
    func sequence(at place: UInt64) -> UInt64 {
        // Safe: places come from the index, and a record's header lies within its segment, which is mapped.
        UnsafeRawPointer(base + Int(place)).load(fromByteOffset: 16, as: UInt64.self) >> 8
    }
}
