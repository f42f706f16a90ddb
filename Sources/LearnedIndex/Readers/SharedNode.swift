import CIntrinsics

/// One node as a reader beside the writer sees it: each word is loaded once, none is believed before the version has
/// been looked at again.
///
/// Steps of a read: take the version, which must be even; load words; `isWhole(since:)`; only then use what was loaded.
/// In between, words may be of different moments: whatever becomes a slot's number is held within the capacity first,
/// which came from a parent's slot that was whole, so that no load leaves the node's block.
@usableFromInline
struct SharedNode<Slot: NodeSlot> {
    @usableFromInline let header: UnsafeMutableRawPointer
    @usableFromInline let capacity: Int

    @inlinable @inline(__always)
    init(_ child: Child, _ base: UnsafeMutableRawPointer) {
        // Safe: a child's reference is the place of its header in the arena.
        header = base + Int(child.reference) &* 64
        capacity = child.capacity
    }

    // MARK: - Version

    @inlinable @inline(__always)
    var version: UInt64 { intrinsics_load_acquire(header + NodeHeader.versionOffset) }

    /// Whether all that was loaded since `version` was taken is of one moment.
    @inlinable @inline(__always)
    func isWhole(since version: UInt64) -> Bool {
        intrinsics_fence_acquire()
        return intrinsics_load_relaxed(header + NodeHeader.versionOffset) == version
    }

    // MARK: - Words

    @inlinable @inline(__always)
    func word(_ at: Int, _ offset: Int) -> UInt64 {
        // Safe: callers hold `at` within 0 ..< capacity.
        intrinsics_load_relaxed(header + (64 &+ at &* MemoryLayout<Slot>.stride &+ offset))
    }

    @inlinable @inline(__always)
    func key(_ at: Int) -> Int64 { Int64(bitPattern: word(at, 0)) }

    /// The used slots: 0 <= start, end <= capacity.
    @inlinable @inline(__always)
    var bounds: (start: Int, end: Int) {
        let word = intrinsics_load_relaxed(header + NodeHeader.boundsOffset)
        let start = Int(truncatingIfNeeded: word & 0xFFFF_FFFF)
        return (start, min(Int(truncatingIfNeeded: word &>> 32), capacity))
    }

    /// The last of all slots, padding included, whose key is at or below `key`, or -1. The twin of
    /// `NodeSlot.lastSlot`: ends, whatever it reads.
    @inlinable @inline(__always)
    func lastSlot(atOrBelow key: Int64, near: Int) -> Int {
        var low = 0
        var high = capacity
        var step = 1
        if self.key(near) <= key {
            low = near &+ 1
            while near &+ step < high {
                if step > Slot.outwardSlots { return halve(atOrBelow: key, 0, capacity) }
                if self.key(near &+ step) > key {
                    high = near &+ step
                    break
                }
                low = near &+ step &+ 1
                step &<<= 1
            }
        } else {
            high = near
            while near &- step >= low {
                if step > Slot.outwardSlots { return halve(atOrBelow: key, 0, capacity) }
                if self.key(near &- step) <= key {
                    low = near &- step &+ 1
                    break
                }
                high = near &- step
                step &<<= 1
            }
        }
        return halve(atOrBelow: key, low, high)
    }

    @inlinable @inline(__always)
    func halve(atOrBelow key: Int64, _ low: Int, _ high: Int) -> Int {
        var (low, high) = (low, high)
        while low < high {
            let middle = (low &+ high) &>> 1
            if self.key(middle) <= key { low = middle &+ 1 } else { high = middle }
        }
        return low &- 1
    }

    @inlinable @inline(__always)
    func prefetch(_ near: Int) {
        intrinsics_prefetch(header)
        intrinsics_prefetch(header + (64 &+ near &* MemoryLayout<Slot>.stride))
    }
}

extension SharedNode<Child> {
    /// The slot of the child that `key` belongs to, within the capacity.
    @inlinable @inline(__always)
    func slot(forKey key: Int64, near: Int) -> Int {
        let (start, end) = bounds
        // The first child takes what lies below its separator: no such key is there, but one may be asked for.
        return max(0, min(max(start, lastSlot(atOrBelow: key, near: near)), end &- 1))
    }

    @inlinable @inline(__always)
    func child(_ at: Int) -> Child {
        let place = word(at, 24)
        return Child(
            key: key(at), model: LinearModel(center: Int64(bitPattern: word(at, 8)), line: word(at, 16)),
            reference: UInt32(truncatingIfNeeded: place), slotCount: UInt32(truncatingIfNeeded: place &>> 32))
    }
}

extension SharedNode<Pair> {
    @inlinable @inline(__always)
    func value(forKey key: Int64, near: Int) -> UInt64? {
        let (start, end) = bounds
        var at = near
        // Padding bears the two outermost keys, but lies outside the bounds.
        if self.key(near) != key || near < start || near >= end {
            at = min(lastSlot(atOrBelow: key, near: near), end &- 1)
        }
        return at >= start && at < end && self.key(at) == key ? word(at, 8) : nil
    }
}
