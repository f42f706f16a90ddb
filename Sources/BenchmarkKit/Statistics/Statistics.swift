import Foundation

// Which statistics, and why these.
//
// - Repeats are few (3 to 30), skewed to one side and now and then hit by the machine. So the centre is the median and
//   every sample is kept: outliers are named, never dropped.
// - The interval of one median comes from order statistics: exact for any continuous distribution, no resampling.
// - Two engines of one run are compared on the logarithms of their paired ratios: the median, its order-statistic
//   interval, and Wilcoxon's exact signed-rank test. At ten pairs one wild repeat leaves the interval where it was;
//   Student's t and the interval of pairwise means both widen by it. Comparisons and A/A floors, which ask how large a
//   difference is, print a bootstrap interval instead: see `BootstrapInterval`. Engines count as different when the
//   test and the interval both say so. Below six pairs no rank interval reaches 95 %: there Student's t on the log
//   ratios stands in, and the figure is labelled.
// - Two files have no pairs: Mann–Whitney's rank sum, exact, and the shift interval that belongs to it.
// - A report judges many rows at once: Benjamini–Hochberg, because ten pairs can't give a p-value below 0.002, and
//   beyond 25 comparisons Holm could never find anything. A comparison that may fail a build judges by Holm: one false
//   alarm among its rows is one too many, and it says when the repeats are too few for that.
//
// Invariants: 1. no function changes with the order of its samples' repeats, only with the pairing;
// 2. without ties the intervals of Student's t and of the rank sum exclude 1 exactly when their tests reject equality;
// 3. nothing draws at random but the bootstrap, whose seed is fixed.

/// The level of every test and, as 1 − level, the confidence of every interval.
public enum Statistics {
    public static let level = 0.05
    /// Fewer repeats than this are labelled in every report.
    public static let usualRepeats = 10
    /// The least pairs for which the signed-rank test can reject at `level`.
    static let rankPairsLeast = 6
    /// Up to this many samples rank distributions are counted out; above, the normal curve is close enough.
    static let exactLimit = 40

    /// The median: the middle sample, or the mean of the middle two. `nil` of nothing. O(n log n).
    public static func median(_ samples: [Double]) -> Double? {
        quantile(samples.sorted(), 0.5)
    }

    /// The quantile of sorted samples by linear interpolation between neighbours (type 7 of Hyndman and Fan).
    static func quantile(_ sorted: [Double], _ share: Double) -> Double? {
        guard let last = sorted.last else { return nil }
        let position = share * Double(sorted.count - 1)
        let below = Int(position)
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
    }

    /// The geometric mean of positive figures; `nil` of nothing or if one is not positive.
    public static func geometricMean(_ figures: [Double]) -> Double? {
        guard !figures.isEmpty, figures.allSatisfy({ $0 > 0 }) else { return nil }
        return exp(figures.reduce(0) { $0 + log($1) } / Double(figures.count))
    }

    /// Holm: p-values adjusted for their number, in the same order. Of all rows whose adjusted p is below a level, the
    /// probability that even one is false is below that level. O(n log n).
    public static func holm(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var adjusted = values
        var most = 0.0
        for (place, index) in order.enumerated() {
            most = max(most, min(1, values[index] * Double(values.count - place)))
            adjusted[index] = most
        }
        return adjusted
    }

    /// Benjamini–Hochberg: p-values adjusted for their number, in the same order. A row whose adjusted p is below
    /// `level` counts as found; of all rows found, that share is expected to be false. O(n log n).
    public static func adjusted(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] > values[$1] }
        var adjusted = values
        var least = 1.0
        for (place, index) in order.enumerated() {
            let rank = values.count - place
            least = min(least, values[index] * Double(values.count) / Double(rank))
            adjusted[index] = least
        }
        return adjusted
    }
}
