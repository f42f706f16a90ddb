extension IndexHandle {
    // MARK: - Data nodes

    /// Replaces a data node by freshly built ones that hold its entries and `added`. The path must lead to it.
    ///
    /// Room for a change must have been made sure of.
    func rebuild(_ child: Child, adding added: Pair?) {
        let node = dataNode(child)
        let header = node.header.pointee
        let (endSlots, isSpot) = (node.endSlots, node.isSpot)
        let pairs = state.pointee.pairs
        var count = node.collect(into: pairs)
        var addedAt = count
        if let added {
            // Safe: the scratch has room for one more than a node holds.
            addedAt = count == 0 ? 0 : Pair.searchOutward(atOrBelow: added.key, pairs, count, count - 1) + 1
            (pairs + addedAt + 1).update(from: pairs + addedAt, count: count - addedAt)
            pairs[addedAt] = added
            count += 1
        }
        release(child)
        let isOrdered = added != nil && count >= 4
        let upward = isOrdered && addedAt + endSlots >= count - 1 && header.appended >= header.inserted / 8 * 7
        let downward = isOrdered && addedAt <= endSlots && header.prepended >= header.inserted / 8 * 7
        let fillsSpot = isSpot && added != nil && !upward && !downward && state.pointee.configuration.hasSpots
        // What is sealed behind an open node is done with, like what a bulk load builds.
        let isOpen = upward || downward || fillsSpot
        var pieces = Pieces(handle: self, first: child.key, isLoad: isOpen, grows: added != nil && !isOpen)
        if fillsSpot {
            pieces.addAround(pairs, count, spot: addedAt, inserted: Int(header.inserted))
        } else if !isOpen {
            pieces.addFitted(pairs, count, isHard: header.isHard)
        } else if upward {
            pieces.addOpenAbove(pairs, count)
        } else {
            pieces.addOpenBelow(pairs, count)
        }
        noteRebuild(pieces.built.count, grows: added != nil)
        let isLast = upward && isPathLast
        let isFirst = downward && !upward && child.key == .min
        replace(child, by: pieces.built, height: 0)
        if isLast { state.pointee.edges.openTail(pieces.built[pieces.built.count - 1], highest: pairs[count - 1].key) }
        if isFirst { state.pointee.edges.openHead(pieces.built[0], lowest: pairs[0].key) }
    }

    /// Ends a change: what was allocated since the last one ended was its own.
    func noteAllocated() {
        let bytes = state.pointee.arena.allocatedBytes - state.pointee.counters.allocatedBefore
        if bytes > state.pointee.counters.allocatedBytesMax { state.pointee.counters.allocatedBytesMax = bytes }
        forgetAllocated()
    }

    /// What was allocated so far belongs to no change.
    func forgetAllocated() { state.pointee.counters.allocatedBefore = state.pointee.arena.allocatedBytes }

    private func noteRebuild(_ pieces: Int, grows: Bool) {
        state.pointee.counters.splits += pieces - 1
        if pieces == 1 && grows { state.pointee.counters.expansions += 1 }
    }

    /// The parent's slot of `child` takes the first of `pieces`; the rest become its neighbours. The path must lead to
    /// it.
    ///
    /// The last piece first: until the slot is overwritten, readers find in the old node what no new one holds yet.
    func replace(_ child: Child, by pieces: [Child], height: Int) {
        for piece in pieces.dropFirst().reversed() { insertChild(piece, height: height) }
        if pieces.count > 1 { _ = descend(to: child.key, height: height) }
        setChild(pieces[0], height: height)
    }

    func replaceMerged(_ child: Child, by pieces: [Child]) {
        noteRebuild(pieces.count, grows: true)
        replace(child, by: pieces, height: 0)
    }

    /// A block for a node, out of room that was made sure of.
    func allocate(bytes: Int, kind: UInt32) -> Int {
        state.pointee.arena.allocate(bytes: bytes, kind: kind)
    }

    // MARK: - Inner nodes

    /// Overwrites the slot that the path ends in.
    func setChild(_ child: Child, height: Int) {
        if height == state.pointee.height {
            state.pointee.root = child
        } else {
            pathNode(height + 1).rewriteRun(at: state.pointee.path[height + 1].slot, with: child)
            noteStep()
        }
    }

    /// Gives the parent one more child, splitting upwards as far as it must.
    func insertChild(_ child: Child, height: Int) {
        if height == state.pointee.height {
            let children = state.pointee.children
            children[0] = state.pointee.root
            children[1] = child
            state.pointee.root = buildInner(children, 2, separator: .min)
            state.pointee.height += 1
            return
        }
        var parent = descend(to: child.key, height: height + 1)
        if innerNode(parent).isFull {
            growInner(parent, height: height + 1)
            parent = descend(to: child.key, height: height + 1)
        }
        let node = innerNode(parent)
        let near = parent.model.predictPosition(of: child.key, capacity: parent.capacity)
        let at = node.upperBound(of: child.key, near: near)
        _ = node.insert(child, at: at, predicted: near)
        noteStep()
    }

    /// Builds a full inner node anew: larger, or as two, of which the upper half gets its slot first: see `replace`.
    private func growInner(_ inner: Child, height: Int) {
        let children = state.pointee.children
        let count = innerNode(inner).collect(into: children)
        retire(inner.reference)
        if count < state.pointee.configuration.innerChildrenMax {
            setChild(buildInner(children, count, separator: inner.key), height: height)
            return
        }
        state.pointee.counters.innerSplits += 1
        let half = count / 2
        let low = buildInner(children, half, separator: inner.key)
        let high = buildInner(children + half, count - half, separator: children[half].key)
        insertChild(high, height: height)
        _ = descend(to: inner.key, height: height)
        setChild(low, height: height)
    }

    /// A new inner node over `count` neighbours.
    func buildInner(_ children: UnsafeMutablePointer<Child>, _ count: Int, separator: Int64) -> Child {
        let capacity = state.pointee.configuration.innerCapacity(count: count)
        let reference = allocate(
            bytes: Node<Child>.bytes(capacity: capacity), kind: NodeHeader.Kind.inner)
        // The first separator is only a bound, often the lowest of all keys: it would spoil the fit.
        var model = LinearModel()
        if count > 2 {
            model = state.pointee.fitter.fit(children + 1, count - 1, capacity: capacity).model
        } else if count == 2 {
            model = LinearModel(center: children[1].key, slope: 0, intercept: Float(capacity / 2))
        }
        let node = Node<Child>(header(reference))
        let countMax = max(count, min(capacity * Tuning.innerDensityMax / 100, capacity - 1))
        let places = state.pointee.fitter.places(of: children, count, capacity: capacity, model: model)
        node.build(children, count: count, places: places, capacity: capacity, countMax: countMax)
        return Child(key: separator, model: model, reference: UInt32(reference), slotCount: UInt32(capacity))
    }
}
