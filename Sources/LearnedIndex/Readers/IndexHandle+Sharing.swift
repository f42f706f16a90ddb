import CIntrinsics

// The writer's side of readers beside it. While nobody asked for a reader, nothing here does anything: freed nodes go
// back to the arena at once. Afterwards
//  1. what readers may see is changed in place under its node's version, one change a version (Node.beginChange);
//  2. what is built anew is led to only when it is whole; of several new nodes the one that takes the old node's slot
//     comes last, and until then the old node is left as it was: every key that stays is found at every moment;
//  3. a node taken away goes to limbo, and stays as it is there;
//  4. at the end of a change that took nodes away or moved the root, `settle` publishes the root, begins an epoch, and
//     from time to time gives nodes back that no reader can hold;
//  5. if a reader is stuck, its node and those above are replaced by copies before the next change.
//
// Invariants:
//  1. a node in limbo is never written to;
//  2. of every key, a reader that begins at any root published since it entered finds a node that held all of the key's
//     truth at some moment since then.
// Threads: the writer alone.
extension IndexHandle {
    /// Readers may be beside the writer from now on.
    func share() {
        if state.pointee.isShared { return }
        complete()
        state.pointee.arena.fix()
        state.pointee.base = state.pointee.arena.base
        state.pointee.isShared = true
        publishRoot()
    }

    @inline(__always)
    var hasStuckReaders: Bool { intrinsics_load_relaxed(state.pointee.shared.stuck) != 0 }

    /// Replaces the node that a reader is stuck at, and those above it, by copies, if it is still in the tree: the
    /// reader then has it for itself. Without room for copies, or with too much in limbo, nothing happens.
    @inline(never)
    func helpStuckReader() {
        // Nobody reads beside a late index: the word is how it has its writer come here.
        if state.pointee.isLate { return complete() }
        let reference = Int(intrinsics_load_relaxed(state.pointee.shared.stuck))
        intrinsics_store_relaxed(state.pointee.shared.stuck, 0)
        let limboBytes = state.pointee.limboUnits * Arena.unitBytes
        guard state.pointee.isShared, limboBytes < Tuning.limboBytesOfCopies, let key = firstKey(of: reference)
        else { return }
        let height = (0...state.pointee.height).first { Int(descend(to: key, height: $0).reference) == reference }
        if let height { copyPath(to: key, height: height) }
    }

    /// The lowest key of a node; nil if there is no node.
    func firstKey(of reference: Int) -> Int64? {
        let header = header(reference).pointee
        if header.kind == NodeHeader.Kind.inner {
            let node = Node<Child>(self.header(reference))
            return node.slots[node.start].key
        }
        let node = Node<Pair>(self.header(reference))
        if header.kind != NodeHeader.Kind.data { return nil }
        return node.start < node.end ? node.slots[node.start].key : .min
    }

    /// Takes a node away: gives its block back, or keeps it while readers may hold it.
    func retire(_ reference: UInt32) {
        if !state.pointee.isShared { return state.pointee.arena.free(Int(reference)) }
        state.pointee.limbo.retire(reference)
        state.pointee.limboUnits += Int(header(Int(reference)).pointee.units)
    }

    /// Ends a change: readers begin with the new root, and nodes that they have left are given back.
    @inline(__always)
    func settle() {
        if state.pointee.isShared { settleShared() }
    }

    @inline(never)
    private func settleShared() {
        let (root, published) = (state.pointee.root, state.pointee.published)
        if root.reference != published.child.reference || state.pointee.height != published.height { publishRoot() }
        guard state.pointee.limbo.isOpen else { return }
        state.pointee.limbo.seal(state.pointee.epochs.advance())
        if state.pointee.limbo.count >= state.pointee.reclaimAt { reclaim() }
    }

    private func publishRoot() {
        state.pointee.published = RootPlace(child: state.pointee.root, height: state.pointee.height)
        state.pointee.shared.publish(state.pointee.published)
        noteStep()
    }

    /// A step is done; the tree is right in the eyes of readers.
    func noteStep() { state.pointee.onStep?() }

    /// Gives back all nodes that no reader can hold any more.
    func reclaim() {
        let state = state
        state.pointee.limbo.reclaim(below: state.pointee.epochs.oldestPinned) { reference in
            state.pointee.limboUnits -= Int(header(Int(reference)).pointee.units)
            state.pointee.arena.free(Int(reference))
        }
        state.pointee.reclaimAt = state.pointee.limbo.count + Tuning.limboBlocks
    }

    func removeAllUnderReaders() {
        guard hasRoomForChange() else {
            // Without room for a new root the entries go one by one, which takes none.
            while let first = firstKey { _ = removeValue(forKey: first) }
            return
        }
        walk(state.pointee.root, height: state.pointee.height) { child, _ in retire(child.reference) }
        state.pointee.edges = OpenEdges()
        state.pointee.count = 0
        resetRoot()
        settle()
        forgetAllocated()
    }

    private var firstKey: Int64? {
        var found: Int64?
        forEach(in: .min ... .max) { key, _ in
            found = key
            return false
        }
        return found
    }

    // MARK: - Copies

    /// Replaces the nodes on the way to `key`, down to `height`, by copies. Without room nothing happens.
    private func copyPath(to key: Int64, height: Int) {
        let configuration = state.pointee.configuration
        let inner = Node<Child>.bytes(capacity: configuration.innerSlotsMax) + 512
        let room = state.pointee.height * inner + Node<Pair>.bytes(capacity: configuration.dataSlotsMax + 8) + 512
        do throws(IndexError) { try ensureRoom(bytes: room) } catch { return }
        state.pointee.counters.pathCopies += 1
        state.pointee.root = copy(state.pointee.root, isInner: state.pointee.height > 0)
        for level in stride(from: state.pointee.height, to: height, by: -1) {
            let old = descend(to: key, height: level - 1)
            let new = copy(old, isInner: level > 1)
            pathNode(level).rewriteRun(at: state.pointee.path[level].slot, with: new)
        }
        settle()
        noteAllocated()
    }

    /// A node like `old`, which goes to limbo.
    func copy(_ old: Child, isInner: Bool) -> Child {
        let bytes = isInner ? Node<Child>.bytes(capacity: old.capacity) : Node<Pair>.bytes(capacity: old.capacity)
        let reference = allocate(bytes: bytes, kind: isInner ? NodeHeader.Kind.inner : NodeHeader.Kind.data)
        let (source, target) = (header(Int(old.reference)), header(reference))
        let (units, unitsBefore) = (target.pointee.units, target.pointee.unitsBefore)
        // Safe: both blocks are at least as long as the node.
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes)
        target.pointee.units = units
        target.pointee.unitsBefore = unitsBefore
        var copy = old
        copy.reference = UInt32(reference)
        state.pointee.edges.move(from: old.reference, to: copy.reference)
        retire(old.reference)
        return copy
    }
}
