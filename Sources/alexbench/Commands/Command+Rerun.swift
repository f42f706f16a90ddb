import BenchmarkKit
import Foundation

extension Command {
    /// `alexbench rerun RESULT`.
    static let rerun = Command(
        name: "rerun", summary: "repeat the run of a result (JSON) and say whether its claims still hold",
        discussion:
            "Runs the recorded command with its seed, scale, engines and repeats, from the folder that it was run "
            + "from. Ends with 0 when every claim holds, 2 when one does not, 6 when machine, engines or operations "
            + "are others, 5 when the result is missing.",
        operands: Operands(usage: "RESULT", count: 1...1, completion: .file),
        flags: [Flags.directory, Flags.rerunOutput, Flags.dryRun, Flags.noProgress],
        examples: ["alexbench rerun Results/mixed-1m.json", "alexbench rerun old.json --output new.json"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let path = arguments.operands[0]
        let first = try ResultFile.read(path, missing: .noBaseline)
        let (command, recorded) = try parse(first.command, path)
        if arguments[Flags.dryRun] {
            try Console.data(first.command + "\n")
            return .fine
        }
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("alexbench-\(UUID().uuidString)")
        let output = arguments[Flags.rerunOutput] ?? scratch.path
        defer { try? FileManager.default.removeItem(at: scratch) }
        var again = recorded
        again.set(Flags.format, ResultFormat.json, text: "json")
        again.set(Flags.output, output as String?, text: output)
        if let directory = arguments[Flags.directory] {
            again.set(Flags.directory, directory as String?, text: directory)
        }
        if arguments[Flags.noProgress] { again.set(Flags.noProgress, true, text: "") }
        let code = try command.run(again)
        guard code == .fine else { return code }
        let rerun = Rerun(first: first, second: try ResultFile.read(output, missing: .failure))
        try Console.data(rerun.lines.map { $0 + "\n" }.joined())
        return ExitCode(rawValue: rerun.exitCode) ?? .failure
    }

    /// The recorded command line, understood anew: only those that measure.
    private static func parse(_ text: String, _ path: String) throws(Failure) -> (Command, ParsedArguments) {
        let words = text.split(separator: " ").map(String.init)
        let problem = "\(path): its command '\(text)' can't be run again"
        guard words.first == "alexbench", words.count > 1 else {
            throw Failure(.failure, "\(problem): it is no command of alexbench\nmake the result with a newer alexbench")
        }
        do throws(Failure) {
            guard
                case .run(let command, let arguments) = try ArgumentParser(commands: Program.commands).parse(
                    Array(words.dropFirst())), command.flag(named: Flags.repeats.label.name) != nil
            else { throw Failure(.failure, "\(problem): it does not measure\nname a result of a measuring command") }
            return (command, arguments)
        } catch {
            throw Failure(.failure, error.message.hasPrefix(path) ? error.message : "\(problem): \(error.message)")
        }
    }
}
