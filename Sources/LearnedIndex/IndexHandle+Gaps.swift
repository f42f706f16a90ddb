// Free blocks that no new node fits into would add up, since nodes of many sizes come and go. Whenever a node was built
// anew and too large a part of the arena is free, the arena's last node moves into a gap lower down, and the arena gets
// shorter: one node for one that was built, so that a change stays bounded.
//
// Threads: the writer alone. Readers see a copy take a node's place, as when one of them is stuck.
extension IndexHandle {
    /// Moves the arena's last node if too much is free and a gap is long enough.
    @inline(__always)
    func closeGap() {
        if state.pointee.arena.isGappy { moveLastNode() }
    }

    @inline(never)
    private func moveLastNode() {
        // Most of what is in limbo has been left by now; none of it can move.
        if state.pointee.limbo.count > 0 { reclaim() }
        let reference = state.pointee.arena.lastReference
        guard reference > 0, let key = firstKey(of: reference),
            state.pointee.arena.hasGap(units: Int(header(reference).pointee.units))
        else { return }
        // No way leads to a node that waits in limbo for its readers.
        for height in 0...state.pointee.height {
            let child = descend(to: key, height: height)
            guard Int(child.reference) == reference else { continue }
            state.pointee.counters.moves += 1
            setChild(copy(child, isInner: height > 0), height: height)
            return settle()
        }
    }
}
