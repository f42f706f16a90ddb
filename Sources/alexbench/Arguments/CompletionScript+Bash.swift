extension CompletionScript {
    /// For bash: `eval "$(alexbench completion bash)"`.
    var bash: String {
        let branches = commands.map { command in
            """
                    \(command.name))
                        flags='\(command.flags.map(\.label.spelling).joined(separator: " ")) --help'
                        operands='\(bashWords(command.operands.completion))'
                        ;;
            """
        }
        return """
            # alexbench completion for bash. Use it with: eval "$(alexbench completion bash)"
            _alexbench_list() {
                local done='' last="$1"
                if [[ "$1" == *,* ]]; then done="${1%,*},"; last="${1##*,}"; fi
                COMPREPLY=($(compgen -P "$done" -W "$2" -- "$last"))
            }
            _alexbench() {
                local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" flags='' operands=''
                if [[ $COMP_CWORD -eq 1 ]]; then
                    COMPREPLY=($(compgen -W '\(commandNames.joined(separator: " ")) --version --help' -- "$word"))
                    return
                fi
                case "$previous" in
            \(bashValues.joined(separator: "\n"))
                esac
                case "${COMP_WORDS[1]}" in
            \(branches.joined(separator: "\n"))
                    help) operands='\(commands.map(\.name).joined(separator: " "))' ;;
                esac
                case "$word" in
                    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
                    *)
                        if [[ "$operands" == FILE ]]; then COMPREPLY=($(compgen -f -- "$word"))
                        else COMPREPLY=($(compgen -W "$operands" -- "$word")); fi
                        ;;
                esac
            }
            complete -o filenames -o nospace -F _alexbench alexbench

            """
    }

    /// One branch for each flag that takes a value.
    private var bashValues: [String] {
        var seen: Set<String> = []
        var lines: [String] = []
        for label in commands.flatMap(\.flags).map(\.label) where label.takesValue && seen.insert(label.name).inserted {
            let action =
                switch label.completion {
                case .nothing: "COMPREPLY=()"
                case .words(let words): "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$word\"))"
                case .list(let words): "_alexbench_list \"$word\" '\(words.joined(separator: " "))'"
                case .file: "COMPREPLY=($(compgen -f -- \"$word\"))"
                case .directory: "COMPREPLY=($(compgen -d -- \"$word\"))"
                }
            let pattern = label.allNames.map { "--\($0)" }.joined(separator: "|")
            lines.append("        \(pattern)) \(action); return ;;")
        }
        return lines
    }

    private func bashWords(_ completion: FlagLabel.Completion) -> String {
        switch completion {
        case .nothing: ""
        case .words(let words), .list(let words): words.joined(separator: " ")
        case .file, .directory: "FILE"
        }
    }
}
