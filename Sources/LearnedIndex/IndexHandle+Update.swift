// Writing. Steps of an insert:
//  1. descend by exact separators, noting the way; find the key's upper bound in the data node;
//  2. present: overwrite its copies and be done;
//  3. room: put it in a gap, moving few slots (Node.insert);
//  4. full, or too many slots were moved: collect the entries and the new one, and build one, two or more nodes of
//     them (IndexHandle+Rebuild). The parent's slot takes the first, the parent gains the rest, in the same manner.
extension IndexHandle {
    func updateValue(_ value: UInt64, forKey key: Int64) -> UInt64? {
        let child = descend(to: key, height: 0)
        let node = dataNode(child)
        let predicted = child.model.predictPosition(of: key, capacity: child.capacity)
        let at = node.upperBound(of: key, near: predicted)
        let pair = Pair(key: key, value: value)
        if at > node.start && node.slots[at - 1].key == key {
            let old = node.slots[at - 1].value
            node.rewriteRun(at: at - 1, with: pair)
            return old
        }
        state.pointee.count += 1
        if node.isFull {
            rebuild(child, adding: pair)
            return nil
        }
        let moved = node.insert(pair, at: at, predicted: predicted)
        if moved > 0 { noteShift(moved, node, child) }
        return nil
    }

    private func noteShift(_ moved: Int, _ node: Node<Pair>, _ child: Child) {
        state.pointee.counters.shifts += moved
        if moved > state.pointee.counters.shiftsMax { state.pointee.counters.shiftsMax = moved }
        node.header.pointee.shifted &+= UInt32(moved)
        if Int(node.header.pointee.shifted) > Tuning.shiftsPerSlotMax * node.capacity {
            state.pointee.counters.retrains += 1
            rebuild(child, adding: nil)
        }
    }

    func removeValue(forKey key: Int64) -> UInt64? {
        let child = descend(to: key, height: 0)
        let node = dataNode(child)
        let predicted = child.model.predictPosition(of: key, capacity: child.capacity)
        let at = node.upperBound(of: key, near: predicted)
        guard at > node.start, node.slots[at - 1].key == key else { return nil }
        let old = node.slots[at - 1].value
        node.remove(at: at - 1)
        state.pointee.count -= 1
        if node.count == 0 {
            removeEmpty(child)
        } else if node.count * 4 < node.capacity && node.capacity > state.pointee.configuration.dataSlotsMin {
            contract(child)
        }
        return old
    }

    // MARK: - The way down

    /// The child at `height` that `key` belongs to; fills `path` above it.
    @inline(__always)
    func descend(to key: Int64, height: Int) -> Child {
        var child = state.pointee.root
        var level = state.pointee.height
        let path = state.pointee.path
        while level > height {
            let node = innerNode(child)
            let near = child.model.predictPosition(of: key, capacity: child.capacity)
            let slot = max(node.start, node.upperBound(of: key, near: near) - 1)
            // Safe: the height is far below the path's length.
            path[level] = PathStep(reference: Int(child.reference), slot: slot)
            child = node.slots[slot]
            level &-= 1
        }
        return child
    }

    func pathNode(_ level: Int) -> Node<Child> {
        Node(header(state.pointee.path[level].reference))
    }
}
