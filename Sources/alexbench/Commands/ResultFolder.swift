import BenchmarkKit
import Foundation

/// A folder with a result file for each workload: written after each repeat and before the next workload begins, so
/// that a run of hours loses one repeat at most.
struct ResultFolder {
    let arguments: ParsedArguments
    let folder: String

    init(_ arguments: ParsedArguments, folder: String) throws(Failure) {
        self.arguments = arguments
        self.folder = folder
        if arguments.isGiven(Flags.output) {
            throw .usage("--output", "has no meaning beside --output-dir", remedy: "give one of the two")
        }
        if arguments.isGiven(Flags.format) {
            throw .usage(
                "--format", "has no meaning beside --output-dir, which writes JSON",
                remedy: "make other forms with: alexbench report \(folder) --write")
        }
        if arguments[Flags.dryRun] { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .usage(
                "--output-dir \(folder)", "can't be made (\(Console.systemMessage(errno)))", remedy: "name another")
        }
    }

    /// Runs the workloads one after the other, each from its file. Workloads of a sweep need one file for all.
    func run(_ files: [(path: String, workload: Workload)]) throws(Failure) -> ExitCode {
        var names: Set<String> = []
        for file in files where !names.insert(file.workload.name).inserted {
            throw .usage(
                file.path, "has the name '\(file.workload.name)' of another workload file",
                remedy: "give each its own name: it names the result")
        }
        for file in files { try run(file.path, file.workload) }
        return .fine
    }

    private func run(_ path: String, _ workload: Workload) throws(Failure) {
        let output = "\(folder)/\(workload.name).json"
        var alone = arguments
        alone.operands = [path]
        alone.set(Flags.format, ResultFormat.json, text: "json")
        // A rehearsal has made no folder, and writes no result.
        if !arguments[Flags.dryRun] { alone.set(Flags.output, output as String?, text: output) }
        // Before anything else is checked: what is complete needs no room for another run.
        let plan = MeasuringFlags.plan(alone, workloads: [workload])
        let earlier = try state(of: output, plan)
        if case .complete(let otherwise) = earlier {
            let but = otherwise.isEmpty ? "" : " (\(otherwise.joined(separator: "; ")); remove it to measure anew)"
            return Console.message("\(workload.name): complete, \(output) is left as it is\(but)\n")
        }
        var measurement = try Measurement(alone, workloads: [workload])
        if case .begun(let resumption) = earlier {
            Console.message("\(workload.name): \(resumption.repeatsDone) of \(plan.repeats) repeats are done\n")
            measurement.resumption = resumption
        }
        _ = try measurement.run()
        if !arguments[Flags.dryRun] { Console.message("\(workload.name): written to \(output)\n") }
    }

    /// What an earlier result leaves to be done; `nil` where there is none, or it is not to be gone on with.
    private func state(of output: String, _ plan: RunPlan) throws(Failure) -> Resumption.State? {
        guard arguments[Flags.resume], FileManager.default.fileExists(atPath: output) else { return nil }
        let earlier = try ResultFile.read(output, missing: .failure)
        do {
            return try Resumption.state(of: earlier, plan: plan, name: output)
        } catch {
            throw Failure(error)
        }
    }
}
