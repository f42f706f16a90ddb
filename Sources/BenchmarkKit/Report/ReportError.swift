/// Why a result file could not be used: names the file, what is wrong in it and what to do about it.
public struct ReportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One or two sentences for the user.
    public let message: String

    /// Whether the file is of a schema that this program is too old for.
    public var isNewerSchema = false

    public init(_ message: String, isNewerSchema: Bool = false) {
        self.message = message
        self.isNewerSchema = isNewerSchema
    }

    public var description: String { message }
}
