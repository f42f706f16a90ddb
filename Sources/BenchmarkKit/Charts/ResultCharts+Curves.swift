import Foundation

extension ResultCharts {
    /// Latency ladders: percentiles by their nines, and the slowest operation, one chart a row.
    var latency: ChartFigure? {
        let metrics = index.metrics.filter(Metric.isPercentile)
        let shares = metrics.compactMap { metric in Metric.share(metric).map { (metric: metric, share: $0) } }
            .sorted { $0.share < $1.share }
        let families = Families(
            largest { row in
                shares.contains { index.has(row, $0.metric) }
                    || result.histograms.contains { $0.workload == row.workload }
            })
        let ladders = families.single.flatMap { row in
            let fine = histogramLadders(row)
            return fine.isEmpty && shares.count > 1 ? [ladder(row, shares.filter { $0.metric != "max_ns" })] : fine
        }
        // A ladder for each of many rows would be a book: the highest percentile stands for it.
        let highest = shares.last { $0.metric != "max_ns" }?.metric ?? "max_ns"
        let dotted = families.families.map {
            dots($0, highest, unit: Metric.percentileName(highest), label: .time)
        }
        let charts = (ladders + dotted).filter { !$0.isEmpty }
        return ChartFigure(
            name: "latency", title: "Latency",
            caption:
                "Percentiles of single operations, the clock's cost included; both axes logarithmic, the lower one in "
                + "nines; lower is better. max: the slowest operation. Dashed: floors, and engines of which a tuned "
                + "one is here too.",
            charts: charts, tables: tables(of: metrics, namesMetric: true))
    }

    private func ladder(_ row: SampleIndex.Row, _ shares: [(metric: String, share: Double)]) -> Chart {
        let present = shares.filter { index.has(row, $0.metric) }
        let last = present.map(\.share).max() ?? 0.99
        let hasMost = index.has(row, "max_ns")
        // The slowest operation has no share of its own: it stands one nine behind the last percentile.
        let beyond = ChartAxis.Tick(value: 1 - (1 - last) / 10, label: "max")
        let ticks = present.map { ChartAxis.Tick(value: $0.share, label: Metric.percentileName($0.metric)) }
        let steps = present + (hasMost ? [("max_ns", beyond.value)] : [])
        let curves = index.backends.map { backend in
            Chart.Curve(
                name: backend, colour: palette.colour(of: backend), isDashed: isDashed(backend),
                points: steps.compactMap { step in
                    point(row, step.metric, backend, x: step.share, name: Metric.percentileName(step.metric))
                })
        }.filter { !$0.points.isEmpty }
        return Chart(
            title: index.label(row), unit: "latency by percentile, both axes logarithmic", summary: summary(curves),
            content: .curves(
                Chart.Curves(
                    across: .nines(ticks + (hasMost ? [beyond] : [])),
                    up: .logarithmic(over: curves.flatMap(\.points).map(\.y), label: Figures.timeTick),
                    curves: curves)))
    }

    /// Time an operation takes against the records, both axes logarithmic, where several scales were measured.
    var scaling: ChartFigure? {
        let times = [
            (metric: Metric.nanosecondsPerOperation, words: "time an operation"),
            (metric: Metric.dependent, words: "dependent time"),
        ]
        let charts = times.flatMap { time in
            groups { $0.scale = 0 }.filter { Set($0.map(\.scale)).count > 1 }.compactMap { rows in
                // What has no rate, as the work that was put off, is no operation.
                rows.contains { index.has($0, Metric.operationsPerSecond) }
                    ? scaling(rows, time.metric, time.words) : nil
            }
        }
        return ChartFigure(
            name: "scale", title: "Scaling",
            caption:
                "Time of one operation against the records, both axes logarithmic; lower is better. Dotted "
                + "lines: where keys and values together outgrow the last-level cache and the memory of this machine.",
            charts: charts.filter { !$0.isEmpty }, tables: tables(of: times.map(\.metric), namesMetric: true))
    }

    private func scaling(_ rows: [SampleIndex.Row], _ metric: String, _ words: String) -> Chart? {
        let curves = index.backends.map { backend in
            Chart.Curve(
                name: backend, colour: palette.colour(of: backend), isDashed: isDashed(backend),
                points: rows.sorted { $0.scale < $1.scale }.compactMap {
                    point($0, metric, backend, x: Double($0.scale), name: Figures.scale($0.scale))
                })
        }.filter { !$0.points.isEmpty }
        let scales = Set(curves.flatMap(\.points).map(\.x)).sorted()
        guard scales.count > 1, let first = rows.first, let least = scales.first, let most = scales.last else {
            return nil
        }
        let bytes = Double(8 + first.valueBytes)
        let machine = result.environment
        let marks = [
            Chart.Mark(x: Double(machine.lastLevelCacheBytes) / bytes, name: "cache"),
            Chart.Mark(x: Double(machine.memoryBytes) / bytes, name: "memory"),
        ]
        return Chart(
            title: first.workload, unit: "\(words) by records, log–log", summary: summary(curves),
            content: .curves(
                Chart.Curves(
                    across: .logarithmic(at: scales.map { ($0, Figures.scale(UInt64($0))) }),
                    up: .logarithmic(over: curves.flatMap(\.points).map(\.y), label: Figures.timeTick),
                    curves: curves, marks: marks.filter { $0.x > least && $0.x < most })))
    }

    /// Throughput against threads, where several numbers of threads were measured.
    var threads: ChartFigure? {
        let metric = Metric.operationsPerSecond
        let charts = groups { $0.threads = 0 }.filter { Set($0.map(\.threads)).count > 1 }.map { rows in
            let curves = index.backends.map { backend in
                Chart.Curve(
                    name: backend, colour: palette.colour(of: backend), isDashed: isDashed(backend),
                    points: rows.sorted { $0.threads < $1.threads }.compactMap {
                        point($0, metric, backend, x: Double($0.threads), name: "\($0.threads) threads")
                    })
            }.filter { !$0.points.isEmpty }
            let counts = Set(rows.map(\.threads)).sorted()
            return Chart(
                title: rows.first?.workload ?? "", unit: "operations a second by threads, log–log",
                summary: summary(curves),
                content: .curves(
                    Chart.Curves(
                        across: .logarithmic(at: counts.map { (Double($0), "\($0)") }),
                        up: .logarithmic(over: curves.flatMap(\.points).map(\.y)), curves: curves)))
        }
        return ChartFigure(
            name: "threads", title: "Threads",
            caption:
                "Operations a second of all threads together, both axes logarithmic; higher is better.",
            charts: charts.filter { !$0.isEmpty }, tables: tables(of: [metric], namesMetric: false))
    }

    /// The rows in groups whose members differ only in what `forget` sets to nothing, in their order.
    private func groups(_ forget: (inout SampleIndex.Row) -> Void) -> [[SampleIndex.Row]] {
        var groups: [(identity: SampleIndex.Row, rows: [SampleIndex.Row])] = []
        for row in index.rows {
            var identity = row
            forget(&identity)
            if let place = groups.firstIndex(where: { $0.identity == identity }) {
                groups[place].rows.append(row)
            } else {
                groups.append((identity, [row]))
            }
        }
        return groups.map(\.rows)
    }

    /// The median with its interval; `nil` where there is none that a logarithm could take.
    func point(
        _ row: SampleIndex.Row, _ metric: String, _ backend: String, x: Double, name: String
    ) -> Chart.Point? {
        guard let interval = MedianInterval(index.values(row, metric, backend)), interval.median > 0,
            interval.median.isFinite
        else { return nil }
        let figure = Figures.withUnit(interval.median, metric: metric)
        let text = "\(name) \(figure)" + (interval.arm.map { " ±" + $0 } ?? "")
        guard interval.count > 1, interval.lower > 0, interval.upper.isFinite else {
            return Chart.Point(x: x, y: interval.median, text: text)
        }
        return Chart.Point(x: x, y: interval.median, lower: interval.lower, upper: interval.upper, text: text)
    }

    func summary(_ curves: [Chart.Curve]) -> String {
        curves.map { curve in
            let values = curve.points.compactMap(\.text)
            return curve.name + (values.isEmpty ? "" : " " + values.joined(separator: ", "))
        }.joined(separator: "; ") + "."
    }
}

extension Metric {
    /// The share of operations that are no slower: 0.99 of `p99_ns`, 0.999 of `p999_ns`, 1 of `max_ns`.
    static func share(_ metric: String) -> Double? {
        if metric == "max_ns" { return 1 }
        let name = percentileName(metric)
        guard name.hasPrefix("p"), let percent = Double(name.dropFirst()), percent < 100 else { return nil }
        // A division of whole numbers: 0.999 is the nearest there is, (99.9 / 100) is not.
        return (percent * 1_000).rounded() / 100_000
    }
}
