import Foundation

/// Time per operation against records, both axes logarithmic, for results of several scales.
///
/// Steps: map each scale to a column and each time to a line; draw the marks of cache and memory; draw one letter for
/// each engine and scale. Where two engines fall on one place the later in the order of columns is written `+`.
struct ScaleChart {
    static let height = 14
    static let columnsPerScale = 12

    let title: String
    let series: [(name: String, letter: Character, points: [(scale: UInt64, nanoseconds: Double)])]
    /// Record counts at which the data outgrows something, and what.
    let marks: [(records: Double, name: String)]

    /// The chart, or `nil` where fewer than two scales were measured.
    func render() -> String? {
        let points = series.flatMap(\.points).filter { $0.nanoseconds > 0 && $0.nanoseconds.isFinite }
        let scales = Set(points.map(\.scale)).sorted()
        guard scales.count > 1, let smallest = scales.first, let largest = scales.last,
            let least = points.map(\.nanoseconds).min(), let most = points.map(\.nanoseconds).max()
        else { return nil }
        let width = (scales.count - 1) * Self.columnsPerScale + 1
        let from = log(Double(smallest))
        let span = log(Double(largest)) - from
        func column(_ records: Double) -> Int { Int(((log(records) - from) / span * Double(width - 1)).rounded()) }
        let floor = pow(10, log10(least).rounded(.down))
        let top = max(pow(10, log10(most).rounded(.up)), floor * 10)
        func line(_ time: Double) -> Int {
            Self.height - 1 - Int((log(time / floor) / log(top / floor) * Double(Self.height - 1)).rounded())
        }
        var grid = Array(repeating: Array(repeating: Character(" "), count: width), count: Self.height)
        let shown = marks.filter { $0.records > Double(smallest) && $0.records < Double(largest) }
        for mark in shown { for index in grid.indices { grid[index][column(mark.records)] = "┊" } }
        for one in series {
            for point in one.points where point.nanoseconds > 0 && point.nanoseconds.isFinite {
                let (row, place) = (line(point.nanoseconds), column(Double(point.scale)))
                let isFree = grid[row][place] == " " || grid[row][place] == "┊"
                grid[row][place] = isFree ? one.letter : "+"
            }
        }
        return ([title] + body(grid, floor: floor, top: top) + axis(scales, width, column) + legend(shown))
            .joined(separator: "\n")
    }

    private func body(_ grid: [[Character]], floor: Double, top: Double) -> [String] {
        grid.enumerated().map { index, cells in
            let share = Double(Self.height - 1 - index) / Double(Self.height - 1)
            let isLabelled = index % 3 == 1 || index == 0 || index == Self.height - 1
            let time = floor * pow(top / floor, share)
            let label = isLabelled ? Figures.nanoseconds(time) : ""
            let line = String(repeating: " ", count: max(0, 8 - label.count)) + label + " │" + String(cells)
            return trimmed(line)
        }
    }

    private func axis(_ scales: [UInt64], _ width: Int, _ column: (Double) -> Int) -> [String] {
        var labels = [Character](repeating: " ", count: width + 8)
        for scale in scales {
            for (offset, character) in Figures.scale(scale).enumerated() {
                labels[column(Double(scale)) + offset] = character
            }
        }
        return [
            String(repeating: " ", count: 9) + "└" + String(repeating: "─", count: width),
            trimmed(String(repeating: " ", count: 10) + String(labels)) + " records",
        ]
    }

    private func legend(_ shown: [(records: Double, name: String)]) -> [String] {
        let names = series.map { "\($0.letter) \($0.name)" }.joined(separator: "  ") + "  + several"
        return [names] + shown.map { "┊ data outgrows \($0.name) at \(Figures.short($0.records)) records" }
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension ResultReport {
    /// A chart for each row that was measured at several scales.
    func addScaleCharts(to document: inout ReportDocument) {
        var workloads: [String] = []
        for row in index.rows where !workloads.contains(row.workload) { workloads.append(row.workload) }
        for workload in workloads {
            let rows = index.rows.filter { $0.workload == workload }
            guard Set(rows.map(\.scale)).count > 1 else { continue }
            let letters = Array("abcdefghijklmnopqrstuvwxyz")
            let series = index.backends.enumerated().compactMap { place, backend in
                let points = rows.compactMap { row in
                    index.median(row, Metric.nanosecondsPerOperation, backend).map { (row.scale, $0) }
                }
                return points.isEmpty
                    ? nil : (name: backend, letter: letters[place % letters.count], points: points)
            }
            let bytes = Double(8 + (rows.first?.valueBytes ?? 0))
            let machine = result.environment
            let chart = ScaleChart(
                title: "\(workload): ns an operation against records",
                series: series.map { ($0.name, $0.letter, $0.points.map { (scale: $0.0, nanoseconds: $0.1) }) },
                marks: [
                    (Double(machine.lastLevelCacheBytes) / bytes, "the last-level cache"),
                    (Double(machine.memoryBytes) / bytes, "memory"),
                ])
            if let text = chart.render() {
                document.heading("Scale: \(workload)")
                document.blocks.append(.verbatim(text))
            }
        }
    }
}
