/// Why a backend could not do what was asked. An absent key is no error: it is `nil` or `false`.
public struct BackendError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was, for the caller that has to decide.
    public enum Kind: Sendable {
        /// The system refused: a failed call, a full disk, a missing right.
        case io
        /// Another process, or this one, has the store open.
        case locked
        /// The store's content is damaged.
        case damaged
        /// The directory holds something else, or a newer format.
        case incompatible
        /// The engine, or this configuration of it, can't do this.
        case unsupported
        /// A value that can't be: too long, out of range, misspelt.
        case invalid
    }

    public let kind: Kind
    /// Names the input, the value and the remedy.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
