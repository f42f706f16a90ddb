import Synchronization

/// Asks a run to stop. The runner looks at it between slices; any thread or signal source may set it.
public final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    /// The run stops at the end of the current slice, removes its stores and returns what it has. O(1), lock-free.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
