import CIntrinsics

// A scan beside the writer. Steps, from a key on:
//  1. enter an epoch; go down to the data node of the key, noting where the next one begins;
//  2. copy some of its entries from the key on into a small buffer, all under one version; leave;
//  3. hand them out; go on behind the last one, or where the next node begins.
// So a scan keeps nothing back while its caller works, and what it hands out in one go was true at one moment.
//
// Invariants:
//  1. the key to go on from rises with every step (falls, descending): each key is handed out once;
//  2. of the keys between it and the end of a step, the buffer holds all that were in the index at some moment of the
//     step.

/// Some entries of one data node, and where to go on.
struct ScanStep {
    var count: Int
    /// The first key not looked at yet, or nil at the end.
    var next: Int64?
}

/// A data node and the keys that a reader found to belong to it.
struct SharedPlace {
    var leaf: Child
    var separator: Int64
    var separatorBehind: Int64?
}

extension SharedView {
    /// Entries copied in one go: 1 KiB, the most that Swift takes from the stack without asking.
    static var stepEntries: Int { 64 }

    func forEach(
        in range: ClosedRange<Int64>, home: Int, _ hook: some ReadHook, _ body: (Int64, UInt64) -> Bool
    ) {
        walk(from: range.lowerBound, home: home, body) { from, buffer in
            ascend(from, through: range.upperBound, into: buffer, SharedView.stepEntries, hook)
        }
    }

    func forEachDescending(
        in range: ClosedRange<Int64>, home: Int, _ hook: some ReadHook, _ body: (Int64, UInt64) -> Bool
    ) {
        walk(from: range.upperBound, home: home, body) { from, buffer in
            descend(from, through: range.lowerBound, into: buffer, SharedView.stepEntries, hook)
        }
    }

    private func walk(
        from first: Int64, home: Int, _ body: (Int64, UInt64) -> Bool,
        _ step: (Int64, UnsafeMutablePointer<Pair>) -> ScanStep
    ) {
        withUnsafeTemporaryAllocation(of: Pair.self, capacity: SharedView.stepEntries) { buffer in
            // Safe: a buffer of more than no entries has an address.
            let buffer = buffer.baseAddress.unsafelyUnwrapped
            var from: Int64? = first
            while let key = from {
                let pin = epochs.enter(home: home)
                let found = step(key, buffer)
                epochs.leave(pin)
                for rank in 0..<found.count where !body(buffer[rank].key, buffer[rank].value) { return }
                from = found.next
            }
        }
    }

    /// One step for a thread that is pinned; returns where to go on.
    func step(
        from first: Int64, through last: Int64, limit: Int, ascends: Bool, _ body: (Int64, UInt64) -> Void
    ) -> Int64? {
        if ascends ? first > last : first < last { return nil }
        let limit = min(max(limit, 1), SharedView.stepEntries)
        return withUnsafeTemporaryAllocation(of: Pair.self, capacity: SharedView.stepEntries) { buffer in
            // Safe: a buffer of more than no entries has an address, and `limit` is within it.
            let buffer = buffer.baseAddress.unsafelyUnwrapped
            let found =
                ascends
                ? ascend(first, through: last, into: buffer, limit, NoHook())
                : descend(first, through: last, into: buffer, limit, NoHook())
            for rank in 0..<found.count { body(buffer[rank].key, buffer[rank].value) }
            return found.next
        }
    }

    private func ascend(
        _ from: Int64, through last: Int64, into buffer: UnsafeMutablePointer<Pair>, _ limit: Int,
        _ hook: some ReadHook
    ) -> ScanStep {
        let place = locate(from, hook)
        let count = copy(place.leaf, hook) { node, near in
            let (start, end) = node.bounds
            var at = from == .min ? start : max(start, node.lastSlot(atOrBelow: from - 1, near: near) &+ 1)
            var count = 0
            while at < end && count < limit {
                let key = node.key(at)
                if key > last { break }
                if count == 0 || key != buffer[count &- 1].key {
                    (buffer + count).initialize(to: Pair(key: key, value: node.word(at, 8)))
                    count &+= 1
                    hook.amidLoads()
                }
                at &+= 1
            }
            return count
        }
        if count == limit {
            let reached = buffer[count - 1].key
            return ScanStep(count: count, next: reached < last ? reached + 1 : nil)
        }
        guard let behind = place.separatorBehind, behind <= last else { return ScanStep(count: count, next: nil) }
        // A node may have taken over its neighbour's keys since the way down.
        let next = count > 0 && buffer[count - 1].key >= behind ? buffer[count - 1].key : behind - 1
        return ScanStep(count: count, next: next < last ? next + 1 : nil)
    }

    private func descend(
        _ from: Int64, through last: Int64, into buffer: UnsafeMutablePointer<Pair>, _ limit: Int,
        _ hook: some ReadHook
    ) -> ScanStep {
        let place = locate(from, hook)
        let count = copy(place.leaf, hook) { node, near in
            let (start, end) = node.bounds
            var at = min(end, node.lastSlot(atOrBelow: from, near: near) &+ 1) &- 1
            var count = 0
            while at >= start && count < limit {
                let key = node.key(at)
                if key < last { break }
                if count == 0 || key != buffer[count &- 1].key {
                    (buffer + count).initialize(to: Pair(key: key, value: node.word(at, 8)))
                    count &+= 1
                    hook.amidLoads()
                }
                at &-= 1
            }
            return count
        }
        if count == limit {
            let reached = buffer[count - 1].key
            return ScanStep(count: count, next: reached > last ? reached - 1 : nil)
        }
        guard place.separator > last else { return ScanStep(count: count, next: nil) }
        // A node may have inherited its lower neighbour's keys since the way down.
        let next = count > 0 ? min(buffer[count - 1].key, place.separator) : place.separator
        return ScanStep(count: count, next: next > last ? next - 1 : nil)
    }

    /// Runs `body` on a data node until nothing changed while it ran; returns what it last returned.
    private func copy(_ leaf: Child, _ hook: some ReadHook, _ body: (SharedNode<Pair>, Int) -> Int) -> Int {
        let node = SharedNode<Pair>(leaf, base)
        let near = min(node.capacity / 2, node.capacity - 1)
        var patience = Patience()
        while true {
            let version = node.version
            if version & 1 == 0 {
                let count = body(node, near)
                hook.beforeCheck()
                if node.isWhole(since: version) {
                    hook.afterCheck()
                    return count
                }
            }
            patience.wait(for: leaf.reference, shared.stuck)
        }
    }

    /// The data node that `key` belongs to, and its separators. The caller is pinned.
    private func locate(_ key: Int64, _ hook: some ReadHook) -> SharedPlace {
        let root = shared.load()
        var place = SharedPlace(leaf: root.child, separator: .min, separatorBehind: nil)
        for _ in 0..<root.height { place = place.below(step(place.leaf, key, hook)) }
        return place
    }

    /// The child that `key` belongs to, and the separator behind it, if there is one in this node.
    private func step(_ inner: Child, _ key: Int64, _ hook: some ReadHook) -> (
        child: Child, behind: Int64?, isAbove: Bool
    ) {
        let node = SharedNode<Child>(inner, base)
        let near = inner.model.predictPosition(of: key, capacity: inner.capacity)
        var patience = Patience()
        while true {
            let version = node.version
            if version & 1 == 0 {
                let end = node.bounds.end
                let at = node.slot(forKey: key, near: near)
                hook.amidLoads()
                let child = node.child(at)
                // Copies of the child may follow it if the key lies below all children.
                var behind = at &+ 1
                while behind < end && node.key(behind) == child.key { behind &+= 1 }
                let separatorBehind = behind < end ? node.key(behind) : nil
                hook.beforeCheck()
                if node.isWhole(since: version) {
                    hook.afterCheck()
                    return (child, separatorBehind, child.key > key)
                }
            }
            patience.wait(for: inner.reference, shared.stuck)
        }
    }
}

extension SharedPlace {
    /// A level lower. A child above the key (its separator is about to be lowered) begins where its parent does.
    fileprivate func below(_ step: (child: Child, behind: Int64?, isAbove: Bool)) -> SharedPlace {
        SharedPlace(
            leaf: step.child, separator: step.isAbove ? separator : step.child.key,
            separatorBehind: step.behind ?? separatorBehind)
    }
}
