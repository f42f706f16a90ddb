/// The percentiles of a latency histogram that are worth telling: those with too few samples beyond them are left out.
struct Percentiles {
    /// Metric name and nanoseconds: `p50_ns`, `p99_ns`, `p999_ns`, `max_ns`; with a prefix `response_p50_ns` and so on.
    /// Percentiles within `LatencyHistogram.relativeErrorLimit`, the maximum exact.
    let metrics: [(metric: String, nanoseconds: UInt64)]

    private static let shares: [(metric: String, share: Double)] = [
        ("p50_ns", 0.5), ("p99_ns", 0.99), ("p999_ns", 0.999),
    ]

    init(_ histogram: LatencyHistogram, prefix: String = "") {
        var metrics: [(String, UInt64)] = []
        for (metric, share) in Self.shares
        where histogram.countBeyond(share) >= UInt64(RunTuning.samplesBeyondPercentile) {
            metrics.append((prefix + metric, histogram.percentile(share)))
        }
        if !histogram.isEmpty { metrics.append((prefix + "max_ns", histogram.greatest)) }
        self.metrics = metrics
    }
}
