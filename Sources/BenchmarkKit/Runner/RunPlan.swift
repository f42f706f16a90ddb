import StorageBackends

/// The order in which engines take their turns inside a repeat.
public enum Schedule: String, Sendable, Hashable, CaseIterable, Codable {
    /// Engines alternate in short slices, each slice begun by another engine, every second slice backwards.
    case rotate
    /// Engines alternate in short slices, in an order drawn anew for each slice from the seed.
    case random
    /// One engine runs its whole repeat before the next begins. Shows what interleaving guards against.
    case sequential
}

/// Everything a run needs to know. The command line fills one and hands it to `Runner`.
///
/// Use: `let runner = try Runner(plan)` checks it (typed `RunError`, nothing touched yet); `runner.warnings` and
/// `runner.estimate` serve `--dry-run`; `runner.run(…)` runs it and always returns what was measured.
public struct RunPlan: Sendable {
    /// One fresh store a repeat for each of these. `scale` passes one workload a size.
    public var workloads: [Workload]
    /// The engines, in the order of the result's columns. Those that lack the durability class are reported as
    /// unavailable and don't run.
    public var backends: [BackendDescriptor]
    /// The backend `null`, whose cost is the row `harness`; without it there is no such row.
    public var harness: BackendDescriptor?
    public var durability: DurabilityClass = .process
    public var schedule: Schedule = .rotate
    /// Fresh stores for each workload and engine. At least 1.
    public var repeats = RunTuning.usualRepeats
    /// Operations before each phase that are run and verified but not measured; `nil` takes a tenth of the phase, at
    /// most `RunTuning.warmUpLimit`.
    public var warmUpOperations: UInt64?
    /// Repeat r of the run uses a stream seeded from `seed` and r.
    public var seed: UInt64 = 1
    /// Where the stores go: absent or empty. `nil` takes a fresh folder under the system's temporary folder.
    public var directory: String?
    /// Leaves the stores of the last repeat in place.
    public var keepsStores = false
    /// What each engine may use for its own caches; `nil` leaves each its configuration.
    public var memoryBytes: UInt64?
    /// What the system lets the process have while phases run, the page cache included; `nil` for no limit. Engines
    /// then run one by one, and those with caches of their own get half of it where `memoryBytes` is `nil`.
    public var memoryLimitBytes: UInt64?
    /// Whether each phase begins with stores just opened, their files dropped from the page cache.
    public var isCold = false
    /// Observes each engine's commits before the first repeat; `nil` observes nothing.
    public var observer: CommitObserver?
    /// Operations of one engine's turn.
    public var sliceOperations = RunTuning.sliceOperations
    /// Threads, closed or open loop, duration, objective, intervals.
    public var loop = LoopPlan()
    /// Measures in turns with another process; `nil` runs through.
    public var turns: TurnRelay?
    /// Where the phases' operations come from, in each repeat; `nil` draws them from the workload.
    public var trace: OperationTrace?
    /// Whether the first repeat's phases are recorded: see `Runner.Outcome.trace`.
    public var recordsTrace = false
    /// Seconds that further repeats may fill once every workload has its `repeats`: see `RepeatBudget`.
    public var budgetSeconds: Double?
    /// Whether the first backend takes part twice (A/A), so that the result knows the machine's own noise.
    public var measuresNoiseFloor = false
    /// The command line that repeats the run, without paths: goes into the result as it is.
    public var command: String

    public init(
        workloads: [Workload], backends: [BackendDescriptor], harness: BackendDescriptor? = nil, command: String = ""
    ) {
        self.workloads = workloads
        self.backends = backends
        self.harness = harness
        self.command = command
    }
}
