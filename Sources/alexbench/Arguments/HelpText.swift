/// Help, made from the declarations.
enum HelpText {
    static func usage(of command: Command) -> String {
        ["alexbench", command.name, command.operands.usage, command.flags.isEmpty ? "" : "[flags]"]
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The help of the whole program.
    static func overview(_ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        let lines = commands.map { "  \(padded($0.name, width))  \($0.summary)" }
        return """
            alexbench compares storage engines: the same operations, every value checked.

            Usage: alexbench COMMAND [flags]
                   alexbench            a small mixed run and its short answer

            Commands:
            \(lines.joined(separator: "\n"))
              \(padded("help", width))  show this, or: alexbench help COMMAND

            alexbench --version prints the version.
            Exit codes: 0 fine, 1 error, 2 regression, 3 verification failed, 4 damaged store, 5 no baseline,
            6 not comparable, 64 usage, 130 interrupted.

            """
    }

    /// The help of one command.
    static func page(of command: Command) -> String {
        var text = "\(command.summary)\n\nUsage: \(usage(of: command))\n"
        if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
        if !command.flags.isEmpty {
            text += "\nFlags:\n" + command.flags.map { entry($0.label) }.joined()
        }
        if !command.examples.isEmpty {
            text += "\nExamples:\n" + command.examples.map { "  \($0)\n" }.joined()
        }
        return text
    }

    /// Names on the left, what they mean wrapped on the right, under a title.
    static func block(_ title: String, _ entries: [(name: String, meaning: String)]) -> String {
        let margin = (entries.map(\.name.count).max() ?? 0) + 4
        let lines = entries.flatMap { name, meaning in
            wrapped(meaning, width - margin).enumerated().map { place, line in
                (place == 0 ? padded("  \(name)", margin) : String(repeating: " ", count: margin)) + line
            }
        }
        return ([title] + lines).joined(separator: "\n")
    }

    private static let column = 28
    private static let width = 100

    /// A flag with its value on the left, its summary wrapped on the right.
    private static func entry(_ label: FlagLabel) -> String {
        let left = "  \(label.spelling)" + (label.valueName.map { " \($0)" } ?? "")
        var summary = label.summary
        if !label.aliases.isEmpty { summary += " (alias \(label.aliases.map { "--\($0)" }.joined(separator: ", ")))" }
        if let defaultText = label.defaultText { summary += " [\(defaultText)]" }
        var lines = wrapped(summary, width - column)
        let first = left.count + 2 <= column ? padded(left, column) + lines.removeFirst() : left
        return ([first] + lines.map { String(repeating: " ", count: column) + $0 }).map { "\($0)\n" }.joined()
    }

    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
