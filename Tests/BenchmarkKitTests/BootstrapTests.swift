import Foundation
import Testing

@testable import BenchmarkKit

/// Whether bootstrap intervals hold the truth as often as they say: simulated, seeded.
struct BootstrapTests {
    private static let trials = 150
    /// Enough for a share of covered trials; a published interval takes more.
    private static let resamples = 200

    /// 95 % of 150 trials, and what chance leaves around it (three deviations of the binomial: 5.3 %).
    @Test(arguments: [6, 10])
    func coversUnderNormalNoise(pairs: Int) throws {
        let covered = try share(seed: 21, pairs: pairs) { $0.normal() * 0.02 }
        #expect((0.895...0.999).contains(covered), "covered \(covered)")
    }

    /// One pair in ten hit by ten times the noise.
    @Test func coversUnderDisturbance() throws {
        let covered = try share(seed: 22, pairs: 10) { $0.normal() * ($0.uniform() < 0.1 ? 0.2 : 0.02) }
        #expect((0.895...0.999).contains(covered), "covered \(covered)")
    }

    @Test func sameSeedSameInterval() throws {
        var random = SeededRandom(seed: 3)
        let tops = (0..<12).map { _ in exp(random.normal() * 0.05) * 2 }
        let bottoms = (0..<12).map { _ in exp(random.normal() * 0.05) }
        let one = try #require(BootstrapInterval(tops, bottoms))
        #expect(one == BootstrapInterval(tops, bottoms))
        let inverse = try #require(BootstrapInterval(bottoms, tops))
        #expect(abs(one.ratio * inverse.ratio - 1) < 1e-12)
        #expect(one.lower < one.ratio && one.ratio < one.upper)
        #expect(abs(one.lower * inverse.upper - 1) < 0.03)
    }

    @Test func tooFewOrWrongHasNone() {
        #expect(BootstrapInterval([1, 2, 3], [1, 2, 3]) == nil)
        #expect(BootstrapInterval([1, 2, 3, 4], [1, 2, 3]) == nil)
        #expect(BootstrapInterval([1, 2, 3, 0], [1, 2, 3, 4]) == nil)
        #expect(BootstrapInterval([1, 2, 3, 4], [1, 2, 3, 4])?.ratio == 1)
    }

    /// Walsh averages of 1, 2, 6 are 1, 1.5, 2, 3.5, 4, 6: the median is 2.75.
    @Test func centreByHand() {
        #expect(BootstrapInterval.centre([1, 2, 6]) == 2.75)
    }

    /// Why the interval is not Efron's BCa: on the same disturbed samples it covers less, around the mean much less.
    @Test func coversMoreThanBCa() throws {
        var random = SeededRandom(seed: 23)
        var (ours, sameCentre, mean) = (0, 0, 0)
        for _ in 0..<Self.trials {
            let logs = (0..<10).map { _ in random.normal() * (random.uniform() < 0.1 ? 0.2 : 0.02) }
            let interval = try #require(BootstrapInterval(logRatios: logs, seed: 1, resamples: Self.resamples))
            if interval.lower <= 1, 1 <= interval.upper { ours += 1 }
            if Self.bca(logs, &random, BootstrapInterval.centre).contains(0) { sameCentre += 1 }
            if Self.bca(logs, &random, { $0.reduce(0, +) / Double($0.count) }).contains(0) { mean += 1 }
        }
        let told = "\(ours), \(sameCentre), \(mean) of \(Self.trials)"
        #expect(ours >= sameCentre + 2 && sameCentre >= mean + 6, "\(told)")
        #expect((109...136).contains(mean) && (128...147).contains(sameCentre), "\(told)")
    }

    /// The bias-corrected and accelerated interval of 95 % (Efron, 1987), the acceleration from leaving one out.
    private static func bca(
        _ samples: [Double], _ random: inout SeededRandom, _ centre: ([Double]) -> Double
    ) -> ClosedRange<Double> {
        let centres = (0..<resamples).map { _ in
            centre(samples.map { _ in samples[Int(random.next() % UInt64(samples.count))] })
        }.sorted()
        let whole = centre(samples)
        let below = Double(centres.count { $0 < whole }) + Double(centres.count { $0 == whole }) / 2
        let bias = normalQuantile(min(max(below, 1), Double(resamples - 1)) / Double(resamples))
        let without = samples.indices.map { left in centre(samples.indices.filter { $0 != left }.map { samples[$0] }) }
        let mean = without.reduce(0, +) / Double(without.count)
        let squares = without.reduce(0) { $0 + pow(mean - $1, 2) }
        let cubes = without.reduce(0) { $0 + pow(mean - $1, 3) }
        let acceleration = squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0
        let ends = [0.025, 0.975].map { level in
            let shifted = bias + normalQuantile(level)
            let share = erfc(-(bias + shifted / (1 - acceleration * shifted)) / 2.0.squareRoot()) / 2
            return centres[min(Int(share * Double(resamples)), resamples - 1)]
        }
        return min(ends[0], ends[1])...max(ends[0], ends[1])
    }

    /// The inverse of the normal distribution, by halving.
    private static func normalQuantile(_ share: Double) -> Double {
        var (low, high) = (-8.0, 8.0)
        for _ in 0..<50 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private func share(seed: UInt64, pairs: Int, noise: (inout SeededRandom) -> Double) throws -> Double {
        var random = SeededRandom(seed: seed)
        var covered = 0
        for _ in 0..<Self.trials {
            let logs = (0..<pairs).map { _ in noise(&random) + log(1.8) }
            let interval = try #require(BootstrapInterval(logRatios: logs, seed: 1, resamples: Self.resamples))
            if interval.lower <= 1.8, 1.8 <= interval.upper { covered += 1 }
        }
        return Double(covered) / Double(Self.trials)
    }
}
