extension AlexIndex {
    /// A key and its value.
    public typealias Entry = (key: Int64, value: UInt64)

    /// Calls `body` in ascending order with each pair whose key is in `range` until it returns false.
    ///
    /// O(height) for each data node touched, then one step a pair. `body` must not change the index.
    @inlinable
    public func forEach(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        handle.forEach(in: range, body)
    }

    /// The same, descending: the highest key of `range` first. The same cost.
    @inlinable
    public func forEachDescending(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        handle.forEachDescending(in: range, body)
    }

    /// The entry with the lowest key at or above `key`, or nil. One descent, as `value(forKey:)`, and one more where
    /// the key belongs behind the last entry of its data node.
    @inlinable
    public func lowerBound(_ key: Int64) -> Entry? {
        var found: Entry?
        handle.forEach(in: key...Int64.max) { key, value in
            found = (key, value)
            return false
        }
        return found
    }

    /// The entry with the lowest key above `key`, or nil. The same cost as `lowerBound`.
    @inlinable
    public func upperBound(_ key: Int64) -> Entry? {
        key == .max ? nil : lowerBound(key + 1)
    }

    /// The entry with the lowest key, or nil if there is none. One descent: O(height).
    @inlinable
    public var first: Entry? { lowerBound(.min) }

    /// The entry with the highest key, or nil if there is none. One descent: O(height).
    @inlinable
    public var last: Entry? {
        var found: Entry?
        handle.forEachDescending(in: Int64.min...Int64.max) { key, value in
            found = (key, value)
            return false
        }
        return found
    }
}

extension IndexHandle {
    /// Calls `body` in ascending order with each pair whose key is in `range` until it returns false. O(height) for
    /// each data node touched, then one step a pair.
    @inlinable
    public func forEach(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        if state.pointee.isLate { complete() }
        var from = range.lowerBound
        while true {
            let place = locate(from)
            let node = dataNode(place.child)
            let end = node.end
            let slots = node.slots
            var at = node.upperBound(of: from, near: place.predicted)
            if at > node.start && slots[at &- 1].key == from { at = node.lastSet(upTo: at &- 1) }
            while at < end {
                let pair = slots[at]
                if pair.key > range.upperBound || !body(pair.key, pair.value) { return }
                at = node.next(after: at)
            }
            guard let behind = place.separatorBehind, behind <= range.upperBound else { return }
            from = behind
        }
    }

    /// The same, descending, at the same cost.
    @inlinable
    public func forEachDescending(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        if state.pointee.isLate { complete() }
        var from = range.upperBound
        while true {
            let place = locate(from)
            let node = dataNode(place.child)
            let slots = node.slots
            var at = node.lastSet(upTo: node.upperBound(of: from, near: place.predicted) &- 1)
            while at >= 0 {
                let pair = slots[at]
                if pair.key < range.lowerBound || !body(pair.key, pair.value) { return }
                at = node.lastSet(upTo: at &- 1)
            }
            guard place.separator > range.lowerBound else { return }
            from = place.separator &- 1
        }
    }
}
