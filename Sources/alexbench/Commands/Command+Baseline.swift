import BenchmarkKit

extension Command {
    /// `alexbench baseline save|list|show|delete`.
    static let baseline = Command(
        name: "baseline", summary: "results kept by name, for compare",
        discussion:
            "save NAME RESULT keeps a result (JSON); list shows the names; show NAME prints one; delete NAME removes "
            + "it. compare takes a name in place of a file, and refuses one from another machine.",
        operands: Operands(usage: "save|list|show|delete [NAME] [RESULT]", count: 1...3, completion: .file),
        flags: [Flags.baselines, Flags.format, Flags.output, Flags.color],
        examples: [
            "alexbench baseline save main result.json", "alexbench baseline list",
            "alexbench compare main result.json --fail-on-regression",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let baselines = Baselines(arguments)
        let words = arguments.operands
        switch words[0] {
        case "save":
            try need(3, words, "save NAME RESULT")
            _ = try baselines.path(of: words[1])
            try baselines.save(try ResultFile.read(words[2], missing: .failure), as: words[1])
        case "list":
            try need(1, words, "list")
            for name in baselines.names { try Console.data(line(name, try baselines.read(name))) }
        case "show":
            try need(2, words, "show NAME")
            let output = try OutputFile(arguments[Flags.output])
            try output.write(ResultText(arguments, to: output).rendered(try baselines.read(words[1])))
        case "delete":
            try need(2, words, "delete NAME")
            try baselines.delete(words[1])
        default:
            throw .usage(
                "'\(words[0])'", "is nothing that baseline does",
                remedy: Suggestion.remedy(for: words[0], among: ["save", "list", "show", "delete"], noun: "actions"))
        }
        return .fine
    }

    private static func need(_ count: Int, _ words: [String], _ usage: String) throws(Failure) {
        guard words.count == count else {
            throw .usage(
                "baseline \(words.joined(separator: " "))", words.count < count ? "says too little" : "says too much",
                remedy: "usage: alexbench baseline \(usage)")
        }
    }

    private static func line(_ name: String, _ result: RunResult) -> String {
        "\(name)  \(result.date)  commit \(result.commit)  \(result.environment.cpu)  \(result.command)\n"
    }
}
