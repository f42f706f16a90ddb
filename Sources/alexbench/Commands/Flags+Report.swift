/// What `alexbench report` makes of results.
enum ReportForm: Sendable {
    /// The published tables, measured anew.
    case tables
    case html
    case markdown
}

extension Flags {
    static let reportForm = Flag<ReportForm>.choice(
        "format", [("tables", .tables), ("html", .html), ("markdown", .markdown)], synonyms: ["md": "markdown"],
        fallback: .tables, defaultText: "tables",
        "the published tables; one page with charts of all results; or Markdown of all results")
    static let charts = Flag<Bool>.toggle("charts", "with --format markdown: charts as SVG files beside it")
}
