extension ResultCharts {
    /// Throughput and the 99th percentile over time, one chart a row and scale. Of several repeats the first is drawn:
    /// a mean of repeats would smooth away the stalls that a series is there to show.
    var intervals: ChartFigure? {
        var places: [Place] = []
        for series in result.intervals where !places.contains(Place(series)) { places.append(Place(series)) }
        let groups = places.map { place in result.intervals.filter { Place($0) == place } }
        let charts = groups.flatMap { series in
            [
                chart(series, unit: "operations a second over seconds", isTime: false, values: \.operationsPerSecond),
                chart(series, unit: "p99 over seconds, log axis", isTime: true, values: \.p99Nanoseconds),
            ]
        }
        .filter { chart in
            guard case .curves(let content) = chart.content else { return false }
            return content.curves.contains { $0.points.count >= Self.intervalsLeast }
        }
        return ChartFigure(
            name: "series", title: "Over time",
            caption:
                "A value for each interval of the first repeat, time in seconds since the row began.",
            charts: charts, tables: table(groups).map { [$0] } ?? [])
    }

    /// Fewer intervals are no course.
    private static let intervalsLeast = 4

    private struct Place: Hashable {
        var workload: String
        var scale: UInt64
        var threads: Int

        init(_ series: RunResult.IntervalSeries) {
            workload = series.workload
            scale = series.scale
            threads = series.threads
        }

        var label: String { "\(workload) \(Figures.scale(scale))" + (threads > 1 ? " \(threads) threads" : "") }
    }

    /// The first repeat of each engine, in the order of the columns.
    private func firsts(_ group: [RunResult.IntervalSeries]) -> [RunResult.IntervalSeries] {
        index.backends.compactMap { backend in
            group.filter { $0.backend == backend && $0.intervalMilliseconds > 0 }.min { $0.repeat < $1.repeat }
        }
    }

    private func chart(
        _ group: [RunResult.IntervalSeries], unit: String, isTime: Bool,
        values: KeyPath<RunResult.IntervalSeries, [Double]>
    ) -> Chart {
        let curves = firsts(group).map { series in
            Chart.Curve(
                name: series.backend, colour: palette.colour(of: series.backend), isDashed: isDashed(series.backend),
                points: series[keyPath: values].enumerated().compactMap { place, value in
                    guard value.isFinite, value > 0 || !isTime else { return nil }
                    let seconds = Double(place + 1) * Double(series.intervalMilliseconds) / 1_000
                    return Chart.Point(x: seconds, y: value)
                })
        }.filter { !$0.points.isEmpty }
        let points = curves.flatMap(\.points)
        let most = points.map(\.y).max() ?? 1
        let up =
            isTime
            ? ChartAxis.logarithmic(over: points.map(\.y), label: Figures.timeTick) : .linear(upTo: most)
        return Chart(
            title: group.first.map { Place($0).label } ?? "", unit: unit, summary: range(curves, isTime: isTime),
            content: .curves(
                Chart.Curves(across: .linear(upTo: points.map(\.x).max() ?? 1), up: up, curves: curves)))
    }

    private func range(_ curves: [Chart.Curve], isTime: Bool) -> String {
        curves.map { curve in
            let values = curve.points.map(\.y).sorted()
            let ends = [values.first, Statistics.quantile(values, 0.5), values.last].compactMap { $0 }
            let words = ends.map { isTime ? Figures.nanoseconds($0) : Figures.short($0) }
            return "\(curve.name) least, median, most: " + words.joined(separator: ", ")
        }.joined(separator: "; ") + "."
    }

    /// Least, median and most of each series.
    private func table(_ groups: [[RunResult.IntervalSeries]]) -> ReportDocument.Table? {
        var table = ReportDocument.Table(
            header: ["", "engine", "intervals", "least ops/s", "median ops/s", "most ops/s"], rows: [],
            leadingColumns: 2)
        for series in groups.flatMap(firsts) {
            let values = series.operationsPerSecond.filter(\.isFinite).sorted()
            guard let least = values.first, let most = values.last, let median = Statistics.quantile(values, 0.5) else {
                continue
            }
            let cells =
                [Place(series).label, series.backend, "\(values.count)"] + [least, median, most].map(Figures.short)
            table.rows.append(cells.map { ReportDocument.Cell($0) })
        }
        return table.rows.isEmpty ? nil : table
    }
}
