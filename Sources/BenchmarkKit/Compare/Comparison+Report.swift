import Foundation

extension Comparison {
    /// A form in which a comparison is printed: the values of `compare --format`.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case text
        case csv
        case markdown
        case json
        /// Markdown for a job's summary: what changed first, the rest folded away.
        case github
    }

    /// The comparison as text or Markdown; `csv` gives the table's rows, `json` the same as a list of objects.
    public func render(_ format: Format, colour: Bool = false, width: Int = 110) -> String {
        switch format {
        case .text: document.text(colour: colour, width: width)
        case .markdown: document.markdown
        case .csv: csv
        case .json: json
        case .github: summary
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
        document.table(table(changes))
        document.lines(geometricMeans)
        document.lines(closing)
        return document
    }

    func table(_ changes: [Change]) -> ReportDocument.Table {
        .init(
            header: ["", "backend", "metric", "old", "new", "delta", "verdict"], rows: changes.map(cells),
            leadingColumns: 3)
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
        let ends = "\(signed(change.lower ?? ratio.lower)), \(signed(change.upper ?? ratio.upper))"
        return "\(signed(ratio.ratio)) % [\(ends)] \(sizes)"
    }

    private func signed(_ ratio: Double) -> String {
        let percent = (ratio - 1) * 100
        return (percent < 0 ? "" : "+") + Figures.fixed(percent, 1)
    }

    /// Over the rows on both sides, for each backend and metric that has at least one ratio.
    var geometricMeans: [String] {
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

    /// Pairs or repeats a side with which the rank test can fall below the level, corrected for the number of figures.
    private func repeatsNeeded(figures: Int) -> Int {
        let target = settings.level / Double(max(figures, 1))
        for count in 2...60 {
            // All one way: 2 of 2^n orders of signs, or 2 of the ways to choose n of 2n ranks.
            let least =
                settings.isPaired
                ? 2 * pow(0.5, Double(count))
                : (1...count).reduce(2.0) { $0 * Double($1) / Double(count + $1) }
            if least < target { return count }
        }
        return 60
    }

    private var thresholds: String {
        let relative = Figures.percent(settings.threshold)
        guard settings.thresholdNanoseconds > 0 else { return "Threshold \(relative)." }
        return "Thresholds \(relative) and \(Figures.nanoseconds(settings.thresholdNanoseconds)) ns an operation."
    }

    var closing: [String] {
        let tested = changes.filter(\.isTested).count
        let level = Figures.percent(settings.level)
        let test =
            settings.isPaired
            ? "Wilcoxon's signed rank on pairs, bootstrap intervals" : "Mann–Whitney, unpaired"
        var lines = ["~ can't be told from noise (\(test); Holm over \(tested) figures, \(level)). \(thresholds)"]
        let repeats = [base, candidate].map { Set($0.samples.map(\.repeat)).count }.min() ?? 0
        let needed = repeatsNeeded(figures: tested)
        if repeats < needed {
            lines.append(
                "Warning: \(repeats) repeats a side can never tell a change among \(tested) figures at \(level). "
                    + "Remedy: --repeats \(max(needed, Statistics.usualRepeats)) for both, or fewer rows.")
        }
        lines += onlyOnOneSide
        if let confirmation {
            lines += confirmation.unconfirmed.map { "Not seen again on a fresh run, so no regression: \($0)" }
        }
        if case .regression(let rows) = outcome {
            let kind = confirmation == nil ? "Regression" : "Regression, confirmed on a fresh run"
            lines += rows.map { "\(kind): \($0)" }
            if !settings.isPaired {
                lines.append(
                    "Not confirmed on a fresh run: files can't run again. alexbench compare --exec OLD NEW can.")
            }
        }
        if outcome == .fine { lines.append("No regression.") }
        return lines
    }

    /// Rows that have no partner.
    private var onlyOnOneSide: [String] {
        let (first, second) = (SampleIndex(base), SampleIndex(candidate))
        func line(_ side: String, _ ones: SampleIndex, _ others: SampleIndex) -> [String] {
            let lonely = ones.rows.filter { !others.rows.contains($0) }.map(ones.label)
            return lonely.isEmpty ? [] : ["Only in the \(side), so not compared: \(lonely.joined(separator: ", "))."]
        }
        return line("base", first, second) + line("candidate", second, first)
    }

    private var environmentWarnings: [String] {
        let (first, second) = (base.environment, candidate.environment)
        let parts = [("kernel", first.kernel, second.kernel), ("Swift", first.swift, second.swift)]
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
            change.new.median, change.ratio?.ratio, change.lower, change.upper, change.probability,
        ]
    }
}
