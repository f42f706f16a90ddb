extension ChartDrawing {
    /// Lying bars from zero: name at the left, figure at the right, the interval as a whisker across the bar's end.
    ///
    /// The axis reaches as far as the engines do. A floor may stretch it to `floorStretch` times that; a floor beyond
    /// is cut, which a gap in the bar shows and a note says.
    mutating func draw(_ bars: [Chart.Bar], _ label: Chart.Label) {
        let step = 18.0
        let names = bars.map { Markup.width($0.name, isBold: false) }.max() ?? 0
        let figures = bars.map { Markup.width($0.text, isBold: $0.isBest) }.max() ?? 0
        let left = min(names, Self.width * 0.4) + 8
        let right = max(left + 60, Self.width - figures - 12)
        let axis = ChartAxis.linear(upTo: Self.reach(bars), count: label == .number ? 4 : 3, label: label.text)
        func x(_ value: Double) -> Double { left + axis.share(value) * (right - left) }
        let top = height
        var y = top
        var marks = ""
        var isCut = false
        for (place, bar) in bars.enumerated() {
            if bar.isFloor, place > 0, !bars[place - 1].isFloor { y += 5 }
            marks += row(bar, y + step / 2, left: left, x: x, end: right, upper: axis.upper)
            if bar.isFloor, (bar.value ?? 0) > axis.upper { isCut = true }
            y += step
        }
        for tick in axis.ticks { path(line(x(tick.value), top, x(tick.value), y + 3), "axis") }
        add(marks)
        path(line(left, top, left, y), "axis")
        height = y + 18
        tickLabels(axis.ticks.map { (x($0.value), $0.label) }, right: Self.width)
        if isCut {
            height += Self.lineHeight
            text("Cut bars run beyond the axis.", 0, height - 4, "q")
        }
    }

    static let floorStretch = 2.0

    private static func reach(_ bars: [Chart.Bar]) -> Double {
        func most(_ bars: [Chart.Bar]) -> Double {
            bars.filter { $0.value != nil }.map { max($0.upper, $0.value ?? 0) }.filter(\.isFinite).max() ?? 0
        }
        let engines = most(bars.filter { !$0.isFloor })
        let floors = most(bars.filter(\.isFloor))
        if engines <= 0 { return floors }
        return floors > engines * floorStretch ? engines * 1.15 : max(engines, floors)
    }

    private func row(
        _ bar: Chart.Bar, _ middle: Double, left: Double, x: (Double) -> Double, end: Double, upper: Double
    ) -> String {
        var drawing = self
        drawing.clear()
        let says = Markup.escaped("\(bar.name)\(bar.isFloor ? " (floor)" : ""): \(bar.text)")
        drawing.add("<g class=\"c\(bar.colour)\(bar.isFloor ? " floor" : "")\"><title>\(says)</title>")
        drawing.text(Markup.fitted(bar.name, left - 8), left - 6, middle + 4, bar.isFloor ? "e q" : "e")
        if let value = bar.value, value > 0, value.isFinite {
            let width = max(1, x(value) - left)
            let place = "x=\"\(Markup.number(left))\" y=\"\(Markup.number(middle - 5))\""
            drawing.add("<rect class=\"bar\" \(place) width=\"\(Markup.number(width))\" height=\"10\"/>")
            if value > upper {
                let (from, top) = (Markup.number(end - 16), Markup.number(middle - 7))
                drawing.add("<path class=\"cut\" d=\"M\(from) \(top)l5 0l-4 14l-5 0z\"/>")
            } else if bar.upper > bar.lower {
                let (low, high) = (x(bar.lower), x(bar.upper))
                var data = drawing.line(low, middle, high, middle) + drawing.line(low, middle - 3, low, middle + 3)
                if bar.upper <= upper { data += drawing.line(high, middle - 3, high, middle + 3) }
                drawing.path(data, "wh")
            }
        }
        let style = bar.value == nil ? "e q" : bar.isBest ? "e best" : bar.isFloor ? "e q" : "e"
        drawing.text(bar.text, Self.width, middle + 4, style)
        drawing.add("</g>")
        return drawing.shapes
    }
}
