/// Which charts a result deserves: what was measured, as figures of small charts, one chart a row.
struct ResultCharts {
    let report: ResultReport
    let palette: ChartPalette

    var result: RunResult { report.result }
    var index: SampleIndex { report.index }

    init(_ report: ResultReport) {
        self.report = report
        palette = ChartPalette(report.index.backends)
    }

    /// In the order of the report's sections; what was not measured has no figure.
    var figures: [ChartFigure] {
        [throughput, dependent, latency, intervals, scaling, threads, space, structure].compactMap { $0 }
            .filter { !$0.charts.isEmpty }
    }

    private var throughput: ChartFigure? {
        bars(
            "throughput", "Throughput", unit: "independent operations a second",
            metric: Metric.operationsPerSecond, label: .number, better: "More")
    }

    private var dependent: ChartFigure? {
        bars(
            "dependent", "Dependent latency", unit: "time an operation, key from the last value",
            metric: Metric.dependent, label: .time, better: "Less")
    }

    private var space: ChartFigure? {
        guard let last = index.rows.last(where: { index.has($0, "disk_bytes") }) else { return nil }
        let metrics = ["disk_bytes", "resident_bytes"].filter { index.has(last, $0) }
        let charts = metrics.map { metric in
            bar(
                last, metric, title: "\(Metric.label(metric)), after \(index.label(last))", unit: "bytes",
                label: .bytes, ranking: Ranking(index, metric: metric))
        }
        return ChartFigure(
            name: "space", title: "Space", caption: "Less is better.", charts: charts.filter { !$0.isEmpty },
            tables: tables(of: metrics, namesMetric: true))
    }

    /// A chart of bars for each row that has the metric. Of a row measured at several scales the largest stands for
    /// all; `scaling` shows the rest.
    private func bars(
        _ name: String, _ title: String, unit: String, metric: String, label: Chart.Label, better: String
    ) -> ChartFigure? {
        let ranking = Ranking(index, metric: metric)
        let families = Families(largest { index.has($0, metric) })
        let charts =
            families.single.map {
                bar($0, metric, title: index.label($0), unit: unit, label: label, ranking: ranking)
            } + families.families.map { dots($0, metric, unit: unit, label: label) }
        return ChartFigure(
            name: name, title: title, caption: "\(better) is better.", charts: charts.filter { !$0.isEmpty },
            tables: tables(of: [metric], namesMetric: false))
    }

    /// How to read every chart: said once, before the first.
    static let reading =
        "Each line or bar is the median of all repeats, each whisker its interval. Bold: best or tied with the best. A "
        + "dashed outline or a ring is a floor, which no engine can beat and which wins nothing. Bars begin at "
        + "zero. Every chart has its own axis."

    /// The rows that qualify, of those that differ in their scale alone the largest.
    func largest(_ qualifies: (SampleIndex.Row) -> Bool) -> [SampleIndex.Row] {
        let rows = index.rows.filter(qualifies)
        return rows.filter { row in
            !rows.contains { other in
                var twin = row
                twin.scale = other.scale
                return twin == other && other.scale > row.scale
            }
        }
    }

    func bar(
        _ row: SampleIndex.Row, _ metric: String, title: String, unit: String, label: Chart.Label, ranking: Ranking
    ) -> Chart {
        var bars: [Chart.Bar] = []
        var notes: [String] = []
        for backend in index.backends {
            var bar = Chart.Bar(
                name: backend, colour: palette.colour(of: backend), isFloor: Roster.isFloor(backend), text: "n/a")
            if let interval = MedianInterval(index.values(row, metric, backend)), interval.median.isFinite {
                (bar.value, bar.lower, bar.upper) = (interval.median, interval.lower, interval.upper)
                bar.text = Figures.withUnit(interval.median, metric: metric) + (interval.arm.map { " ±" + $0 } ?? "")
                bar.isBest = ranking.isBest(backend, in: row)
            } else if let reason = reason(backend, row) {
                notes.append("n/a \(backend): \(reason)")
            } else {
                continue
            }
            bars.append(bar)
        }
        let says = bars.map { "\($0.name)\($0.isFloor ? " (floor)" : "") \($0.text)" } + notes
        return Chart(
            title: title, unit: unit, summary: says.joined(separator: ", ") + ".", content: .bars(bars, label: label),
            notes: notes)
    }

    private func reason(_ backend: String, _ row: SampleIndex.Row) -> String? {
        result.unavailable.first { $0.backend == backend && $0.workload == row.workload }?.reason
    }

    /// The figures of the metrics as the report's own table.
    func tables(of metrics: [String], namesMetric: Bool) -> [ReportDocument.Table] {
        let section = ResultReport.Section(title: "", metrics: metrics, namesMetric: namesMetric)
        return report.table(section, index.rows).map { [$0] } ?? []
    }

    /// Engines as they come out of the box and floors are dashed, so that a curve tells more than its colour does.
    func isDashed(_ backend: String) -> Bool {
        Roster.isFloor(backend) || index.backends.contains("\(backend)-tuned")
    }
}

extension MedianInterval {
    /// The longer arm as a share: `13 %`; `nil` where there is none.
    var arm: String? {
        guard let error = relativeError, error > 0, error.isFinite else { return nil }
        return Figures.percent(error)
    }
}
