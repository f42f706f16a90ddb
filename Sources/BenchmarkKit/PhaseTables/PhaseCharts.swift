/// The charts of the phase reports: the rungs beside each other, and how time grows with the records.
enum PhaseCharts {
    /// File names and SVG. A chart with nothing to show is still a file, which says so.
    static func files(_ data: PhaseData) -> [String: String] {
        ["phase-evolution.svg": evolution(data).file, "phase-growth.svg": growth(data).file]
    }

    /// Whether there is anything in the chart of growth: for the README.
    static func hasGrowth(_ data: PhaseData) -> Bool { growth(data).charts.contains { !$0.isEmpty } }

    static func evolution(_ data: PhaseData) -> ChartFigure {
        let charts = [("phase-query", "query"), ("phase-mixed", "mixed 80/20")].map { row, title in
            bars(data, row, title)
        }
        return ChartFigure(
            name: "evolution", title: "Over the rungs", caption: "Less is better.", charts: charts, tables: [])
    }

    private static func bars(_ data: PhaseData, _ row: String, _ title: String) -> Chart {
        let engines = PhaseEngines.rungs + [PhaseEngines.rocksStorage]
        let palette = ChartPalette(engines)
        let bars = engines.map { engine -> Chart.Bar in
            var bar = Chart.Bar(
                name: engine, colour: palette.colour(of: engine), isFloor: false, text: "not measured")
            if let interval = data.place(row, PhaseThree.records)?.interval(engine) {
                (bar.value, bar.lower, bar.upper) = (interval.median, interval.lower, interval.upper)
                bar.text = Figures.nanoseconds(interval.median) + (interval.arm.map { " ±" + $0 } ?? "")
                bar.isBest = engine == PhaseEngines.current
            }
            return bar
        }
        return Chart(
            title: "\(title), 1M records", unit: "ns an operation",
            summary: bars.map { "\($0.name) \($0.text)" }.joined(separator: ", ") + ".",
            content: .bars(bars, label: .number))
    }

    static func growth(_ data: PhaseData) -> ChartFigure {
        let charts = [("phase-query", "query"), ("phase-mixed", "mixed 80/20")].map { row, title in
            curves(data, row, title)
        }
        return ChartFigure(
            name: "growth", title: "Growth", caption: "Less is better.", charts: charts, tables: [])
    }

    private static func curves(_ data: PhaseData, _ row: String, _ title: String) -> Chart {
        let engines = [
            PhaseEngines.current, PhaseEngines.rocksStorage, "rocksdb-tuned", "sqlite-tuned", PhaseEngines.zeroCopy,
        ]
        let palette = ChartPalette(engines)
        let scales = data.scalesOfOneMachine(row)
        let curves = engines.map { engine in
            Chart.Curve(
                name: engine, colour: palette.colour(of: engine), isDashed: Roster.isRung(engine),
                points: scales.compactMap { scale in
                    guard let interval = data.place(row, scale)?.interval(engine), interval.median > 0
                    else { return nil }
                    return Chart.Point(
                        x: Double(scale), y: interval.median, lower: interval.lower, upper: interval.upper,
                        text: "\(Figures.scale(scale)) \(Figures.nanoseconds(interval.median))")
                })
        }.filter { !$0.points.isEmpty }
        return Chart(
            title: title, unit: "time an operation by records, log–log",
            summary: curves.map { "\($0.name) \($0.points.compactMap(\.text).joined(separator: ", "))" }
                .joined(separator: "; ") + ".",
            content: .curves(
                Chart.Curves(
                    across: .logarithmic(at: scales.map { (Double($0), Figures.scale($0)) }),
                    up: .logarithmic(over: curves.flatMap(\.points).map(\.y), label: Figures.timeTick),
                    curves: curves)))
    }
}
