extension ReportDocument {
    /// Set for a terminal of `width` columns. Bold marks the best where there is colour, a star where there is none.
    func text(colour: Bool, width: Int) -> String {
        var parts: [String] = []
        for block in blocks {
            switch block {
            case .heading(let text, _): parts.append(colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text)
            case .lines(let lines): parts.append(lines.joined(separator: "\n"))
            case .verbatim(let text): parts.append(text)
            case .picture(let title, let file): parts.append("\(title): \(file)")
            case .table(let table): parts.append(contentsOf: Self.set(table, colour: colour, width: width))
            }
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// The table in blocks of columns, each as wide as the terminal allows and each with the leading columns.
    static func set(_ table: Table, colour: Bool, width: Int) -> [String] {
        let widths = table.header.indices.map { column in
            max(table.header[column].count, table.rows.map { visible($0[column], colour: colour).count }.max() ?? 0)
        }
        let leading = Array(0..<table.leadingColumns)
        let leadingWidth = leading.reduce(0) { $0 + widths[$1] + 2 }
        var blocks: [[Int]] = []
        var used = 0
        for column in table.leadingColumns..<table.header.count {
            let needed = widths[column] + 2
            if blocks.isEmpty || leadingWidth + used + needed > width {
                blocks.append([])
                used = 0
            }
            blocks[blocks.count - 1].append(column)
            used += needed
        }
        return blocks.map { block(of: table, columns: leading + $0, widths: widths, colour: colour) }
    }

    private static func block(of table: Table, columns: [Int], widths: [Int], colour: Bool) -> String {
        var lines = [line(table.header.map { Cell($0) }, table, columns, widths, colour)]
        lines.append(String(repeating: "─", count: columns.reduce(-2) { $0 + widths[$1] + 2 }))
        lines += table.rows.map { line($0, table, columns, widths, colour) }
        return lines.joined(separator: "\n")
    }

    private static func line(
        _ cells: [Cell], _ table: Table, _ columns: [Int], _ widths: [Int], _ colour: Bool
    ) -> String {
        var text = ""
        for column in columns {
            if !text.isEmpty { text += "  " }
            let shown = visible(cells[column], colour: colour)
            let padding = String(repeating: " ", count: widths[column] - shown.count)
            let styled = colour && cells[column].isBest ? "\u{1B}[1m\(shown)\u{1B}[0m" : shown
            text += column < table.leadingColumns ? styled + padding : padding + styled
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func visible(_ cell: Cell, colour: Bool) -> String {
        cell.isBest && !colour ? "*" + cell.text : cell.text
    }
}
