// The way of keys that all go to one spot: no descent, no prediction. Where they come from both sides of one place, or
// in order between others, a B-tree has that place in its cache, and so has this index:
//  1. a data node knows by its header whether nearly all entries since its build went close to the one before, and
//     where the last one went;
//  2. the node of such a spot is remembered with the keys that surely belong to it; an insert of one of them searches
//     outward from the last one;
//  3. where its gaps are used up, gaps from further away are gathered at the spot (Node+Hole);
//  4. once the node is full, what lies away from the spot is sealed in fitted nodes, and a node of the few entries
//     around it is built with all its room at the spot (Pieces.addAround).
//
// Invariants:
//  1. while a spot is open its node is in the tree, and the keys of `spotLow ..< spotHigh` belong to it;
//  2. whoever frees or moves a data node closes or moves the spot that it was (`release`, `OpenEdges.move`); nothing
//     else can take keys from a node.
// Threads: the writer alone; what readers see of an insert is a node that changes under its version.
extension IndexHandle {
    /// Enters a key that belongs to the spot's node, if it is new and the node has room.
    @inline(__always)
    func insertAtSpot(_ pair: Pair) -> Bool {
        pair.key >= state.pointee.edges.spotLow && pair.key < state.pointee.edges.spotHigh && insertIntoSpot(pair)
    }

    private func insertIntoSpot(_ pair: Pair) -> Bool {
        let node = Node<Pair>(header(Int(state.pointee.edges.spotReference)))
        guard node.isSpot else {
            state.pointee.edges.closeSpot()
            return false
        }
        let at = node.upperBound(of: pair.key, near: node.finger)
        if node.isFull || at > node.start && node.slots[at - 1].key == pair.key { return false }
        let moved = node.insert(pair, at: at, predicted: at)
        if moved > 0 {
            state.pointee.counters.shifts &+= moved
            if moved > state.pointee.counters.shiftsMax { state.pointee.counters.shiftsMax = moved }
            header(Int(state.pointee.edges.spotReference)).pointee.shifted &+= UInt32(truncatingIfNeeded: moved)
        }
        countInsert()
        return true
    }

    /// Remembers the node that the path leads to.
    @inline(__always)
    func openSpot(_ child: Child) {
        if state.pointee.edges.spotReference != child.reference { rememberSpot(child) }
    }

    @inline(never)
    private func rememberSpot(_ child: Child) {
        var high = Int64.max
        for level in stride(from: state.pointee.height, through: 1, by: -1) {
            let node = pathNode(level)
            let behind = node.next(after: state.pointee.path[level].slot)
            if behind < node.end { high = node.slots[behind].key }
        }
        state.pointee.edges.spotLow = child.key
        state.pointee.edges.spotHigh = high
        state.pointee.edges.spotReference = child.reference
    }
}

extension Node {
    /// Where the last entry was put in, as a place to begin a search.
    @inline(__always)
    var finger: Int { min(Int(header.pointee.finger), capacity &- 1) }
}
