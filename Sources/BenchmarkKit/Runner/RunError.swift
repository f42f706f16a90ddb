import StorageBackends

/// Why a run could not start or did not end well.
public struct RunError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it was.
    public enum Kind: String, Sendable, Hashable {
        /// A workload or plan that can't be: names file, key, value and remedy.
        case invalid
        /// Flags that contradict each other or what they name.
        case usage
        /// A directory, disk or memory that won't do.
        case environment
        /// An engine failed.
        case backend
        /// An engine reported that its store is damaged.
        case damagedStore
        /// An engine gave a wrong answer or ended in a wrong state.
        case verificationFailed
        /// An earlier result is of another run, so that this one can't go on from it.
        case notComparable
        /// The user interrupted the run.
        case cancelled
    }

    public let kind: Kind
    /// One sentence or two: what, where, and what to do about it.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }

    /// The program's exit code for this failure.
    public var exitCode: Int32 {
        switch kind {
        case .invalid, .environment, .backend: 1
        case .verificationFailed: 3
        case .damagedStore: 4
        case .notComparable: 6
        case .usage: 64
        case .cancelled: 130
        }
    }

    /// The failure of an engine in a row of the run.
    init(_ error: BackendError, backend: String, row: String) {
        self.init(error.kind == .damaged ? .damagedStore : .backend, "\(backend), \(row): \(error.message)")
    }
}
