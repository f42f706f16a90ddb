import Glibc

/// The way of a command line: words, request, command, exit code.
@main
struct Program {
    static let version = "0.1.0"

    static let commands: [Command] = [
        .insert, .query, .mixed, .scale, .index, .explain, .gates, .runFiles, .crash, .store, .compare, .baseline,
        .regress,
        .selfcheck,
        .report,
        .rerun, .list, .doctor, .completion,
    ]

    /// What runs when nothing is asked for: small enough to end within a minute.
    static let canonical = ["mixed", "--scale", "100K", "--repeats", "3"]

    static func main() {
        // Then writing fails with an error that names the file, instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let code = run(Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }

    static func run(_ words: [String]) -> ExitCode {
        if let code = ObservedChild.run(words) ?? CrashedChild.run(words) ?? GateChild.run(words) { return code }
        do {
            // With no arguments: the canonical small run and its short answer.
            let isCanonical = words.isEmpty
            let words = isCanonical ? canonical : words
            switch try ArgumentParser(commands: commands).parse(words) {
            case .help(let command): try Console.data(command.map(HelpText.page) ?? HelpText.overview(commands))
            case .version: try Console.data("alexbench \(version)\n")
            case .run(let command, var arguments):
                arguments.isCanonical = isCanonical
                return try command.run(arguments)
            }
            return .fine
        } catch {
            Console.message("alexbench: \(error.message)\n")
            return error.code
        }
    }
}
