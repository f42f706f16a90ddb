/// Completion scripts for three shells, made from the same declarations as the help.
struct CompletionScript: Sendable {
    enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

    let commands: [Command]

    func text(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    var commandNames: [String] { commands.map(\.name) + ["help"] }

    /// Text inside single quotes, as a POSIX shell reads it.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
