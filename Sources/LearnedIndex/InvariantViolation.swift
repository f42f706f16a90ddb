/// What `checkInvariants()` found broken.
public struct InvariantViolation: Error, CustomStringConvertible {
    /// The broken fact, with the node and the numbers.
    public let description: String
}

func require(_ holds: Bool, _ broken: @autoclosure () -> String) throws(InvariantViolation) {
    if !holds { throw InvariantViolation(description: broken()) }
}
