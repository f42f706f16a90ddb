/// What is wrong with a value, before it is known which argument it belongs to.
struct ValueProblem: Error, Sendable {
    /// Continues the sentence that begins with argument and value: `is negative`.
    let text: String
    /// What to write instead.
    let remedy: String?

    init(_ text: String, remedy: String? = nil) {
        self.text = text
        self.remedy = remedy
    }
}
