import Foundation
import Testing

@testable import LearnedIndex

/// Keys that no line fits cost a small index little: few attempts to fit one, and gaps near all of them.
@Suite struct HardSetTests {
    /// Lines are looked for in pieces of about the size of the one before: with gaps of a Pareto distribution 1.2
    /// attempts an entry, for 1.65 where every size is tried anew.
    @Test func aLoadTriesFewLines() throws {
        var random = SeededGenerator(seed: 4)
        var key: Int64 = 0
        let keys = (0..<20_000).map { _ in
            key += Int64(min(1e9, pow(Double(random.next() >> 11 + 1) * 0x1p-53, -1 / 1.1)))
            return key
        }
        let index = try AlexIndex(sorted: keys.lazy.map { (key: $0, value: 0) })
        try index.checkInvariants()
        let fitted = Double(index.statistics.fittedEntries) / Double(keys.count)
        #expect(fitted >= 1 && fitted <= 1.4, "\(fitted)")
    }

    /// Where inserts fill a node that no line fitted, none is looked for again, and few slots are moved.
    @Test(arguments: [KeySet.exponential, .lognormal, .zOrder])
    func insertsTryFewLines(_ set: KeySet) throws {
        var index = try AlexIndex()
        let keys = set.keys(12_000, seed: 9)
        for key in keys { try index.updateValue(UInt64(bitPattern: key), forKey: key) }
        try index.checkInvariants()
        #expect(keys.allSatisfy { index.value(forKey: $0) == UInt64(bitPattern: $0) })
        let statistics = index.statistics
        let fitted = Double(statistics.fittedEntries) / Double(statistics.count)
        let shifted = Double(statistics.shifts) / Double(statistics.count)
        #expect(fitted <= 0.5 && shifted <= 5.3, "\(fitted), \(shifted)")
    }

    /// A node that has grown keeps its room when some of its keys go: at a density of 50 after a growth, below which a
    /// node contracts, 1.3 and 1.1 entries a key were fitted anew.
    @Test(arguments: [KeySet.exponential, .lognormal])
    func removalsDoNotUndoGrowth(_ set: KeySet) throws {
        var index = try AlexIndex()
        var random = SeededGenerator(seed: 3)
        let keys = set.keys(8_000, seed: 9)
        for (step, key) in keys.enumerated() {
            try index.updateValue(0, forKey: key)
            if step % 3 == 2 { index.removeValue(forKey: keys[Int(random.next() % UInt64(step))]) }
        }
        try index.checkInvariants()
        let fitted = Double(index.statistics.fittedEntries) / Double(keys.count)
        #expect(fitted <= 0.1, "\(set): \(fitted)")
    }

    /// Spread entries keep their order, fill the node evenly, and leave no more copies of one in a row than an update
    /// may rewrite.
    @Test(arguments: [(1, 64), (2, 64), (33, 64), (63, 64), (100, 152), (127, 4096)])
    func spreadIsEven(_ count: Int, _ capacity: Int) {
        let fitter = NodeFitter(slotsMax: capacity)
        defer { fitter.release() }
        let pairs = (0..<count).map { Pair(key: Int64($0) * Int64($0), value: 0) }
        let fit = pairs.withUnsafeBufferPointer { fitter.spread($0.baseAddress!, count, capacity: capacity) }
        let places = (0..<count).map { Int(fit.places[$0]) }
        #expect(places[0] >= 0 && places[count - 1] < capacity && fit.errs)
        let even = min(capacity / count, Tuning.copiesMax)
        for (place, next) in zip(places, places.dropFirst()) {
            #expect(next - place >= even && next - place <= min(even + 1, Tuning.copiesMax), "\(place), \(next)")
        }
    }
}
