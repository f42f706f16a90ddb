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

    /// What each row took of the machine: not in the brief form.
    func addRowObservations(to document: inout ReportDocument) {
        let rows = result.observations.filter { ObservedMetric.ofRows.contains($0.metric) }
        guard !rows.isEmpty else { return }
        let engines = index.backends.filter { name in rows.contains { $0.backend == name } }
        var table = ReportDocument.Table(header: [""] + engines, rows: [])
        var values: [String: RunResult.Observation] = [:]
        var places: [(row: String, scale: UInt64)] = []
        for one in rows {
            values["\(one.workload)/\(one.scale)/\(one.metric)/\(one.backend)"] = one
            if !places.contains(where: { $0 == (one.workload, one.scale) }) { places.append((one.workload, one.scale)) }
        }
        let isSweep = Set(places.map(\.scale)).count > 1
        for place in places {
            let name = place.row + (isSweep ? " " + Figures.scale(place.scale) : "")
            for metric in ObservedMetric.ofRows {
                let cells = engines.map { values["\(place.row)/\(place.scale)/\(metric)/\($0)"] }
                guard cells.contains(where: { ($0?.value ?? 0) > 0 }) else { continue }
                table.rows.append(
                    [ReportDocument.Cell("\(name) \(ObservedMetric.label(metric))")]
                        + cells.map { ReportDocument.Cell($0.map { Self.figure($0.value, metric) } ?? "–") })
            }
        }
        document.heading("Observed: what each row took of the machine, mean of the repeats")
        document.table(table)
        document.lines([
            "Charged by turns: what the whole process used while an engine had its turn. Work that an engine leaves to "
                + "a thread of its own is charged to whoever has the turn then; --schedule sequential keeps them "
                + "apart.",
            "Write amplification: pages made dirty, in bytes, ÷ bytes of keys and values put. Space amplification: "
                + "bytes on disk ÷ bytes of keys and values held.",
        ])
    }

    private static func figure(_ value: Double, _ metric: String) -> String {
        Metric.direction(of: metric) == .exact ? Figures.short(value) : Figures.figure(value, metric: metric)
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
                    + values.map { ReportDocument.Cell($0.map { $0 == 0 ? "0" : Figures.short($0) } ?? "not observed") }
            )
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
