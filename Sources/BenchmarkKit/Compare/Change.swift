/// What became of one figure from base to candidate.
struct Change: Sendable {
    enum Verdict: String, Sendable, Hashable {
        case better
        case worse
        /// Told from noise, but below the threshold.
        case within
        /// Can't be told from noise.
        case unclear
        /// A count that is equal, or one that isn't.
        case equal
        case unequal
    }

    let row: SampleIndex.Row
    let label: String
    let backend: String
    let metric: String
    let old: MedianInterval
    let new: MedianInterval
    /// Candidate ÷ base; `nil` for counts and for zeros.
    let ratio: RatioEstimate?
    /// Adjusted for the number of figures.
    let probability: Double
    let verdict: Verdict

    /// Row, backend and metric for messages.
    var name: String { "\(label) \(backend) \(metric)" }

    /// Every figure that both results have, in the base's order.
    static func all(_ base: RunResult, _ candidate: RunResult, threshold: Double) -> [Change] {
        let (first, second) = (SampleIndex(base), SampleIndex(candidate))
        var figures: [(row: SampleIndex.Row, metric: String, backend: String, old: [Double], new: [Double])] = []
        for row in first.rows {
            for metric in first.metrics where isCompared(metric, row, first) {
                for backend in first.backends {
                    let (old, new) = (first.values(row, metric, backend), second.values(row, metric, backend))
                    if !old.isEmpty, !new.isEmpty { figures.append((row, metric, backend, old, new)) }
                }
            }
        }
        let ratios = figures.map {
            Metric.direction(of: $0.metric) == .exact ? nil : RatioEstimate.unpaired($0.new, $0.old)
        }
        let adjusted = Statistics.adjusted(ratios.compactMap { $0?.probability })
        var next = 0
        return zip(figures, ratios).compactMap { figure, ratio in
            var probability = 1.0
            if ratio != nil {
                probability = adjusted[next]
                next += 1
            }
            guard let old = MedianInterval(figure.old), let new = MedianInterval(figure.new) else { return nil }
            let direction = Metric.direction(of: figure.metric)
            return Change(
                row: figure.row, label: first.label(figure.row), backend: figure.backend, metric: figure.metric,
                old: old, new: new, ratio: ratio, probability: probability,
                verdict: direction == .exact
                    ? (figure.old.sorted() == figure.new.sorted() || Set(figure.old) == Set(figure.new)
                        ? .equal : .unequal)
                    : judge(ratio, probability, direction, threshold))
        }
    }

    /// A rate stands for its time; elapsed time beside a rate says nothing new.
    private static func isCompared(_ metric: String, _ row: SampleIndex.Row, _ index: SampleIndex) -> Bool {
        guard index.has(row, Metric.operationsPerSecond) else { return true }
        return metric != Metric.nanosecondsPerOperation && metric != "elapsed_ns"
    }

    private static func judge(
        _ ratio: RatioEstimate?, _ probability: Double, _ direction: Metric.Direction, _ threshold: Double
    ) -> Verdict {
        guard let ratio, ratio.isTold(adjusted: probability) else { return .unclear }
        let isWorse = direction == .higher ? ratio.ratio < 1 : ratio.ratio > 1
        // How much slower or larger: a rate that falls to half has doubled its time.
        let loss = direction == .higher ? 1 / ratio.ratio - 1 : ratio.ratio - 1
        if isWorse { return loss >= threshold ? .worse : .within }
        return abs(ratio.ratio - 1) >= threshold ? .better : .within
    }
}
