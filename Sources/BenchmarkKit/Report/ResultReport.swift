/// A run's result as a document: header, warnings, tables, verdicts.
struct ResultReport {
    let result: RunResult

    init(_ result: RunResult) {
        self.result = result
    }

    var document: ReportDocument {
        var document = ReportDocument()
        document.lines([result.command])
        return document
    }
}
