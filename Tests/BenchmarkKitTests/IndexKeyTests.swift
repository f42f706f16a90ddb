import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

/// Key sets, orders, queries, hardness and key files of the index benchmark.
@Suite struct IndexKeyTests {
    @Test(arguments: IndexKeySet.allCases)
    func distinctAscendingAndSeeded(set: IndexKeySet) {
        for count in [1, 2, 3, 100, 1_000] {
            let keys = set.keys(count, seed: 7)
            #expect(keys.count == count)
            #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }, "\(count) keys")
            #expect(keys == set.keys(count, seed: 7))
        }
        let same = set.keys(500, seed: 1) == set.keys(500, seed: 2)
        let isFixed: [IndexKeySet] = [
            .sequential, .alternatingEnds, .bitReversed, .zigZag, .oneFar, .extremes, .denseFar,
        ]
        #expect(same == isFixed.contains(set))
    }

    @Test func setsReachWhatTheyPromise() {
        #expect(IndexKeySet.extremes.keys(99, seed: 1).first == .min)
        #expect(IndexKeySet.extremes.keys(99, seed: 1).last == .max)
        #expect(IndexKeySet.oneFar.keys(99, seed: 1).last == .max)
        #expect(IndexKeySet.outliers.keys(50_000, seed: 1).filter { $0 > 1 << 40 || $0 < 0 }.count > 1)
        #expect(IndexKeySet.timestamps.keys(100, seed: 1).allSatisfy { $0 > 1_600_000_000_000_000 })
    }

    /// Each step is as long as all before it together, and has as many keys as each of them.
    @Test func stepsGrowByPowersOfTwo() {
        let keys = IndexKeySet.exponentialSteps.keys(32_000, seed: 9)
        for step in 1..<31 {
            let gaps = Double(keys[(step + 1) * 1_000] - keys[step * 1_000]) / 1_000
            #expect(abs(gaps / Double(1 << step) - 1) < 0.1, "step \(step): \(gaps)")
        }
    }

    @Test(arguments: IndexKeySet.allCases)
    func ordersKeepTheKeys(set: IndexKeySet) {
        for count in [1, 2, 97, 300] {
            let keys = set.keys(count, seed: 3)
            for order in [IndexInsertOrder.random, .ascending, .descending, .own] {
                let arranged = order.arranged(keys, of: set, seed: 3)
                #expect(arranged.sorted() == keys, "\(order) of \(count)")
            }
        }
        let keys = set.keys(300, seed: 3)
        #expect(IndexInsertOrder.descending.arranged(keys, of: set, seed: 3).first == keys.last)
        #expect(IndexInsertOrder.random.arranged(keys, of: set, seed: 3) != keys)
    }

    @Test func adversarialOrders() {
        #expect(IndexInsertOrder.own.arranged([0, 1, 2, 3, 4, 5], of: .bitReversed, seed: 1) == [0, 4, 2, 1, 5, 3])
        #expect(IndexInsertOrder.own.arranged([0, 1, 2, 3, 4], of: .zigZag, seed: 1) == [0, 4, 1, 3, 2])
        #expect(IndexInsertOrder.own.arranged([-8, -1, 2, 4], of: .exponential, seed: 1) == [-8, 4, 2, -1])
    }

    @Test(arguments: IndexKeySet.allCases)
    func queriesHitAndMiss(set: IndexKeySet) {
        let keys = set.keys(500, seed: 5)
        let held = Set(keys)
        var queries = IndexQueries(keys, seed: 5)
        #expect(queries.next(.lookup, 500).allSatisfy(held.contains))
        #expect(queries.next(.lookupZipfian, 500).allSatisfy(held.contains))
        let absent = queries.next(.lookupMiss, 500)
        // One and the same key again and again would be in the cache, whatever the set.
        #expect(!absent.contains(where: held.contains) && Set(absent).count > 100, "\(Set(absent).count) keys")
        let half = queries.half()
        #expect(Set(half).count == 250 && half.allSatisfy(held.contains))
    }

    @Test func zipfianIsSkewed() {
        var queries = IndexQueries((0..<1_000).map { $0 }, seed: 5)
        var counts: [Int64: Int] = [:]
        for key in queries.next(.lookupZipfian, 20_000) { counts[key, default: 0] += 1 }
        // 1 / H(1000, 0.99) is 13 %; uniform would be 0.1 %.
        #expect((counts.values.max() ?? 0) > 2_000)
    }

    /// The least number of pieces by trying all pairs of constraints: a line through all of i...j exists if and only
    /// if no lower bound on its slope is above an upper one.
    private static func slowSegments(_ keys: [Int64], error: Int64) -> Int {
        var segments = 0
        var start = 0
        while start < keys.count {
            segments += 1
            var lower = (top: Int128(-1) << 40, bottom: Int128(1))
            var upper = (top: Int128(1) << 40, bottom: Int128(1))
            var end = start + 1
            growing: while end < keys.count {
                for place in start..<end {
                    let run = Int128(keys[end]) - Int128(keys[place])
                    let rise = Int128(end - place)
                    let least = (top: rise - 2 * Int128(error), bottom: run)
                    let most = (top: rise + 2 * Int128(error), bottom: run)
                    if least.top * lower.bottom > lower.top * least.bottom { lower = least }
                    if most.top * upper.bottom < upper.top * most.bottom { upper = most }
                }
                if lower.top * upper.bottom > upper.top * lower.bottom { break growing }
                end += 1
            }
            start = end
        }
        return segments
    }

    @Test(arguments: IndexKeySet.allCases, [Int64(1), 8])
    func hardnessIsTheLeastNumber(set: IndexKeySet, error: Int64) {
        let keys = set.keys(250, seed: 1)
        #expect(KeySetHardness.segments(of: keys, error: error) == Self.slowSegments(keys, error: error))
        #expect(KeySetHardness.segments(of: IndexKeySet.sequential.keys(1_000, seed: 1)) == 1)
    }

    @Test func samplesOfAFile() {
        let all = (0..<1_000).map { Int64($0) * 3 }
        let source = IndexKeySource.read(name: "some", keys: all)
        let sample = source.keys(100, seed: 1)
        #expect(sample.count == 100 && zip(sample, sample.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Set(sample).isSubset(of: all))
        #expect(sample != source.keys(100, seed: 2))
        #expect(source.keys(nil, seed: 1) == all && source.keys(5_000, seed: 1) == all)
    }
}
