import CIntrinsics

// Looking up many keys at once. A group of keys goes down the tree side by side: every key's next line is asked for
// before the first of them is read, so that the group waits for memory once a level instead of once a key.
extension IndexHandle {
    /// Keys that advance together. More than a processor's 10 to 16 outstanding lines: while the first lines of a group
    /// arrive, the next keys' slots are computed (16 keys: 0.53 of one by one, 32: 0.49, uniform 10 M).
    @usableFromInline static let groupKeys = 32

    /// Writes the value of `keys[i]`, or nil, to `results[i]` for every key. Keys may repeat and come in any order.
    ///
    /// O(height) a key, as `value(forKey:)`. Allocates nothing, writes nothing to the index. `results` must be at least
    /// as long as `keys`.
    @inlinable
    public func values(
        forKeys keys: UnsafeBufferPointer<Int64>, into results: UnsafeMutableBufferPointer<UInt64?>
    ) {
        precondition(results.count >= keys.count, "fewer results than keys")
        guard let keys = keys.baseAddress.map({ UnsafeBufferPointer(start: $0, count: keys.count) }) else { return }
        // More than 1 KiB would come from the heap.
        assert(MemoryLayout<GroupPlace>.stride &* IndexHandle.groupKeys <= 1024)
        withUnsafeTemporaryAllocation(of: GroupPlace.self, capacity: IndexHandle.groupKeys) { places in
            var at = 0
            while at < keys.count {
                let count = min(IndexHandle.groupKeys, keys.count &- at)
                // Safe: `at + count` is within both buffers; the group's places are as many as its keys.
                group(
                    keys.baseAddress.unsafelyUnwrapped + at, count, places.baseAddress.unsafelyUnwrapped,
                    results.baseAddress.unsafelyUnwrapped + at)
                at &+= count
            }
        }
    }

    /// One group: level by level, each key's next line is asked for as soon as the node is known, and read when all
    /// others have been asked for.
    @inlinable
    func group(
        _ keys: UnsafePointer<Int64>, _ count: Int, _ places: UnsafeMutablePointer<GroupPlace>,
        _ results: UnsafeMutablePointer<UInt64?>
    ) {
        let base = state.pointee.base
        let root = state.pointee.root
        for i in 0..<count {
            let near = root.model.predictPosition(of: keys[i], capacity: root.capacity)
            (places + i).initialize(to: GroupPlace(child: root, near: near))
            if state.pointee.height > 0 { intrinsics_prefetch(IndexHandle.slots(of: root, base, Child.self) + near) }
        }
        var height = state.pointee.height
        while height > 0 {
            height &-= 1
            for i in 0..<count {
                // Padding bears these two keys, and leads nowhere: `value` finds them from the root.
                if keys[i] == .max || keys[i] == .min { continue }
                let next = child(of: places[i].child, base, forKey: keys[i], near: places[i].near)
                let near = next.model.predictPosition(of: keys[i], capacity: next.capacity)
                places[i] = GroupPlace(child: next, near: near)
                if height > 0 {
                    intrinsics_prefetch(IndexHandle.slots(of: next, base, Child.self) + near)
                } else {
                    intrinsics_prefetch(IndexHandle.slots(of: next, base, Pair.self) + near)
                }
            }
        }
        for i in 0..<count {
            (results + i).initialize(to: value(in: places[i].child, base, forKey: keys[i], near: places[i].near))
        }
        if state.pointee.isLate {
            for i in 0..<count where results[i] == nil { results[i] = value(forKey: keys[i]) }
        }
    }

    /// The child of an inner node that `key` belongs to.
    @inlinable @inline(__always)
    func child(of inner: Child, _ base: UnsafeMutableRawPointer, forKey key: Int64) -> Child {
        let near = inner.model.predictPosition(of: key, capacity: inner.capacity)
        return child(of: inner, base, forKey: key, near: near)
    }

    @inlinable @inline(__always)
    func child(of inner: Child, _ base: UnsafeMutableRawPointer, forKey key: Int64, near: Int) -> Child {
        let slots = IndexHandle.slots(of: inner, base, Child.self)
        // Safe: the first separator of an inner node is at or below every key that is led to it.
        return slots[max(0, Child.lastSlot(atOrBelow: key, slots, inner.capacity, near))]
    }

    /// The value of `key`, which belongs to the data node `leaf`.
    @inlinable @inline(__always)
    func value(in leaf: Child, _ base: UnsafeMutableRawPointer, forKey key: Int64) -> UInt64? {
        let near = leaf.model.predictPosition(of: key, capacity: leaf.capacity)
        return value(in: leaf, base, forKey: key, near: near)
    }

    @inlinable @inline(__always)
    func value(in leaf: Child, _ base: UnsafeMutableRawPointer, forKey key: Int64, near: Int) -> UInt64? {
        // The two keys that padding bears are looked up with care for the used range, from the root.
        if key == .max || key == .min { return valueByBounds(forKey: key) }
        let slots = IndexHandle.slots(of: leaf, base, Pair.self)
        // Safe: the prediction is within the capacity.
        if slots[near].key == key { return slots[near].value }
        // Asked here, not in the loops of the search: most lookups don't come this far.
        let found =
            state.pointee.configuration.vectorSearch
            ? Pair.searchByVector(atOrBelow: key, slots, leaf.capacity, near)
            : Pair.searchOutward(atOrBelow: key, slots, leaf.capacity, near)
        return found >= 0 && slots[found].key == key ? slots[found].value : nil
    }
}

/// Where a key of a group is on its way down: the node that it belongs to, and the slot predicted there.
///
/// 32 bytes, so that a group's places are 1 KiB: what `withUnsafeTemporaryAllocation` takes from the stack, and not a
/// byte more. The slot stands where a child has its separator, which nobody on the way down asks for.
@usableFromInline
struct GroupPlace: BitwiseCopyable {
    @usableFromInline var child: Child

    @inlinable @inline(__always)
    init(child: Child, near: Int) {
        self.child = Child(
            key: Int64(truncatingIfNeeded: near), model: child.model, reference: child.reference,
            slotCount: child.slotCount)
    }

    @inlinable @inline(__always)
    var near: Int { Int(truncatingIfNeeded: child.key) }
}

extension AlexIndex {
    /// Writes the value of `keys[i]`, or nil, to `results[i]` for every key: twice the rate of single lookups that the
    /// processor can overlap, once the index is larger than its caches (uniform 10 M: 0.49 of the time). Keys may
    /// repeat and come in any order.
    ///
    /// O(height) a key, as `value(forKey:)`. Allocates nothing. `results` must be at least as long as `keys`.
    @inlinable
    public func values(
        forKeys keys: UnsafeBufferPointer<Int64>, into results: UnsafeMutableBufferPointer<UInt64?>
    ) {
        handle.values(forKeys: keys, into: results)
    }
}
