/// Why a result file could not be used: names the file, what is wrong in it and what to do about it.
public struct ReportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One or two sentences for the user.
    public let message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}
