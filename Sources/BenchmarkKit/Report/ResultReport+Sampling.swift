extension ResultReport {
    /// How the repeats were spread, and the A/A floor: where either was asked for.
    var sampling: [String] {
        var lines: [String] = []
        if result.command.contains(" --budget ") {
            let counts = index.rows.map { row in
                let most = index.backends.map { index.values(row, Metric.operationsPerSecond, $0).count }.max() ?? 0
                return (name: index.label(row), count: most)
            }.filter { $0.count > 0 }
            lines.append(
                "Repeats by row: " + counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
                    + ". Those beyond the least went where an interval was widest (--budget), decided by width alone, "
                    + "never by significance.")
        }
        let floors = result.noiseFloors.filter { $0.share.isFinite }
        if !floors.isEmpty {
            let texts = floors.map { floor in
                let scales = Set(result.noiseFloors.map(\.scale)).count
                let row = floor.workload + (scales > 1 ? " " + Figures.scale(floor.scale) : "")
                return "\(row) \(Figures.percent(floor.share))"
            }
            lines.append(
                "A/A floor, \(floors[0].backend) against itself in the same run, \(floors[0].pairs) pairs: "
                    + texts.joined(separator: ", ") + ". A smaller difference is the machine's own noise.")
        }
        return lines
    }
}

extension RunResult {
    /// The A/A floor of a row, as a share; `nil` where it was not measured or too few pairs give none.
    func noiseFloor(_ row: SampleIndex.Row) -> Double? {
        noiseFloors.first { $0.workload == row.workload && $0.scale == row.scale }.map(\.share)
            .flatMap { $0.isFinite ? $0 : nil }
    }
}
