import StorageBackends

// What was observed, as tables: a column an engine.
extension ResultReport {
    func addObservations(to document: inout ReportDocument, isBrief: Bool) {
        let commits = commitTable(isBrief: isBrief)
        guard !commits.rows.isEmpty else { return }
        document.heading("Observed: what a commit asks of the system, not what was configured")
        document.table(commits)
        document.lines(sources)
    }

    private func commitTable(isBrief: Bool) -> ReportDocument.Table {
        let engines = index.backends.filter { name in result.observations.contains { $0.backend == name } }
        var table = ReportDocument.Table(header: [""] + engines, rows: [])
        let metrics = isBrief ? Array(ObservedMetric.ofCommits.prefix(3)) : ObservedMetric.ofCommits
        for metric in metrics {
            let values = engines.map { observed("", metric, $0) }
            guard values.contains(where: { $0 != nil }) else { continue }
            table.rows.append(
                [ReportDocument.Cell(ObservedMetric.label(metric))]
                    + values.map { ReportDocument.Cell($0.map(Figures.short) ?? "not observed") })
        }
        guard !table.rows.isEmpty else { return table }
        let classes = ObservedClasses(result)
        table.rows.append(
            [ReportDocument.Cell("class, as observed")]
                + engines.map { name in
                    let seen = classes.classes[name]?.rawValue ?? "not observed"
                    return ReportDocument.Cell(seen + (classes.mismatched.contains(name) ? ", not ranked" : ""))
                })
        return table
    }

    private func observed(_ row: String, _ metric: String, _ backend: String) -> Double? {
        result.observations.first { $0.workload == row && $0.metric == metric && $0.backend == backend }?.value
    }

    /// How it was seen: engines that were seen in the same way share a line.
    private var sources: [String] {
        var seen: [(source: String, backends: [String])] = []
        for observation in result.observations where observation.metric == ObservedMetric.syncsPerCommit {
            if let place = seen.firstIndex(where: { $0.source == observation.source }) {
                seen[place].backends.append(observation.backend)
            } else {
                seen.append((observation.source, [observation.backend]))
            }
        }
        return seen.map { "Seen for \($0.backends.joined(separator: ", ")): \($0.source)." }
    }
}
