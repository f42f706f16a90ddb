/// A crash run's result as a document: header, a table for each class, what each engine kept.
struct CrashReport {
    let result: RunResult
    private let tables: [CrashTable]

    /// `nil` for a result of another kind.
    init?(_ result: RunResult) {
        let tables = CrashTable.all(of: result)
        guard !tables.isEmpty else { return nil }
        self.result = result
        self.tables = tables
    }

    func document(isBrief: Bool) -> ReportDocument {
        let report = ResultReport(result)
        var document = ReportDocument()
        document.lines(report.header(isBrief: isBrief))
        document.lines(
            result.warnings.map { "Warning: \($0.text). Remedy: \($0.remedy).".replacing("..", with: ".") })
        for table in tables {
            document.heading("Class \(table.durability): \(Self.promise(table.durability))")
            document.table(table.reportTable)
        }
        document.heading("Notes")
        document.lines(notes)
        document.heading("What was kept")
        document.lines(
            tables.flatMap { table in table.columns.map { "class \(table.durability): \($0.sentence)" } })
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
        lines += result.unavailable.map { "n/a: \($0.backend), \($0.reason)" }
        return lines
    }
}
