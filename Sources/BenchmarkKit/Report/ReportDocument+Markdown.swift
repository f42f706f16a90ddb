extension ReportDocument {
    /// Set as Markdown: pipe tables, the best in bold.
    var markdown: String {
        var parts: [String] = []
        for block in blocks {
            switch block {
            case .heading(let text, let level): parts.append(String(repeating: "#", count: level) + " " + text)
            case .lines(let lines): parts.append(lines.map { "- " + Self.escaped($0) }.joined(separator: "\n"))
            case .verbatim(let text): parts.append("```text\n\(text)\n```")
            case .picture(let title, let file): parts.append("![\(Self.escaped(title))](\(file))")
            case .table(let table): parts.append(Self.pipes(table))
            }
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func pipes(_ table: Table) -> String {
        let rule = table.header.indices.map { $0 < table.leadingColumns ? ":--" : "--:" }
        var lines = [table.header.map(escaped), rule]
        lines += table.rows.map { row in
            row.map { $0.isBest ? "**\(escaped($0.text))**" : escaped($0.text) }
        }
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }

    /// A pipe would end a cell, a star begin an emphasis.
    static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("*", with: "\\*")
    }
}
