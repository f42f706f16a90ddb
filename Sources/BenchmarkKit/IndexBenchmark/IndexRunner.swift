import StorageBackends

/// Runs an index plan and returns all that was measured, in the form of every other run.
///
/// Repeats are the outer loop; inside one, key set after key set, each with fresh keys and fresh indexes: `IndexRun`.
public struct IndexRunner: Sendable {
    public let plan: IndexPlan
    /// What makes the result weaker than it looks, known before the run.
    public let warnings: [RunResult.Warning]
    /// Bytes of memory that the run needs at most.
    public let memoryBytes: UInt64

    /// Checks the plan: repeats, names, memory. Makes nothing.
    public init(_ plan: IndexPlan) throws(RunError) {
        guard plan.repeats > 0 else { throw RunError(.invalid, "--repeats is \(plan.repeats): ask for 1 or more") }
        guard !plan.indexes.isEmpty, !plan.sources.isEmpty, !plan.rows.isEmpty else {
            throw RunError(.invalid, "a run needs a key set, a row and an index: name one with --backend")
        }
        let largest = plan.sources.map { $0.count(plan.records) }.max() ?? 0
        let (bytes, isTooLarge) = largest.multipliedReportingOverflow(
            by: IndexTuning.bytesPerKey * UInt64(plan.indexes.count + 1))
        memoryBytes = isTooLarge ? .max : bytes
        let machine = EnvironmentCapture.memoryBytes
        guard machine == 0 || memoryBytes <= machine else {
            throw RunError(
                .environment,
                "\(largest) keys in \(plan.indexes.count) indexes may need \(memoryBytes >> 20) MiB of memory, and "
                    + "this machine has \(machine >> 20) MiB: lower --scale, or name fewer with --backend")
        }
        self.plan = plan
        warnings = Self.warnings(plan)
    }

    /// Runs the plan on the calling thread.
    /// - Parameters:
    ///   - cancellation: Set it to stop between two slices.
    ///   - progress: Called about ten times a second, outside measured time.
    ///   - onRepeat: Called with the result so far after each repeat.
    public func run(
        cancellation: CancellationFlag = CancellationFlag(), progress: (RunProgress) -> Void = { _ in },
        onRepeat: (RunResult) -> Void = { _ in }
    ) -> Runner.Outcome {
        var result = RunResult(
            command: plan.command, date: EnvironmentCapture.date, commit: EnvironmentCapture.commit,
            environment: EnvironmentCapture.environment(directory: RunDirectory.temporary))
        for source in plan.sources {
            for row in plan.rows(of: source) {
                result.rows.append(
                    RunResult.RowReceipt(
                        workload: plan.name(row, source), summary: "\(row.summary); keys: \(source.summary)"))
            }
        }
        result.backends = plan.indexes.map {
            RunResult.BackendReceipt(
                name: $0.name, library: $0.library, configuration: [], durabilitySettings: "in memory, no log",
                readBack: [])
        }
        result.warnings = warnings
        return withoutActuallyEscaping(progress) { progress in
            let passes = plan.repeats * plan.sources.reduce(0) { $0 + plan.rows(of: $1).count }
            let recorder = IndexRecorder(
                plan: plan, result: result, totalPasses: passes, cancellation: cancellation, progress: progress)
            var failure: RunError?
            do throws(RunError) {
                for number in 1...plan.repeats {
                    for (place, source) in plan.sources.enumerated() {
                        let run = IndexRun(source, repeat: number, recorder)
                        if place == 0 { run.measureClock() }
                        try run.run()
                    }
                    onRepeat(recorder.result)
                }
            } catch {
                failure = error
            }
            return Runner.Outcome(result: recorder.result, failure: failure, keptDirectory: nil)
        }
    }

    private static func warnings(_ plan: IndexPlan) -> [RunResult.Warning] {
        var warnings: [RunResult.Warning] = []
        func warn(_ text: String, _ remedy: String) { warnings.append(RunResult.Warning(text: text, remedy: remedy)) }
        if EnvironmentCapture.isDebugBuild {
            warn("a debug build: its figures mean nothing", "build with swift build -c release")
        }
        if plan.repeats < RunTuning.usualRepeats {
            warn(
                "\(plan.repeats) \(plan.repeats == 1 ? "repeat" : "repeats"): too few for a narrow interval",
                "ask for --repeats \(RunTuning.usualRepeats) or more")
        }
        let cache = EnvironmentCapture.lastLevelCacheBytes
        if plan.sources.contains(where: { $0.count(plan.records) * 16 < cache }) {
            warn(
                "the pairs of a set fit the processor's cache of \(cache >> 20) MiB",
                "raise --scale for figures that include memory")
        }
        return warnings
    }
}
