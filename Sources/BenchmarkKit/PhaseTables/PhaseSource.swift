/// The committed result that measures one row at one scale.
struct PhaseSource {
    let name: String
    let result: RunResult
    let index: SampleIndex
    let row: String
    private let place: SampleIndex.Row

    /// The result with the most repeats of the row in class process; of equals the first by name. `nil` for none.
    init?(row: String, records: UInt64, in results: [String: RunResult]) {
        var best: (name: String, result: RunResult, index: SampleIndex, place: SampleIndex.Row, repeats: Int)?
        for (name, result) in results.sorted(by: { $0.key < $1.key }) {
            let index = SampleIndex(result)
            let place = index.rows.first { $0.workload == row && $0.scale == records && $0.durability == "process" }
            guard let place else { continue }
            let repeats = index.values(place, Metric.nanosecondsPerOperation, Roster.subject).count
            if repeats > (best?.repeats ?? 0) { best = (name, result, index, place, repeats) }
        }
        guard let best else { return nil }
        name = best.name
        result = best.result
        index = best.index
        place = best.place
        self.row = row
    }

    /// What to do where there is no result.
    static func missing(row: String, records: UInt64) -> String {
        let scale = Figures.scale(records)
        let file = records == 1_000_000 ? "phase-1m" : "phase"
        return "Not measured: no result has \(row) at \(scale). This makes it: alexbench run Workloads/\(file).json "
            + "--format json --output Results/phase-\(scale).json"
    }

    /// Which result, and both machines.
    var description: [String] {
        let machine = result.environment
        return [
            "Published on: \(Published.machine)",
            "Measured on: \(machine.cpu), \(machine.cores) cores, \(machine.kernel), \(machine.fileSystem), "
                + "\(machine.swiftName); row \(row) of \(name), \(result.date), commit \(result.commit)",
        ]
    }

    /// Engines with a figure, floors last.
    var engines: [String] { index.backends.filter { interval($0) != nil } }

    func interval(_ engine: String) -> MedianInterval? {
        MedianInterval(index.values(place, Metric.nanosecondsPerOperation, engine))
    }

    static func text(_ interval: MedianInterval) -> String {
        let error = interval.relativeError.map { $0 > 0 ? " ±" + Figures.percent($0) : "" } ?? ""
        return Figures.nanoseconds(interval.median) + error
    }

    /// How many times faster alex is than the engine.
    func speed(_ engine: String) -> RatioEstimate? {
        index.ratio(place, Metric.nanosecondsPerOperation, engine, to: Roster.subject)
    }

    func measuredRatio(_ engine: String) -> String {
        guard engine != Roster.subject, !Roster.isFloor(engine), let speed = speed(engine) else { return "–" }
        let arm = speed.halfWidth.isFinite ? " ± \(Figures.ratio(speed.halfWidth))" : ""
        return Figures.ratio(speed.ratio) + arm + (Roster.hasAssertions(engine, in: result) ? " †" : "")
    }

    /// The measured figures once more in the units that the document also uses.
    func restatement(_ figure: Published.Figure, records: UInt64) -> [String] {
        let those = engines.compactMap { engine -> String? in
            guard let median = interval(engine)?.median, median > 0 else { return nil }
            if figure.row == Published.bulk.row {
                return "\(engine) \(Figures.short(median * Double(records) / 1e6)) ms"
            }
            return "\(engine) \(Figures.fixed(1_000 / median, 2))"
        }
        let unit = figure.row == Published.bulk.row ? "in total" : "as million operations a second"
        return ["The same, \(unit): " + those.joined(separator: ", ")]
    }

    /// The document's figure for the same kind of engine, in nanoseconds.
    func published(_ figure: Published.Figure, _ engine: String) -> (nanoseconds: Double, system: String)? {
        if engine == Roster.subject { return (figure.alex, "AlexStorage") }
        if engine.hasPrefix("rocksdb") { return (figure.rocksStorage, "RocksStorage") }
        if engine.hasPrefix("sqlite"), let sqlite = figure.sqlite { return (sqlite, "SQLite") }
        return nil
    }

    var assertionNotes: [String] {
        guard engines.contains(where: { Roster.hasAssertions($0, in: result) }) else { return [] }
        return [
            "† This RocksDB was built with its assertions on, 1.4 to 1.8 times slower: no ratio for publishing. "
                + "'make rivals' builds it without."
        ]
    }
}
