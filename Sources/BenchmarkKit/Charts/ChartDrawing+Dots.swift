extension ChartDrawing {
    /// A legend, then a line for each row with a dot for each engine; floors are hollow.
    mutating func draw(_ content: Chart.Dots) {
        let step = 18.0
        drawLegend(content.engines)
        let names = content.lines.map { Markup.width($0.name) }.max() ?? 0
        let left = min(names, Self.width * 0.42) + 8
        let right = Self.width - 8
        func x(_ value: Double) -> Double { left + 4 + content.axis.share(value) * (right - left - 4) }
        let top = height
        let bottom = top + Double(content.lines.count) * step + 3
        for tick in content.axis.ticks { path(line(x(tick.value), top, x(tick.value), bottom), "axis") }
        for (place, row) in content.lines.enumerated() {
            let middle = top + (Double(place) + 0.5) * step
            text(Markup.fitted(row.name, left - 8), left - 6, middle + 4, "e")
            path(line(left, middle, right, middle), "axis")
            // The first engine is drawn last, above the others.
            for (engine, point) in zip(content.engines, row.points).reversed() {
                guard let point else { continue }
                add("<g class=\"c\(engine.colour)\">")
                if let lower = point.lower, let upper = point.upper, upper > lower {
                    path(line(x(lower), middle, x(upper), middle), "arm")
                }
                let says = Markup.escaped("\(row.name): \(engine.name) \(point.text ?? "")")
                let place = "cx=\"\(Markup.number(x(point.x)))\" cy=\"\(Markup.number(middle))\" r=\"3.4\""
                add("<circle class=\"dot\(engine.isFloor ? " hollow" : "")\" \(place)><title>\(says)</title></circle>")
                add("</g>")
            }
        }
        height = bottom + 18
        tickLabels(content.axis.ticks.map { (x($0.value), $0.label) }, right: Self.width)
    }

    /// The engines with their colours, in as many lines as they need.
    private mutating func drawLegend(_ engines: [Chart.Dots.Engine]) {
        var at = 0.0
        height += 12
        for engine in engines {
            let name = Markup.fitted(engine.name, Self.width - 16)
            let width = 12 + Markup.width(name)
            if at > 0, at + width > Self.width {
                at = 0
                height += Self.lineHeight
            }
            add("<g class=\"c\(engine.colour)\">")
            let place = "cx=\"\(Markup.number(at + 4))\" cy=\"\(Markup.number(height - 8))\" r=\"3.4\""
            add("<circle class=\"dot\(engine.isFloor ? " hollow" : "")\" \(place)/>")
            text(name, at + 11, height - 4)
            add("</g>")
            at += width + 10
        }
        height += 6
    }
}
