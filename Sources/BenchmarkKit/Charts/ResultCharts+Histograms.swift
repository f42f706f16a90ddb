import Foundation

extension ResultCharts {
    /// The ladders of a row out of its histograms, all repeats merged: one for the service time, one for the response
    /// time of an open loop. Empty where the result has no histogram of the row.
    func histogramLadders(_ row: SampleIndex.Row) -> [Chart] {
        let histograms = result.histograms.filter {
            $0.workload == row.workload && $0.scale == row.scale && $0.threads == row.threads
        }
        let kinds = [
            (kind: "service", words: "service time by percentile, both axes logarithmic"),
            (kind: "response", words: "response time from the intended start, log–log"),
        ]
        return kinds.compactMap { kind in
            ladder(histograms.filter { $0.kind == kind.kind }, title: index.label(row), unit: kind.words)
        }
    }

    private func ladder(_ histograms: [RunResult.Histogram], title: String, unit: String) -> Chart? {
        let merged = index.backends.compactMap { backend in
            Self.merged(histograms.filter { $0.backend == backend }).map { (backend: backend, histogram: $0) }
        }
        let most = merged.map { Self.nines($0.histogram) }.max() ?? 0
        guard most > 0 else { return nil }
        let names: [(share: Double, name: String)] = [
            (0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (0.9999, "p99.99"), (0.99999, "p99.999"),
        ]
        let beyond = ChartAxis.Tick(value: 1 - pow(10, -most - 0.7), label: "max")
        let ticks = names.filter { -log10(1 - $0.share) < most + 0.05 }
            .map { ChartAxis.Tick(value: $0.share, label: $0.name) }
        let curves = merged.map { backend, histogram in
            Chart.Curve(
                name: backend, colour: palette.colour(of: backend), isDashed: isDashed(backend),
                points: Self.points(histogram) + [Chart.Point(x: beyond.value, y: Double(histogram.greatest))])
        }
        let says = merged.map { backend, histogram in
            let steps = ticks.filter { histogram.countBeyond($0.value) >= Self.samplesBeyond }.map { tick in
                "\(tick.label) \(Figures.timeTick(Double(histogram.percentile(tick.value))))"
            }
            let last = "max \(Figures.timeTick(Double(histogram.greatest)))"
            return "\(backend) " + (steps + [last]).joined(separator: ", ")
        }
        return Chart(
            title: title, unit: unit, summary: says.joined(separator: "; ") + ".",
            content: .curves(
                Chart.Curves(
                    across: .nines(ticks + [beyond]),
                    up: .logarithmic(over: curves.flatMap(\.points).map(\.y), label: Figures.timeTick), curves: curves))
        )
    }

    private static let samplesBeyond = UInt64(RunTuning.samplesBeyondPercentile)

    /// All of them in one; what can't be read is left out, and `nil` where nothing remains.
    private static func merged(_ histograms: [RunResult.Histogram]) -> LatencyHistogram? {
        let all = LatencyHistogram()
        for histogram in histograms {
            if let one = try? LatencyHistogram(encoded: histogram.encoded) { all.merge(one) }
        }
        return all.isEmpty ? nil : all
    }

    /// How many nines have samples enough behind them: 3 is p99.9.
    private static func nines(_ histogram: LatencyHistogram) -> Double {
        max(0, log10(Double(histogram.count) / Double(samplesBeyond)))
    }

    /// A point for each tenth of a nine that has samples enough behind it.
    private static func points(_ histogram: LatencyHistogram) -> [Chart.Point] {
        stride(from: log10(2), through: nines(histogram), by: 0.1).map { nines in
            let share = 1 - pow(10, -nines)
            return Chart.Point(x: share, y: max(1, Double(histogram.percentile(share))))
        }
    }
}
