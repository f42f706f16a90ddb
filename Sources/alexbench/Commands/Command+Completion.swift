extension Command {
    /// `alexbench completion SHELL`.
    static let completion = Command(
        name: "completion", summary: "print a completion script for bash, zsh or fish",
        operands: Operands(
            usage: "bash|zsh|fish", count: 1...1, completion: .words(CompletionScript.Shell.allCases.map(\.rawValue))),
        examples: [
            "eval \"$(alexbench completion bash)\"", "source <(alexbench completion zsh)",
            "alexbench completion fish | source",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let name = arguments.operands[0]
        guard let shell = CompletionScript.Shell(rawValue: name) else {
            let shells = CompletionScript.Shell.allCases.map(\.rawValue)
            throw .usage(
                "completion \(name)", "unknown shell",
                remedy: Suggestion.remedy(for: name, among: shells, noun: "shells"))
        }
        try Console.data(CompletionScript(commands: Program.commands).text(for: shell))
        return .fine
    }
}
