import Foundation

/// The tables of the phase documents, measured afresh: what `alexbench report` writes.
public enum PhaseReport {
    /// Whether a result, by its file's name, is for the tables of the phase reports, the roadmap, the index, a row of
    /// the targets or an article.
    public static func hasTables(_ name: String) -> Bool {
        let families = [
            "phase", "explain-", "gates", "index-", "insert-alex-", "insert-rocksdb-alex-", "load-100m", "absent-keys-",
            "scan-compacted-", "checks-", "multi-get-10m", "hot-reads", "query-threads",
        ]
        return families.contains { name.hasPrefix($0) } || name.hasSuffix("-100K")
    }

    /// The report's files: name inside `Results/`, and text. The same bytes for the same results.
    /// - Parameter results: Result files by their name inside `Results/`.
    public static func render(results: [String: RunResult]) -> [String: String] {
        let data = PhaseData(results)
        var files = PhaseCharts.files(data)
        for (name, title, sections) in [
            ("phase-1", "Phase 1: foundation", PhaseOne.sections(data)),
            ("phase-2", "Phase 2: deferred remapping", PhaseTwo.sections(data)),
            ("phase-3", "Phase 3: zero-copy", PhaseThree.sections(data)),
            ("roadmap", "Roadmap", PhaseRoadmap.sections(data)),
        ] {
            files["\(name).md"] = phase(title, name, sections)
            files["\(name).csv"] = csv(sections)
        }
        files["targets.md"] = TargetTable(results).markdown
        files["index-targets.md"] = IndexTargetTable(results).markdown
        files["README.md"] = index(results).markdown
        return files
    }

    private static func phase(_ title: String, _ name: String, _ sections: [PhaseSection]) -> String {
        var document = ReportDocument()
        document.heading(title, level: 1)
        document.lines([
            "Made by 'make report' from the results in this folder; edit nothing here by hand. The same as data: "
                + "[\(name).csv](\(name).csv)",
            "Published figures were taken on another machine: what can be held against a measurement, and has a "
                + "verdict, are the ratios between systems and the shares of an operation's parts. Reproduced is a "
                + "figure when the whole measured interval lies within a quarter of it; one that the interval holds, "
                + "with more beside, can't be told.",
            "An interval is that of the median, or of the ratio of paired repeats, at 95 %. A median of fewer than six "
                + "repeats has but its range, printed with what that covers (75 % of three); a ratio of fewer rests on "
                + "Student's t. The documents ran 10 000 operations: the rows of 10K operations are theirs.",
        ])
        for section in sections { section.add(to: &document) }
        return document.markdown
    }

    private static func csv(_ sections: [PhaseSection]) -> String {
        ([PhaseSection.columns] + sections.flatMap(\.csv))
            .map { $0.map(CSVReport.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    /// What lies in the folder, each result's losses first.
    private static func index(_ results: [String: RunResult]) -> ReportDocument {
        var document = ReportDocument()
        document.heading("Results", level: 1)
        document.lines([
            "Made by 'make report' from the results in this folder; edit nothing here by hand.",
            "[phase-1.md](phase-1.md), [phase-2.md](phase-2.md), [phase-3.md](phase-3.md), [roadmap.md](roadmap.md): "
                + "the tables of the phase documents, measured afresh, each with a CSV beside it",
            "[targets.md](targets.md): what was to be reached, and what was",
            "[reliability.md](reliability.md): what the engine survives and how soon it is back, by "
                + "'make reliability'",
            "[selfcheck.md](selfcheck.md), [t2-selfcheck.md](t2-selfcheck.md): whether the tool can be believed, "
                + "by 'make selfcheck'",
            "[index-targets.md](index-targets.md): the learned index alone, on all key sets beside a B-tree",
            "[workloads](workloads/): workload files, most at 1M, with a page of charts",
        ])
        if results.isEmpty {
            document.lines(["No result yet. 'make bench' measures, 'make report' makes these files."])
        }
        for (name, result) in results.sorted(by: { $0.key < $1.key }) {
            let report = ResultReport(result)
            document.heading(name)
            document.lines(summary(result) + report.verdicts)
        }
        return document
    }

    private static func stem(_ name: String) -> String { String(name.prefix { $0 != "." }) }

    private static func summary(_ result: RunResult) -> [String] {
        let machine = result.environment
        return [
            "Command: \(result.command)",
            "Measured on \(machine.cpu), \(machine.cores) cores, \(machine.fileSystem), \(result.date), commit "
                + "\(result.commit)",
        ]
    }

    /// Markers in README.md between which the results stand.
    public static let begin = "<!-- results:begin -->"
    public static let end = "<!-- results:end -->"

    /// The results that README.md shows, by their names before the scale.
    private static let shownInReadme = ["insert", "mixed", "query"]

    /// The result whose chart of growth README.md shows.
    private static let growthInReadme = "scale"

    /// `readme` with the block between the markers made anew from the results: of `insert`, `mixed` and `query` with
    /// one thread at 1M, or else at the largest scale there is, the grade, the verdicts, losses first, and the tables;
    /// then the chart of growth.
    /// - Throws: `ReportError` if a marker is missing or they are in the wrong order.
    public static func rewrite(readme: String, results: [String: RunResult]) throws(ReportError) -> String {
        guard let begin = readme.range(of: begin), let end = readme.range(of: end),
            begin.upperBound <= end.lowerBound
        else {
            throw ReportError(
                "README.md: the lines \(Self.begin) and \(Self.end) must stand in it once each, in this order")
        }
        return readme[..<begin.upperBound] + "\n" + block(results) + readme[end.lowerBound...]
    }

    private static func block(_ results: [String: RunResult]) -> String {
        let shown = results.filter { entry in
            let names = entry.value.backends.map(\.name)
            let question = String(entry.key.prefix { $0 != "-" && $0 != "." })
            return Self.shownInReadme.contains(question)
                && names.contains(Roster.subject) && names.contains(where: Roster.isRival)
                && Set(entry.value.samples.map(\.threads)).count <= 1
        }
        func largest(_ result: RunResult) -> UInt64 { result.samples.map(\.scale).max() ?? 0 }
        let scales = shown.values.map(largest)
        let scale = scales.contains(Targets.records) ? Targets.records : scales.max() ?? 0
        var document = ReportDocument()
        for (name, result) in shown.sorted(by: { $0.key < $1.key }) where largest(result) == scale {
            let report = ResultReport(result)
            document.heading("\(name), \(Figures.scale(scale)) records", level: 3)
            let grade = Grade(result)
            document.lines(
                summary(result)
                    + ["Grade \(grade.letter) (\(grade.points) of 100): [why](Results/\(stem(name)).md)"]
                    + report.verdicts)
            for section in report.sections.prefix(2) {
                if let table = report.table(section, report.index.rows) {
                    document.lines([section.title])
                    document.table(table)
                }
            }
        }
        if let (name, growth) = results.first(where: { stem($0.key) == growthInReadme }) {
            document.heading("\(name), growth with the records", level: 3)
            document.lines(summary(growth))
            document.blocks.append(.picture("Growth with the records", file: "Results/\(growthInReadme)-scale.svg"))
        }
        if document.blocks.isEmpty { return "No result is committed yet: `make bench` measures on your machine.\n" }
        return document.markdown
    }
}
