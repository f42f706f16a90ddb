import BenchmarkKit

extension Command {
    /// `alexbench compare BASE CANDIDATE`.
    static let compare = Command(
        name: "compare", summary: "compare two results (JSON): old, new, change, and whether it can be told from noise",
        discussion: "Ends with 5 when a file is missing, 6 when the two measured different things.",
        operands: Operands(usage: "BASE CANDIDATE", count: 2...2, completion: .file),
        flags: [Flags.threshold, Flags.failOnRegression, Flags.format, Flags.output, Flags.color],
        examples: ["alexbench compare old.json new.json --threshold 10% --fail-on-regression"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let output = try OutputFile(arguments[Flags.output])
        let base = try ResultFile.read(arguments.operands[0], missing: .noBaseline)
        let candidate = try ResultFile.read(arguments.operands[1], missing: .noBaseline)
        let comparison = Comparison(base: base, candidate: candidate, threshold: arguments[Flags.threshold])
        if case .notComparable(let differences) = comparison.outcome {
            throw Failure(.notComparable, "the results can't be compared:\n" + differences.joined(separator: "\n"))
        }
        try output.write(ResultText(arguments, to: output).rendered(comparison))
        let code = comparison.outcome.exitCode(failsOnRegression: arguments[Flags.failOnRegression])
        return ExitCode(rawValue: code) ?? .failure
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
            throw Failure(.failure, error.message)
        }
    }
}
