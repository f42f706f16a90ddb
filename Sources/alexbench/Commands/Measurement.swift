import BenchmarkKit
import StorageBackends

/// One measuring command: arguments, plan, run, result.
struct Measurement {
    let arguments: ParsedArguments
    let runner: Runner
    let output: OutputFile
    /// Where the operations of the first repeat go, if they are to be recorded.
    let record: OutputFile?
    /// What an earlier run of the same command has measured already.
    var resumption: Resumption?

    /// Checks everything that can be checked before anything is touched.
    init(
        _ arguments: ParsedArguments, workloads: [Workload], trace: OperationTrace? = nil
    ) throws(Failure) {
        var plan = MeasuringFlags.plan(arguments, workloads: workloads, trace: trace)
        plan.turns = try Self.turns(arguments)
        try self.init(arguments, plan: plan)
    }

    init(_ arguments: ParsedArguments, plan: RunPlan) throws(Failure) {
        self.arguments = arguments
        output = try OutputFile(arguments[Flags.output])
        record = try Self.record(arguments)
        do {
            runner = try Runner(plan)
        } catch {
            throw Failure(error)
        }
    }

    private static func turns(_ arguments: ParsedArguments) throws(Failure) -> TurnRelay? {
        guard let text = arguments[Flags.turns] else { return nil }
        let paths = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard paths.count == 2 else {
            throw .usage("--turns \(text)", "names no two FIFOs", remedy: "give the one to read and the one to write")
        }
        do { return try TurnRelay(reading: paths[0], writing: paths[1]) } catch { throw Failure(error) }
    }

    private static func record(_ arguments: ParsedArguments) throws(Failure) -> OutputFile? {
        guard let path = arguments[Flags.record] else { return nil }
        if path == "-" || path == arguments[Flags.output] {
            throw .usage("--record \(path)", "is where the result goes", remedy: "name a file of its own")
        }
        return try OutputFile(path, flag: "--record")
    }

    func run() throws(Failure) -> ExitCode {
        if arguments[Flags.dryRun] {
            try Console.data(DryRun.text(runner))
            return .fine
        }
        if !showsWarnings { Console.message(runner.warnings.map { "warning: \($0.text); \($0.remedy)\n" }.joined()) }
        let outcome = measure()
        if !outcome.result.samples.isEmpty { try output.write(rendered(outcome.result)) }
        do {
            if let trace = outcome.trace { try record?.write(trace) }
        } catch {
            // What failed in the run is the graver matter.
            guard outcome.failure != nil else { throw error }
            Console.message("\(error.message)\n")
        }
        if let directory = outcome.keptDirectory { Console.message("the stores are in \(directory)\n") }
        guard let failure = outcome.failure else { return .fine }
        throw Failure(failure)
    }

    /// Whether the result itself will show the warnings to the user.
    private var showsWarnings: Bool {
        output.path == nil && (arguments[Flags.format] == .text || arguments[Flags.format] == .markdown)
    }

    private func measure() -> Runner.Outcome {
        Interruption.listen()
        let isQuiet = arguments[Flags.noProgress]
        var line = ProgressLine()
        let outcome = runner.run(
            cancellation: Interruption.cancellation, resuming: resumption,
            progress: { if !isQuiet { line.show($0) } },
            onRepeat: { save($0) })
        line.clear()
        return outcome
    }

    /// Saves what there is after each repeat, so that a crash costs one repeat. The last write is the one that reports
    /// a failure.
    private func save(_ result: RunResult) {
        if output.path != nil { try? output.write(rendered(result)) }
    }

    private func rendered(_ result: RunResult) -> String {
        if arguments.isCanonical {
            let whole = (["alexbench"] + Program.canonical).joined(separator: " ")
            return (result.verdicts + ["All of it: \(whole)"]).joined(separator: "\n") + "\n"
        }
        return ResultText(arguments, to: output).rendered(result)
    }
}

extension Failure {
    /// A run that could not start or did not end well.
    init(_ error: RunError) {
        self.init(ExitCode(rawValue: error.exitCode) ?? .failure, error.message)
    }
}
