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
