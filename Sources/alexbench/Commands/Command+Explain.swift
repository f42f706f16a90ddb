import AlexPhaseBackend
import BenchmarkKit
import StorageBackends

extension Command {
    /// `alexbench explain query|insert`.
    static let explain = Command(
        name: "explain", summary: "a query or an insert in parts, each by a run that does one step more",
        discussion: """
            The operation is run whole, and cut short after each of its steps; a step's time is the difference of two
            runs, for no clock stands inside an operation. The published projections of the phase documents stand
            beside it, and whether the sum of the steps is the whole.
            query: loop, index lookup, map read, length header, bounds checks, copy, result wrapping.
            insert: loop, file write, flush, remap in its calls, index insert; one by one and in one batch.
            """,
        operands: Operands(usage: "query|insert", count: 1...1, completion: .words(["query", "insert"])),
        flags: [
            Flags.explainScale, Flags.explainOps, Flags.explainBackend, Flags.schedule, Flags.repeats, Flags.warmup,
            Flags.seed, Flags.directory, Flags.format, Flags.output, Flags.dryRun, Flags.noProgress, Flags.color,
        ],
        examples: [
            "alexbench explain query --scale 1M --backend alex-phase-zero-copy",
            "alexbench explain insert --format json --output insert.json",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let word = arguments.operands[0]
        guard let operation = ExplainedOperation(rawValue: word) else {
            let words = ExplainedOperation.allCases.map(\.rawValue)
            throw .usage(
                "explain \(word)", "is unknown",
                remedy: Suggestion.remedy(for: word, among: words, noun: "operations"))
        }
        return try Measurement(explaining: operation, arguments).run()
    }
}

extension Measurement {
    /// The run of `alexbench explain`.
    fileprivate init(explaining operation: ExplainedOperation, _ arguments: ParsedArguments) throws(Failure) {
        let name = arguments[Flags.explainBackend]
        guard let whole = BackendTable.descriptor(named: name) else {
            let entry = BackendTable.entries.first { $0.name == name }
            throw .usage("--backend \(name)", "is not built into this binary", remedy: entry?.requirement?.remedy)
        }
        guard let steps = LadderSteps.descriptors(of: name, operation) else {
            throw .usage(
                "--backend \(name)", "has no steps of \(operation.rawValue) that could be run apart",
                remedy: "name one of: "
                    + Flags.explainable.filter { LadderSteps.descriptors(of: $0, operation) != nil }
                    .joined(separator: ", "))
        }
        let records = arguments[Flags.explainScale] ?? 100_000
        let workload =
            operation == .query
            ? Explanation.queries(records: records, operations: arguments[Flags.explainOps])
            : Explanation.inserts(records: records, operations: arguments[Flags.explainOps])
        var plan = RunPlan(
            workloads: [workload], backends: Explanation.backends(steps: steps, whole: whole),
            command: MeasuringFlags.receipt(arguments))
        plan.schedule = arguments[Flags.schedule]
        plan.repeats = Int(arguments[Flags.repeats] ?? UInt64(RunTuning.usualRepeats))
        plan.warmUpOperations = arguments[Flags.warmup]
        plan.seed = arguments[Flags.seed] ?? 1
        plan.directory = arguments[Flags.directory]
        try self.init(arguments, plan: plan)
    }
}

/// The flags of `alexbench explain`.
extension Flags {
    /// What can be taken apart, in the order in which it is listed.
    static let explainable = LadderRung.allCases.map { "alex-phase-\($0.rawValue)" } + ["alex", "rocksdb-alex"]

    static let explainScale = Flag<UInt64?>.quantity(
        "scale", aliases: ["records"], in: 1...1_000_000_000, fallback: 100_000,
        "records loaded before the measured phase: 1000, 10K, 1M, 4Ki")
    static let explainOps = Flag<UInt64?>.quantity(
        "ops", in: 1...10_000_000_000, fallback: nil,
        defaultText: "as many reads as records, at most \(Quantity.text(RunTuning.usualOperationsLimit)); "
            + "\(Quantity.text(Explanation.insertsUsual)) inserts",
        "operations of the measured phase")
    static let explainBackend = Flag<String>.choice(
        "backend", explainable.map { ($0, $0) }, valueName: "NAME", fallback: explainable[0],
        defaultText: explainable[0], "what is taken apart: \(explainable.joined(separator: ", "))")
}
