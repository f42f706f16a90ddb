extension CompletionScript {
    /// For fish: `alexbench completion fish | source`.
    var fish: String {
        var lines = ["# alexbench completion for fish. Use it with: alexbench completion fish | source"]
        lines.append("complete -c alexbench -f")
        for command in commands {
            lines.append(
                "complete -c alexbench -n __fish_use_subcommand -a \(command.name) -d \(fishQuoted(command.summary))")
        }
        lines.append("complete -c alexbench -n __fish_use_subcommand -a help -d 'show the help of a command'")
        let names = commands.map(\.name).joined(separator: " ")
        lines.append("complete -c alexbench -n '__fish_seen_subcommand_from help' -a '\(names)'")
        for command in commands {
            let condition = "complete -c alexbench -n '__fish_seen_subcommand_from \(command.name)'"
            switch command.operands.completion {
            case .nothing: break
            case .words(let words), .list(let words): lines.append("\(condition) -a '\(words.joined(separator: " "))'")
            case .file, .directory: lines.append("\(condition) -F")
            }
            for label in command.flags.map(\.label) {
                let name = "\(condition) -l \(label.name) -d \(fishQuoted(label.summary))"
                lines.append(label.takesValue ? "\(name) \(fishValues(label.completion))" : name)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func fishValues(_ completion: FlagLabel.Completion) -> String {
        switch completion {
        case .nothing: "-x"
        case .words(let words), .list(let words): "-x -a '\(words.joined(separator: " "))'"
        case .file: "-r -F"
        case .directory: "-x -a '(__fish_complete_directories)'"
        }
    }

    private func fishQuoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'") + "'"
    }
}
