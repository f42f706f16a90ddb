/// The learned index's targets beside what `alexbench index` measured: `Results/index-targets.md`.
///
/// Steps: for each result of the command, each key set and each column take the median over the repeats; list what is
/// short; then the tables whole.
struct IndexTargetTable {
    /// In the order of their names.
    private let results: [(name: String, result: RunResult, index: SampleIndex)]

    /// One cell of a table.
    private struct Cell {
        var value: Double
        /// The longer arm of the interval of a ratio.
        var arm: Double?
        var demand: Double?

        var isShort: Bool { demand.map { value > $0 } ?? false }

        var text: String {
            let figure = value < 100 ? Figures.ratio(value) : Figures.short(value)
            guard let arm, arm.isFinite else { return figure }
            return "\(figure) ± \(Figures.ratio(arm))"
        }
    }

    init(_ results: [String: RunResult]) {
        self.results = results.sorted { $0.key < $1.key }.compactMap { name, result in
            let index = SampleIndex(result)
            return index.backends.contains(IndexTargets.index) ? (name, result, index) : nil
        }
    }

    var markdown: String {
        var document = ReportDocument()
        document.heading("The learned index beside its targets", level: 1)
        document.lines([
            "Made by 'make report' from the results in this folder; edit nothing here by hand.",
            "Medians of the repeats. A ratio is of times inside one repeat, ± the longer arm of its 95 % interval "
                + "where there are two repeats or more; below 1 the learned index is faster. Each figure is to be at "
                + "most what is asked.",
            "X6 and X7 with the record stand in targets.md; X9 (vectors) is a criterion of 'alexbench gates'.",
        ])
        if results.isEmpty {
            document.lines(["Not measured: an index. This makes it: make results ONLY=index"])
        }
        for entry in results { add(entry.name, entry.result, entry.index, to: &document) }
        return document.markdown
    }

    private func add(_ name: String, _ result: RunResult, _ index: SampleIndex, to document: inout ReportDocument) {
        let places = places(index)
        let keys = index.rows.first?.scale ?? 0
        document.heading("\(Figures.scale(keys)) keys")
        let machine = result.environment
        let cells = IndexTargets.sections.map { section in
            places.map { set in section.columns.map { cell($0, set, keys, index) } }
        }
        let judged = cells.joined().joined().compactMap { $0 }.filter { $0.demand != nil }
        let short = judged.filter(\.isShort).count
        document.lines([
            "Command: \(result.command)",
            "Measured on \(machine.cpu), \(machine.cores) cores, \(result.date), commit \(result.commit); \(name)",
            "Of \(judged.count) demands \(judged.count - short) are met and \(short) are short"
                + (short > 0 ? "; these:" : "."),
        ])
        document.table(shortOnes(places, cells))
        for (section, rows) in zip(IndexTargets.sections, cells) {
            // A column that this result has nothing of is left out.
            let kept = section.columns.indices.filter { column in rows.contains { $0[column] != nil } }
            if kept.isEmpty { continue }
            document.lines([section.title])
            document.table(
                .init(
                    header: ["key set"] + kept.map { section.columns[$0].title },
                    rows: zip(places, rows).map { set, row in
                        [.init(set)] + kept.map { .init(row[$0]?.text ?? "–") }
                    }))
        }
    }

    private func shortOnes(_ sets: [String], _ cells: [[[Cell?]]]) -> ReportDocument.Table {
        var rows: [[ReportDocument.Cell]] = []
        for (section, table) in zip(IndexTargets.sections, cells) {
            for (place, column) in section.columns.enumerated() {
                for (set, row) in zip(sets, table) {
                    guard let cell = row[place], let demand = cell.demand, cell.isShort else { continue }
                    let what = "\(section.title): \(column.title)"
                    rows.append(
                        [column.id, set, what, "≤ \(CSVReport.number(demand))", cell.text].map { .init($0) })
                }
            }
        }
        return .init(header: ["target", "key set", "figure", "asked", "measured"], rows: rows)
    }

    /// The key sets of a result, in the order in which they were measured.
    private func places(_ index: SampleIndex) -> [String] {
        var sets: [String] = []
        for row in index.rows {
            let parts = row.workload.split(separator: "/")
            if parts.count == 2, !sets.contains(String(parts[1])) { sets.append(String(parts[1])) }
        }
        return sets
    }

    private func cell(_ column: IndexTargets.Column, _ set: String, _ keys: UInt64, _ index: SampleIndex) -> Cell? {
        func row(_ kind: IndexRow) -> SampleIndex.Row? {
            index.rows.first { $0.workload == "\(kind.rawValue)/\(set)" }
        }
        guard let place = row(column.row) else { return nil }
        let demand = column.demand(set, keys)
        switch column.figure {
        case .own(let metric):
            return index.median(place, metric, IndexTargets.index).map { Cell(value: $0, demand: demand) }
        case .tree(let metric):
            return index.median(place, metric, IndexTargets.tree).map { Cell(value: $0, demand: demand) }
        case .toTree(let metric):
            return index.ratio(place, metric, IndexTargets.index, to: IndexTargets.tree).map {
                Cell(value: $0.ratio, arm: $0.halfWidth, demand: demand)
            }
        case .toOwn(let other, let metric):
            guard let other = row(other) else { return nil }
            let tops = index.byRepeat(place, metric, IndexTargets.index)
            let bottoms = index.byRepeat(other, Metric.nanosecondsPerOperation, IndexTargets.index)
            let both = tops.keys.filter { bottoms[$0] != nil }.sorted()
            return RatioEstimate.paired(both.compactMap { tops[$0] }, both.compactMap { bottoms[$0] }).map {
                Cell(value: $0.ratio, arm: $0.halfWidth, demand: demand)
            }
        }
    }
}
