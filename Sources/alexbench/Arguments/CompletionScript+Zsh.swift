extension CompletionScript {
    /// For zsh: a file `_alexbench` on the `fpath`, or `source <(alexbench completion zsh)`.
    var zsh: String {
        let described = commands.map { "        \(Self.quoted("\($0.name):\($0.summary)"))" }
        let branches = commands.map { command in
            let flags = command.flags.map { "            \(zshFlag($0.label))" }
            let operands = command.operands.count.upperBound > 0 ? ["            \(zshOperands(command.operands))"] : []
            let arguments = (flags + ["            '--help[show the help]'"] + operands).joined(separator: " \\\n")
            return "        \(command.name))\n            _arguments \\\n\(arguments)\n            ;;"
        }
        return """
            #compdef alexbench
            _alexbench() {
                local -a commands
                commands=(
            \(described.joined(separator: "\n"))
                    'help:show the help of a command'
                )
                if (( CURRENT == 2 )); then
                    _describe 'command' commands
                    return
                fi
                local command="${words[2]}"
                words=("${words[1]}" "${words[3,-1]}")
                (( CURRENT-- ))
                case "$command" in
            \(branches.joined(separator: "\n"))
                    help) _describe 'command' commands ;;
                esac
            }
            if [[ "${funcstack[1]}" == _alexbench ]]; then _alexbench "$@"; else compdef _alexbench alexbench; fi

            """
    }

    private func zshFlag(_ label: FlagLabel) -> String {
        let summary = label.summary.map { "[]:".contains($0) ? "\\\($0)" : String($0) }.joined()
        guard let valueName = label.valueName else { return Self.quoted("\(label.spelling)[\(summary)]") }
        let value = valueName.map { $0 == ":" ? "\\:" : String($0) }.joined()
        return Self.quoted("\(label.spelling)=[\(summary)]:\(value):\(zshAction(label.completion))")
    }

    private func zshOperands(_ operands: Command.Operands) -> String {
        Self.quoted("*:\(operands.usage):\(zshAction(operands.completion))")
    }

    private func zshAction(_ completion: FlagLabel.Completion) -> String {
        switch completion {
        case .nothing: " "
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .list(let words): "_values -s , value \(words.joined(separator: " "))"
        case .file: "_files"
        case .directory: "_files -/"
        }
    }
}
