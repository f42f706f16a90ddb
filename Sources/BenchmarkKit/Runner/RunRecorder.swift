import Foundation
import StorageBackends

/// Gathers what a run measures, tells its progress, and knows when to stop.
///
/// Resident bytes are a share of one process: the sum of the process's growth while an engine ran its own turns. Memory
/// that one engine frees and another takes over is charged to neither, so the figure is an estimate.
final class RunRecorder {
    let plan: RunPlan
    let cancellation: CancellationFlag
    var result: RunResult
    /// What each row's tally must be, set by the first engine that ran it: `workload/scale/repeat/row`.
    var tallies: [String: (backend: String, tally: Tally)] = [:]
    /// The operations of the first repeat, where they are recorded.
    var trace: Data?
    var keptDirectory: String?
    /// What the engines used, row by row.
    var ledger = ObservationLedger()

    private let progress: (RunProgress) -> Void
    private var totalOperations: UInt64
    private var doneOperations: UInt64 = 0
    private let begin = monotonicNanoseconds()
    private var lastReport: UInt64 = 0

    init(
        plan: RunPlan, result: RunResult, totalOperations: UInt64, cancellation: CancellationFlag,
        progress: @escaping (RunProgress) -> Void
    ) {
        self.plan = plan
        self.result = result
        self.totalOperations = max(totalOperations, 1)
        self.cancellation = cancellation
        self.progress = progress
    }

    /// The result as far as it is, with what was observed so far.
    var resultSoFar: RunResult {
        var result = result
        result.observations += ledger.observations
        return result
    }

    /// How many operations the run has in all, when that came out only after its start.
    func setTotalOperations(_ operations: UInt64) { totalOperations = max(operations, 1) }

    func checkCancelled() throws(RunError) {
        if cancellation.isCancelled {
            throw RunError(.cancelled, "interrupted: the rows that were finished are kept, the stores are removed")
        }
    }

    /// Where a turn belongs, for the progress line.
    struct Place {
        var workload: Workload
        var row: String
        var pass: String
        var `repeat`: Int
        var threads = 1
    }

    /// Accounts for a turn of `operations` in `nanoseconds`, and reports it now and then.
    func turn(_ place: Place, _ backend: String, operations: Int, nanoseconds: UInt64) {
        doneOperations += UInt64(operations)
        let now = monotonicNanoseconds()
        guard now - lastReport >= RunTuning.progressInterval else { return }
        lastReport = now
        let fraction = min(Double(doneOperations) / Double(totalOperations), 1)
        let elapsed = Double(now - begin) / 1e9
        progress(
            RunProgress(
                workload: place.workload.name, row: place.row, pass: place.pass, backend: backend,
                engine: (plan.backends.firstIndex { $0.name == backend } ?? 0) + 1, engines: plan.backends.count,
                repeat: place.repeat, repeats: plan.repeats, fraction: fraction,
                operationsPerSecond: Double(operations) * 1e9 / Double(max(nanoseconds, 1)),
                secondsLeft: fraction > 0.01 ? elapsed / fraction * (1 - fraction) : nil))
    }

    /// Adds one figure.
    func add(_ metric: String, _ value: Double, _ unit: String, row: String, backend: String, place: Place) {
        result.samples.append(
            RunResult.Sample(
                workload: row, backend: backend, durability: plan.durability.rawValue,
                scale: place.workload.records, valueBytes: place.workload.valueBytes, threads: place.threads,
                repeat: place.repeat, metric: metric, value: value, unit: unit))
    }

    /// Notes a cell that has no figure, once.
    func addUnavailable(_ row: String, _ backend: String, _ reason: String) {
        let cell = RunResult.Unavailable(workload: row, backend: backend, reason: reason)
        if !result.unavailable.contains(cell) { result.unavailable.append(cell) }
    }

    /// Notes how an engine's threads get at its store, once.
    func addReceipt(of crew: Crew, _ contestant: Contestant) {
        guard crew.sessions.count > 1, let place = result.backends.firstIndex(where: { $0.name == contestant.name }),
            !result.backends[place].configuration.contains(crew.receipt)
        else { return }
        result.backends[place].configuration.append(crew.receipt)
    }

    /// Notes something that came out while it ran, once.
    func addWarning(_ text: String, _ remedy: String) {
        let warning = RunResult.Warning(text: text, remedy: remedy)
        if !result.warnings.contains(warning) { result.warnings.append(warning) }
    }

    /// Notes what an engine says of itself after it was opened with other settings.
    func renewReceipt(of contestant: Contestant) throws(BackendError) {
        guard let place = result.backends.firstIndex(where: { $0.name == contestant.name }) else { return }
        result.backends[place].readBack = try contestant.backend.readBackSettings().map {
            "\($0.setting)=\($0.value)"
        }
    }

    /// Notes what an engine says of itself, once.
    func addReceipt(_ contestant: Contestant) throws(BackendError) {
        let descriptor = contestant.descriptor
        guard !result.backends.contains(where: { $0.name == descriptor.name }) else { return }
        let readBack = try contestant.backend.readBackSettings().map { "\($0.setting)=\($0.value)" }
        result.backends.append(
            RunResult.BackendReceipt(
                name: descriptor.name, library: descriptor.libraryVersion(),
                configuration: descriptor.configuration(
                    memoryBytes: plan.memoryBytes, isLimited: plan.memoryLimitBytes != nil),
                durabilitySettings: descriptor.nativeSettings[plan.durability] ?? "", readBack: readBack))
    }
}
