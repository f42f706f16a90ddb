import Foundation

// Whether a series stands still.
//
// - Repeats (3 to 30): Mann and Kendall's test for a trend. S counts the pairs of repeats that rise less those that
//   fall; without a trend each order of the repeats is equally likely, so its distribution is counted out exactly up to
//   `exactLimit` repeats, and is close to the normal curve above. The size of the drift is the median slope of all
//   pairs (Theil and Sen) from the first repeat to the last.
// - Intervals of one repeat (tens to thousands): Pettitt's test for one change point, the place where the ranks before
//   and after differ most, with his approximate p. The size is the ratio of the medians after and before.
//
// A finding has to be both unlikely by chance (corrected for the number of series by Holm) and large enough to matter.

/// A series that does not stand still.
public struct Unsteadiness: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// The repeats drift.
        case trend
        /// One repeat has a place from which on it runs at another rate.
        case change
    }

    public let kind: Kind
    /// Last ÷ first of the trend, or after ÷ before the change.
    public let ratio: Double
    /// Two-sided, before any correction for the number of series.
    public let probability: Double
    /// Of a change: the first place after it.
    public let place: Int

    /// Drifts and changes smaller than this share are left unsaid.
    static let sizeLeast = 0.05
    /// Fewer samples can show no trend at 5 %.
    static let samplesLeast = 5

    var isLarge: Bool { max(ratio, 1 / ratio) - 1 >= Self.sizeLeast }

    /// The trend of repeats in their order. `nil` of fewer than five or if one is not positive. O(n²).
    public static func trend(_ samples: [Double]) -> Unsteadiness? {
        guard samples.count >= samplesLeast, samples.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let logs = samples.map { log($0) }
        var score = 0
        var slopes: [Double] = []
        for later in logs.indices.dropFirst() {
            for earlier in 0..<later {
                score += logs[later] > logs[earlier] ? 1 : logs[later] < logs[earlier] ? -1 : 0
                slopes.append((logs[later] - logs[earlier]) / Double(later - earlier))
            }
        }
        let slope = Statistics.median(slopes) ?? 0
        return Unsteadiness(
            kind: .trend, ratio: exp(slope * Double(logs.count - 1)),
            probability: kendallProbability(score: score, count: logs.count), place: 0)
    }

    /// The likeliest change point of a series. `nil` of fewer than ten values or if one is not positive. O(n log n).
    public static func change(_ series: [Double]) -> Unsteadiness? {
        guard series.count >= 2 * samplesLeast, series.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let count = series.count
        let ranks = RankDistribution.doubledRanks(series)
        var sum = 0
        var (largest, place) = (0, 0)
        for index in 0..<(count - 1) {
            sum += ranks[index]
            // U = 2 Σ ranks − t (n + 1), the ranks here doubled already.
            let distance = abs(sum - (index + 1) * (count + 1))
            if distance > largest { (largest, place) = (distance, index + 1) }
        }
        guard place > 0, let before = Statistics.median(Array(series[..<place])),
            let after = Statistics.median(Array(series[place...]))
        else { return Unsteadiness(kind: .change, ratio: 1, probability: 1, place: 0) }
        let (size, most) = (Double(count), Double(largest))
        let probability = min(1, 2 * exp(-6 * most * most / (size * size * size + size * size)))
        return Unsteadiness(kind: .change, ratio: after / before, probability: probability, place: place)
    }

    /// Two-sided p of Kendall's score of `count` values in random order.
    static func kendallProbability(score: Int, count: Int) -> Double {
        let pairs = count * (count - 1) / 2
        guard count <= Statistics.exactLimit else {
            let deviation = (Double(pairs) * Double(2 * count + 5) / 9).squareRoot()
            return NormalCurve.twoSided(distance: Double(abs(score)) - 1, deviation: deviation)
        }
        // The share of all orders with so many inversions, built up value by value: the k-th adds 0 ..< k of them.
        var shares = [1.0]
        for size in 2...max(2, count) {
            var next = [Double](repeating: 0, count: shares.count + size - 1)
            for (inversions, share) in shares.enumerated() {
                for further in 0..<size { next[inversions + further] += share / Double(size) }
            }
            shares = next
        }
        let inversions = (pairs - abs(score)) / 2
        return min(1, 2 * shares.prefix(inversions + 1).reduce(0, +))
    }
}

/// The series of one result that do not stand still.
struct SteadyState {
    /// A sentence each, with a remedy; changes in several repeats of one row are one sentence.
    let warnings: [RunResult.Warning]

    private struct Finding {
        /// Engine and row.
        var place: String
        var unsteadiness: Unsteadiness
        /// Of a change.
        var isLoad = false
        var milliseconds: UInt64 = 0
    }

    /// Tests every engine's rate in every row, and every interval series. O(series × n²).
    init(_ result: RunResult, _ index: SampleIndex) {
        var found: [Finding] = []
        for row in index.rows {
            for backend in index.backends where !Roster.isFloor(backend) {
                let values = index.values(row, Metric.operationsPerSecond, backend)
                if let trend = Unsteadiness.trend(values) {
                    found.append(Finding(place: "\(backend) in \(index.label(row))", unsteadiness: trend))
                }
            }
        }
        var series: [String: Int] = [:]
        for one in result.intervals {
            guard let change = Unsteadiness.change(one.operationsPerSecond) else { continue }
            let place = "\(one.backend) in \(one.workload)"
            series[place, default: 0] += 1
            found.append(
                Finding(
                    place: place, unsteadiness: change, isLoad: one.workload.hasPrefix("load-"),
                    milliseconds: UInt64(change.place) * one.intervalMilliseconds))
        }
        let adjusted = Statistics.holm(found.map(\.unsteadiness.probability))
        let told = zip(found, adjusted).filter { $1 < Statistics.level && $0.unsteadiness.isLarge }
        var warnings = told.filter { $0.0.unsteadiness.kind == .trend }.map { Self.trend($0.0, $0.1) }
        let changes = told.filter { $0.0.unsteadiness.kind == .change }
        var places: [String] = []
        for (finding, _) in changes where !places.contains(finding.place) { places.append(finding.place) }
        for place in places {
            let those = changes.filter { $0.0.place == place }
            warnings.append(Self.change(those.map(\.0), of: series[place] ?? 0, worst: those.map(\.1).max() ?? 1))
        }
        self.warnings = warnings
    }

    private static func trend(_ found: Finding, _ probability: Double) -> RunResult.Warning {
        RunResult.Warning(
            text: "not in steady state: \(found.place) drifts by \(size(found)) % from the first repeat to the last "
                + "(Mann–Kendall, \(chance(probability)))",
            remedy: "leave the machine alone, let it cool and the disk fall idle, and run again with more repeats")
    }

    /// - Parameter count: How many series of the row and engine there are.
    private static func change(_ found: [Finding], of count: Int, worst: Double) -> RunResult.Warning {
        let sizes = found.sorted { $0.unsteadiness.ratio < $1.unsteadiness.ratio }.map(size)
        let times = found.map(\.milliseconds).sorted()
        func span(_ values: [String]) -> String {
            values.first == values.last ? values.first ?? "" : "\(values.first ?? "") to \(values.last ?? "")"
        }
        return RunResult.Warning(
            text: "not in steady state: \(found[0].place) the rate changes in \(found.count) of \(count) repeats, by "
                + "\(span(sizes)) %, at \(span(times.map { "\($0)" })) ms (Pettitt, \(chance(worst)))",
            remedy: found[0].isLoad
                ? "none where a store slows as it grows: the time series show it; else look for the flush, compaction "
                    + "or other program behind it"
                : "raise --warmup past that point, or look for the flush, compaction or other program behind it")
    }

    private static func size(_ found: Finding) -> String {
        let percent = (found.unsteadiness.ratio - 1) * 100
        return (percent < 0 ? "" : "+") + Figures.fixed(percent, 0)
    }

    private static func chance(_ probability: Double) -> String {
        probability < 0.001 ? "p < 0.001" : "p = \(Figures.fixed(probability, 3))"
    }
}
