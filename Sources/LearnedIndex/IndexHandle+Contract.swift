extension IndexHandle {
    /// Shrinks a data node that lost many of its entries, joining it with a neighbour where both fit in half a node.
    func contract(_ child: Child) {
        let node = dataNode(child)
        if state.pointee.height > 0, let neighbour = neighbourToJoin(node), join(child, neighbour) { return }
        if node.capacity <= state.pointee.configuration.dataSlotsMin { return }
        let count = node.collect(into: state.pointee.pairs)
        let isHard = node.header.pointee.isHard
        release(child)
        var pieces = Pieces(handle: self, first: child.key)
        pieces.addFitted(state.pointee.pairs, count, isHard: isHard)
        state.pointee.counters.retrains += 1
        // Hard keys may need several nodes; the parent then gains some.
        replace(child, by: pieces.built, height: 0)
    }

    /// The parent's next or previous child, if it is small enough.
    private func neighbourToJoin(_ node: Node<Pair>) -> Child? {
        let parent = pathNode(1)
        let slot = state.pointee.path[1].slot
        // A node of the smallest size may be looked at for every entry that it loses: it is joined only where the fit
        // is no question, because so few entries are never split.
        let configuration = state.pointee.configuration
        let few = min(2 * configuration.splitKeysMin - 1, configuration.dataKeysMax)
        let limit = node.count * 2 <= few ? few : configuration.dataKeysBuilt / 2
        // No line will fit both where none fitted one of them: then they are joined only if they need not fit any.
        func joins(_ at: Int) -> Bool {
            let neighbour = dataNode(parent.slots[at])
            let isHard = node.header.pointee.isHard || neighbour.header.pointee.isHard
            return neighbour.count + node.count <= (isHard ? few : limit)
        }
        let behind = parent.next(after: slot)
        if behind < parent.end, joins(behind) { return parent.slots[behind] }
        let before = parent.lastSet(upTo: slot) - 1
        if before >= parent.start, joins(before) { return parent.slots[before] }
        return nil
    }

    /// Makes one node of two neighbours under the same parent; false, and nothing done, if no one node can hold them.
    ///
    /// The lower one's slot leads to the new node first, which holds all; then the upper one's slot goes.
    private func join(_ child: Child, _ neighbour: Child) -> Bool {
        let (low, high) = child.key < neighbour.key ? (child, neighbour) : (neighbour, child)
        let pairs = state.pointee.pairs
        var count = dataNode(low).collect(into: pairs)
        count += dataNode(high).collect(into: pairs + count)
        var pieces = Pieces(handle: self, first: low.key)
        // Before anything is built: a join that is given up would build all its nodes for nothing.
        if !pieces.addWhole(pairs, count) { return false }
        release(low)
        release(high)
        state.pointee.counters.merges += 1
        state.pointee.counters.retrains += 1
        _ = descend(to: low.key, height: 0)
        setChild(pieces.built[0], height: 0)
        _ = descend(to: high.key, height: 0)
        _ = pathNode(1).remove(at: state.pointee.path[1].slot)
        noteStep()
        collapseRoot()
        return true
    }

    /// Takes a data node without entries out of its parent; the root stays.
    func removeEmpty(_ child: Child) {
        if state.pointee.height == 0 { return becomeRoot(child) }
        var level = 1
        while pathNode(level).count == 1 {
            retire(UInt32(state.pointee.path[level].reference))
            if level == state.pointee.height { return becomeRoot(child) }
            level += 1
        }
        release(child)
        removeChild(level)
        collapseRoot()
    }

    /// Makes a data node without entries the root, or a small one in its place.
    private func becomeRoot(_ child: Child) {
        if child.capacity > state.pointee.configuration.dataSlotsMin && hasRoomForChange() {
            release(child)
            resetRoot()
            return
        }
        state.pointee.root = Child(
            key: .min, model: child.model, reference: child.reference, slotCount: child.slotCount)
        state.pointee.height = 0
    }

    func removeAll() {
        if state.pointee.isShared { return removeAllUnderReaders() }
        dropLateImage()
        state.pointee.arena.removeAll()
        state.pointee.edges = OpenEdges()
        state.pointee.count = 0
        resetRoot()
        forgetAllocated()
    }

    func resetRoot() {
        var pieces = Pieces(handle: self, first: .min)
        pieces.addEmpty()
        state.pointee.root = pieces.built[0]
        state.pointee.height = 0
    }

    /// Takes the child that the path leads to out of the inner node at `level`, which has others.
    private func removeChild(_ level: Int) {
        let parent = pathNode(level)
        let slot = state.pointee.path[level].slot
        let first = parent.lastSet(upTo: slot)
        guard first == parent.start else {
            _ = parent.remove(at: slot)
            return noteStep()
        }
        // The first child's keys begin where the parent's do: its neighbour inherits the separator, all the way down.
        let bound = parent.slots[first].key
        let behind = parent.next(after: slot)
        var heir = parent.slots[behind]
        heir.key = bound
        parent.replace(at: first, by: heir, from: behind)
        noteStep()
        var height = level - 1
        while height > 0 {
            let node = innerNode(heir)
            heir = node.slots[node.start]
            heir.key = bound
            node.rewriteRun(at: node.start, with: heir)
            noteStep()
            height -= 1
        }
    }

    /// A root with one child gives way to it.
    private func collapseRoot() {
        while state.pointee.height > 0 {
            let root = state.pointee.root
            let node = innerNode(root)
            if node.count > 1 { return }
            let only = node.slots[node.start]
            retire(root.reference)
            state.pointee.root = only
            state.pointee.height -= 1
        }
    }
}
