import Foundation
import Testing

@testable import BenchmarkKit

/// Figures worked out by hand or printed in textbooks.
struct StatisticsTests {
    @Test(arguments: [([3.0], 3.0), ([4, 1], 2.5), ([9, 1, 5], 5), ([1, 2, 3, 100], 2.5)] as [([Double], Double)])
    func medianOfFew(samples: [Double], expected: Double) {
        #expect(Statistics.median(samples) == expected)
    }

    @Test func nothingHasNoMedian() {
        #expect(Statistics.median([]) == nil)
        #expect(MedianInterval([]) == nil)
        #expect(Statistics.geometricMean([]) == nil)
        #expect(Statistics.geometricMean([1, 0]) == nil)
    }

    @Test func geometricMeanOfPowers() throws {
        let mean = try #require(Statistics.geometricMean([1, 10, 100]))
        #expect(abs(mean - 10) < 1e-12)
    }

    /// Places and coverage of the order-statistic interval: printed in Conover, Practical Nonparametric Statistics.
    @Test(
        arguments: [
            (3, 1.0, 3.0, 0.75), (5, 1, 5, 0.9375), (6, 1, 6, 0.96875), (9, 2, 8, 0.9609375), (10, 2, 9, 0.978515625),
            (20, 6, 15, 0.9586105),
        ] as [(Int, Double, Double, Double)])
    func medianInterval(count: Int, lower: Double, upper: Double, coverage: Double) throws {
        let interval = try #require(MedianInterval((1...count).map(Double.init).reversed()))
        #expect(interval.lower == lower)
        #expect(interval.upper == upper)
        #expect(abs(interval.coverage - coverage) < 1e-6)
        #expect(interval.count == count)
    }

    @Test func relativeErrorIsTheLongerArm() throws {
        let interval = try #require(MedianInterval([90, 100, 120]))
        #expect(interval.relativeError == 0.2)
        #expect(try #require(MedianInterval([5])).relativeError == nil)
    }

    /// Hollander and Wolfe, Nonparametric Statistical Methods: depression before and after a tranquilliser.
    /// T+ = 40 of 9 pairs, two-sided p = 0.0390625; median 0.49, its interval from the second to the eighth.
    @Test func signedRankTextbook() {
        let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
        let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
        let differences = zip(before, after).map { $0 - $1 }
        #expect(abs(RatioEstimate.signedRankProbability(differences) - 0.0390625) < 1e-12)
        let estimate = RatioEstimate.signedRank(differences)
        #expect(abs(log(estimate.ratio) - (1.68 - 1.06 - 0.62 + 0.49)) < 1e-12)
        #expect(abs(log(estimate.lower) - -0.08) < 1e-12)
        #expect(abs(log(estimate.upper) - 0.952) < 1e-12)
        #expect(!estimate.isTold(adjusted: 0.0390625))
    }

    /// Hollander and Wolfe: permeability of membranes. W = 35 of 10 and 5, two-sided p = 0.2544.
    @Test func rankSumTextbook() {
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
        let early = [1.15, 0.88, 0.90, 0.74, 1.21]
        #expect(abs(RatioEstimate.rankSumProbability(term, early) - 0.2544123) < 1e-6)
        #expect(abs(RatioEstimate.rankSumProbability(early, term) - 0.2544123) < 1e-6)
    }

    @Test func ranksOfTiesAreTheirMean() {
        #expect(RankDistribution.doubledRanks([10, 20, 20, 5]) == [4, 7, 7, 2])
    }

    /// Ten pairs all one way: 2 of 1024. Three against three all one way: 2 of 20. Five against five: 2 of 252.
    @Test func exactExtremes() {
        #expect(abs(RatioEstimate.signedRankProbability((1...10).map(Double.init)) - 2.0 / 1024) < 1e-12)
        #expect(abs(RatioEstimate.rankSumProbability([1, 2, 3], [4, 5, 6]) - 0.1) < 1e-12)
        #expect(abs(RatioEstimate.rankSumProbability([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) - 2.0 / 252) < 1e-12)
        #expect(RatioEstimate.signedRankProbability([0, 0, 0]) == 1)
    }

    /// Where counting out gives way to the normal curve the two must agree.
    @Test func normalCurveMeetsExactCount() {
        var random = SeededRandom(seed: 7)
        let exact = (0..<40).map { _ in random.normal() + 0.3 }
        let ranks = RankDistribution.doubledRanks(exact.map(abs))
        let sum = zip(exact, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        let squares = ranks.reduce(0.0) { $0 + Double($1 * $1) }
        let normal = NormalCurve.twoSided(
            distance: abs(Double(sum) - Double(ranks.reduce(0, +)) / 2) - 1, deviation: squares.squareRoot() / 2)
        #expect(abs(normal - RatioEstimate.signedRankProbability(exact)) < 0.01)
        let many = (0..<100).map { _ in random.normal() }
        #expect(RatioEstimate.signedRankProbability(many.map { $0 + 1 }) < 1e-6)
        #expect(RatioEstimate.rankSumProbability(many, many.map { $0 + 1 }) < 1e-6)
        #expect(RatioEstimate.rankSumProbability(many, many) > 0.9)
    }

    /// Student's table.
    @Test(arguments: [(1, 12.7062), (2, 4.30265), (4, 2.77645), (9, 2.26216), (30, 2.04227)] as [(Int, Double)])
    func studentTable(degrees: Int, critical: Double) {
        #expect(abs(StudentT.critical(0.05, degrees: degrees) - critical) < 1e-4)
        #expect(abs(StudentT.twoSided(critical, degrees: degrees) - 0.05) < 1e-5)
    }

    /// By hand: p × m ÷ rank, made monotonic from the largest down.
    @Test func benjaminiHochberg() {
        let adjusted = Statistics.adjusted([0.01, 0.04, 0.03, 0.005])
        for (value, expected) in zip(adjusted, [0.02, 0.04, 0.04, 0.02]) { #expect(abs(value - expected) < 1e-12) }
        #expect(Statistics.adjusted([]).isEmpty)
        #expect(Statistics.adjusted([0.9, 0.8]) == [0.9, 0.9])
    }

    /// Quartiles of 1…9 and one more are 3.25 and 7.75: inner fences at −3.5 and 14.5, outer at −10.25 and 21.25.
    @Test func tukeyFences() {
        let calm: [Double] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        #expect(Outliers(calm + [14]).mild.isEmpty)
        #expect(Outliers(calm + [15]).mild == [9])
        #expect(Outliers(calm + [15]).severe.isEmpty)
        #expect(Outliers(calm + [22]).severe == [9])
        #expect(Outliers([1, 1, 100]).severe.isEmpty)
    }
}
