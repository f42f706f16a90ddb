import CIntrinsics

// Looking up many keys at once. A group of keys goes down the tree side by side: every key's next line is asked for
// before the first of them is read, so that the group waits for memory once a level instead of once a key.
extension IndexHandle {
    /// Keys that advance together: more than a processor's 10 to 16 outstanding lines gain nothing.
    @usableFromInline static let groupKeys = 32

    /// Writes the value of `keys[i]`, or nil, to `results[i]` for every key. Keys may repeat and come in any order.
    ///
    /// Allocates nothing, writes nothing to the index. `results` must be at least as long as `keys`.
    @inlinable
    public func values(
        forKeys keys: UnsafeBufferPointer<Int64>, into results: UnsafeMutableBufferPointer<UInt64?>
    ) {
        precondition(results.count >= keys.count, "fewer results than keys")
        guard let keys = keys.baseAddress.map({ UnsafeBufferPointer(start: $0, count: keys.count) }) else { return }
        withUnsafeTemporaryAllocation(of: Child.self, capacity: IndexHandle.groupKeys) { places in
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

    /// One group: level by level, first all lines are asked for, then all are read.
    @inlinable
    func group(
        _ keys: UnsafePointer<Int64>, _ count: Int, _ places: UnsafeMutablePointer<Child>,
        _ results: UnsafeMutablePointer<UInt64?>
    ) {
        let base = state.pointee.base
        let root = state.pointee.root
        for i in 0..<count { (places + i).initialize(to: root) }
        var height = state.pointee.height
        while height > 0 {
            for i in 0..<count {
                let near = places[i].model.predictPosition(of: keys[i], capacity: places[i].capacity)
                intrinsics_prefetch(IndexHandle.slots(of: places[i], base, Child.self) + near)
            }
            for i in 0..<count { places[i] = child(of: places[i], base, forKey: keys[i]) }
            height &-= 1
        }
        for i in 0..<count {
            let near = places[i].model.predictPosition(of: keys[i], capacity: places[i].capacity)
            intrinsics_prefetch(IndexHandle.slots(of: places[i], base, Pair.self) + near)
        }
        for i in 0..<count { (results + i).initialize(to: value(in: places[i], base, forKey: keys[i])) }
    }

    /// The child of an inner node that `key` belongs to.
    @inlinable @inline(__always)
    func child(of inner: Child, _ base: UnsafeMutableRawPointer, forKey key: Int64) -> Child {
        let slots = IndexHandle.slots(of: inner, base, Child.self)
        let near = inner.model.predictPosition(of: key, capacity: inner.capacity)
        // Safe: the first separator of an inner node is at or below every key that is led to it.
        return slots[max(0, IndexHandle.lastSlot(atOrBelow: key, slots, inner.capacity, near))]
    }

    /// The value of `key`, which belongs to the data node `leaf`.
    @inlinable @inline(__always)
    func value(in leaf: Child, _ base: UnsafeMutableRawPointer, forKey key: Int64) -> UInt64? {
        // The two keys that padding bears are looked up with care for the used range, from the root.
        if key == .max || key == .min { return valueByBounds(forKey: key) }
        let slots = IndexHandle.slots(of: leaf, base, Pair.self)
        let near = leaf.model.predictPosition(of: key, capacity: leaf.capacity)
        // Safe: the prediction is within the capacity.
        if slots[near].key == key { return slots[near].value }
        let at = IndexHandle.lastSlot(atOrBelow: key, slots, leaf.capacity, near)
        return at >= 0 && slots[at].key == key ? slots[at].value : nil
    }
}

extension AlexIndex {
    /// Writes the value of `keys[i]`, or nil, to `results[i]` for every key: two to five times the rate of single
    /// lookups once the index is larger than the processor's caches. Allocates nothing.
    ///
    /// `results` must be at least as long as `keys`.
    @inlinable
    public func values(
        forKeys keys: UnsafeBufferPointer<Int64>, into results: UnsafeMutableBufferPointer<UInt64?>
    ) {
        handle.values(forKeys: keys, into: results)
    }
}
