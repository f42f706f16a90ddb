import Foundation

/// A median with its distribution-free interval.
public struct MedianInterval: Sendable, Hashable {
    public let median: Double
    public let lower: Double
    public let upper: Double
    /// Probability that such an interval holds the true median. Below 0.95 for fewer than six samples: then the
    /// interval is the whole range of the samples.
    public let coverage: Double
    public let count: Int

    /// The interval between two order statistics, the narrowest symmetric pair that covers at least 95 %; the whole
    /// range where none does. `nil` of nothing. O(n log n).
    public init?(_ samples: [Double]) {
        let sorted = samples.sorted()
        guard let median = Statistics.quantile(sorted, 0.5) else { return nil }
        self.median = median
        count = sorted.count
        // P(fewer than k samples lie below the median) is binomial with p = 1/2; cut both tails while 95 % remain.
        var cut = 0
        var term = pow(0.5, Double(count))
        var tail = term
        while cut + 1 < (count + 1) / 2 {
            let next = term * Double(count - cut) / Double(cut + 1)
            guard 1 - 2 * (tail + next) >= 1 - Statistics.level else { break }
            term = next
            tail += next
            cut += 1
        }
        lower = sorted[cut]
        upper = sorted[count - 1 - cut]
        coverage = max(0, 1 - 2 * tail)
    }

    /// The longer arm of the interval as a share of the median; `nil` for a single sample or a median of zero.
    public var relativeError: Double? {
        guard count > 1, median != 0 else { return nil }
        return max(upper - median, median - lower) / abs(median)
    }
}
