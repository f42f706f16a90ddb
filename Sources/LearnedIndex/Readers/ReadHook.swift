import CIntrinsics

/// What a test may do to a reader in the midst of a read: between two loads from one node, between the last of them and
/// the look at the version, and on the way from one node to the next. Nothing in real use, and then the compiler leaves
/// no trace of it.
@usableFromInline
package protocol ReadHook {
    func amidLoads()
    func beforeCheck()
    func afterCheck()
}

@usableFromInline
struct NoHook: ReadHook {
    @inlinable @inline(__always)
    init() {}

    @inlinable @inline(__always)
    package func amidLoads() {}

    @inlinable @inline(__always)
    package func beforeCheck() {}

    @inlinable @inline(__always)
    package func afterCheck() {}
}

/// How long a reader goes on reading one node again before it asks for help.
@usableFromInline
struct Patience {
    @usableFromInline var attempts = 0

    @inlinable @inline(__always)
    init() {}

    /// After a failed attempt. From a bound on the writer is told which node it is, which then replaces it by a copy
    /// and leaves this one alone; what remains to be waited for is the change under way.
    @usableFromInline @inline(never)
    mutating func wait(for node: UInt32, _ stuck: UnsafeMutableRawPointer) {
        attempts += 1
        if attempts < Tuning.attemptsMax { return intrinsics_pause() }
        // Another reader's node may stand there, or this one have been overwritten: so it is told more than once.
        if attempts % Tuning.attemptsMax == 0 && intrinsics_load_relaxed(stuck) == 0 {
            intrinsics_store_relaxed(stuck, UInt64(node))
        }
        intrinsics_yield()
    }
}
