/// One flag, declared once: the parser, the help, the suggestions and the completion scripts are all derived from it.
struct Flag<Value: Sendable>: AnyFlag {
    let label: FlagLabel
    /// The value when the flag is absent.
    let fallback: Value
    let parse: @Sendable (String) throws(ValueProblem) -> Value

    func parseAny(_ text: String) throws(ValueProblem) -> any Sendable { try parse(text) }
}

/// A flag whatever the type of its value.
protocol AnyFlag: Sendable {
    var label: FlagLabel { get }
    func parseAny(_ text: String) throws(ValueProblem) -> any Sendable
}

/// How a flag shows itself.
struct FlagLabel: Sendable {
    /// Without the dashes.
    let name: String
    var aliases: [String] = []
    /// What stands for the value in the help (`N`, `FILE`); `nil` for a switch, which takes no value.
    let valueName: String?
    /// One line for the help.
    let summary: String
    /// The default in words; `nil` where the summary says it or there is none.
    var defaultText: String?
    var completion: Completion = .nothing

    /// What a shell may offer for the value.
    enum Completion: Sendable {
        case nothing
        case words([String])
        /// Words separated by commas.
        case list([String])
        case file
        case directory
    }

    var takesValue: Bool { valueName != nil }
    var spelling: String { "--\(name)" }
    var allNames: [String] { [name] + aliases }
}
