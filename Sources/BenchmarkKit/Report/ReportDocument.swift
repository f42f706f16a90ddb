/// What a report says, apart from how it is set: text and Markdown are two settings of one document.
struct ReportDocument: Sendable, Hashable {
    enum Block: Sendable, Hashable {
        case heading(String, level: Int)
        case lines([String])
        case table(Table)
        /// Set as it is: a chart.
        case verbatim(String)
        /// A chart in a file beside the report.
        case picture(String, file: String)
    }

    /// The first column names the row; the others are set flush right.
    struct Table: Sendable, Hashable {
        var header: [String]
        var rows: [[Cell]]
        /// Columns that every block repeats when a table is too wide for the terminal.
        var leadingColumns = 1
    }

    struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
        var text: String
        /// Best, or tied with the best.
        var isBest = false

        init(_ text: String, isBest: Bool = false) {
            self.text = text
            self.isBest = isBest
        }

        init(stringLiteral text: String) { self.init(text) }
    }

    var blocks: [Block] = []

    mutating func heading(_ text: String, level: Int = 2) { blocks.append(.heading(text, level: level)) }
    mutating func lines(_ lines: [String]) { if !lines.isEmpty { blocks.append(.lines(lines)) } }
    mutating func table(_ table: Table) { if !table.rows.isEmpty { blocks.append(.table(table)) } }
}
