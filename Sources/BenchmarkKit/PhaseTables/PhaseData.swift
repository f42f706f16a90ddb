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
        func ratio(_ first: String, to second: String) -> RatioEstimate? {
            index.ratio(row, Metric.nanosecondsPerOperation, first, to: second)
        }

        /// Nanoseconds an operation by repeat.
        func times(_ engine: String) -> [Int: Double] { index.byRepeat(row, Metric.nanosecondsPerOperation, engine) }

        /// Operations of a repeat, from their time and their mean; all engines ran the same.
        var operations: UInt64? {
            for engine in index.backends {
                if let whole = index.median(row, "elapsed_ns", engine),
                    let mean = index.median(row, Metric.nanosecondsPerOperation, engine), mean > 0, whole > 0
                {
                    return UInt64((whole / mean).rounded())
                }
            }
            return nil
        }
    }

    /// An operation taken apart, and the result that did it.
    typealias TakenApart = (breakdown: Breakdown, name: String, result: RunResult)

    let results: [(name: String, result: RunResult)]
    private let places: [Place]
    private let breakdowns: [TakenApart]

    init(_ results: [String: RunResult]) {
        let sorted = results.sorted { $0.key < $1.key }
        self.results = sorted.map { ($0.key, $0.value) }
        places = sorted.flatMap { name, result in
            let index = SampleIndex(result)
            return index.rows.map { Place(name: name, result: result, index: index, row: $0) }
        }
        breakdowns = sorted.flatMap { name, result in Breakdown.all(of: result).map { ($0, name, result) } }
    }

    /// The one result that answers for a row at this scale, whatever engine is asked for, so that no table mixes runs:
    /// the one that `make results` makes for it, else the one with the most engines; of equals that with the most
    /// repeats, the newest, the first by name. In class process, on one thread.
    func place(_ row: String, _ records: UInt64, _ metric: String = Metric.nanosecondsPerOperation) -> Place? {
        let own = PhaseEngines.source(row, records) + ".json"
        var best: (place: Place, rank: (Int, Int, Int, String))?
        for place in places where place.row.workload == row && place.row.scale == records {
            guard place.row.durability == "process", place.row.threads == 1 else { continue }
            guard PhaseEngines.hasOwnValues(row) || place.row.valueBytes == PhaseEngines.usualValueBytes else {
                continue
            }
            let repeats = place.index.backends.map { place.index.values(place.row, metric, $0).count }
                .filter { $0 > 0 }
            guard let most = repeats.max() else { continue }
            let rank = (place.name == own ? 1 : 0, repeats.count, most, place.result.date)
            if let best, rank <= best.rank { continue }
            best = (place, rank)
        }
        return best?.place
    }

    /// Of all scales of a row those that one machine has measured, so that nothing is drawn over two: the machine with
    /// the most of them, of equals the one of the newest result.
    func scalesOfOneMachine(_ row: String) -> [UInt64] {
        let places = scales(of: row).compactMap { place(row, $0) }
        let machines = Dictionary(grouping: places) { Machine($0.result.environment) }
        let most = machines.values.max {
            ($0.count, $0.map(\.result.date).max() ?? "") < ($1.count, $1.map(\.result.date).max() ?? "")
        }
        return (most ?? []).map(\.row.scale).sorted()
    }

    /// What of a machine decides how fast an operation is.
    struct Machine: Hashable {
        let cpu: String
        let cores: Int

        init(_ environment: RunResult.Environment) { (cpu, cores) = (environment.cpu, environment.cores) }
    }

    /// Of all scales that have the metric the largest.
    func largest(_ row: String, _ metric: String) -> Place? {
        places.filter { $0.row.workload == row && $0.index.has($0.row, metric) }
            .max { $0.row.scale < $1.row.scale }
    }

    /// The breakdown of a backend's operation, the newest with the most repeats.
    func breakdown(_ row: String, _ backend: String, _ records: UInt64) -> TakenApart? {
        breakdowns.filter { $0.breakdown.row == row && $0.breakdown.backend == backend }
            .filter { $0.breakdown.records == records }
            .max {
                ($0.breakdown.whole.count, $0.result.date, $1.name) < (
                    $1.breakdown.whole.count, $1.result.date, $0.name
                )
            }
    }

    /// The most by which resident memory was seen to grow while this engine inserted, alone in its process.
    func residentPeak(_ engine: String, _ records: UInt64) -> (bytes: Double, name: String, result: RunResult)? {
        let own = PhaseEngines.alone(engine, records) + ".json"
        guard let (name, result) = results.first(where: { $0.name == own }), result.backends.map(\.name) == [engine]
        else { return nil }
        let ends = result.samples.filter { $0.metric == "resident_bytes" && $0.backend == engine }.map(\.value)
        let peaks = result.observations.filter { $0.metric == ObservedMetric.residentPeak && $0.backend == engine }
        guard let bytes = (ends + peaks.map(\.value)).max(), bytes > 0 else { return nil }
        return (bytes, name, result)
    }

    /// The scales at which some result has the row.
    func scales(of row: String) -> [UInt64] {
        Set(places.filter { $0.row.workload == row && $0.row.durability == "process" }.map(\.row.scale)).sorted()
    }
}
