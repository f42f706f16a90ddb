import Foundation
import LearnedIndex
import Testing

// A search for bad key sets: hill-climbing over the parameters of a generator, judged by exact counts, never by time.
// A step changes one or two parameters of the worst recipe so far and keeps the change if the count got worse. What it
// found is printed; the bounds are what the index promises for any keys in any order, and, where it promises nothing, a
// tenth above the worst that was ever found. A candidate is judged by every count, whichever it was made for.

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
    /// The keys come in so many parts; after each, so many of 100 of its keys go again, in an order of their own.
    var phases = 1
    var removals = 0
    var removalOrder = 0

    var description: String {
        "clusters 2^\(clusters), distance 2^\(distance), spread 2^\(spread), skew \(skew), outliers \(outliers) %, "
            + "order \(order), stretch 2^\(stretch), hot \(hot) %, phases \(phases), removals \(removals) % in order "
            + "\(removalOrder)"
    }

    mutating func mutate(_ random: inout SeededGenerator) {
        switch random.next() % 11 {
        case 0: clusters = Int(random.next() % 9)
        case 1: distance = Int(random.next() % 60)
        case 2: spread = Int(random.next() % 60)
        case 3: skew = Int(random.next() % 4)
        case 4: outliers = Int(random.next() % 4) * Int(random.next() % 20)
        case 5: order = Int(random.next() % 4)
        case 6: stretch = Int(random.next() % 13)
        case 7: hot = Int(random.next() % 5) * 25
        case 8: phases = Int(random.next() % 4) + 1
        case 9: removals = Int(random.next() % 20) * 5
        default: removalOrder = Int(random.next() % 4)
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
        return arranged(keys, order)
    }

    /// The keys of each phase, and those of them that go at its end.
    func steps(_ count: Int, seed: UInt64) -> [(inserted: [Int64], removed: [Int64])] {
        let keys = keys(count, seed: seed)
        var random = SeededGenerator(seed: ~seed)
        return (0..<phases).map { phase in
            let part = Array(keys[(count * phase / phases)..<(count * (phase + 1) / phases)])
            let removed = part.filter { _ in Int(random.next() % 100) < removals }
            return (part, arranged(removed, removalOrder))
        }
    }

    private func arranged(_ keys: [Int64], _ order: Int) -> [Int64] {
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
    case shiftsOfOneInsert, shiftsPerInsert, slotsOfOneRemoval, allocatedByOneChange
    case bytesPerKey, bytesPerKeyAfterRemovals, depth, predictionError, cost

    /// Nil where the count says nothing of what was done.
    func measured(_ statistics: AlexIndex.Statistics, inserts: Int, removals: Int) -> Double? {
        switch self {
        case .shiftsOfOneInsert: return Double(statistics.shiftsMax)
        case .shiftsPerInsert: return Double(statistics.shifts) / Double(inserts)
        case .slotsOfOneRemoval: return Double(statistics.removalShiftsMax)
        case .allocatedByOneChange: return Double(statistics.allocatedBytesMax)
        case .bytesPerKey, .bytesPerKeyAfterRemovals:
            if (self == .bytesPerKey) != (removals == 0) { return nil }
            // Free blocks of 16 KiB altogether are never closed up.
            let constant = removals == 0 ? 8 << 10 : 24 << 10
            return Double(statistics.arenaBytes - constant) / Double(statistics.count)
        case .depth: return Double(statistics.depth)
        case .predictionError: return statistics.predictionErrorMean
        case .cost:
            let shifted = Double(statistics.shifts) * CostModel.shift
            let built = Double(statistics.builtEntries) * CostModel.builtEntry
            // Each doubling beyond a line of four slots is a line more that a lookup reads.
            let lookup = log2(1 + statistics.predictionErrorMean / 4) * CostModel.miss
            return (shifted + built) / Double(inserts + removals) + lookup
        }
    }

    var bound: Double {
        switch self {
        case .shiftsOfOneInsert: 4_096
        case .shiftsPerInsert: 256
        case .slotsOfOneRemoval: 1_024
        case .allocatedByOneChange: 512 * 1_024
        case .bytesPerKey: 40
        case .bytesPerKeyAfterRemovals: 40
        case .depth: 3
        case .predictionError: 256
        // ns an operation, and one lookup after it: the shifts and the error above, and ten builds of each entry.
        case .cost: 256 * CostModel.shift + log2(1 + 256.0 / 4) * CostModel.miss + 10 * CostModel.builtEntry
        }
    }
}

@Suite struct BadKeySearchTests {
    @Test(arguments: [UInt64(1), 2])
    func noKeysBreakTheBounds(_ seed: UInt64) throws {
        var worst: [Count: (found: Double, recipe: Recipe)] = [:]
        var random = SeededGenerator(seed: seed)
        for count in Count.allCases {
            for step in 0..<(8 * scale) {
                var candidate = worst[count]?.recipe ?? Recipe()
                for _ in 0...(step % 3) { candidate.mutate(&random) }
                // A climb that has to begin where something is removed.
                if count == .bytesPerKeyAfterRemovals && candidate.removals == 0 { candidate.removals = 50 }
                guard let (statistics, inserts, removals) = try Self.done(candidate, seed: seed) else { continue }
                for judged in Count.allCases {
                    let found = judged.measured(statistics, inserts: inserts, removals: removals)
                    if let found, found > worst[judged]?.found ?? -.infinity { worst[judged] = (found, candidate) }
                }
            }
        }
        for count in Count.allCases {
            let (found, recipe) = try #require(worst[count], "no candidate was judged by \(count)")
            print("seed \(seed): worst \(count) found: \(found) of at most \(count.bound), with \(recipe)")
            #expect(found <= count.bound, "\(count): \(recipe)")
        }
    }

    /// The counts of an index after all that a recipe says; nil where it leaves too few keys to have bytes a key to
    /// speak of.
    private static func done(
        _ recipe: Recipe, seed: UInt64
    ) throws -> (statistics: AlexIndex.Statistics, inserts: Int, removals: Int)? {
        var index = try AlexIndex()
        var (inserts, removals) = (0, 0)
        for step in recipe.steps(6_000, seed: seed) {
            for key in step.inserted { try index.updateValue(1, forKey: key) }
            for key in step.removed { index.removeValue(forKey: key) }
            (inserts, removals) = (inserts + step.inserted.count, removals + step.removed.count)
        }
        try index.checkInvariants()
        return index.count < 600 ? nil : (index.statistics, inserts, removals)
    }
}
