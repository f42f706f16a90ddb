/// Words in, a command and its arguments out. `--flag value` and `--flag=value` mean the same; `--` ends the flags.
struct ArgumentParser: Sendable {
    let commands: [Command]

    /// What the words ask for.
    enum Request {
        case run(Command, ParsedArguments)
        /// The help of one command, or of all.
        case help(Command?)
        case version
    }

    func parse(_ words: [String]) throws(Failure) -> Request {
        guard let first = words.first else { return .help(nil) }
        if ["-h", "--help"].contains(first) { return .help(nil) }
        if first == "--version" { return .version }
        if first == "help" {
            if words.count > 2 { throw .usage("'\(words[2])'", "help takes one command", remedy: nil) }
            guard words.count == 2 else { return .help(nil) }
            return .help(try command(named: words[1]))
        }
        if first.hasPrefix("-") {
            throw .usage("'\(first)'", "a command comes first", remedy: "for example: alexbench mixed \(first) …")
        }
        let command = try command(named: first)
        let rest = words.dropFirst()
        let flagsEnd = rest.firstIndex(of: "--") ?? rest.endIndex
        if rest[..<flagsEnd].contains(where: { $0 == "-h" || $0 == "--help" }) { return .help(command) }
        return .run(command, try arguments(Array(rest), of: command))
    }

    func command(named name: String) throws(Failure) -> Command {
        if let command = commands.first(where: { $0.name == name }) { return command }
        throw .usage(
            "'\(name)'", "unknown command",
            remedy: Suggestion.remedy(for: name, among: commands.map(\.name) + ["help"], noun: "commands"))
    }

    private func arguments(_ words: [String], of command: Command) throws(Failure) -> ParsedArguments {
        var parsed = ParsedArguments(command: command.name)
        var index = 0
        var flagsEnded = false
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--", !flagsEnded {
                flagsEnded = true
            } else if word.hasPrefix("-"), word != "-", !flagsEnded {
                try parseFlag(word, words, &index, command, &parsed)
            } else {
                parsed.operands.append(word)
            }
        }
        try checkOperands(parsed, of: command)
        return parsed
    }

    private func parseFlag(
        _ word: String, _ words: [String], _ index: inout Int, _ command: Command, _ parsed: inout ParsedArguments
    ) throws(Failure) {
        let pieces = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard pieces[0].hasPrefix("--"), let flag = command.flag(named: String(pieces[0].dropFirst(2))) else {
            throw unknownFlag(pieces[0], command)
        }
        let label = flag.label
        if parsed.isGiven(flag) { throw .usage(label.spelling, "given twice", remedy: "give it once") }
        guard let valueName = label.valueName else {
            if pieces.count == 2 { throw .usage(label.spelling, "takes no value", remedy: "write \(label.spelling)") }
            return parsed.set(flag, true, text: "")
        }
        var text = pieces.count == 2 ? pieces[1] : ""
        if pieces.count == 1 {
            guard index < words.count, !words[index].hasPrefix("--") else {
                throw .usage(label.spelling, "needs a value", remedy: "write \(label.spelling) \(valueName)")
            }
            text = words[index]
            index += 1
        }
        do {
            parsed.set(flag, try flag.parseAny(text), text: text)
        } catch {
            let value = text.isEmpty ? "''" : text
            throw .usage("\(pieces[0]) \(value)", error.text, remedy: error.remedy)
        }
    }

    private func unknownFlag(_ spelling: String, _ command: Command) -> Failure {
        let spellings = command.flags.flatMap { $0.label.allNames.map { "--\($0)" } } + ["--help"]
        if let nearest = Suggestion.nearest(to: spelling, among: spellings) {
            return .usage("'\(spelling)'", "unknown flag", remedy: "did you mean \(nearest)?")
        }
        let elsewhere = commands.filter { $0.flag(named: String(spelling.drop { $0 == "-" })) != nil }.map(\.name)
        let problem =
            elsewhere.isEmpty
            ? "unknown flag" : "not a flag of \(command.name), but of \(elsewhere.joined(separator: ", "))"
        return .usage("'\(spelling)'", problem, remedy: "see: alexbench help \(command.name)")
    }

    private func checkOperands(_ parsed: ParsedArguments, of command: Command) throws(Failure) {
        let count = command.operands.count
        if parsed.operands.count > count.upperBound {
            throw .usage(
                "'\(parsed.operands[count.upperBound])'", "one argument too many",
                remedy: "usage: \(HelpText.usage(of: command))")
        }
        if parsed.operands.count < count.lowerBound {
            throw .usage(
                command.name, "needs \(command.operands.usage)", remedy: "usage: \(HelpText.usage(of: command))")
        }
    }
}
