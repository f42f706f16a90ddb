/// A result's samples by row, metric and backend.
struct SampleIndex: Sendable {
    /// What a table's row is about: figures are compared only inside one of these.
    struct Row: Sendable, Hashable {
        var workload: String
        var scale: UInt64
        var valueBytes: UInt64
        var threads: Int
        var durability: String

        init(_ sample: RunResult.Sample) {
            workload = sample.workload
            scale = sample.scale
            valueBytes = sample.valueBytes
            threads = sample.threads
            durability = sample.durability
        }
    }

    private struct Place: Hashable {
        var row: Row
        var metric: String
        var backend: String
    }

    /// In the order in which they were measured; the harness's own row is not among them.
    private(set) var rows: [Row] = []
    private(set) var metrics: [String] = []
    /// Engines in the order of the run, floors behind them.
    private(set) var backends: [String] = []
    /// Engines that were seen in another durability class than the run's: shown, not ranked.
    let unranked: Set<String>
    private var samples: [Place: [Int: Double]] = [:]

    init(_ result: RunResult) {
        unranked = ObservedClasses(result).mismatched
        var seenRows = Set<Row>()
        var names = result.backends.map(\.name)
        for sample in result.samples {
            let row = Row(sample)
            samples[Place(row: row, metric: sample.metric, backend: sample.backend), default: [:]][sample.repeat] =
                sample.value
            guard sample.workload != Workload.harnessRow else { continue }
            if seenRows.insert(row).inserted { rows.append(row) }
            if !metrics.contains(sample.metric) { metrics.append(sample.metric) }
            if !names.contains(sample.backend) { names.append(sample.backend) }
        }
        backends = names.filter { !Roster.isFloor($0) } + names.filter { Roster.isFloor($0) && $0 != "null" }
    }

    /// All repeats of one figure, in their order.
    func values(_ row: Row, _ metric: String, _ backend: String) -> [Double] {
        let byRepeat = samples[Place(row: row, metric: metric, backend: backend)] ?? [:]
        return byRepeat.keys.sorted().compactMap { byRepeat[$0] }
    }

    func median(_ row: Row, _ metric: String, _ backend: String) -> Double? {
        Statistics.median(values(row, metric, backend))
    }

    /// How many times `first` is `second`, over the repeats that both have.
    func ratio(_ row: Row, _ metric: String, _ first: String, to second: String) -> RatioEstimate? {
        let tops = samples[Place(row: row, metric: metric, backend: first)] ?? [:]
        let bottoms = samples[Place(row: row, metric: metric, backend: second)] ?? [:]
        let both = tops.keys.filter { bottoms[$0] != nil }.sorted()
        return RatioEstimate.paired(both.compactMap { tops[$0] }, both.compactMap { bottoms[$0] })
    }

    /// How many times one engine's figure in `row` is its own in `base`, over the repeats that both have.
    func ratio(_ metric: String, _ backend: String, _ row: Row, to base: Row) -> RatioEstimate? {
        let (tops, bottoms) = (byRepeat(row, metric, backend), byRepeat(base, metric, backend))
        let both = tops.keys.filter { bottoms[$0] != nil }.sorted()
        return RatioEstimate.paired(both.compactMap { tops[$0] }, both.compactMap { bottoms[$0] })
    }

    /// Whether this backend is measured against others at all.
    func isRanked(_ backend: String) -> Bool {
        !Roster.isFloor(backend) && !Roster.isRung(backend) && !unranked.contains(backend)
    }

    /// The same ratio with its bootstrap interval; `nil` of fewer than four pairs.
    func bootstrap(_ row: Row, _ metric: String, _ first: String, to second: String) -> BootstrapInterval? {
        let tops = byRepeat(row, metric, first)
        let bottoms = byRepeat(row, metric, second)
        let both = tops.keys.filter { bottoms[$0] != nil }.sorted()
        return BootstrapInterval(both.compactMap { tops[$0] }, both.compactMap { bottoms[$0] })
    }

    /// The repeats of one figure by their numbers.
    func byRepeat(_ row: Row, _ metric: String, _ backend: String) -> [Int: Double] {
        samples[Place(row: row, metric: metric, backend: backend)] ?? [:]
    }

    /// Whether any backend has this figure.
    func has(_ row: Row, _ metric: String) -> Bool {
        backends.contains { samples[Place(row: row, metric: metric, backend: $0)] != nil }
    }

    /// The row's name, with whatever else differs between the rows.
    func label(_ row: Row) -> String {
        var parts = [row.workload]
        if differs(\.scale) { parts.append(Figures.scale(row.scale)) }
        if differs(\.valueBytes) { parts.append("\(row.valueBytes) B") }
        // One thread goes without saying, but beside the same row with more.
        let isThreaded = rows.contains { $0.workload == row.workload && $0.threads > 1 }
        if isThreaded, differs(\.threads) { parts.append(row.threads == 1 ? "1 thread" : "\(row.threads) threads") }
        if differs(\.durability) { parts.append(row.durability) }
        return parts.joined(separator: " ")
    }

    private func differs(_ part: KeyPath<Row, some Hashable>) -> Bool {
        Set(rows.map { $0[keyPath: part] }).count > 1
    }
}
