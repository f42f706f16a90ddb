import Foundation

extension RatioEstimate {
    /// Median of the log ratios, its order-statistic interval, exact signed-rank test.
    static func signedRank(_ logs: [Double]) -> RatioEstimate {
        guard let interval = MedianInterval(logs) else {
            return RatioEstimate(log: 0, -.infinity, .infinity, 1, 0, .none)
        }
        return RatioEstimate(
            log: interval.median, interval.lower, interval.upper, signedRankProbability(logs), logs.count, .signedRank)
    }

    /// Two-sided p of Wilcoxon's signed-rank test that the median difference is zero; zeros are left out.
    static func signedRankProbability(_ differences: [Double]) -> Double {
        let kept = differences.filter { $0 != 0 }
        guard !kept.isEmpty else { return 1 }
        let ranks = RankDistribution.doubledRanks(kept.map(abs))
        let sum = zip(kept, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        if kept.count <= Statistics.exactLimit { return RankDistribution(signed: ranks).twoSided(sum) }
        let squares = ranks.reduce(0.0) { $0 + Double($1) * Double($1) }
        let mean = Double(ranks.reduce(0, +)) / 2
        return NormalCurve.twoSided(distance: abs(Double(sum) - mean) - 1, deviation: squares.squareRoot() / 2)
    }

    /// Hodges–Lehmann shift, exact rank-sum test, and the interval of shifts that the test does not reject.
    static func rankSum(_ numerator: [Double], _ denominator: [Double]) -> RatioEstimate {
        let shifts = numerator.flatMap { top in denominator.map { top - $0 } }.sorted()
        let estimate = Statistics.quantile(shifts, 0.5) ?? 0
        let count = min(numerator.count, denominator.count)
        let probability = rankSumProbability(numerator, denominator)
        guard let cut = rankSumCut(numerator.count, denominator.count) else {
            return RatioEstimate(log: estimate, -.infinity, .infinity, probability, count, .rankSum)
        }
        return RatioEstimate(
            log: estimate, shifts[cut], shifts[shifts.count - 1 - cut], probability, count, .rankSum)
    }

    /// Two-sided p of Mann–Whitney's test that both samples come from one distribution.
    static func rankSumProbability(_ first: [Double], _ second: [Double]) -> Double {
        let ranks = RankDistribution.doubledRanks(first + second)
        let sum = ranks.prefix(first.count).reduce(0, +)
        let all = ranks.count
        if all <= Statistics.exactLimit {
            return RankDistribution(choosing: first.count, of: ranks).twoSided(sum)
        }
        let mean = Double(first.count * (all + 1))
        let centre = Double(all + 1)
        let spread = ranks.reduce(0.0) { $0 + (Double($1) - centre) * (Double($1) - centre) }
        let variance = Double(first.count * second.count) / Double(all) * spread / Double(all - 1)
        return NormalCurve.twoSided(distance: abs(Double(sum) - mean) - 1, deviation: variance.squareRoot())
    }

    /// How many of the smallest shifts lie outside the interval; `nil` where so few samples allow no interval.
    private static func rankSumCut(_ first: Int, _ second: Int) -> Int? {
        let all = first + second
        if all <= Statistics.exactLimit {
            let distribution = RankDistribution(choosing: first, of: (1...all).map { 2 * $0 })
            let critical = distribution.critical(Statistics.level / 2) - first * (first + 1)
            return critical < 0 ? nil : critical / 2
        }
        let deviation = (Double(first * second * (all + 1)) / 12).squareRoot()
        return max(0, Int(Double(first * second) / 2 - NormalCurve.quantile975 * deviation))
    }
}

/// What is needed of the normal distribution.
enum NormalCurve {
    static let quantile975 = 1.959963984540054

    /// Probability of a deviation at least this far from the mean, either way.
    static func twoSided(distance: Double, deviation: Double) -> Double {
        guard deviation > 0 else { return 1 }
        return min(1, erfc(max(0, distance) / deviation / 2.0.squareRoot()))
    }
}
