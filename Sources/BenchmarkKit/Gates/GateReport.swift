/// The gates as a document.
public enum GateReport {
    /// - Parameter format: Text, Markdown or CSV; the JSON form of the gates is the result that was measured.
    public static func render(_ gates: [Gate], format: ResultFormat, colour: Bool = false, width: Int = 140) -> String {
        switch format {
        case .csv: csv(gates)
        case .markdown, .json: document(gates).markdown
        case .text: document(gates, isWide: false).text(colour: colour, width: width)
        }
    }

    /// - Parameter isWide: Whether the run behind a gate is a column; else it is told below the table.
    static func document(_ gates: [Gate], isWide: Bool = true) -> ReportDocument {
        var document = ReportDocument()
        var table = table(gates)
        if !isWide {
            table.header.removeLast()
            for place in table.rows.indices { table.rows[place].removeLast() }
        }
        document.table(table)
        document.lines(notes(gates))
        if !isWide { document.lines(gates.map { "\($0.subject): \(run($0))" }.filter { !$0.hasSuffix(" –") }) }
        let met = gates.filter(\.verdict.isMet).count
        document.lines(["\(met) of \(gates.count) criteria are met."])
        return document
    }

    /// The run behind the figure, or the command that makes it.
    private static func run(_ gate: Gate) -> String {
        if gate.verdict == .notMeasured { return PhaseEngines.command(gate.source) }
        return gate.run.isEmpty ? "–" : gate.run
    }

    static func table(_ gates: [Gate]) -> ReportDocument.Table {
        ReportDocument.Table(
            header: ["criterion", "bound", "measured", "interval", "verdict", "run"],
            rows: gates.map { gate in
                [
                    gate.subject, gate.bound,
                    gate.measured.map { PhaseSection.quantity($0.value, gate.unit) } ?? "–",
                    gate.measured.map { PhaseSection.interval($0, gate.unit) } ?? "–", gate.verdict.rawValue, run(gate),
                ].map { .init($0) }
            })
    }

    static func notes(_ gates: [Gate]) -> [String] {
        gates.filter { !$0.remark.isEmpty }.map { "\($0.subject): \($0.remark)." }
    }

    static func csv(_ gates: [Gate]) -> String {
        func number(_ value: Double?) -> String { value.map { $0.isFinite ? CSVReport.number($0) : "" } ?? "" }
        let rows = gates.map { gate in
            [
                gate.name, gate.criterion, gate.unit.rawValue, number(gate.measured?.value),
                number(gate.measured?.lower), number(gate.measured?.upper), gate.verdict.rawValue, run(gate),
            ]
        }
        let header = ["gate", "criterion", "unit", "measured", "lower", "upper", "verdict", "run"]
        return ([header] + rows).map { $0.map(CSVReport.quoted).joined(separator: ",") + "\r\n" }.joined()
    }
}
