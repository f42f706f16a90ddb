import BenchmarkKit
import StorageBackends

extension Command {
    /// `alexbench crash`.
    static let crash = Command(
        name: "crash", summary: "kill each engine while it commits, reopen it, and say what it kept",
        discussion: """
            A child process commits to each engine (puts, removes, batches) and tells each commit once it has returned.
            It is killed by SIGKILL at a random one. A second child opens what is left, is timed, and reads all of it:
            what was acknowledged and is lost, batches in part, wrong values, holes, keys that were never written.
            A kill takes no power away: alex is run on a simulated disk as well, which loses it.
            Ends with 0 when every engine kept what its class promises, with 3 when one did not; class memory
            promises only that what is left was written.
            """,
        flags: [
            Flags.crashBackend, Flags.crashClasses, Flags.kills, Flags.powerLosses, Flags.crashScale,
            Flags.crashValueBytes, Flags.seed,
            Flags.directory, Flags.format, Flags.output, Flags.keep, Flags.noProgress, Flags.color,
        ],
        examples: [
            "alexbench crash --kills 20", "alexbench crash --backend alex,rocksdb --durability memory,process,power",
            "alexbench crash --scale 1M --format csv --output crash.csv",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        try CrashMeasurement(arguments).run()
    }
}

/// The command `crash`: arguments, plan, run, result.
private struct CrashMeasurement {
    let arguments: ParsedArguments
    let runner: CrashRunner
    let output: OutputFile

    init(_ arguments: ParsedArguments) throws(Failure) {
        self.arguments = arguments
        output = try OutputFile(arguments[Flags.output])
        let engines = BackendTable.built.filter {
            // The phase documents' RocksStorage is RocksDB again.
            $0.capabilities.isSuperset(of: .engine) && !$0.name.hasPrefix("rocksdb-alex")
                && !BackendTable.variants.contains($0.name)
        }
        var plan = CrashPlan(
            backends: arguments[Flags.crashBackend] ?? engines, classes: arguments[Flags.crashClasses],
            command: MeasuringFlags.receipt(arguments))
        if let kills = arguments[Flags.kills] { plan.kills = Int(kills) }
        if let records = arguments[Flags.crashScale] { plan.records = records }
        if let bytes = arguments[Flags.crashValueBytes] { plan.valueBytes = Int(bytes) }
        plan.seed = arguments[Flags.seed] ?? 1
        plan.directory = arguments[Flags.directory]
        plan.keepsStores = arguments[Flags.keep]
        do { runner = try CrashRunner(plan) } catch { throw Failure(error) }
    }

    func run() throws(Failure) -> ExitCode {
        let format = arguments[Flags.format]
        if output.path != nil || (format != .text && format != .markdown) {
            Console.message(runner.warnings.map { "warning: \($0.text); \($0.remedy)\n" }.joined())
        }
        Interruption.listen()
        let isQuiet = arguments[Flags.noProgress]
        let text = ResultText(arguments, to: output)
        var line = ProgressLine()
        var outcome = runner.run(
            cancellation: Interruption.cancellation,
            progress: { if !isQuiet { line.show($0) } },
            // So that an interruption costs one round. The last write is the one that reports a failure.
            onKill: { if output.path != nil { try? output.write(text.rendered($0)) } })
        line.clear()
        if outcome.failure == nil { try losePower(&outcome.result) }
        if let kept = outcome.keptDirectory { Console.message("the stores are in \(kept)\n") }
        if !outcome.result.samples.isEmpty { try output.write(text.rendered(outcome.result)) }
        if let failure = outcome.failure { throw Failure(failure) }
        if Interruption.cancellation.isCancelled { throw Failure(.interrupted, "interrupted: what was done is kept") }
        if outcome.result.samples.isEmpty {
            let reasons = outcome.result.unavailable.map { "\($0.backend), \($0.reason)" }
            throw .usage("--backend", "names nothing to kill and reopen: \(reasons.joined(separator: "; "))")
        }
        let broken = CrashRunner.brokenPromises(in: outcome.result)
        if broken.isEmpty { return .fine }
        throw Failure(.verificationFailed, "a promise was not kept:\n" + broken.joined(separator: "\n"))
    }

    /// Adds simulated power losses of alex, where it is among the engines.
    private func losePower(_ result: inout RunResult) throws(Failure) {
        let wanted = Int(arguments[Flags.powerLosses] ?? 0)
        guard wanted > 0, runner.plan.backends.contains(where: { $0.name == "alex" }) else { return }
        result.rows.append(
            RunResult.RowReceipt(
                workload: PowerLossTable.workload,
                summary: "alex on a simulated disk that loses power, \(wanted) times or a few more in each class"))
        for durability in runner.plan.classes {
            let line = ShareLine("power losses, class \(durability.rawValue)", isQuiet: arguments[Flags.noProgress])
            let counts = try PowerLosses.counts(durability, atLeast: wanted, seed: runner.plan.seed) {
                _ = line.show($0)
            }
            result.samples += counts.samples(backend: "alex", durability: durability.rawValue)
        }
    }
}
