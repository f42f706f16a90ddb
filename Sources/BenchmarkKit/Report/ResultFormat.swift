/// A form in which a result is printed: the values of `--format`.
public enum ResultFormat: String, Sendable, Hashable, CaseIterable {
    case text
    case csv
    case markdown
    case json

    /// The usual end of a file's name in this form, without the dot.
    public var fileExtension: String {
        switch self {
        case .text: "txt"
        case .csv: "csv"
        case .markdown: "md"
        case .json: "json"
        }
    }

    /// The result in this form, ending in a line break. The same bytes for the same arguments.
    /// - Parameters:
    ///   - colour: Emphasises with terminal codes; heeded by `text` alone.
    ///   - width: Columns of the terminal; heeded by `text` alone.
    public func render(_ result: RunResult, colour: Bool = false, width: Int = 110) -> String {
        if self == .text || self == .markdown,
            let text = Breakdown.render(result, format: self, colour: colour, width: width)
        {
            return text
        }
        return switch self {
        case .text: Self.document(result, isBrief: true).text(colour: colour, width: width)
        case .csv: CSVReport.render(result)
        case .markdown: Self.document(result, isBrief: false).markdown
        case .json: JSONReport.render(result)
        }
    }

    private static func document(_ result: RunResult, isBrief: Bool) -> ReportDocument {
        CrashReport(result)?.document(isBrief: isBrief) ?? ResultReport(result).document(isBrief: isBrief)
    }
}
