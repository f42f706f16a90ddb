/// A command line that was understood.
struct ParsedArguments: Sendable {
    let command: String
    var operands: [String] = []
    /// Nothing was typed: a short answer is enough.
    var isCanonical = false
    /// Parsed values by the flag's name.
    private var values: [String: any Sendable] = [:]
    /// What was typed, by the flag's name, for the receipt of a result.
    private(set) var texts: [String: String] = [:]

    init(command: String) { self.command = command }

    /// The value of a flag, its default when it is absent.
    ///
    /// An absent value has to be told from one of the wrong type first: `nil` casts to any optional type, as its `nil`.
    subscript<Value>(flag: Flag<Value>) -> Value {
        guard let value = values[flag.label.name] else { return flag.fallback }
        return value as? Value ?? flag.fallback
    }

    func isGiven(_ flag: any AnyFlag) -> Bool { texts[flag.label.name] != nil }

    /// Takes over the values of another command line.
    mutating func copy(from other: ParsedArguments) {
        operands = other.operands
        values = other.values
        texts = other.texts
    }

    mutating func set(_ flag: any AnyFlag, _ value: any Sendable, text: String) {
        values[flag.label.name] = value
        texts[flag.label.name] = text
    }
}
