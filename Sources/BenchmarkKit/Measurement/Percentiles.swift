/// Percentiles of a latency pass, exact: every sample is kept and sorted. Those with too few samples behind them are
/// left out.
struct Percentiles {
    /// Metric name and nanoseconds: `p50_ns`, `p99_ns`, `p999_ns`, `max_ns`.
    let metrics: [(metric: String, nanoseconds: UInt64)]

    /// - Complexity: O(n log n).
    init(_ samples: [UInt64]) {
        let sorted = samples.sorted()
        var metrics: [(String, UInt64)] = []
        let ranks: [(metric: String, perMille: Int)] = [("p50_ns", 500), ("p99_ns", 990), ("p999_ns", 999)]
        for (metric, perMille) in ranks {
            // Nearest rank: the least sample that so many per mille do not exceed.
            let rank = (sorted.count * perMille + 999) / 1000
            if sorted.count - rank >= RunTuning.samplesBeyondPercentile { metrics.append((metric, sorted[rank - 1])) }
        }
        if let last = sorted.last { metrics.append(("max_ns", last)) }
        self.metrics = metrics
    }
}
