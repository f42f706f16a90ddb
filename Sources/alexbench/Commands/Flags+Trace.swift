import BenchmarkKit
import StorageBackends

/// Recording the operations of a run, and replaying them.
extension Flags {
    static let record = Flag<String?>.text(
        "record", valueName: "FILE", fallback: nil, defaultText: nil, completion: .file,
        "write the operations of the first repeat's measured phases, for --trace")
    static let trace = Flag<String?>.text(
        "trace", valueName: "FILE", fallback: nil, defaultText: nil, completion: .file,
        "replay the operations that --record wrote, with their keys and values, in each repeat")

    /// Both.
    static let traces: [any AnyFlag] = [record, trace]
}

extension OperationTrace {
    /// The trace that `--trace` names, or `nil` without it; whole and possible.
    static func named(by arguments: ParsedArguments) throws(Failure) -> OperationTrace? {
        guard let path = arguments[Flags.trace] else { return nil }
        let data = try InputFile.contents(ofFile: path, missing: .usage)
        let trace: OperationTrace
        do {
            trace = try OperationTrace(data: data, file: path)
        } catch {
            throw Failure(.usage, "--trace \(error.message)")
        }
        let decided: [any AnyFlag] = [
            Flags.ops, Flags.mix, Flags.keys, Flags.distribution, Flags.scanLength, Flags.seed,
        ]
        for flag in decided where arguments.isGiven(flag) {
            throw .usage(flag.label.spelling, "the trace \(path) decides it", remedy: "leave one of the two out")
        }
        return trace
    }

    /// The trace's workload, for a command that makes one of its own from its flags.
    /// - Throws: Where a flag asks for another, or the trace is another command's.
    func workload(for arguments: ParsedArguments) throws(Failure) -> Workload {
        guard workload.name == arguments.command else {
            throw .usage(
                "--trace \(file)", "its workload is \(workload.name), not \(arguments.command)",
                remedy: "write: alexbench run --trace \(file)")
        }
        var asked = workload
        if let records = arguments[Flags.scale] { asked.records = records }
        if arguments.isGiven(Flags.valueSize) { asked.value = arguments[Flags.valueSize] }
        if arguments.isGiven(Flags.compressible) {
            asked.compressiblePercent = UInt8((arguments[Flags.compressible] * 100).rounded())
        }
        if arguments.isGiven(Flags.batch), let batch = arguments[Flags.batch] { asked.load.batch = batch }
        return asked
    }
}
