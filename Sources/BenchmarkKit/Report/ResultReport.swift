/// A run's result as a document: header, warnings, sections of tables, receipts, verdicts.
struct ResultReport {
    let result: RunResult
    let index: SampleIndex

    init(_ result: RunResult) {
        self.result = result
        index = SampleIndex(result)
    }

    /// - Parameter isBrief: For a terminal: no lists of settings, no counts, space at the end alone.
    func document(isBrief: Bool) -> ReportDocument {
        var document = ReportDocument()
        document.lines(header(isBrief: isBrief))
        document.lines(warnings)
        for section in sections where !(isBrief && section.isDetail) { add(section, to: &document, isBrief: isBrief) }
        addScaleCharts(to: &document)
        addObservations(to: &document, isBrief: isBrief)
        if !isBrief { addRowObservations(to: &document) }
        document.heading("Notes")
        document.lines(notes)
        if isBrief {
            document.lines(["Every setting, count and step of the way is in --format markdown, csv and json."])
        }
        document.heading("Grade of the measurement")
        document.lines(Grade(result).lines)
        document.heading("Verdicts")
        document.lines(verdicts)
        return document
    }

    /// A group of metrics that are one kind of figure and share a heading.
    struct Section {
        var title: String
        var metrics: [String]
        /// Whether the metric's name belongs to the row's.
        var namesMetric: Bool
        /// Whether the brief form does without it.
        var isDetail = false
        /// Whether the brief form shows the last row alone.
        var isState = false
    }

    var sections: [Section] {
        let rest = index.metrics.filter { ![Metric.operationsPerSecond, Metric.dependent].contains($0) }
        func those(_ isMember: (String) -> Bool) -> [String] { rest.filter(isMember) }
        let times = those {
            Metric.isTime($0) && !Metric.isPercentile($0) && !Metric.isResponse($0)
                && $0 != Metric.nanosecondsPerOperation
        }
        return [
            Section(
                title: "Throughput: independent operations, operations a second", metrics: [Metric.operationsPerSecond],
                namesMetric: false),
            Section(
                title: "Dependent latency: each key depends on the value read last, ns an operation",
                metrics: [Metric.dependent], namesMetric: false),
            Section(
                title: "Latency percentiles: service time of single operations, the clock's cost included, ns",
                metrics: those(Metric.isPercentile), namesMetric: true),
            Section(
                title: "Response times in the open loop: from when an operation was due to its end, ns",
                metrics: those(Metric.isResponse), namesMetric: true),
            Section(
                title: "Times beside the operations, ns unless a unit stands there", metrics: times, namesMetric: true),
            Section(
                title: "Space", metrics: those { $0.hasSuffix("_bytes") }, namesMetric: true, isState: true),
            Section(
                title: "Memory: bytes a key", metrics: those { $0 == Metric.bytesPerKey }, namesMetric: false),
            Section(
                title: "Counts", metrics: those { Metric.direction(of: $0) == .exact }, namesMetric: true,
                isDetail: true),
            Section(
                title: "Other rates", metrics: those { Metric.direction(of: $0) == .higher }, namesMetric: true),
        ]
    }

    private func add(_ section: Section, to document: inout ReportDocument, isBrief: Bool) {
        let rows = isBrief && section.isState ? Array(index.rows.suffix(1)) : index.rows
        guard let table = table(section, rows) else { return }
        document.heading(section.title)
        document.table(table)
    }

    /// The section's table, `nil` where nothing of it was measured.
    func table(_ section: Section, _ rows: [SampleIndex.Row]) -> ReportDocument.Table? {
        var table = ReportDocument.Table(
            header: [""] + index.backends.map { Roster.isFloor($0) ? "\($0) (floor)" : $0 }, rows: [])
        let rankings = section.metrics.map { Ranking(index, metric: $0) }
        for row in rows {
            for (metric, ranking) in zip(section.metrics, rankings) where isShown(metric, row) {
                let label = index.label(row) + (section.namesMetric ? " " + Metric.label(metric) : "")
                table.rows.append(
                    [ReportDocument.Cell(label)] + index.backends.map { cell(row, metric, $0, ranking) })
            }
        }
        return table.rows.isEmpty ? nil : table
    }

    /// Whether the row's metric is worth a line: elapsed time says nothing beside a rate.
    private func isShown(_ metric: String, _ row: SampleIndex.Row) -> Bool {
        if metric == "elapsed_ns", index.has(row, Metric.operationsPerSecond) { return false }
        // A count that is zero throughout says nothing: a load has no hits.
        if Metric.direction(of: metric) == .exact {
            return index.backends.contains { (index.median(row, metric, $0) ?? 0) > 0 }
        }
        return index.has(row, metric)
    }

    private func cell(
        _ row: SampleIndex.Row, _ metric: String, _ backend: String, _ ranking: Ranking
    ) -> ReportDocument.Cell {
        guard let interval = MedianInterval(index.values(row, metric, backend)) else {
            let isKnown = result.unavailable.contains { $0.backend == backend && $0.workload == row.workload }
            return ReportDocument.Cell(isKnown ? "n/a" : "–")
        }
        var text = Figures.figure(interval.median, metric: metric)
        if let error = interval.relativeError, error > 0 { text += " ±" + Figures.percent(error) }
        return ReportDocument.Cell(text, isBest: ranking.isBest(backend, in: row))
    }
}
