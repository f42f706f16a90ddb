/// How the program ends. Scripts read these numbers, so they never change.
enum ExitCode: Int32, Sendable {
    case fine = 0
    /// Something failed that no other code describes: an engine's error, a full disk, a file that can't be written.
    case failure = 1
    /// `compare --fail-on-regression` found a regression, or a gate was not met.
    case regression = 2
    /// A value read was wrong, or the engines did not end in the same state.
    case verificationFailed = 3
    /// A store is damaged.
    case damaged = 4
    /// A file to compare with is missing.
    case noBaseline = 5
    /// The two results measured different things.
    case notComparable = 6
    /// The command line is wrong, or names a backend that is not built.
    case usage = 64
    /// Ctrl-C.
    case interrupted = 130
}
