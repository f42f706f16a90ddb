/// A result as Markdown with charts: the same report as without, and SVG files for beside it.
public struct ChartedMarkdown: Sendable {
    /// Ends in a line break.
    public let text: String
    /// The charts: a file's name, and its SVG.
    public let files: [(name: String, svg: String)]

    /// - Parameter name: What the files' names begin with: `mixed-1M` gives `mixed-1M-throughput.svg`.
    public init(_ result: RunResult, name: String) {
        if let parts = Breakdown.render(result, format: .markdown, colour: false, width: 0) {
            // The parts of an operation have no charts.
            (text, files) = (parts, [])
            return
        }
        let report = ResultReport(result)
        let figures = ResultCharts(report).figures
        let blocks = report.document(isBrief: false).blocks
        // The charts stand between the header and the first table.
        let first = blocks.firstIndex { if case .heading = $0 { true } else { false } } ?? blocks.endIndex
        files = figures.map { ("\(name)-\($0.name).svg", $0.file) }
        let pictures = zip(figures, files).map { figure, file in
            let alt = ReportDocument.escaped(figure.title).replacing("[", with: "(").replacing("]", with: ")")
            return "## \(figure.title), charts\n\n![\(alt)](\(Self.address(file.name)))\n\n\(figure.caption)\n"
        }
        let reading = figures.isEmpty ? [] : [ResultCharts.reading + "\n"]
        let parts = [ReportDocument(blocks: Array(blocks[..<first])).markdown] + reading + pictures
        text = (parts + [ReportDocument(blocks: Array(blocks[first...])).markdown]).joined(separator: "\n")
    }

    /// The file's name as an address: what could end it or be read as something else is escaped.
    private static func address(_ name: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return name.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                return String(character)
            }
            return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}
