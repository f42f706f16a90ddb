import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

/// Each generator against its own distribution, with fixed seeds. A chi-square statistic of k - 1 degrees of freedom is
/// about normal with mean k - 1 and variance 2 (k - 1); five standard deviations are allowed above.
@Suite struct StreamDistributionTests {
    private static let draws = 400_000

    /// The chi-square statistic in standard deviations from its mean.
    private static func deviation(_ counts: [Int], _ weights: [Double]) -> Double {
        let total = Double(counts.reduce(0, +))
        let weight = weights.reduce(0, +)
        var statistic = 0.0
        for (count, share) in zip(counts, weights) {
            let expected = total * share / weight
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        let freedom = Double(counts.count - 1)
        return (statistic - freedom) / (2 * freedom).squareRoot()
    }

    private static func counts(_ distribution: Distribution, count: Int, limit: Int, seed: UInt64) -> [Int] {
        var chooser = RecordChooser(distribution, count: UInt64(count), countLimit: UInt64(limit), seed: seed)
        var random = SplitMix(seed: seed)
        var counts = Array(repeating: 0, count: count)
        for _ in 0..<draws { counts[Int(chooser.choose(count: UInt64(count), &random))] += 1 }
        return counts
    }

    private static func zipf(_ theta: Double, _ count: Int) -> [Double] {
        (1...count).map { pow(Double($0), -theta) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func uniformIsUniform(_ seed: UInt64) {
        let counts = Self.counts(.uniform, count: 1000, limit: 1000, seed: seed)
        #expect(abs(Self.deviation(counts, Array(repeating: 1, count: 1000))) < 5)
    }

    @Test(arguments: [0.5, 0.99, 1, 1.2, 3]) func zipfianIsZipfian(_ theta: Double) {
        var random = SplitMix(seed: 11)
        let ranks = ZipfianRanks(theta: theta, count: 100)
        var counts = Array(repeating: 0, count: 100)
        for _ in 0..<Self.draws { counts[Int(ranks.draw(&random))] += 1 }
        // Steep tails are put together so that every cell expects at least five.
        let weights = Self.zipf(theta, 100)
        let scale = Double(Self.draws) / weights.reduce(0, +)
        let cells = weights.firstIndex { $0 * scale < 5 } ?? 100
        let merged = Array(counts[..<cells]) + (cells < 100 ? [counts[cells...].reduce(0, +)] : [])
        let mergedWeights = Array(weights[..<cells]) + (cells < 100 ? [weights[cells...].reduce(0, +)] : [])
        #expect(abs(Self.deviation(merged, mergedWeights)) < 5)
    }

    /// The same holds for a count that grew draw by draw, and for the scattered form, rank by rank.
    @Test func scatteredAndGrownZipfianIsZipfian() {
        var ranks = ZipfianRanks(theta: 0.99, count: 1)
        for count in 2...1000 { ranks.setCount(UInt64(count)) }
        var random = SplitMix(seed: 5)
        var grown = Array(repeating: 0, count: 1000)
        for _ in 0..<Self.draws { grown[Int(ranks.draw(&random))] += 1 }
        #expect(abs(Self.deviation(grown, Self.zipf(0.99, 1000))) < 5)

        let counts = Self.counts(.zipfian(theta: 0.99), count: 1000, limit: 5000, seed: 21)
        let scatter = Scatter(seed: 21, countLimit: 5000)
        let byRank = (0..<1000).map { counts[Int(scatter.place(ofRank: UInt64($0), count: 1000))] }
        #expect(abs(Self.deviation(byRank, Self.zipf(0.99, 1000))) < 5)
        // Scattered: the ten most popular are not the ten first.
        let top = Set((0..<10).map { scatter.place(ofRank: $0, count: 1000) })
        #expect(top.filter { $0 < 10 }.count < 3)
    }

    @Test func latestIsZipfianFromTheNewest() {
        let counts = Self.counts(.latest, count: 1000, limit: 1000, seed: 9)
        #expect(abs(Self.deviation(counts.reversed(), Self.zipf(0.99, 1000))) < 5)
    }

    /// Weights of the records by rank, and a twin with one parameter off, which the same draws must refuse.
    private static func hotspot(_ keys: Double, _ operations: Double, _ count: Int) -> [Double] {
        let hot = Int(Double(count) * keys)
        return (0..<count).map { $0 < hot ? operations / Double(hot) : (1 - operations) / Double(count - hot) }
    }

    private static func exponential(_ percentile: Double, _ fraction: Double, _ count: Int) -> [Double] {
        let gamma = -log(1 - percentile / 100) / (Double(count) * fraction)
        return (0..<count).map { exp(-gamma * Double($0)) }
    }

    @Test(arguments: [(0.2, 0.8), (0.01, 0.5), (0.5, 0.5)]) func hotspotIsHot(_ keys: Double, _ operations: Double) {
        let count = 1000
        let counts = Self.counts(
            .hotspot(keyFraction: keys, operationFraction: operations), count: count, limit: 3000, seed: 31)
        let scatter = Scatter(seed: 31, countLimit: 3000)
        let byRank = (0..<count).map { counts[Int(scatter.place(ofRank: UInt64($0), count: UInt64(count)))] }
        #expect(abs(Self.deviation(byRank, Self.hotspot(keys, operations, count))) < 5)
        #expect(Self.deviation(byRank, Self.hotspot(keys, operations + 0.02, count)) > 5)
    }

    @Test(arguments: [(95, 0.8571428571), (50, 0.1), (99, 1)] as [(Double, Double)])
    func exponentialIsExponentialFromTheNewest(_ percentile: Double, _ fraction: Double) {
        let counts = Self.counts(
            .exponential(percentile: percentile, fraction: fraction), count: 200, limit: 200, seed: 12)
        // Thin tails are put together so that every cell expects at least five.
        func merged<Number: Numeric>(_ list: [Number], _ cells: Int) -> [Number] {
            Array(list[..<cells]) + (cells < list.count ? [list[cells...].reduce(0, +)] : [])
        }
        let weights = Self.exponential(percentile, fraction, 200)
        let scale = Double(Self.draws) / weights.reduce(0, +)
        let cells = weights.firstIndex { $0 * scale < 5 } ?? 200
        let byRank = merged(Array(counts.reversed()), cells)
        #expect(abs(Self.deviation(byRank, merged(weights, cells))) < 5)
        let twin = Self.exponential(percentile, fraction * 1.03, 200)
        #expect(Self.deviation(byRank, merged(twin, cells)) > 5)
    }

    /// The same test refuses what is not the distribution: the next exponent, a uniform draw, an off-by-one.
    @Test func wrongTwinsAreRefused() {
        let zipfian = Self.counts(.latest, count: 1000, limit: 1000, seed: 9)
        #expect(Self.deviation(zipfian.reversed(), Self.zipf(0.97, 1000)) > 5)
        #expect(Self.deviation(zipfian, Self.zipf(0.99, 1000)) > 5)
        let uniform = Self.counts(.uniform, count: 1000, limit: 1000, seed: 1)
        #expect(Self.deviation(uniform, (0..<1000).map { 1 + 0.2 * Double($0) / 1000 }) > 5)
        // A hash in the place of a permutation, as YCSB scatters: collisions leave a third of the records undrawn.
        var random = SplitMix(seed: 7)
        let ranks = ZipfianRanks(theta: 0.99, count: 1000)
        var hashed = Array(repeating: 0, count: 1000)
        for _ in 0..<Self.draws { hashed[Int(SplitMix.mix(ranks.draw(&random)) % 1000)] += 1 }
        #expect(Self.deviation(hashed.sorted(by: >), Self.zipf(0.99, 1000)) > 5)
        #expect(hashed.count { $0 == 0 } > 300)
    }

    @Test func sequentialGoesRound() {
        var chooser = RecordChooser(.sequential, count: 3, countLimit: 4, seed: 1)
        var random = SplitMix(seed: 1)
        let first = (0..<5).map { _ in chooser.choose(count: 3, &random) }
        #expect(first == [0, 1, 2, 0, 1])
        #expect((0..<3).map { _ in chooser.choose(count: 4, &random) } == [2, 3, 0])
    }

    /// Kolmogorov–Smirnov over the whole range for a count too large for cells.
    @Test func largeUniformAndZipfianFollowTheirDistributionFunction() {
        let count: UInt64 = 1 << 40
        var random = SplitMix(seed: 3)
        let places = (0..<20_000).map { _ in Double(random.below(count)) / Double(count) }.sorted()
        #expect(Self.distance(places) { $0 } < 1.95 / 20_000.0.squareRoot())
        let ranks = ZipfianRanks(theta: 1, count: count)
        let logs = (0..<20_000).map { _ in log(Double(ranks.draw(&random)) + 1.5) }.sorted()
        let whole = log(Double(count) + 0.5) + 0.577215664901532
        // Beyond the first few ranks the harmonic sum is the logarithm and Euler's constant.
        let tail = logs.filter { $0 > log(100) }
        let low = (log(100.5) + 0.577215664901532) / whole
        let distance = Self.distance(tail) { (($0 + 0.577215664901532) / whole - low) / (1 - low) }
        #expect(distance < 1.95 / Double(tail.count).squareRoot())
        #expect(abs(Double(tail.count) / 20_000 - (1 - low)) < 0.02)
    }

    private static func distance(_ sorted: [Double], _ function: (Double) -> Double) -> Double {
        var worst = 0.0
        for (index, place) in sorted.enumerated() {
            let expected = function(place)
            worst = max(worst, abs(expected - Double(index) / Double(sorted.count)))
            worst = max(worst, abs(expected - Double(index + 1) / Double(sorted.count)))
        }
        return worst
    }

    /// Every count and seed gives a permutation.
    @Test func scatterIsAPermutation() {
        for count in 1...130 as ClosedRange<UInt64> {
            for limit in [count, count * 3] {
                let scatter = Scatter(seed: count, countLimit: limit)
                let places = Set((0..<count).map { scatter.place(ofRank: $0, count: count) })
                #expect(places == Set(0..<count))
            }
        }
    }

    @Test func mixesAreKept() {
        let mix = Workload.Mix([
            .read: 48.25, .readAbsent: 5, .insert: 25, .update: 10, .remove: 8, .scan: 1.75, .readModifyWrite: 2,
        ])
        let stream = StreamTests.stream(mix, records: 60_000, seed: 4)
        var counts = Array(repeating: 0, count: 7)
        for operation in stream.slice(100_000).operations { counts[Int(operation.kind.rawValue)] += 1 }
        #expect(abs(Self.deviation(counts, mix.parts.map(Double.init))) < 5)
    }
}
