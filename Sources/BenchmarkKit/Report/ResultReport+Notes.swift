extension ResultReport {
    /// How to read the tables, the harness's own cost, the streams, what is missing and what stands out.
    var notes: [String] {
        var lines = [
            "Marked cells are the best of their row or can't be told from it (paired test, "
                + "Benjamini–Hochberg over the section, 5 %); floors are not ranked."
        ]
        if index.backends.contains(where: Roster.isRung) {
            lines.append(
                "Rungs of the phase documents (alex-phase-…) keep nothing that could be opened again: they are in no "
                    + "durability class, and not ranked.")
        }
        lines.append(intervalNote)
        lines += checks
        lines += harness
        lines += streams
        lines += unavailable
        lines += sampling
        lines.append(outliers)
        return lines
    }

    /// Losses first.
    var verdicts: [String] {
        let verdicts = Verdict.all(of: result, index).map(\.sentence)
        return verdicts.isEmpty
            ? ["No row has both \(Roster.subject(of: index.backends)) and a rival: no verdict."] : verdicts
    }

    /// How many values were compared, where any were.
    private var checks: [String] {
        let counts = index.backends.map { backend in
            index.rows.reduce(0.0) { $0 + index.values($1, "checked_values", backend).reduce(0, +) }
        }
        guard let most = counts.max(), most > 0 else { return [] }
        return [
            "Every value read was compared with what was written, \(Figures.short(most)) of them for each engine that "
                + "took part in all rows; all engines ended in the same state."
        ]
    }

    private var intervalNote: String {
        let least =
            index.rows.flatMap { row in
                index.backends.map { index.values(row, Metric.nanosecondsPerOperation, $0).count }.filter { $0 > 0 }
            }.min() ?? 0
        let usual = "± is the longer arm of the median's interval"
        guard least > 0 else { return usual + "." }
        guard least > 1, let interval = MedianInterval((0..<least).map(Double.init)) else {
            return usual + "; one repeat has none."
        }
        let coverage = Figures.percent(interval.coverage)
        return "\(usual), which covers it with at least \(coverage) at \(least) repeats (order statistics)."
    }

    private var harness: [String] {
        var parts: [String] = []
        var seen: [String] = []
        for sample in result.samples where sample.workload == Workload.harnessRow {
            let name = "\(sample.backend) \(sample.metric)"
            guard !seen.contains(name) else { continue }
            seen.append(name)
            let values = result.samples.filter {
                $0.workload == Workload.harnessRow && $0.backend == sample.backend && $0.metric == sample.metric
            }.map(\.value)
            guard let median = Statistics.median(values) else { continue }
            let unit = Metric.isTime(sample.metric) && median < 99_999.5 ? " ns" : ""
            parts.append("\(Metric.label(sample.metric)) \(Figures.figure(median, metric: sample.metric))\(unit)")
        }
        if parts.isEmpty { return [] }
        return ["Harness's own cost, subtracted from nothing: " + parts.joined(separator: ", ") + "."]
    }

    private var streams: [String] {
        var lines: [String] = []
        var seen: [String] = []
        for stream in result.streams {
            let name = "\(stream.workload) \(Figures.scale(stream.scale))"
            guard !seen.contains(name) else { continue }
            seen.append(name)
            let repeats = result.streams.filter { $0.workload == stream.workload && $0.scale == stream.scale }.count
            lines.append(
                "Stream \(name), the same for all engines: seed \(stream.seed), \(stream.operations) operations, "
                    + "hash \(stream.streamHash), end state \(stream.stateDigest) "
                    + "(repeat \(stream.repeat) of \(repeats))."
            )
        }
        return lines
    }

    private var unavailable: [String] {
        result.unavailable.map { "n/a: \($0.backend) in \($0.workload): \($0.reason)" }
    }

    private var outliers: String {
        var mild = 0
        var severe = 0
        var all = 0
        var places: [String] = []
        for row in index.rows {
            for metric in [Metric.operationsPerSecond, Metric.dependent] {
                for backend in index.backends {
                    let values = index.values(row, metric, backend)
                    let outliers = Outliers(values)
                    all += values.count
                    mild += outliers.mild.count
                    severe += outliers.severe.count
                    let place = "\(backend) in \(index.label(row))"
                    if !outliers.severe.isEmpty, places.last != place { places.append(place) }
                }
            }
        }
        let severePlaces = places.isEmpty ? "" : " (\(places.joined(separator: ", ")))"
        return "Outliers by Tukey's fences, all kept: \(mild) mild, \(severe) severe\(severePlaces) of \(all) samples."
    }
}
