/// Rows that do the same to different data: `lookup/uniform`, `lookup/lognormal` … A family shares one chart of dots;
/// the rest has a chart for each row.
struct Families {
    /// By what the rows do, in their order.
    private(set) var families: [(name: String, rows: [SampleIndex.Row])] = []
    private(set) var single: [SampleIndex.Row] = []

    /// So many rows make a family.
    static let least = 4

    init(_ rows: [SampleIndex.Row]) {
        for row in rows {
            let name = Self.name(row)
            if name == row.workload { continue }
            if let place = families.firstIndex(where: { $0.name == name }) {
                families[place].rows.append(row)
            } else {
                families.append((name, [row]))
            }
        }
        families.removeAll { $0.rows.count < Self.least }
        let members = Set(families.flatMap(\.rows))
        single = rows.filter { !members.contains($0) }
    }

    private static func name(_ row: SampleIndex.Row) -> String { String(row.workload.prefix { $0 != "/" }) }
}

extension ResultCharts {
    /// A chart of dots: a line for each row of a family. A figure of zero, which a logarithm can't place, stands at the
    /// left edge.
    func dots(
        _ family: (name: String, rows: [SampleIndex.Row]), _ metric: String, unit: String, label: Chart.Label
    ) -> Chart {
        let engines = index.backends.filter { backend in
            family.rows.contains { !index.values($0, metric, backend).isEmpty }
        }
        var hasZero = false
        let lines = family.rows.map { row in
            Chart.Dots.Line(
                name: String(index.label(row).dropFirst(family.name.count + 1)),
                points: engines.map { backend in
                    guard let interval = MedianInterval(index.values(row, metric, backend)),
                        interval.median >= 0, interval.median.isFinite, interval.upper.isFinite
                    else { return nil }
                    if interval.median == 0 { hasZero = true }
                    return Chart.Point(
                        x: interval.median, y: 0, lower: interval.lower, upper: interval.upper,
                        text: Figures.withUnit(interval.median, metric: metric))
                })
        }
        let values = lines.flatMap(\.points).compactMap { $0?.x }
        let says = lines.map { line in
            line.name + " "
                + zip(engines, line.points).compactMap { name, point in point?.text.map { "\(name) \($0)" } }
                .joined(separator: ", ")
        }
        return Chart(
            title: family.name, unit: "\(unit), log axis", summary: says.joined(separator: "; ") + ".",
            content: .dots(
                Chart.Dots(
                    axis: .logarithmic(over: values, label: label.text),
                    engines: engines.map {
                        Chart.Dots.Engine(name: $0, colour: palette.colour(of: $0), isFloor: Roster.isFloor($0))
                    }, lines: lines)),
            notes: hasZero ? ["At the left edge: 0."] : [])
    }
}
