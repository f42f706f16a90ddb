/// The committed results, as the tables of the phase documents ask for them.
struct PhaseData {
    /// One row of one result.
    struct Place {
        let name: String
        let result: RunResult
        let index: SampleIndex
        let row: SampleIndex.Row

        func interval(_ engine: String, _ metric: String = Metric.nanosecondsPerOperation) -> MedianInterval? {
            MedianInterval(index.values(row, metric, engine))
        }

        /// How many times `first` is `second`, over paired repeats.
        func ratio(
            _ first: String, to second: String, _ metric: String = Metric.nanosecondsPerOperation
        ) -> RatioEstimate? { index.ratio(row, metric, first, to: second) }
    }

    let results: [(name: String, result: RunResult)]
    private let places: [Place]
    private let breakdowns: [(breakdown: Breakdown, name: String, result: RunResult)]

    init(_ results: [String: RunResult]) {
        let sorted = results.sorted { $0.key < $1.key }
        self.results = sorted.map { ($0.key, $0.value) }
        places = sorted.flatMap { name, result in
            let index = SampleIndex(result)
            return index.rows.map { Place(name: name, result: result, index: index, row: $0) }
        }
        breakdowns = sorted.flatMap { name, result in Breakdown.all(of: result).map { ($0, name, result) } }
    }

    /// The row in class process, one thread, from the result with the most repeats of all these engines; of equals the
    /// newest, then the first by name.
    func place(
        _ row: String, _ records: UInt64, _ engines: [String], _ metric: String = Metric.nanosecondsPerOperation
    ) -> Place? {
        var best: (place: Place, repeats: Int)?
        for place in places where place.row.workload == row && place.row.scale == records {
            guard place.row.durability == "process", place.row.threads == 1 else { continue }
            let repeats = engines.map { place.index.values(place.row, metric, $0).count }.min() ?? 0
            guard repeats > 0 else { continue }
            if let best, (repeats, place.result.date) <= (best.repeats, best.place.result.date) { continue }
            best = (place, repeats)
        }
        return best?.place
    }

    /// Every place of a row that has the metric.
    func places(_ row: String, _ metric: String) -> [Place] {
        places.filter { $0.row.workload == row && $0.index.has($0.row, metric) }
    }

    /// The breakdown of a backend's operation, the newest with the most repeats.
    func breakdown(_ row: String, _ backend: String, _ records: UInt64) -> (
        breakdown: Breakdown, name: String, result: RunResult
    )? {
        breakdowns.filter { $0.breakdown.row == row && $0.breakdown.backend == backend }
            .filter { $0.breakdown.records == records }
            .max {
                ($0.breakdown.whole.count, $0.result.date, $1.name) < (
                    $1.breakdown.whole.count, $1.result.date, $0.name
                )
            }
    }

    /// The scales at which some result has the row.
    func scales(of row: String) -> [UInt64] {
        Set(places.filter { $0.row.workload == row && $0.row.durability == "process" }.map(\.row.scale)).sorted()
    }
}

/// The backends that the tables measure.
enum PhaseEngines {
    static let foundation = "alex-phase-foundation"
    static let deferred = "alex-phase-deferred"
    static let zeroCopy = "alex-phase-zero-copy"
    static let keyFirst = "alex-phase-key-first"
    static let current = Roster.subject
    static let rocksStorage = "rocksdb-alex"
    static let rungs = [foundation, deferred, zeroCopy, keyFirst, current]
    /// Engines that stand beside the documents' own.
    static let beside = [current, "rocksdb", "rocksdb-tuned", "sqlite", "sqlite-tuned"]
    static let all: [String] = rungs + [rocksStorage] + Array(beside.dropFirst())

    /// The command that makes the result which a table misses.
    static func command(_ row: String, _ records: UInt64) -> String {
        let scale = Figures.scale(records)
        let engines = all.joined(separator: ",")
        switch row {
        case "phase-growth":
            return "make results ONLY=phase-growth (alexbench run Workloads/phase-growth.json --output-dir Results "
                + "--backend \(foundation),\(deferred)-1m,\(deferred)-4m,\(deferred),\(deferred)-64m)"
        case "phase-gauge":
            return "make results ONLY=phase-gauge (alexbench run Workloads/phase-gauge.json --output-dir Results "
                + "--backend rocksdb-alex,rocksdb-alex-gauge,rocksdb-alex-gauge-3)"
        case _ where row.hasPrefix("phase-"):
            let file = records == 100_000 ? "phase" : "phase-\(scale.lowercased())"
            return "make results ONLY=\(file) (alexbench run Workloads/\(file).json --output-dir Results --backend "
                + "\(engines))"
        case _ where row.hasPrefix("explain-"):
            return "make results ONLY=explain (alexbench explain, see there)"
        case _ where row.hasPrefix("gate-"): return "make results ONLY=gates (alexbench gates Results)"
        case "load-100m": return "make results ONLY=load-100m (alexbench run Workloads/load-100m.json --backend alex)"
        case "query", "scan-1000":
            return "make results ONLY=query-\(scale) (alexbench query --scale \(scale) --scan-length 1000)"
        default: return "make results ONLY=insert-\(scale) (alexbench insert --scale \(scale))"
        }
    }
}
