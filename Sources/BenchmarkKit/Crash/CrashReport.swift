/// A crash run's result as a document: header, a table for each class, what each engine kept.
struct CrashReport {
    let result: RunResult
    private let tables: [CrashTable]
    private let powerLosses: PowerLossTable?

    /// `nil` for a result of another kind.
    init?(_ result: RunResult) {
        let tables = CrashTable.all(of: result)
        powerLosses = PowerLossTable(result)
        guard !tables.isEmpty || powerLosses != nil else { return nil }
        self.result = result
        self.tables = tables
    }

    func document(isBrief: Bool) -> ReportDocument {
        var kills = result
        kills.samples.removeAll { $0.workload == PowerLossTable.workload }
        let report = ResultReport(kills)
        var document = ReportDocument()
        document.lines(report.header(isBrief: isBrief))
        document.lines(
            result.warnings.map { "Warning: \($0.text). Remedy: \($0.remedy).".replacing("..", with: ".") })
        for table in tables {
            document.heading("Class \(table.durability): \(Self.promise(table.durability))")
            document.table(table.reportTable)
        }
        if let powerLosses {
            document.heading("Simulated power losses: what a disk may hold afterwards")
            document.table(powerLosses.reportTable)
        }
        document.heading("Notes")
        document.lines(notes)
        document.heading("What was kept")
        document.lines(
            tables.flatMap { table in table.columns.map { "class \(table.durability): \($0.sentence)" } }
                + (powerLosses?.sentences ?? []))
        return document
    }

    private static func promise(_ durability: String) -> String {
        switch durability {
        case "memory": "a kill may lose anything, but what is left must have been written"
        case "process": "every acknowledged commit survives kill -9"
        case "power": "every acknowledged commit survives kill -9, and power loss, which a kill is not"
        default: durability
        }
    }

    private var notes: [String] {
        var lines = [
            "A commit counts as acknowledged when its call has returned, or when it was seen after an earlier kill. "
                + "Lost: it is not there after the reopen. Hole: it is not there and a later one is.",
            "Times are those of a fresh process after the kill, with the files still in the page cache: to open, and "
                + "from the beginning of the open to the end of the first read.",
        ]
        if tables.contains(where: { $0.durability == "power" }) {
            lines.append(
                "A kill takes no power away: what the kernel has not written to the disk yet survives it. So class "
                    + "power shows here only that it is no worse than class process.")
        }
        if powerLosses != nil {
            lines.append(
                "Simulated: the engine runs on a disk in memory that loses power at any of its calls. Of what was not "
                    + "synced each block of 512 B or 4 KiB is kept, lost or as it was in between, and names of files "
                    + "likewise; one of the states goes on and loses power again, three deep. What was synced must be "
                    + "there, and the state one that the store had. In classes memory and process only `sync` and "
                    + "`close` make durable.")
        }
        lines += result.unavailable.map { "n/a: \($0.backend), \($0.reason)" }
        return lines
    }
}
