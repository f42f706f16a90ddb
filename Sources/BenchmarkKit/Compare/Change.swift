/// What became of one figure from base to candidate.
struct Change: Sendable {
    enum Verdict: String, Sendable, Hashable {
        case better
        case worse
        /// Told from noise, but below a threshold.
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
    /// Candidate ÷ base with the rank test's p; `nil` for counts and for zeros.
    let ratio: RatioEstimate?
    /// The ends of the ratio's interval: the bootstrap's where repeats are paired.
    let lower: Double?
    let upper: Double?
    /// Adjusted for the number of figures that are tested.
    let probability: Double
    /// Whether there was anything to test: see `Figure.isTested`.
    let isTested: Bool
    let isTold: Bool
    let verdict: Verdict

    /// Row, backend and metric for messages.
    var name: String { "\(label) \(backend) \(metric)" }

    var isRegression: Bool { verdict == .worse || verdict == .unequal }

    var isToldWorse: Bool {
        guard isTold, let ratio else { return false }
        return Metric.direction(of: metric) == .higher ? ratio.ratio < 1 : ratio.ratio > 1
    }

    /// One figure of both sides, before it is judged.
    private struct Figure {
        var row: SampleIndex.Row
        var label: String
        var metric: String
        var backend: String
        var old: [Double]
        var new: [Double]
        var ratio: RatioEstimate?
        var bootstrap: BootstrapInterval?
        var isEqual = false

        /// Whether there is anything to test: a figure that is the same on both sides throughout can't be told to
        /// differ, and must not make it harder for the others.
        var isTested: Bool { ratio != nil && old != new }
    }

    /// Every figure that both results have, in the base's order.
    static func all(_ base: RunResult, _ candidate: RunResult, _ settings: Comparison.Settings) -> [Change] {
        let (first, second) = (SampleIndex(base), SampleIndex(candidate))
        let haveSameStreams = Comparability.haveSameStreams(base, candidate)
        var figures: [Figure] = []
        for row in first.rows {
            for metric in first.metrics where isCompared(metric, row, first) {
                // Other operations give other counts.
                if Metric.direction(of: metric) == .exact, !haveSameStreams { continue }
                for backend in first.backends {
                    if let figure = figure(row, metric, backend, first, second, settings) { figures.append(figure) }
                }
            }
        }
        let adjusted = Statistics.holm(figures.compactMap { $0.isTested ? $0.ratio?.probability : nil })
        var next = 0
        return figures.compactMap { figure in
            var probability = 1.0
            if figure.isTested {
                probability = adjusted[next]
                next += 1
            }
            return Change(figure, probability, settings)
        }
    }

    private static func figure(
        _ row: SampleIndex.Row, _ metric: String, _ backend: String, _ first: SampleIndex, _ second: SampleIndex,
        _ settings: Comparison.Settings
    ) -> Figure? {
        let (olds, news) = (first.byRepeat(row, metric, backend), second.byRepeat(row, metric, backend))
        guard !olds.isEmpty, !news.isEmpty else { return nil }
        let both = settings.isPaired ? olds.keys.filter { news[$0] != nil }.sorted() : []
        let old = both.isEmpty ? first.values(row, metric, backend) : both.compactMap { olds[$0] }
        let new = both.isEmpty ? second.values(row, metric, backend) : both.compactMap { news[$0] }
        var figure = Figure(
            row: row, label: first.label(row), metric: metric, backend: backend, old: old, new: new)
        if Metric.direction(of: metric) == .exact {
            let shared = olds.keys.filter { news[$0] != nil }
            figure.isEqual =
                shared.isEmpty ? Set(old) == Set(new) : shared.allSatisfy { olds[$0] == news[$0] }
        } else if both.isEmpty {
            figure.ratio = RatioEstimate.unpaired(new, old)
        } else {
            figure.ratio = RatioEstimate.paired(new, old)
            figure.bootstrap = BootstrapInterval(new, old)
        }
        return figure
    }

    private init?(_ figure: Figure, _ probability: Double, _ settings: Comparison.Settings) {
        guard let old = MedianInterval(figure.old), let new = MedianInterval(figure.new) else { return nil }
        row = figure.row
        label = figure.label
        backend = figure.backend
        metric = figure.metric
        self.old = old
        self.new = new
        ratio = figure.ratio
        isTested = figure.isTested
        lower = figure.bootstrap?.lower ?? figure.ratio?.lower
        upper = figure.bootstrap?.upper ?? figure.ratio?.upper
        self.probability = probability
        isTold = figure.ratio.map { probability < settings.level && $0.ratio != 1 } ?? false
        if Metric.direction(of: metric) == .exact {
            verdict = figure.isEqual ? .equal : .unequal
        } else {
            verdict = isTold ? Self.judge(figure, settings) : .unclear
        }
    }

    /// A rate stands for its time; elapsed time beside a rate or a mean says nothing new.
    private static func isCompared(_ metric: String, _ row: SampleIndex.Row, _ index: SampleIndex) -> Bool {
        if metric == Metric.nanosecondsPerOperation { return !index.has(row, Metric.operationsPerSecond) }
        if metric == "elapsed_ns" {
            return !index.has(row, Metric.operationsPerSecond) && !index.has(row, Metric.nanosecondsPerOperation)
        }
        return true
    }

    /// A change that was told from noise, held against the thresholds.
    private static func judge(_ figure: Figure, _ settings: Comparison.Settings) -> Verdict {
        guard let ratio = figure.ratio?.ratio, let median = Statistics.median(figure.old) else { return .unclear }
        let isRate = Metric.direction(of: figure.metric) == .higher
        // How much slower or larger: a rate that falls to half has doubled its time.
        let growth = isRate ? 1 / ratio : ratio
        if max(growth, 1 / growth) - 1 < settings.threshold { return .within }
        if isRate || Metric.isTime(figure.metric) {
            let nanoseconds = isRate ? 1e9 / median : median
            if abs(growth - 1) * nanoseconds < settings.thresholdNanoseconds { return .within }
        }
        return growth > 1 ? .worse : .better
    }
}
