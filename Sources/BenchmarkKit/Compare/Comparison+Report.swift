extension Comparison {
    /// The comparison as text or Markdown; `csv` gives the table's rows, `json` the same as a list of objects.
    public func render(_ format: ResultFormat, colour: Bool = false, width: Int = 110) -> String {
        switch format {
        case .text: document.text(colour: colour, width: width)
        case .markdown: document.markdown
        case .csv: csv
        case .json: json
        }
    }

    var document: ReportDocument {
        var document = ReportDocument()
        document.lines(
            ["Base: \(base.command), commit \(base.commit), \(base.date)"]
                + ["Candidate: \(candidate.command), commit \(candidate.commit), \(candidate.date)"]
                + environmentWarnings)
        if case .notComparable(let differences) = outcome {
            document.heading("Not comparable")
            document.lines(differences)
            return document
        }
        document.heading("Changes")
        document.table(
            .init(
                header: ["", "backend", "metric", "old", "new", "delta", "verdict"], rows: changes.map(cells),
                leadingColumns: 3))
        document.lines(geometricMeans)
        document.lines(closing)
        return document
    }

    private func cells(_ change: Change) -> [ReportDocument.Cell] {
        [
            .init(change.label), .init(change.backend), .init(change.metric), .init(text(change.old, change.metric)),
            .init(text(change.new, change.metric)), .init(delta(change)),
            .init(verdict(change), isBest: change.verdict == .worse),
        ]
    }

    private func text(_ interval: MedianInterval, _ metric: String) -> String {
        let error = interval.relativeError.map { $0 > 0 ? " ±" + Figures.percent($0) : "" } ?? ""
        return Figures.figure(interval.median, metric: metric) + error
    }

    private func verdict(_ change: Change) -> String {
        switch change.verdict {
        case .better, .worse, .equal, .unequal: change.verdict.rawValue
        case .within: "below threshold"
        case .unclear: "~"
        }
    }

    /// `+12.3 % [+10.9, +14.0] p=0.004 n=10`, or `~ p=0.4 n=10`.
    private func delta(_ change: Change) -> String {
        guard let ratio = change.ratio else {
            return change.verdict == .equal
                ? "=" : "\(CSVReport.number(change.new.median - change.old.median)) (exact)"
        }
        let isSmall = change.probability < 0.0005
        let probability = isSmall ? "p<0.001" : "p=\(Figures.fixed(change.probability, 3))"
        let (old, new) = (change.old.count, change.new.count)
        let sizes = probability + (old == new ? " n=\(old)" : " n=\(old)+\(new)")
        if change.verdict == .unclear { return "~ \(sizes)" }
        return "\(signed(ratio.ratio)) % [\(signed(ratio.lower)), \(signed(ratio.upper))] \(sizes)"
    }

    private func signed(_ ratio: Double) -> String {
        let percent = (ratio - 1) * 100
        return (percent < 0 ? "" : "+") + Figures.fixed(percent, 1)
    }

    /// Over the rows on both sides, for each backend and metric that has at least one ratio.
    private var geometricMeans: [String] {
        var lines: [String] = []
        var seen: [String] = []
        for change in changes where change.ratio != nil {
            let name = "\(change.backend) \(change.metric)"
            guard !seen.contains(name) else { continue }
            seen.append(name)
            let ratios = changes.filter { $0.backend == change.backend && $0.metric == change.metric }
                .compactMap { $0.ratio?.ratio }
            guard ratios.count > 1, let mean = Statistics.geometricMean(ratios) else { continue }
            lines.append("Geometric mean of \(name) over \(ratios.count) rows on both sides: \(signed(mean)) %")
        }
        return lines
    }

    /// With three repeats a side the smallest p of the rank test is 0.1.
    private static let repeatsLeast = 4

    private var closing: [String] {
        var lines = [
            "~ can't be told from noise (Mann–Whitney, Benjamini–Hochberg over \(changes.count) figures, 5 %). "
                + "Threshold \(Figures.percent(threshold))."
        ]
        let repeats = [base, candidate].map { Set($0.samples.map(\.repeat)).count }.min() ?? 0
        if repeats < Self.repeatsLeast {
            lines.append(
                "Warning: \(repeats) repeats a side can never tell a change of a time at 5 %. "
                    + "Remedy: --repeats \(Statistics.usualRepeats) for both.")
        }
        if case .regression(let rows) = outcome { lines += rows.map { "Regression: \($0)" } }
        if outcome == .fine { lines.append("No regression.") }
        return lines
    }

    private var environmentWarnings: [String] {
        let (first, second) = (base.environment, candidate.environment)
        let parts = [
            ("CPU", first.cpu, second.cpu), ("cores", "\(first.cores)", "\(second.cores)"),
            ("file system", first.fileSystem, second.fileSystem), ("build", first.build, second.build),
        ]
        return parts.filter { $0.1 != $0.2 }.map {
            "Warning: \($0.0) differs (\($0.1), \($0.2)). Remedy: run base and candidate on one machine, alternating."
        }
    }

    private var csv: String {
        var text = Self.columns.joined(separator: ",") + "\r\n"
        for change in changes {
            text += names(change).map(CSVReport.quoted).joined(separator: ",") + ","
            text += figures(change).map { $0.map { CSVReport.number($0) } ?? "" }.joined(separator: ",")
            text += ",\(change.verdict.rawValue)\r\n"
        }
        return text
    }

    private var json: String {
        let objects: [String] = changes.map { change in
            var values: [String] = names(change).map { JSONReport.text(of: $0) }
            values += figures(change).map { JSONReport.text(of: $0) }
            values.append(JSONReport.text(of: change.verdict.rawValue))
            let members: [String] = zip(Self.columns, values).map { "\"\($0)\":\($1)" }
            return "  {" + members.joined(separator: ",") + "}"
        }
        return objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    }

    private static let columns = [
        "workload", "backend", "durability", "metric", "scale", "value_bytes", "threads", "old", "new", "ratio",
        "lower", "upper", "p", "verdict",
    ]

    private func names(_ change: Change) -> [String] {
        [change.row.workload, change.backend, change.row.durability, change.metric]
    }

    private func figures(_ change: Change) -> [Double?] {
        [
            Double(change.row.scale), Double(change.row.valueBytes), Double(change.row.threads), change.old.median,
            change.new.median, change.ratio?.ratio, change.ratio?.lower, change.ratio?.upper, change.probability,
        ]
    }
}
