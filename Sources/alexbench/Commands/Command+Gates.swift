import BenchmarkKit
import Foundation

extension Command {
    /// `alexbench gates [DIR]`.
    static let gates = Command(
        name: "gates", summary: "the roadmap's success criteria, each measured: met or not, and the run behind it",
        discussion: """
            Measures what no other command does (splits of the index, compaction beside a load, recovery, what the
            filter skips, cache misses in valgrind's simulation), takes the rest from the results in DIR, and judges.
            A criterion is met when the whole interval of its figure is on the right side; one without a result, or
            about a feature that is not there, is not. --format json gives what was measured, a result for DIR.
            """,
        operands: Operands(usage: "[DIR]", count: 0...1, completion: .directory),
        flags: [
            Flags.gateScale, Flags.gateRepeats, Flags.judgeOnly, Flags.format, Flags.output, Flags.noProgress,
            Flags.color,
        ],
        examples: [
            "alexbench gates", "alexbench gates Results --judge-only",
            "alexbench gates --format json --output Results/gates.json",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        try GatesRun(arguments).run()
    }
}

extension Flags {
    static let gateScale = Flag<UInt64?>.quantity(
        "scale", aliases: ["records"], in: 1_000...1_000_000_000, fallback: 1_000_000,
        "records of what is measured here; the criteria speak of 1M")
    static let gateRepeats = Flag<UInt64?>.quantity(
        "repeats", in: 1...1000, fallback: UInt64(RunTuning.usualRepeats), "fresh stores, each a sample")
    static let judgeOnly = Flag<Bool>.toggle("judge-only", "measure nothing: judge by the results in DIR alone")
}

/// One call of `alexbench gates`.
private struct GatesRun {
    let arguments: ParsedArguments
    let folder: String
    let output: OutputFile

    init(_ arguments: ParsedArguments) throws(Failure) {
        self.arguments = arguments
        folder = arguments.operands.first ?? "Results"
        output = try OutputFile(arguments[Flags.output])
        if arguments[Flags.judgeOnly], arguments[Flags.format] == .json {
            throw .usage(
                "--judge-only", "measures nothing that --format json could hold", remedy: "leave one of them away")
        }
    }

    func run() throws(Failure) -> ExitCode {
        var results = try earlier()
        if !arguments[Flags.judgeOnly] {
            Interruption.listen()
            let isQuiet = arguments[Flags.noProgress]
            let measurement = try GateMeasurement(
                records: arguments[Flags.gateScale] ?? 1_000_000,
                repeats: Int(arguments[Flags.gateRepeats] ?? UInt64(RunTuning.usualRepeats))
            ) { if !isQuiet { Console.message($0) } }
            let measured = try measurement.run(command: MeasuringFlags.receipt(arguments))
            Console.message(measured.warnings.map { "warning: \($0.text); \($0.remedy)\n" }.joined())
            // What was measured just now stands for what lies there of an earlier call.
            results = results.filter { entry in !entry.value.samples.contains { $0.workload.hasPrefix("gate-") } }
            results["gates.json"] = measured
        }
        let gates = Gates.all(results: results)
        let format = arguments[Flags.format]
        if format == .json, let measured = results["gates.json"] {
            try output.write(format.render(measured))
        } else {
            let text = ResultText(arguments, to: output)
            try output.write(
                GateReport.render(gates, format: format, colour: text.isColoured, width: text.width))
        }
        return gates.allSatisfy(\.verdict.isMet) ? .fine : .regression
    }

    /// The results of the folder; none where nobody named it and it is not there.
    private func earlier() throws(Failure) -> [String: RunResult] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        guard let names else {
            if arguments.operands.isEmpty { return [:] }
            throw Failure(.noBaseline, "\(folder): no such folder\nname a folder of result files (JSON)")
        }
        var results: [String: RunResult] = [:]
        for name in names where name.hasSuffix(".json") && !name.hasSuffix("selfcheck.json") {
            results[name] = try ResultFile.read("\(folder)/\(name)", missing: .noBaseline)
        }
        return results
    }
}
