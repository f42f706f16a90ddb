public import Foundation
import StorageBackends

/// Runs a plan and returns all that was measured.
///
/// For each repeat and each workload every engine gets a fresh store; see `StoreRun` for what happens inside. Repeats
/// are the outer loop, so that a run that is interrupted has whole repeats of all its workloads.
public struct Runner: Sendable {
    public let plan: RunPlan
    /// What makes the result weaker than it looks, known before the run. The result holds them too.
    public let warnings: [RunResult.Warning]
    /// What the run will need.
    public let estimate: Estimate

    /// What a run will need, for `--dry-run`.
    public struct Estimate: Sendable, Hashable {
        /// Bytes that must be free where the stores go: all stores of one repeat of the largest workload.
        public var diskBytes: UInt64
        /// Bytes of memory that the engines' indexes and the stream will need at least.
        public var memoryBytes: UInt64
        /// Operations over all engines, repeats and passes, loads included.
        public var operations: UInt64
    }

    /// What a run came to. A failed or interrupted run still has the rows that it finished.
    public struct Outcome: Sendable {
        public var result: RunResult
        /// Why the run ended early, or `nil`. `failure.exitCode` is the program's exit code.
        public var failure: RunError?
        /// Where the stores of the last repeat are, if they were to be kept.
        public var keptDirectory: String?
        /// The operations of the first repeat's phases, where the plan records them and they were run to their end:
        /// what `OperationTrace` reads.
        public var trace: Data?
    }

    /// Checks the plan: workloads, repeats, directory, free space, memory. Makes nothing.
    public init(_ plan: RunPlan) throws(RunError) {
        try Self.checkMemoryLimit(plan)
        let plan = Self.limited(Twin.added(to: plan))
        try Self.check(plan)
        self.plan = plan
        estimate = Self.estimate(plan)
        try Self.checkRoom(plan, estimate)
        warnings = Self.warnings(plan)
    }

    /// Runs the plan on the calling thread. Temporary stores are gone when it returns, unless the plan keeps them.
    /// - Parameters:
    ///   - cancellation: Set it to stop between two slices.
    ///   - earlier: Whole repeats of the same plan that are measured already.
    ///   - progress: Called about ten times a second, outside measured time.
    ///   - onRepeat: Called with the result so far after each repeat, so that a caller can save it.
    public func run(
        cancellation: CancellationFlag = CancellationFlag(), resuming earlier: Resumption? = nil,
        progress: (RunProgress) -> Void = { _ in },
        onRepeat: (RunResult) -> Void = { _ in }
    ) -> Outcome {
        var result = RunResult(
            command: plan.command, date: EnvironmentCapture.date, commit: EnvironmentCapture.commit,
            environment: EnvironmentCapture.environment(directory: plan.directory ?? RunDirectory.temporary))
        result.rows = receipts(of: plan.workloads)
        result.warnings = warnings + (SourceRevision.current?.warnings ?? [])
        result.environment.memoryLimitBytes = plan.memoryLimitBytes
        if let earlier { result = earlier.result }
        return withoutActuallyEscaping(progress) { progress in
            let recorder = RunRecorder(
                plan: plan, result: result, totalOperations: estimate.operations, cancellation: cancellation,
                progress: progress)
            if let earlier {
                // Rows are averaged anew, and the machine is watched anew.
                recorder.ledger = ObservationLedger(
                    earlier: earlier.result.observations, repeats: earlier.repeatsDone)
                recorder.result.observations.removeAll { !$0.workload.isEmpty || $0.backend.isEmpty }
            }
            let watch = MachineWatch()
            var failure: RunError?
            do throws(RunError) {
                try run(recorder, from: (earlier?.repeatsDone ?? 0) + 1) { onRepeat(Twin.settled($0)) }
            } catch {
                failure = error
            }
            recorder.result.observations += watch.observations()
            return Outcome(
                result: Twin.settled(recorder.resultSoFar), failure: failure, keptDirectory: recorder.keptDirectory,
                trace: recorder.trace)
        }
    }

    private func run(
        _ recorder: RunRecorder, from first: Int, _ onRepeat: (RunResult) -> Void
    ) throws(RunError) {
        plan.turns?.take()
        let directory = try RunDirectory(named: plan.directory)
        defer {
            if plan.keepsStores { recorder.keptDirectory = directory.path } else { directory.remove() }
        }
        noteUnavailableClass(recorder)
        try rehearseMemoryLimit(recorder)
        try observeCommits(recorder, in: directory)
        let workloads = try calibrated(recorder, isResumed: first > 1, in: directory)
        if first == 1 { recorder.result.rows = receipts(of: workloads) }
        var budget = RepeatBudget(
            seconds: plan.budgetSeconds ?? 0, workloads: plan.workloads.count, begin: monotonicNanoseconds(),
            repeatsDone: first - 1)
        for number in first..<(plan.repeats + 1) {
            try measureHarness(recorder, repeat: number, in: directory)
            for (place, workload) in workloads.enumerated() {
                let begin = monotonicNanoseconds()
                try runEachCount(workload, repeat: number, recorder, in: directory)
                budget.ran(place, nanoseconds: monotonicNanoseconds() - begin)
                if !plan.keepsStores { directory.removeContent() }
            }
            onRepeat(recorder.resultSoFar)
            if plan.keepsStores, number < plan.repeats { directory.removeContent() }
        }
        try spend(&budget, on: workloads, recorder, in: directory, onRepeat)
    }

    /// Further repeats where the interval is widest, while the budget lasts: see `RepeatBudget`.
    private func spend(
        _ budget: inout RepeatBudget, on workloads: [Workload], _ recorder: RunRecorder, in directory: RunDirectory,
        _ onRepeat: (RunResult) -> Void
    ) throws(RunError) {
        guard plan.budgetSeconds != nil else { return }
        while true {
            let index = SampleIndex(recorder.result)
            let widths = plan.workloads.map { RepeatBudget.width(of: $0, in: index) }
            let begin = monotonicNanoseconds()
            guard let place = budget.next(widths: widths, now: begin) else { return }
            if plan.keepsStores { directory.removeContent() }
            try runEachCount(workloads[place], repeat: budget.repeats[place] + 1, recorder, in: directory)
            budget.ran(place, nanoseconds: monotonicNanoseconds() - begin)
            if !plan.keepsStores { directory.removeContent() }
            onRepeat(recorder.resultSoFar)
        }
    }

    /// One repeat of one workload with each number of threads, on stores of their own. A load alone is one thread's.
    private func runEachCount(
        _ workload: Workload, repeat number: Int, _ recorder: RunRecorder, in directory: RunDirectory
    ) throws(RunError) {
        let counts = workload.phases.isEmpty ? [1] : plan.loop.threads
        for threads in counts {
            if threads != counts[0] { directory.removeContent() }
            try run(workload, repeat: number, threads: threads, recorder, in: directory)
        }
    }

    /// One repeat of one workload: all engines together, or one by one under the sequential schedule.
    private func run(
        _ workload: Workload, repeat number: Int, threads: Int, _ recorder: RunRecorder, in directory: RunDirectory
    ) throws(RunError) {
        let engines = Self.eligible(plan)
        let groups = plan.schedule == .sequential ? engines.map { [$0] } : [engines]
        for group in groups where !group.isEmpty {
            try StoreRun(workload, repeat: number, threads: threads, recorder: recorder).run(group, in: directory)
        }
    }

    private func noteUnavailableClass(_ recorder: RunRecorder) {
        for backend in plan.backends where backend.nativeSettings[plan.durability] == nil {
            for row in Set(plan.workloads.flatMap(\.rows)).sorted() {
                recorder.addUnavailable(row, backend.name, "it does not offer the class \(plan.durability.rawValue)")
            }
        }
    }

    /// The row `harness`, short, before each repeat.
    private func measureHarness(
        _ recorder: RunRecorder, repeat number: Int, in directory: RunDirectory
    ) throws(RunError) {
        guard let descriptor = plan.harness, let workload = plan.workloads.first else { return }
        let options = BackendOptions(
            directory: try directory.makeStore(Workload.harnessRow), durability: plan.durability, expectedRecords: 0,
            keys: KeyMapping(seed: 1, ordered: false))
        do throws(BackendError) {
            let null = try descriptor.open(options)
            let cost = try HarnessCost(null, beside: workload, sliceOperations: plan.sliceOperations)
            try null.close()
            let place = RunRecorder.Place(
                workload: workload, row: Workload.harnessRow, pass: Workload.harnessRow, repeat: number)
            for (metric, value) in [
                ("ns_per_op", cost.nanosecondsPerOperation), ("check_ns_per_value", cost.checkNanosecondsPerValue),
                ("timer_ns", cost.timerNanoseconds),
            ] {
                recorder.add(
                    metric, value, "ns", row: Workload.harnessRow, backend: descriptor.name, place: place)
            }
        } catch {
            throw RunError(error, backend: descriptor.name, row: Workload.harnessRow)
        }
    }
}
