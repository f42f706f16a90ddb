import BenchmarkKit
import Foundation

extension Command {
    /// `alexbench compare BASE CANDIDATE`.
    static let compare = Command(
        name: "compare",
        summary: "compare two results, or two builds run alternating: old, new, change, and whether it can be told",
        discussion:
            "BASE and CANDIDATE are results (JSON) or names of baselines. With --exec they are two builds of "
            + "alexbench, which run --workload alternating on this machine, pair by pair, alex alone unless "
            + "--backend says otherwise; a regression is then confirmed on a fresh run before it counts. Ends with "
            + "5 when a file or baseline is missing, 6 when the two measured different things or on different "
            + "machines.",
        operands: Operands(usage: "BASE CANDIDATE", count: 2...2, completion: .file),
        flags: [
            Flags.threshold, Flags.thresholdAbsolute, Flags.alpha, Flags.failOnRegression, Flags.baselines, Flags.exec,
        ] + CompareFlags.child + [Flags.compareFormat, Flags.output, Flags.color, Flags.noProgress],
        examples: [
            "alexbench compare old.json new.json --threshold 10% --fail-on-regression",
            "alexbench compare --exec old/alexbench new/alexbench --scale 100K --repeats 20",
            "alexbench compare main result.json --format github",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let output = try OutputFile(arguments[Flags.output])
        let settings = Comparison.Settings(
            threshold: arguments[Flags.threshold], thresholdNanoseconds: arguments[Flags.thresholdAbsolute],
            level: arguments[Flags.alpha])
        let comparison =
            arguments[Flags.exec] ? try compareBuilds(arguments, settings) : try compareFiles(arguments, settings)
        if case .notComparable(let differences) = comparison.outcome {
            throw Failure(.notComparable, "the results can't be compared:\n" + differences.joined(separator: "\n"))
        }
        let format = arguments[Flags.compareFormat]
        let text = ResultText(arguments, to: output).rendered(comparison, format)
        if format == .github { try addToJobSummary(text) }
        try output.write(text)
        let code = comparison.outcome.exitCode(failsOnRegression: arguments[Flags.failOnRegression])
        return ExitCode(rawValue: code) ?? .failure
    }

    private static func compareFiles(
        _ arguments: ParsedArguments, _ settings: Comparison.Settings
    ) throws(Failure) -> Comparison {
        let baselines = Baselines(arguments)
        let base = try ResultFile.read(arguments.operands[0], baselines)
        let candidate = try ResultFile.read(arguments.operands[1], baselines)
        return Comparison(base: base, candidate: candidate, settings: settings)
    }

    private static func compareBuilds(
        _ arguments: ParsedArguments, _ settings: Comparison.Settings
    ) throws(Failure) -> Comparison {
        let pairs = Int(arguments[Flags.repeats] ?? UInt64(RunTuning.usualRepeats))
        let builds = InterleavedBuilds(
            old: try ChildRun(program: arguments.operands[0]), new: try ChildRun(program: arguments.operands[1]),
            arguments: CompareFlags.words(arguments), pairs: pairs, seed: arguments[Flags.seed] ?? 1)
        Interruption.listen()
        let first = try comparison(of: builds, offset: 0, "pair", arguments, settings)
        guard case .regression = first.outcome else { return first }
        let fresh = try comparison(of: builds, offset: UInt64(pairs), "fresh run, pair", arguments, settings)
        return first.confirmed(by: fresh)
    }

    private static func comparison(
        of builds: InterleavedBuilds, offset: UInt64, _ what: String, _ arguments: ParsedArguments,
        _ settings: Comparison.Settings
    ) throws(Failure) -> Comparison {
        let isQuiet = arguments[Flags.noProgress]
        let runs = try builds.run(offset: offset) { number in
            if !isQuiet { Console.message("\(what) \(number) of \(builds.pairs)\n") }
        }
        guard let comparison = runs.comparison(settings) else {
            throw Failure(.failure, "no pair has run\nask for --repeats 1 or more")
        }
        return comparison
    }

    /// The page that the service running the job shows: the file named by GITHUB_STEP_SUMMARY, where that is set.
    private static func addToJobSummary(_ text: String) throws(Failure) {
        guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        var problem = descriptor < 0 ? Console.systemMessage(errno) : Console.write(text, to: descriptor)
        if descriptor >= 0, close(descriptor) != 0, problem == nil { problem = Console.systemMessage(errno) }
        if let problem { throw Failure(.failure, "GITHUB_STEP_SUMMARY \(path): can't be written: \(problem)") }
    }
}

/// The flags that `compare --exec` hands to both builds.
enum CompareFlags {
    private static let handed: [any AnyFlag] = [
        Flags.scale, Flags.ops, Flags.mix, Flags.valueSize, Flags.distribution, Flags.batch, Flags.durability,
        Flags.warmup, Flags.directory,
    ]

    static let child: [any AnyFlag] = [Flags.workload, Flags.backend] + handed + [Flags.repeats, Flags.seed]

    /// The measuring command of one run. Without --backend it is the engine of this package alone.
    static func words(_ arguments: ParsedArguments) -> [String] {
        let workload = arguments[Flags.workload] ?? "mixed"
        let command = ["mixed", "query", "insert"].contains(workload) ? [workload] : ["run", workload]
        return command + ["--backend", arguments.texts[Flags.backend.label.name] ?? "alex"]
            + handed.flatMap { flag in
                arguments.texts[flag.label.name].map { [flag.label.spelling, $0] } ?? []
            }
    }
}

/// Reads result files.
enum ResultFile {
    /// - Parameter missing: The exit code where there is no such file.
    static func read(_ path: String, missing: ExitCode) throws(Failure) -> RunResult {
        let data = try InputFile.contents(ofFile: path, missing: missing)
        do {
            return try RunResult.read(from: data, name: path)
        } catch {
            throw Failure(error.isNewerSchema ? .notComparable : .failure, error.message)
        }
    }

    /// A file, or a baseline by its name where there is no such file.
    static func read(_ operand: String, _ baselines: Baselines) throws(Failure) -> RunResult {
        if !FileManager.default.fileExists(atPath: operand), Baselines.isName(operand), !operand.hasSuffix(".json") {
            return try baselines.read(operand)
        }
        return try read(operand, missing: .noBaseline)
    }
}
