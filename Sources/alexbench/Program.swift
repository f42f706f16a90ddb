import Glibc

/// The way of a command line: words, request, command, exit code.
@main
struct Program {
    static let version = "0.1.0"

    static let commands: [Command] = [
        .insert, .query, .mixed, .scale, .runFiles, .list, .completion,
    ]

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let code = run(Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }

    static func run(_ words: [String]) -> ExitCode {
        do {
            switch try ArgumentParser(commands: commands).parse(words) {
            case .help(let command): try Console.data(command.map(HelpText.page) ?? HelpText.overview(commands))
            case .version: try Console.data("alexbench \(version)\n")
            case .run(let command, let arguments): return try command.run(arguments)
            }
            return .fine
        } catch {
            Console.message("alexbench: \(error.message)\n")
            return error.code
        }
    }
}
