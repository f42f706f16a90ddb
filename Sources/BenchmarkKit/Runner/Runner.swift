import StorageBackends

/// Runs a plan and returns all that was measured.
public struct Runner {
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
    }

    /// Checks the plan: workloads, repeats, directory, free space, memory. Creates nothing.
    public init(_ plan: RunPlan) throws(RunError) {
        self.plan = plan
        warnings = []
        estimate = Estimate(diskBytes: 0, memoryBytes: 0, operations: 0)
    }

    /// Runs the plan on the calling thread. Temporary stores are gone when it returns, unless the plan keeps them.
    /// - Parameters:
    ///   - cancellation: Set it to stop between two slices.
    ///   - progress: Called about ten times a second, outside measured time.
    ///   - onRepeat: Called with the result so far after each repeat, so that a caller can save it.
    public func run(
        cancellation: CancellationFlag = CancellationFlag(), progress: (RunProgress) -> Void = { _ in },
        onRepeat: (RunResult) -> Void = { _ in }
    ) -> Outcome {
        let environment = RunResult.Environment(
            cpu: "", cores: 0, lastLevelCacheBytes: 0, memoryBytes: 0, kernel: "", fileSystem: "", swift: "", build: "")
        return Outcome(result: RunResult(command: plan.command, date: "", commit: "", environment: environment))
    }
}
