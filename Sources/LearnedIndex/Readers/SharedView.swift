import CIntrinsics

// A lookup beside the writer. Steps:
//  1. enter an epoch;
//  2. take the published root;
//  3. in each inner node: predict a slot, search, load the child's slot; if the node changed meanwhile, again;
//  4. in the data node likewise; leave.
// A node that was read while it lay in limbo is as good as any: it holds what was true when it was taken away, which
// was after the reader had entered.
//
// Invariants:
//  1. between `enter` and `leave` no block is given back whose place the reader loaded from a node or root;
//  2. a place is followed only after the node that it stood in was found whole.
// Threads: any number of readers beside one writer. None holds another up, but for a change of one node that the writer
// was stopped in the midst of.

/// All that readers beside the writer need of an index; a plain value. Nothing in it changes once there is a reader.
@usableFromInline
struct SharedView: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let shared: SharedRoot
    @usableFromInline let epochs: EpochRegistry

    /// The child of `inner` that `key` belongs to.
    @inlinable @inline(__always)
    func child(of inner: Child, forKey key: Int64, _ hook: some ReadHook) -> Child {
        let node = SharedNode<Child>(inner, base)
        let near = inner.model.predictPosition(of: key, capacity: inner.capacity)
        var patience = Patience()
        while true {
            let version = node.version
            if version & 1 == 0 {
                let at = node.slot(forKey: key, near: near)
                hook.amidLoads()
                let child = node.child(at)
                hook.beforeCheck()
                if node.isWhole(since: version) {
                    hook.afterCheck()
                    return child
                }
            }
            patience.wait(for: inner.reference, shared.stuck)
        }
    }

    /// The value of `key`, which belongs to the data node `leaf`.
    @inlinable @inline(__always)
    func value(in leaf: Child, forKey key: Int64, _ hook: some ReadHook) -> UInt64? {
        let node = SharedNode<Pair>(leaf, base)
        let near = leaf.model.predictPosition(of: key, capacity: leaf.capacity)
        var patience = Patience()
        while true {
            let version = node.version
            if version & 1 == 0 {
                let value = node.value(forKey: key, near: near)
                hook.beforeCheck()
                if node.isWhole(since: version) {
                    hook.afterCheck()
                    return value
                }
            }
            patience.wait(for: leaf.reference, shared.stuck)
        }
    }

    /// The value of `key`; the caller is pinned.
    @inlinable @inline(__always)
    func value(forKey key: Int64, _ hook: some ReadHook) -> UInt64? {
        let root = shared.load()
        var place = root.child
        var height = root.height
        while height > 0 {
            place = child(of: place, forKey: key, hook)
            height &-= 1
        }
        return value(in: place, forKey: key, hook)
    }

    /// One group of keys, level by level: first all lines are asked for, then all are read. The caller is pinned.
    @inlinable
    func group(
        _ keys: UnsafePointer<Int64>, _ count: Int, _ places: UnsafeMutablePointer<Child>,
        _ results: UnsafeMutablePointer<UInt64?>
    ) {
        let root = shared.load()
        for i in 0..<count { (places + i).initialize(to: root.child) }
        var height = root.height
        while height > 0 {
            for i in 0..<count { prefetch(places[i], keys[i], Child.self) }
            for i in 0..<count { places[i] = child(of: places[i], forKey: keys[i], NoHook()) }
            height &-= 1
        }
        for i in 0..<count { prefetch(places[i], keys[i], Pair.self) }
        for i in 0..<count { (results + i).initialize(to: value(in: places[i], forKey: keys[i], NoHook())) }
    }

    @inlinable @inline(__always)
    func prefetch<Slot: NodeSlot>(_ place: Child, _ key: Int64, _: Slot.Type) {
        SharedNode<Slot>(place, base).prefetch(place.model.predictPosition(of: key, capacity: place.capacity))
    }
}
