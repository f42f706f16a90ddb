import Foundation
import Testing

@testable import BenchmarkKit

/// Whether 95 % intervals hold the truth 95 times in 100: simulated, seeded, so each run gives the same count.
struct StatisticsCoverageTests {
    static let trials = 2_000

    /// Log ratios around log 1.8, one in ten hit by a disturbance of ten times the noise, to either side.
    @Test func signedRankUnderDisturbance() {
        let covered = share(seed: 11, pairs: 10) { random in
            random.normal() * (random.uniform() < 0.1 ? 0.2 : 0.02)
        }
        #expect((0.965...0.99).contains(covered), "covered \(covered)")
    }

    @Test func signedRankUnderNormalNoise() {
        let covered = share(seed: 12, pairs: 10) { $0.normal() * 0.02 }
        #expect((0.965...0.99).contains(covered), "covered \(covered)")
    }

    @Test func studentForFewPairs() {
        let covered = share(seed: 13, pairs: 3) { $0.normal() * 0.02 }
        #expect((0.935...0.965).contains(covered), "covered \(covered)")
    }

    @Test func rankSumOfTwoFiles() throws {
        var random = SeededRandom(seed: 14)
        var covered = 0
        for _ in 0..<500 {
            let top = (0..<8).map { _ in exp(random.normal() * 0.03) * 1.8 }
            let bottom = (0..<8).map { _ in exp(random.normal() * 0.03) }
            let estimate = try #require(RatioEstimate.unpaired(top, bottom))
            if (estimate.lower...estimate.upper).contains(1.8) { covered += 1 }
        }
        #expect((465...495).contains(covered), "covered \(covered) of 500")
    }

    /// The test may be wrong in at most one of twenty comparisons of equals.
    @Test func falseAlarms() throws {
        var random = SeededRandom(seed: 15)
        var alarms = 0
        for _ in 0..<Self.trials {
            let one = (0..<10).map { _ in exp(random.normal() * 0.02) }
            let other = (0..<10).map { _ in exp(random.normal() * 0.02) }
            if try #require(RatioEstimate.paired(one, other)).probability < Statistics.level { alarms += 1 }
        }
        #expect((70...125).contains(alarms), "\(alarms) of \(Self.trials)")
    }

    /// An interval that holds 1 and a test that rejects equality would contradict each other.
    @Test func intervalAndTestAgree() throws {
        var random = SeededRandom(seed: 16)
        for count in 2...14 {
            for _ in 0..<25 {
                let top = (0..<count).map { _ in exp(random.normal() * 0.02 + 0.015) }
                let bottom = (0..<count).map { _ in exp(random.normal() * 0.02) }
                let paired = count < Statistics.rankPairsLeast ? RatioEstimate.paired(top, bottom) : nil
                for estimate in [paired, RatioEstimate.unpaired(top, bottom)] where estimate?.count == count {
                    let estimate = try #require(estimate)
                    let excludes = estimate.lower > 1 || estimate.upper < 1
                    #expect(excludes == (estimate.probability <= Statistics.level), "\(estimate)")
                    #expect(estimate.lower <= estimate.ratio && estimate.ratio <= estimate.upper)
                }
            }
        }
    }

    @Test func inverseTurnsTheInterval() throws {
        let estimate = try #require(RatioEstimate.paired([2, 2.2, 1.9], [1, 1, 1]))
        let inverse = try #require(RatioEstimate.paired([1, 1, 1], [2, 2.2, 1.9]))
        #expect(abs(estimate.inverse.lower - inverse.lower) < 1e-12)
        #expect(abs(estimate.inverse.ratio - inverse.ratio) < 1e-12)
        #expect(RatioEstimate.paired([1], [2])?.upper == .infinity)
        #expect(RatioEstimate.paired([1, 2], [2]) == nil)
        #expect(RatioEstimate.paired([0], [2]) == nil)
    }

    private func share(seed: UInt64, pairs: Int, noise: (inout SeededRandom) -> Double) -> Double {
        var random = SeededRandom(seed: seed)
        var covered = 0
        for _ in 0..<Self.trials {
            let ones = [Double](repeating: 1, count: pairs)
            let ratios = ones.map { _ in 1.8 * exp(noise(&random)) }
            if let estimate = RatioEstimate.paired(ratios, ones), estimate.lower <= 1.8, estimate.upper >= 1.8 {
                covered += 1
            }
        }
        return Double(covered) / Double(Self.trials)
    }
}

/// A small generator (SplitMix64) that gives the same sequence on every machine.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// From 0, below 1.
    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Mean 0, deviation 1 (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }
}
