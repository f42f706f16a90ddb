extension ChartDrawing {
    /// Curves over two axes, each named at its end.
    mutating func draw(_ content: Chart.Curves) {
        let curves = content.curves.filter { !$0.points.isEmpty }
        let (across, up) = (content.across, content.up)
        let left = (up.ticks.map { Markup.width($0.label) }.max() ?? 0) + 6
        let names = min(curves.map { Markup.width($0.name) }.max() ?? 0, 110)
        let right = Self.width - names - 18
        let top = height + 6 + Double(content.marks.isEmpty ? 0 : 1) * Self.lineHeight
        let plot = max(170, Double(curves.count) * 14 + 10)
        let bottom = top + plot
        func x(_ value: Double) -> Double { left + across.share(value) * (right - left) }
        func y(_ value: Double) -> Double { bottom - up.share(value) * plot }

        for tick in up.ticks {
            path(line(left, y(tick.value), right, y(tick.value)), "axis")
            text(tick.label, left - 5, y(tick.value) + 4, "e q")
        }
        path(line(left, bottom, right, bottom), "axis")
        for tick in across.ticks { path(line(x(tick.value), bottom, x(tick.value), bottom + 4), "axis") }
        draw(content.marks, top: top, bottom: bottom, right: right, x: x)
        for curve in curves { draw(curve, x: x, y: y) }
        draw(
            namesOf: curves, from: right, limit: names, range: top...bottom,
            x: { curve in x(curve.points.last?.x ?? 0) }, y: { curve in y(curve.points.last?.y ?? 0) })
        height = bottom + 22
        tickLabels(across.ticks.map { (x($0.value), $0.label) }, right: Self.width)
    }

    /// The words under an axis; one that would touch its neighbour goes on a second line, or is left out.
    mutating func tickLabels(_ labels: [(x: Double, text: String)], right: Double) {
        var taken = [-Double.infinity, -Double.infinity]
        let baseline = height - 3
        for label in labels {
            let half = Markup.width(label.text) / 2
            let middle = min(max(label.x, half), right - half)
            guard let line = taken.firstIndex(where: { middle - half > $0 + 6 }) else { continue }
            text(label.text, middle, baseline + Double(line) * 14, "m q")
            if line == 1 { height = baseline + 17 }
            taken[line] = middle + half
        }
    }

    private mutating func draw(
        _ marks: [Chart.Mark], top: Double, bottom: Double, right: Double, x: (Double) -> Double
    ) {
        var taken = -Double.infinity
        for mark in marks.sorted(by: { $0.x < $1.x }) {
            path(line(x(mark.x), top - 4, x(mark.x), bottom), "mark")
            let half = Markup.width(mark.name) / 2
            let middle = min(max(x(mark.x), half), Self.width - half)
            guard middle - half > taken + 4 else { continue }
            text(mark.name, middle, top - 8, "m q")
            taken = middle + half
        }
    }

    private mutating func draw(_ curve: Chart.Curve, x: (Double) -> Double, y: (Double) -> Double) {
        add("<g class=\"c\(curve.colour)\(curve.isDashed ? " dash" : "")\">")
        let data = Markup.path(curve.points.map { (x($0.x), y($0.y)) })
        var arms = ""
        for point in curve.points {
            if let lower = point.lower, let upper = point.upper, upper > lower {
                arms += line(x(point.x), y(lower), x(point.x), y(upper))
            }
        }
        if !arms.isEmpty { path(arms, "arm") }
        if curve.points.count > 1 { path(data, "curve") }
        // Dots say where something was measured; a dense series is its line. Those that say nothing more are lines of
        // no length with round ends, all in one path: a fifth of the bytes of as many circles.
        if curve.points.count <= 12 {
            var silent = ""
            for point in curve.points {
                let (cx, cy) = (Markup.number(x(point.x)), Markup.number(y(point.y)))
                if let says = point.text.map({ Markup.escaped("\(curve.name) \($0)") }) {
                    add("<circle class=\"dot\" cx=\"\(cx)\" cy=\"\(cy)\" r=\"2.4\"><title>\(says)</title></circle>")
                } else {
                    silent += "M\(cx) \(cy)h0"
                }
            }
            if !silent.isEmpty { path(silent, "dots") }
        }
        add("</g>")
    }

    /// Names at the right, each as near to its curve's end as the others allow, tied to it by a thin line.
    ///
    /// Steps: in the order of the ends, push each name below the one before; then from the lower edge push back up.
    private mutating func draw(
        namesOf curves: [Chart.Curve], from right: Double, limit: Double, range: ClosedRange<Double>,
        x: (Chart.Curve) -> Double, y: (Chart.Curve) -> Double
    ) {
        let gap = 14.0
        let sorted = curves.enumerated().sorted { (y($0.element), $0.offset) < (y($1.element), $1.offset) }
        var places = sorted.map { max(y($0.element), range.lowerBound + 4) }
        for index in places.indices.dropFirst() { places[index] = max(places[index], places[index - 1] + gap) }
        var floor = range.upperBound + 4
        for index in places.indices.reversed() {
            places[index] = min(places[index], floor)
            floor = places[index] - gap
        }
        for (curve, place) in zip(sorted.map(\.element), places) {
            add("<g class=\"c\(curve.colour)\">")
            path(line(x(curve) + 3, y(curve), right + 12, place), "lead")
            text(Markup.fitted(curve.name, limit + 1), right + 15, place + 4)
            add("</g>")
        }
    }
}
