import BenchmarkKit
import StorageBackends

/// What the commands that measure have in common.
enum MeasuringFlags {
    /// The engines, the sampling and the output.
    static let shared: [any AnyFlag] = [
        Flags.backend, Flags.durability, Flags.schedule, Flags.repeats, Flags.budget, Flags.noiseFloor, Flags.warmup,
        Flags.seed, Flags.handicap, Flags.directory, Flags.memory, Flags.memoryLimit, Flags.cold, Flags.noReceipts,
        Flags.turns, Flags.format, Flags.output, Flags.keep, Flags.dryRun, Flags.noProgress, Flags.color,
    ]

    /// Flags that say where things go or how they look; they don't belong into the command that repeats a run.
    private static let outward: Set<String> = [
        "directory", "format", "loops", "output", "record", "state", "keep", "dry-run", "no-progress", "color",
        "output-dir",
        "resume", "turns",
    ]

    /// The plan that the arguments ask for.
    static func plan(
        _ arguments: ParsedArguments, workloads: [Workload], trace: OperationTrace? = nil
    ) -> RunPlan {
        var backends = arguments[Flags.backend] ?? BackendTable.defaults
        if let handicap = arguments[Flags.handicap] { backends = handicap.applied(to: backends) }
        let harness = backends.contains { $0.name == BackendTable.harness?.name } ? nil : BackendTable.harness
        var plan = RunPlan(
            workloads: workloads, backends: backends, harness: harness, command: receipt(arguments))
        plan.durability = arguments[Flags.durability]
        plan.schedule = arguments[Flags.schedule]
        plan.repeats = Int(arguments[Flags.repeats] ?? UInt64(RunTuning.usualRepeats))
        plan.warmUpOperations = arguments[Flags.warmup]
        plan.seed = arguments[Flags.seed] ?? 1
        plan.directory = arguments[Flags.directory]
        plan.keepsStores = arguments[Flags.keep]
        plan.memoryBytes = arguments[Flags.memory]
        plan.memoryLimitBytes = arguments[Flags.memoryLimit]
        plan.isCold = arguments[Flags.cold]
        // What was warmed up is not cold.
        if plan.isCold, plan.warmUpOperations == nil { plan.warmUpOperations = 0 }
        plan.loop = Flags.loop(arguments)
        plan.observer = arguments[Flags.noReceipts] ? nil : CommitObserver.current
        plan.trace = trace
        plan.recordsTrace = arguments[Flags.record] != nil
        plan.budgetSeconds = arguments[Flags.budget]
        plan.measuresNoiseFloor = arguments[Flags.noiseFloor]
        return plan
    }

    /// A file's name in the place of its path from the root, after `file:` too; anything else as it is.
    private static func withoutFolder(_ value: String) -> String {
        for mark in ["", "file:"] where value.hasPrefix(mark + "/") {
            return mark + (value.split(separator: "/").last ?? "")
        }
        return value
    }

    /// The command line that repeats the run, without paths.
    static func receipt(_ arguments: ParsedArguments) -> String {
        let flags = arguments.texts.filter { !outward.contains($0.key) }.sorted { $0.key < $1.key }
        // A path from the root is the machine's own; one inside the checkout helps to repeat the run.
        let operands = arguments.operands.map { $0.hasPrefix("/") ? String($0.split(separator: "/").last ?? "") : $0 }
        let words = flags.flatMap { ["--\($0.key)", withoutFolder($0.value)].filter { !$0.isEmpty } }
        return (["alexbench", arguments.command] + operands + words).joined(separator: " ")
    }
}
