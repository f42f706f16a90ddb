// The way of keys that come in order, above all others or below all others: no descent, no search, no model.
//
// A rebuild that sees a data node fill from one side leaves a packed node with room on that side. If that node is the
// last of the index it is the open tail, if it is the first the open head. Then
//  1. a key above `tailKey` belongs behind the tail's last entry, one below `headKey` before the head's first;
//  2. while there is a free slot on that side, the entry is written there and nothing moves;
//  3. without one the edge is closed, and the insert goes the usual way, which rebuilds the node and may open another.
//
// Invariants:
//  1. an open tail is the last data node and an open head the first, both packed;
//  2. no key of the index is above `tailKey` or below `headKey` of an open edge;
//  3. whoever frees a data node closes the edge that it was (`release`).
// Threads: the writer alone. Readers never see an edge; what they see of an insert is a node that changes under its
// version.

/// The open nodes at both ends; a closed edge has the outermost key, which no other key is beyond.
struct OpenEdges {
    var tailKey = Int64.max
    var headKey = Int64.min
    var tailReference: UInt32 = 0
    var headReference: UInt32 = 0
    /// The node that fills at one spot, and the keys that surely belong to it: from `spotLow` up to, not including,
    /// `spotHigh`. IndexHandle+Spot has the rest.
    var spotLow = Int64.max
    var spotHigh = Int64.min
    var spotReference: UInt32 = 0

    mutating func openTail(_ node: Child, highest: Int64) {
        tailKey = highest
        tailReference = highest == .max ? 0 : node.reference
    }

    mutating func openHead(_ node: Child, lowest: Int64) {
        headKey = lowest
        headReference = lowest == .min ? 0 : node.reference
    }

    mutating func closeTail() { (tailKey, tailReference) = (.max, 0) }

    mutating func closeHead() { (headKey, headReference) = (.min, 0) }

    mutating func closeSpot() { (spotLow, spotHigh, spotReference) = (.max, .min, 0) }

    /// Goes on in a node's copy.
    mutating func move(from old: UInt32, to new: UInt32) {
        if tailReference == old { tailReference = new }
        if headReference == old { headReference = new }
        if spotReference == old { spotReference = new }
    }

    /// Closes what the data node at `reference` was.
    mutating func close(_ reference: UInt32) {
        if reference == tailReference { closeTail() }
        if reference == headReference { closeHead() }
        if reference == spotReference { closeSpot() }
    }
}

extension IndexHandle {
    /// Enters a key beyond all others, if there is an open node with a free slot at that end.
    @inline(__always)
    func insertAtEdge(_ pair: Pair) -> Bool {
        if pair.key > state.pointee.edges.tailKey { return appendToTail(pair) }
        if pair.key < state.pointee.edges.headKey { return prependToHead(pair) }
        return false
    }

    private func appendToTail(_ pair: Pair) -> Bool {
        let node = Node<Pair>(header(Int(state.pointee.edges.tailReference)))
        guard node.appendPacked(pair) else {
            state.pointee.edges.closeTail()
            return false
        }
        state.pointee.edges.tailKey = pair.key
        countInsert()
        state.pointee.counters.edgeInserts &+= 1
        return true
    }

    private func prependToHead(_ pair: Pair) -> Bool {
        let node = Node<Pair>(header(Int(state.pointee.edges.headReference)))
        guard node.prependPacked(pair) else {
            state.pointee.edges.closeHead()
            return false
        }
        state.pointee.edges.headKey = pair.key
        countInsert()
        state.pointee.counters.edgeInserts &+= 1
        return true
    }

    /// Gives a data node's block back.
    func release(_ child: Child) {
        state.pointee.edges.close(child.reference)
        retire(child.reference)
    }

    /// Whether the last descent took the last child everywhere.
    var isPathLast: Bool {
        for level in stride(from: 1, through: state.pointee.height, by: 1) {
            let node = pathNode(level)
            if node.next(after: state.pointee.path[level].slot) < node.end { return false }
        }
        return true
    }
}

extension Node {
    /// Writes an entry behind the last; false, and nothing done, if no slot is there.
    @inline(__always)
    func appendPacked(_ slot: Slot) -> Bool {
        let end = end
        if end == capacity { return false }
        beginChange()
        // Safe: end is below the capacity.
        slots[end] = slot
        setFirst(end)
        header.pointee.end = UInt32(truncatingIfNeeded: end &+ 1)
        header.pointee.count &+= 1
        header.pointee.inserted &+= 1
        header.pointee.appended &+= 1
        endChange()
        return true
    }

    /// Writes an entry before the first; false, and nothing done, if no slot is there.
    @inline(__always)
    func prependPacked(_ slot: Slot) -> Bool {
        let start = start
        if start == 0 { return false }
        beginChange()
        // Safe: start is above 0.
        slots[start &- 1] = slot
        setFirst(start &- 1)
        header.pointee.start = UInt32(truncatingIfNeeded: start &- 1)
        header.pointee.count &+= 1
        header.pointee.inserted &+= 1
        header.pointee.prepended &+= 1
        endChange()
        return true
    }
}
