import StorageBackends

/// Gathers what a run of the index benchmark measures, tells its progress, and knows when to stop.
final class IndexRecorder {
    let plan: IndexPlan
    var result: RunResult
    private let cancellation: CancellationFlag
    private let progress: (RunProgress) -> Void
    private let totalPasses: Int
    private var donePasses = 0
    private let begin = monotonicNanoseconds()
    private var lastReport: UInt64 = 0

    init(
        plan: IndexPlan, result: RunResult, totalPasses: Int, cancellation: CancellationFlag,
        progress: @escaping (RunProgress) -> Void
    ) {
        self.plan = plan
        self.result = result
        self.totalPasses = max(totalPasses, 1)
        self.cancellation = cancellation
        self.progress = progress
    }

    func checkCancelled() throws(RunError) {
        if cancellation.isCancelled {
            throw RunError(.cancelled, "interrupted: the rows that were finished are kept")
        }
    }

    /// Where a figure belongs.
    struct Place {
        var source: IndexKeySource
        var row: IndexRow
        var count: Int
        var `repeat`: Int
    }

    func add(_ metric: String, _ value: Double, _ unit: String, _ place: Place, _ index: String) {
        result.samples.append(
            RunResult.Sample(
                workload: plan.name(place.row, place.source), backend: index,
                durability: DurabilityClass.memory.rawValue, scale: UInt64(place.count), valueBytes: 8,
                threads: place.row.threads, repeat: place.repeat, metric: metric, value: value, unit: unit))
    }

    /// Notes a cell that has no figure, once.
    func addUnavailable(_ place: Place, _ index: IndexDescriptor) {
        let cell = RunResult.Unavailable(
            workload: plan.name(place.row, place.source), backend: index.name, reason: place.row.lack)
        if !result.unavailable.contains(cell) { result.unavailable.append(cell) }
    }

    /// Reports a turn now and then.
    func turn(_ place: Place, pass: String, _ index: String, operations: Int, nanoseconds: UInt64) {
        let now = monotonicNanoseconds()
        guard now - lastReport >= RunTuning.progressInterval else { return }
        lastReport = now
        let fraction = min(Double(donePasses) / Double(totalPasses), 1)
        progress(
            RunProgress(
                workload: place.source.name, row: plan.name(place.row, place.source), pass: pass, backend: index,
                engine: (plan.indexes.firstIndex { $0.name == index } ?? 0) + 1, engines: plan.indexes.count,
                repeat: place.repeat, repeats: plan.repeats, fraction: fraction,
                operationsPerSecond: Double(operations) * 1e9 / Double(max(nanoseconds, 1)),
                secondsLeft: fraction > 0.01 ? Double(now - begin) / 1e9 / fraction * (1 - fraction) : nil))
    }

    func endRow() { donePasses += 1 }
}
