import LearnedIndex
import Testing

// A search for bad key sets: hill-climbing over the parameters of a generator, judged by exact counts, never by time.
// A step changes one or two parameters of the worst recipe so far and keeps the change if the count got worse. What it
// found is printed; the bounds are what the index promises for any keys in any order.

/// Keys in an order, described by few numbers.
private struct Recipe: CustomStringConvertible {
    /// Clusters, log2; distance between them and spread within them, in bits.
    var clusters = 3
    var distance = 40
    var spread = 20
    /// How fast gaps grow from one key of a cluster to the next: 0 even, 1 random, above that exponents of random.
    var skew = 1
    /// Of 100 keys, so many lie anywhere.
    var outliers = 0
    /// Keys arrive in stretches that ascend, descend, zigzag inwards, or at random.
    var order = 0
    var stretch = 4
    /// Keys of one stretch are repeated so often with the next free key above or below: a hot spot.
    var hot = 0

    var description: String {
        "clusters 2^\(clusters), distance 2^\(distance), spread 2^\(spread), skew \(skew), outliers \(outliers) %, "
            + "order \(order), stretch 2^\(stretch), hot \(hot) %"
    }

    mutating func mutate(_ random: inout SeededGenerator) {
        switch random.next() % 8 {
        case 0: clusters = Int(random.next() % 9)
        case 1: distance = Int(random.next() % 60)
        case 2: spread = Int(random.next() % 60)
        case 3: skew = Int(random.next() % 4)
        case 4: outliers = Int(random.next() % 4) * Int(random.next() % 20)
        case 5: order = Int(random.next() % 4)
        case 6: stretch = Int(random.next() % 13)
        default: hot = Int(random.next() % 5) * 25
        }
    }

    func keys(_ count: Int, seed: UInt64) -> [Int64] {
        var random = SeededGenerator(seed: seed)
        var keys: [Int64] = []
        let spot = Int64(bitPattern: random.next()) >> 2
        for number in 0..<count {
            if Int(random.next() % 100) < hot {
                keys.append(spot &+ Int64(number % 2 == 0 ? number : -number) &* (order % 2 == 0 ? 1 : 64))
            } else if Int(random.next() % 100) < outliers {
                keys.append(Int64(bitPattern: random.next()))
            } else {
                let cluster = Int64(random.next() & (1 << UInt64(clusters) - 1))
                var within = random.next() >> UInt64(64 - max(spread, 1))
                for _ in 1..<max(skew, 1) { within >>= random.next() % UInt64(max(spread, 1)) }
                if skew == 0 { within = UInt64(number) &* 3 }
                keys.append(cluster &<< Int64(distance) &+ Int64(bitPattern: within))
            }
        }
        return arranged(keys)
    }

    private func arranged(_ keys: [Int64]) -> [Int64] {
        if order == 0 { return keys }
        let length = 1 << stretch
        return stride(from: 0, to: keys.count, by: length).flatMap { from in
            let part = keys[from..<min(from + length, keys.count)].sorted()
            switch order {
            case 1: return part
            case 2: return part.reversed()
            default:
                // From both ends inwards: the widest gap is always in the middle of what is there.
                return part.indices.map { $0 % 2 == 0 ? part[$0 / 2] : part[part.count - 1 - $0 / 2] }
            }
        }
    }
}

/// A count that no keys may drive beyond its bound.
private enum Count: CaseIterable {
    case shiftsOfOneInsert, shiftsPerInsert, allocatedByOneInsert, bytesPerKey, depth, predictionError

    func measured(_ statistics: AlexIndex.Statistics, inserts: Int) -> Double {
        switch self {
        case .shiftsOfOneInsert: Double(statistics.shiftsMax)
        case .shiftsPerInsert: Double(statistics.shifts) / Double(inserts)
        case .allocatedByOneInsert: Double(statistics.allocatedBytesMax)
        case .bytesPerKey: Double(statistics.arenaBytes - 8 << 10) / Double(statistics.count)
        case .depth: Double(statistics.depth)
        case .predictionError: statistics.predictionErrorMean
        }
    }

    var bound: Double {
        switch self {
        case .shiftsOfOneInsert: 4_096
        case .shiftsPerInsert: 256
        case .allocatedByOneInsert: 512 * 1_024
        case .bytesPerKey: 40
        case .depth: 3
        case .predictionError: 256
        }
    }
}

@Suite struct BadKeySearchTests {
    @Test(arguments: [UInt64(1), 2])
    func noKeysBreakTheBounds(_ seed: UInt64) throws {
        for count in Count.allCases {
            var random = SeededGenerator(seed: seed)
            var worst = -Double.infinity
            var recipe = Recipe()
            for step in 0..<(12 * scale) {
                var candidate = recipe
                for _ in 0...(step % 3) { candidate.mutate(&random) }
                let keys = candidate.keys(6_000, seed: seed)
                var index = try AlexIndex()
                for key in keys { try index.updateValue(1, forKey: key) }
                try index.checkInvariants()
                // Few different keys have no bytes a key to speak of.
                if index.count < keys.count / 4 { continue }
                let found = count.measured(index.statistics, inserts: keys.count)
                if found > worst { (worst, recipe) = (found, candidate) }
            }
            print("seed \(seed): worst \(count) found: \(worst) of at most \(count.bound), with \(recipe)")
            #expect(worst <= count.bound, "\(count): \(recipe)")
        }
    }
}
