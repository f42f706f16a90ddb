import CIntrinsics

// Writing. Steps of an insert:
//  1. descend by exact separators, noting the way; find the key's upper bound in the data node;
//  2. present: overwrite its copies and be done;
//  3. room: put it in a gap, moving few slots (Node.insert);
//  4. full, or too many slots were moved: collect the entries and the new one, and build one, two or more nodes of
//     them (IndexHandle+Rebuild). The parent's slot takes the first, the parent gains the rest, in the same manner.
extension IndexHandle {
    func updateValue(_ value: UInt64, forKey key: Int64) throws(IndexError) -> UInt64? {
        if hasStuckReaders { helpStuckReader() }
        let pair = Pair(key: key, value: value)
        if insertAtEdge(pair) || insertAtSpot(pair) { return nil }
        let child = descend(to: key, height: 0)
        let node = dataNode(child)
        let predicted = child.model.predictPosition(of: key, capacity: child.capacity)
        // The three lines that an insert needs, asked for at once.
        intrinsics_prefetch(node.slots + predicted)
        intrinsics_prefetch(UnsafeMutableRawPointer(node.slots + child.capacity) + (predicted &>> 6) &* 8)
        // A node that fills at one spot knows it better than its line.
        let isSpot = node.isSpot
        let near = isSpot ? node.finger : predicted
        let isInCache = state.pointee.count < Tuning.smallIndexKeys
        let at = isInCache ? node.upperBoundByVector(of: key, near: near) : node.upperBound(of: key, near: near)
        if at > node.start && node.slots[at - 1].key == key {
            let old = node.slots[at - 1].value
            node.rewriteRun(at: at - 1, with: pair)
            return old
        }
        if node.isFull {
            try ensureRoomForChange()
            rebuild(child, adding: pair)
            settle()
            closeGap()
            noteAllocated()
        } else {
            let moved = node.insert(pair, at: at, predicted: isSpot ? at : predicted)
            if isSpot { openSpot(child) }
            let isMissed = !isSpot && abs(at &- predicted) > Tuning.missedSlots
            if moved > 0 || isMissed { noteShift(moved, node, child, isMissed: isMissed) }
        }
        countInsert()
        return nil
    }

    /// Counts an entry that is there now. Every so many of them one page is made ready for the nodes to come.
    @inline(__always)
    func countInsert() {
        state.pointee.count &+= 1
        if state.pointee.count & (Tuning.insertsPerPage - 1) == 0 { state.pointee.arena.populateAhead() }
    }

    /// Makes sure that one change can't run out of memory half way.
    func ensureRoomForChange() throws(IndexError) {
        try ensureRoom(bytes: state.pointee.configuration.changeBytesMax(height: state.pointee.height))
    }

    func ensureRoom(bytes: Int) throws(IndexError) {
        do throws(IndexError) {
            try state.pointee.arena.ensure(bytes: bytes)
        } catch {
            // What readers have left may be room enough.
            if state.pointee.limbo.count == 0 { throw error }
            reclaim()
            try state.pointee.arena.ensure(bytes: bytes)
        }
        state.pointee.base = state.pointee.arena.base
    }

    @usableFromInline
    func reserve(inserts: Int) throws(IndexError) {
        if state.pointee.isLate { complete() }
        let change = state.pointee.configuration.changeBytesMax(height: state.pointee.height + 1)
        let (changes, isHuge) = max(inserts, 1).multipliedReportingOverflow(by: change)
        if isHuge { return try ensureRoom(bytes: Int.max / 4) }
        // Many inserts build every node anew at most once, twice as large, while readers keep the old ones; further
        // builds are paid for by the room that nodes then have.
        let rebuilds = 2 * state.pointee.arena.touchedBytes + inserts * Tuning.bytesPerKeyMax
        try ensureRoom(bytes: min(changes, change + rebuilds))
    }

    /// The same for a change that may as well be left out.
    func hasRoomForChange() -> Bool {
        do {
            try ensureRoomForChange()
            return true
        } catch {
            return false
        }
    }

    /// Counts what an insert cost its node, and builds it anew, with a new line, where that is the cheaper way.
    private func noteShift(_ moved: Int, _ node: Node<Pair>, _ child: Child, isMissed: Bool) {
        state.pointee.counters.shifts += moved
        if moved > state.pointee.counters.shiftsMax { state.pointee.counters.shiftsMax = moved }
        node.header.pointee.shifted &+= UInt32(moved + (isMissed ? Tuning.missedCost : 0))
        if Int(node.header.pointee.shifted) > CostModel.shiftsPerSlotMax * node.capacity && hasRoomForChange() {
            state.pointee.counters.retrains += 1
            rebuild(child, adding: nil)
            settle()
            noteAllocated()
        }
    }

    func removeValue(forKey key: Int64) -> UInt64? {
        if hasStuckReaders { helpStuckReader() }
        let child = descend(to: key, height: 0)
        let node = dataNode(child)
        let predicted = child.model.predictPosition(of: key, capacity: child.capacity)
        let at = node.upperBound(of: key, near: predicted)
        guard at > node.start, node.slots[at - 1].key == key else { return nil }
        let old = node.slots[at - 1].value
        let written = node.remove(at: at - 1)
        if written > state.pointee.counters.removalShiftsMax { state.pointee.counters.removalShiftsMax = written }
        state.pointee.count -= 1
        if node.count == 0 {
            removeEmpty(child)
        } else if node.count * 100 < node.capacity * Tuning.dataDensityMin && hasRoomForChange() {
            contract(child)
        } else {
            return old
        }
        settle()
        closeGap()
        noteAllocated()
        return old
    }

    // MARK: - The way down

    /// The child at `height` that `key` belongs to; fills `path` above it.
    @inline(__always)
    func descend(to key: Int64, height: Int) -> Child {
        var child = state.pointee.root
        var level = state.pointee.height
        let path = state.pointee.path
        let base = state.pointee.base
        while level > height {
            let slots = IndexHandle.slots(of: child, base, Child.self)
            let near = child.model.predictPosition(of: key, capacity: child.capacity)
            var slot = Child.lastSlot(atOrBelow: key, slots, child.capacity, near)
            // Padding bears the two outermost keys: a search for them has to know the used range.
            if key == .min || key == .max { slot = slotByBounds(of: key, innerNode(child), near: near) }
            // Safe: the height is far below the path's length.
            path[level] = PathStep(reference: Int(child.reference), slot: slot)
            child = slots[slot]
            level &-= 1
        }
        return child
    }

    private func slotByBounds(of key: Int64, _ node: Node<Child>, near: Int) -> Int {
        max(node.start, node.upperBound(of: key, near: near) - 1)
    }

    func pathNode(_ level: Int) -> Node<Child> {
        Node(header(state.pointee.path[level].reference))
    }
}
