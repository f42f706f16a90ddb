import Foundation

/// How many times one figure is another: an estimate, its interval, and the probability of such a difference by chance.
public struct RatioEstimate: Sendable, Hashable {
    /// Numerator ÷ denominator.
    public let ratio: Double
    /// 95 % interval; infinite arms where so few samples allow no statement.
    public let lower: Double
    public let upper: Double
    /// Two-sided, before any correction for the number of rows.
    public let probability: Double
    /// Pairs, or for unpaired samples the smaller side's count.
    public let count: Int
    public let method: Method

    public enum Method: String, Sendable, Hashable {
        /// Wilcoxon's signed rank on paired log ratios, six pairs or more.
        case signedRank
        /// Student's t on paired log ratios: two to five pairs, which assumes that they are normal.
        case studentT
        /// Mann–Whitney's rank sum of unpaired samples.
        case rankSum
        /// One sample: no statement.
        case none
    }

    /// The longer arm of the interval, in the ratio's own unit.
    public var halfWidth: Double { max(upper - ratio, ratio - lower) }

    /// Whether numerator and denominator can be told apart: the test says so, corrected for the number of rows, and the
    /// interval does not hold 1.
    public func isTold(adjusted: Double) -> Bool {
        adjusted < Statistics.level && (lower > 1 || upper < 1)
    }

    /// The ratio the other way round.
    public var inverse: RatioEstimate {
        RatioEstimate(
            ratio: 1 / ratio, lower: 1 / upper, upper: lower == 0 ? .infinity : 1 / lower, probability: probability,
            count: count, method: method)
    }

    init(ratio: Double, lower: Double, upper: Double, probability: Double, count: Int, method: Method) {
        self.ratio = ratio
        self.lower = lower
        self.upper = upper
        self.probability = probability
        self.count = count
        self.method = method
    }

    /// From logarithms.
    init(log estimate: Double, _ lower: Double, _ upper: Double, _ probability: Double, _ count: Int, _ method: Method)
    {
        self.init(
            ratio: exp(estimate), lower: exp(lower), upper: exp(upper), probability: probability, count: count,
            method: method)
    }

    /// `numerator[i] ÷ denominator[i]` over repeats that ran side by side. `nil` unless there are equally many, at
    /// least one, all positive. O(n²).
    public static func paired(_ numerator: [Double], _ denominator: [Double]) -> RatioEstimate? {
        guard numerator.count == denominator.count, !numerator.isEmpty,
            (numerator + denominator).allSatisfy({ $0 > 0 && $0.isFinite })
        else { return nil }
        let logs = zip(numerator, denominator).map { log($0 / $1) }
        if logs.count == 1 { return RatioEstimate(log: logs[0], -.infinity, .infinity, 1, 1, .none) }
        return logs.count < Statistics.rankPairsLeast ? studentT(logs) : signedRank(logs)
    }

    /// `numerator ÷ denominator` of samples that have no pairs. `nil` unless both have some, all positive.
    public static func unpaired(_ numerator: [Double], _ denominator: [Double]) -> RatioEstimate? {
        guard !numerator.isEmpty, !denominator.isEmpty, (numerator + denominator).allSatisfy({ $0 > 0 && $0.isFinite })
        else { return nil }
        return rankSum(numerator.map { log($0) }, denominator.map { log($0) })
    }
}
