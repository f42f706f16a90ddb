// Free blocks that no new node fits into would add up, since nodes of many sizes come and go. Whenever a node was built
// anew and too large a part of the arena is free, nodes move for it, as many bytes as one node has at most and no more
// than a few, so that a change stays bounded:
//  1. the arena's last node moves into a gap that is long enough, and the arena gets shorter;
//  2. where none is, the node behind the longest gap slides down to its start, and the gap, now behind it, joins the
//     next one: it gets longer until the last node fits, or until it reaches the end.
//
// Threads: the writer alone. Readers see a copy take a node's place, as when one of them is stuck; beside them a node
// slides only into a gap as long as itself, for it must stay as it was where it was.
extension IndexHandle {
    /// Moves nodes if too much is free.
    @inline(__always)
    func closeGap() {
        if state.pointee.arena.isGappy { closeGaps() }
    }

    @inline(never)
    private func closeGaps() {
        // Most of what is in limbo has been left by now; none of it can move.
        if state.pointee.limbo.count > 0 { reclaim() }
        var unitsLeft = Tuning.movedUnitsMax
        for _ in 0..<Tuning.movesMax where state.pointee.arena.isGappy {
            unitsLeft &-= moveNode()
            if unitsLeft <= 0 { return }
        }
    }

    /// Moves one node; returns its length in units, or more than any has where none moved.
    private func moveNode() -> Int {
        let last = state.pointee.arena.lastReference
        if last > 0 && state.pointee.arena.hasGap(units: Int(header(last).pointee.units)) {
            if let units = move(last, byCopy: true) { return units }
        }
        let reference = state.pointee.arena.behindLongestGap
        guard reference > 0 else { return .max }
        let (units, gap) = (header(reference).pointee.units, header(reference).pointee.unitsBefore)
        if state.pointee.isShared && units > gap { return .max }
        return move(reference, byCopy: state.pointee.isShared) ?? .max
    }

    /// Moves the node at `reference` into a gap, or down to the start of the gap before it; returns its length in
    /// units, or nil if no way leads to it, as to one that waits in limbo for its readers.
    private func move(_ reference: Int, byCopy: Bool) -> Int? {
        guard let key = firstKey(of: reference) else { return nil }
        let units = Int(header(reference).pointee.units)
        for height in 0...state.pointee.height {
            var child = descend(to: key, height: height)
            guard Int(child.reference) == reference else { continue }
            state.pointee.counters.moves += 1
            if byCopy {
                child = copy(child, isInner: height > 0)
            } else {
                child.reference = UInt32(state.pointee.arena.slide(reference))
                state.pointee.edges.move(from: UInt32(reference), to: child.reference)
            }
            setChild(child, height: height)
            settle()
            return units
        }
        return nil
    }
}
