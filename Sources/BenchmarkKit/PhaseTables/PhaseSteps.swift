/// Table P2.1: before and after deferred remapping.
enum PhaseSteps {
    static let records: UInt64 = 100_000

    static func add(to document: inout ReportDocument, from results: [String: RunResult]) {
        document.heading("P2.1: before and after deferred remapping, \(Figures.scale(records)) records")
        var table = ReportDocument.Table(
            header: [
                "ns an operation", "published before", "published after", "published speed-up", "measured now",
                "measured ÷ published after",
            ], rows: [])
        var notes: [String] = []
        for step in Published.steps {
            let source = PhaseSource(row: step.row, records: records, in: results)
            if let source {
                for line in source.description + source.assertionNotes where !notes.contains(line) {
                    notes.append(line)
                }
            } else {
                notes.append(PhaseSource.missing(row: step.row, records: records))
            }
            add(step.what, "alex", [Roster.subject], step.alex, source, &table)
            add(step.what, "RocksStorage", ["rocksdb", "rocksdb-tuned"], step.rocksStorage, source, &table)
        }
        document.table(table)
        document.lines(
            [
                "The historical rungs (remapping after every write, and in steps of 16 MiB) are not in this version: "
                    + "the measured column is the engine as it is, and no measured speed-up can be given."
            ] + notes)
        PhaseTable.addArithmetic(Published.stepSums, to: &document)
    }

    private static func add(
        _ what: String, _ system: String, _ engines: [String], _ published: (before: Double, after: Double),
        _ source: PhaseSource?, _ table: inout ReportDocument.Table
    ) {
        let there = engines.filter { source?.interval($0) != nil }
        for engine in there.isEmpty ? [system] : there {
            let interval = source?.interval(engine)
            table.rows.append([
                .init("\(what), \(engine == system ? system : "\(engine) (published: \(system))")"),
                .init(Figures.nanoseconds(published.before)), .init(Figures.nanoseconds(published.after)),
                .init(Figures.ratio(published.before / published.after) + "×"),
                .init(interval.map(PhaseSource.text) ?? "not measured"),
                .init(interval.map { Figures.ratio($0.median / published.after) } ?? "–"),
            ])
        }
    }
}
