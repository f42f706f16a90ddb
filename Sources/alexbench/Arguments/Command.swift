/// One command, declared once: what it is called, what it takes, what it does.
struct Command: Sendable {
    let name: String
    /// One line for the list of commands.
    let summary: String
    /// What the command does, for its own help.
    var discussion = ""
    var operands: Operands = .none
    var flags: [any AnyFlag] = []
    var examples: [String] = []
    let run: @Sendable (ParsedArguments) throws(Failure) -> ExitCode

    /// The words after the command that are no flags.
    struct Operands: Sendable {
        /// How the usage line shows them: `BASE CANDIDATE`.
        let usage: String
        let count: ClosedRange<Int>
        var completion: FlagLabel.Completion = .nothing

        static let none = Operands(usage: "", count: 0...0)
    }

    func flag(named name: String) -> (any AnyFlag)? { flags.first { $0.label.allNames.contains(name) } }
}
