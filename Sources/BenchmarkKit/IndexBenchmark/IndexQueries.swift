import StorageBackends

/// Makes the keys of the loops, the same for all indexes, outside measured time.
struct IndexQueries {
    private let keys: [Int64]
    /// Ranks of the first keys that a gap follows, for sets with so few gaps that chance does not find one.
    private let gaps: [Int]
    private let scatter: Scatter
    private let ranks: ZipfianRanks
    private var random: SplitMix

    /// - Parameter keys: The set, ascending, at least one.
    init(_ keys: [Int64], seed: UInt64) {
        self.keys = keys
        gaps = Array(keys.indices.dropLast().lazy.filter { keys[$0 + 1] != keys[$0] + 1 }.prefix(1_000))
        random = SplitMix(seed: seed ^ 0x10_0C_0B)
        scatter = Scatter(seed: seed, countLimit: UInt64(keys.count))
        ranks = ZipfianRanks(theta: IndexTuning.zipfianExponent, count: UInt64(keys.count))
    }

    mutating func next(_ row: IndexRow, _ count: Int) -> [Int64] {
        (0..<count).map { _ in
            switch row {
            case .lookupZipfian:
                keys[Int(scatter.place(ofRank: ranks.draw(&random), count: UInt64(keys.count)))]
            case .lookupMiss: absent()
            default: keys[Int(random.below(UInt64(keys.count)))]
            }
        }
    }

    /// Half of the keys in random order.
    mutating func half() -> [Int64] { Array(keys.shuffled(using: &random).prefix((keys.count + 1) / 2)) }

    /// The keys of even and of odd rank, the latter in random order.
    mutating func halves() -> (even: [Int64], odd: [Int64]) {
        let even = stride(from: 0, to: keys.count, by: 2).map { keys[$0] }
        let odd = stride(from: 1, to: keys.count, by: 2).map { keys[$0] }
        return (even, odd.shuffled(using: &random))
    }

    /// `count` of these keys, uniform.
    mutating func draw(from some: [Int64], _ count: Int) -> [Int64] {
        (0..<count).map { _ in some[Int(random.below(UInt64(some.count)))] }
    }

    /// A key inside a random gap of the set; beyond its ends where no gap was found.
    private mutating func absent() -> Int64 {
        for _ in 0..<IndexTuning.gapAttempts where keys.count > 1 {
            if let key = keyBehind(Int(random.below(UInt64(keys.count - 1)))) { return key }
        }
        let below = UInt64(bitPattern: keys[0]) &- UInt64(bitPattern: Int64.min)
        let above = UInt64(bitPattern: Int64.max) &- UInt64(bitPattern: keys[keys.count - 1])
        if above > 0 { return keys[keys.count - 1] &+ Int64(bitPattern: 1 + random.below(above)) }
        if below > 0 { return Int64.min &+ Int64(bitPattern: random.below(below)) }
        // Safe: both ends are taken, so that there is a gap, as no set holds all of Int64, and the list has it.
        return keyBehind(gaps[Int(random.below(UInt64(gaps.count)))])!
    }

    /// A key in the gap behind the key of this rank, if there is one.
    private mutating func keyBehind(_ rank: Int) -> Int64? {
        let gap = UInt64(bitPattern: keys[rank + 1]) &- UInt64(bitPattern: keys[rank])
        return gap > 1 ? keys[rank] &+ Int64(bitPattern: 1 + random.below(gap - 1)) : nil
    }
}

extension IndexTally {
    /// What a right index must answer to lookups that all hit, or all miss.
    static func expected(_ keys: ArraySlice<Int64>, hit: Bool) -> IndexTally {
        var tally = IndexTally()
        guard hit else { return tally }
        tally.hits = UInt64(keys.count)
        for key in keys { tally.checksum &+= IndexPayload.value(of: key) }
        return tally
    }
}
