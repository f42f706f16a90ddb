/// A chart as SVG: the shapes with classes, whose colours the style sheet gives. The same chart gives the same bytes.
///
/// All charts are equally wide, so that they stand in columns on a wide page and below each other on a narrow one, and
/// nothing is ever scaled: twelve pixels of text stay twelve pixels.
struct ChartDrawing {
    /// Fits a window of 360 pixels beside the page's margins.
    static let width = 336.0
    static let lineHeight = 16.0

    let chart: Chart
    /// Prefix of the ids of this drawing, unique on the page.
    let id: String
    private(set) var shapes = ""
    /// How far down the drawing reaches.
    var height = 0.0

    init(_ chart: Chart, id: String) {
        self.chart = chart
        self.id = id
        text(Markup.fitted(chart.title, Self.width, size: 13, isBold: true), 0, 13, "t")
        text(Markup.fitted(chart.unit, Self.width), 0, 29, "q")
        height = 36
        switch chart.content {
        case .bars(let bars, let label): draw(bars, label)
        case .curves(let curves): draw(curves)
        case .dots(let dots): draw(dots)
        }
        for line in chart.notes.flatMap({ Markup.wrapped($0, Self.width) }) {
            height += Self.lineHeight
            text(line, 0, height - 4, "q")
        }
        height += 2
    }

    mutating func add(_ markup: String) { shapes += markup }

    /// Forgets the shapes, so that a copy of the drawing can collect some apart.
    mutating func clear() { shapes = "" }

    mutating func text(_ words: String, _ x: Double, _ y: Double, _ style: String = "") {
        let style = style.isEmpty ? "" : " class=\"\(style)\""
        add("<text x=\"\(Markup.number(x))\" y=\"\(Markup.number(y))\"\(style)>\(Markup.escaped(words))</text>")
    }

    mutating func path(_ data: String, _ style: String) { add("<path class=\"\(style)\" d=\"\(data)\"/>") }

    /// Line from one place to another, as path data.
    func line(_ x: Double, _ y: Double, _ toX: Double, _ toY: Double) -> String {
        Markup.path([(x, y), (toX, toY)])
    }

    /// Standing in a page, whose style sheet colours it.
    var inline: String {
        let size = "width=\"\(Markup.number(Self.width))\" height=\"\(Markup.number(height))\""
        let box = "viewBox=\"0 0 \(Markup.number(Self.width)) \(Markup.number(height))\""
        return "<svg class=\"chart\" id=\"\(id)\" role=\"img\" aria-labelledby=\"\(id)t \(id)d\" \(size) \(box)>"
            + "<title id=\"\(id)t\">\(Markup.escaped(chart.title)): \(Markup.escaped(chart.unit))</title>"
            + "<desc id=\"\(id)d\">\(Markup.escaped(chart.summary))</desc>\(shapes)</svg>"
    }
}

extension ChartFigure {
    /// All charts in one file of two columns, with its own background in both themes.
    var file: String {
        let (margin, gap) = (12.0, 24.0)
        let drawings = charts.enumerated().map { ChartDrawing($0.element, id: "c\($0.offset)") }
        let columns = min(2, max(1, drawings.count))
        var (y, body) = (margin, "")
        for start in stride(from: 0, to: drawings.count, by: columns) {
            let line = drawings[start..<min(start + columns, drawings.count)]
            for (column, drawing) in line.enumerated() {
                let x = margin + Double(column) * (ChartDrawing.width + gap)
                body += "<g transform=\"translate(\(Markup.number(x)) \(Markup.number(y)))\">\(drawing.shapes)</g>\n"
            }
            y += (line.map(\.height).max() ?? 0) + gap
        }
        let width = Markup.number(2 * margin + Double(columns) * (ChartDrawing.width + gap) - gap)
        let height = Markup.number(y - gap + margin)
        let summary = charts.map { "\($0.title): \($0.summary)" }.joined(separator: " ")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-labelledby="t d" \
            width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
            <title id="t">\(Markup.escaped(title))</title>
            <desc id="d">\(Markup.escaped(summary))</desc>
            <style>\(ChartStyle.fileRules)</style>
            <rect class="paper" width="\(width)" height="\(height)"/>
            \(body)</svg>

            """
    }
}
