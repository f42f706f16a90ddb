/// Why a command ends early: the message for stderr and the exit code.
struct Failure: Error, Sendable {
    let code: ExitCode
    /// Names the input, the value and the remedy.
    let message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A wrong argument: what was given, what is wrong with it, and what to write instead.
    static func usage(_ subject: String, _ problem: String, remedy: String? = nil) -> Failure {
        Failure(.usage, ["\(subject): \(problem)", remedy].compactMap { $0 }.joined(separator: "\n"))
    }
}
