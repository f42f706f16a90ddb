/// Results as one HTML page that needs nothing else: charts as SVG in the page, light and dark, no request to anywhere.
/// The same results give the same bytes.
public struct HTMLPage: Sendable {
    /// A result and the name it goes by, a file's without its ending.
    public typealias Entry = (name: String, result: RunResult)

    private let entries: [Entry]
    private let elsewhere: [String]

    /// - Parameters:
    ///   - entries: In the order in which they shall stand on the page.
    ///   - elsewhere: Names of results whose tables stand in files of their own, `phase-1.md` and the like.
    public init(_ entries: [Entry], elsewhere: [String] = []) {
        self.entries = entries
        self.elsewhere = elsewhere
    }

    /// The page. Linear in the size of the results.
    public func render() -> String {
        let articles = entries.enumerated().map { Self.article($0.element, id: "r\($0.offset)") }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';\
            script-src 'unsafe-inline'">
            <title>\(Markup.escaped(title))</title>
            <style>\(Self.style)</style>
            <script>\(Self.selfCheck)</script>
            </head>
            <body>
            <header><h1>\(Markup.escaped(title))</h1>
            <fieldset class="theme"><legend>Theme</legend>\(Self.themes)</fieldset></header>
            \(contents)<main>
            \(articles.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var title: String { entries.count == 1 ? "alexbench: \(entries[0].name)" : "alexbench results" }

    private static let themes = ["auto", "light", "dark"].map { name in
        "<label><input type=\"radio\" name=\"theme\" id=\"theme-\(name)\"\(name == "auto" ? " checked" : "")> "
            + "\(name)</label>"
    }.joined()

    private var contents: String {
        if entries.isEmpty { return "<p>No result.</p>\n" }
        if entries.count == 1 { return "" }
        let links = entries.enumerated().map { place, entry in
            "<li><a href=\"#r\(place)\">\(Markup.escaped(entry.name))</a></li>"
        }
        let others =
            elsewhere.isEmpty
            ? ""
            : "<p class=\"dim\">Not on this page, but in phase-1.md, phase-2.md, phase-3.md, roadmap.md, targets.md, "
                + "index-targets.md and Markdown files of their names: "
                + "\(Markup.escaped(elsewhere.joined(separator: ", "))).</p>\n"
        return "<nav aria-label=\"Results\"><ul>\(links.joined())</ul></nav>\n" + others
    }

    private static func article(_ entry: Entry, id: String) -> String {
        let report = ResultReport(entry.result)
        let figures = ResultCharts(report).figures
        let machine = entry.result.environment
        var parts = [
            "<h2>\(Markup.escaped(entry.name))</h2>",
            "<p class=\"dim\"><code>\(Markup.escaped(entry.result.command))</code><br>"
                + Markup.escaped(
                    "\(machine.cpu), \(machine.cores) cores, \(machine.fileSystem), \(machine.swiftName), "
                        + "\(entry.result.date), commit \(entry.result.commit)") + "</p>",
            verdicts(report), grade(entry.result),
            ReportDocument.html(report.warnings, style: "warn"),
        ]
        if !figures.isEmpty { parts.append("<p class=\"dim\">\(Markup.escaped(ResultCharts.reading))</p>") }
        for (place, figure) in figures.enumerated() { parts.append(set(figure, id: "\(id)f\(place)")) }
        parts.append(rest(report, figures))
        parts.append(observations(report))
        parts.append(details("Notes", ReportDocument.html(report.notes)))
        parts.append(details("Machine, versions and settings", ReportDocument.html(report.header(isBrief: false))))
        return "<article id=\"\(id)\">\n" + parts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n</article>"
    }

    /// Losses first, marked by words and by colour.
    private static func verdicts(_ report: ResultReport) -> String {
        let verdicts = Verdict.all(of: report.result, report.index)
        if verdicts.isEmpty { return ReportDocument.html(report.verdicts, style: "verdicts") }
        let names: [Verdict.Kind: (style: String, word: String)] = [
            .lost: ("lost", "lost"), .undecided: ("even", "even"), .won: ("won", "won"),
        ]
        let lines = verdicts.map { verdict in
            let name = names[verdict.kind] ?? ("even", "even")
            return
                "<li class=\"\(name.style)\"><b>\(name.word)</b><span>\(Markup.escaped(verdict.sentence))</span></li>"
        }
        return "<ul class=\"verdicts\">\(lines.joined(separator: "\n"))</ul>"
    }

    /// The letter in sight, what took points away a click further.
    private static func grade(_ result: RunResult) -> String {
        let lines = Grade(result).lines
        return details(lines[0], ReportDocument.html(Array(lines.dropFirst())))
    }

    private static func observations(_ report: ResultReport) -> String {
        var document = ReportDocument()
        report.addObservations(to: &document, isBrief: false)
        report.addRowObservations(to: &document)
        let parts = document.blocks.map { block in
            switch block {
            case .heading(let text, _): return "<h4>\(Markup.escaped(text))</h4>"
            case .lines(let lines): return ReportDocument.html(lines)
            case .table(let table): return ReportDocument.html(table)
            case .verbatim(let text): return "<pre>\(Markup.escaped(text))</pre>"
            case .picture(let title, _): return "<p>\(Markup.escaped(title))</p>"
            }
        }
        return details("Observed", parts.joined())
    }

    private static func set(_ figure: ChartFigure, id: String) -> String {
        let drawings = figure.charts.enumerated().map { ChartDrawing($0.element, id: "\(id)c\($0.offset)").inline }
        let tables = figure.tables.map { ReportDocument.html($0) }.joined()
        return "<section><h3>\(Markup.escaped(figure.title))</h3>\n<figure><div class=\"charts\">\n"
            + drawings.joined(separator: "\n") + "\n</div>\n<figcaption>\(Markup.escaped(figure.caption))"
            + "</figcaption></figure>\n" + details("\(figure.title) in numbers", tables) + "</section>"
    }

    /// The report's tables that no figure shows.
    private static func rest(_ report: ResultReport, _ figures: [ChartFigure]) -> String {
        let shown = Set(figures.flatMap(\.tables))
        return report.sections.compactMap { section in
            guard let table = report.table(section, report.index.rows), !shown.contains(table) else { return nil }
            return details(section.title, ReportDocument.html(table))
        }.joined(separator: "\n")
    }

    private static func details(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<details><summary>\(Markup.escaped(title))</summary>\n\(content)</details>"
    }
}
