extension ReportDocument {
    /// Set as HTML: tables in boxes of their own, which scroll where the window is narrow.
    static func html(_ table: Table) -> String {
        func row(_ cells: [String], head: Bool) -> String {
            let tags = cells.enumerated().map { place, text in
                if head { return "<th scope=\"col\">\(text)</th>" }
                return place == 0 ? "<th scope=\"row\">\(text)</th>" : "<td>\(text)</td>"
            }
            return "<tr>\(tags.joined())</tr>"
        }
        let body = table.rows.map { cells in
            row(cells.map { $0.isBest ? "<b>\(Markup.escaped($0.text))</b>" : Markup.escaped($0.text) }, head: false)
        }
        let head = row(table.header.map(Markup.escaped), head: true)
        return "<div class=\"scroll\" tabindex=\"0\"><table><thead>\(head)</thead><tbody>\n"
            + body.joined(separator: "\n") + "\n</tbody></table></div>"
    }

    /// Lines as a list.
    static func html(_ lines: [String], style: String = "") -> String {
        if lines.isEmpty { return "" }
        let style = style.isEmpty ? "" : " class=\"\(style)\""
        return "<ul\(style)>" + lines.map { "<li>\(Markup.escaped($0))</li>" }.joined(separator: "\n") + "</ul>"
    }
}
