extension AlexIndex {
    /// An index of pairs in strictly ascending order of keys, built in one pass. O(count).
    ///
    /// - Throws: `notAscending`, naming the first pair out of order; `outOfMemory`.
    @inlinable
    public init(
        sorted pairs: some Sequence<Entry>, configuration: Configuration = Configuration()
    ) throws(IndexError) {
        let handle = try IndexHandle.make(configuration, toLoad: pairs.underestimatedCount)
        var loader = BulkLoader(handle, count: pairs.underestimatedCount)
        do throws(IndexError) {
            for (key, value) in pairs { try loader.add(key, value) }
            try loader.finish()
        } catch {
            handle.destroy()
            throw error
        }
        self.init(adopting: handle)
    }
}

/// Fills an empty index from pairs that come in order: full-sized data nodes from left to right, then inner nodes over
/// them, level by level.
@usableFromInline
struct BulkLoader {
    let handle: IndexHandle
    /// The index's own scratch, long enough for one node.
    @usableFromInline let pairs: UnsafeMutablePointer<Pair>
    @usableFromInline let nodeKeys: Int
    @usableFromInline var held = 0
    @usableFromInline var total = 0
    @usableFromInline var previous = Int64.min
    private var pieces: Pieces

    /// - Parameter count: Pairs that are known to come.
    @usableFromInline
    init(_ handle: IndexHandle, count: Int) {
        self.handle = handle
        pairs = handle.state.pointee.pairs
        nodeKeys = handle.state.pointee.configuration.dataKeysBuilt
        pieces = Pieces(handle: handle, first: .min, isLoad: true)
        pieces.loadsFew = count > 0 && count < Tuning.smallIndexKeys
        handle.state.pointee.arena.isLoading = true
    }

    @inlinable @inline(__always)
    mutating func add(_ key: Int64, _ value: UInt64) throws(IndexError) {
        if key <= previous && total &+ held > 0 { try refuse(key) }
        previous = key
        // Safe: the scratch holds more than `nodeKeys`, and is emptied when it holds as many.
        pairs[held] = Pair(key: key, value: value)
        held &+= 1
        if held == nodeKeys { try build() }
    }

    @usableFromInline
    func refuse(_ key: Int64) throws(IndexError) {
        throw .notAscending(position: total + held, previous: previous, key: key)
    }

    @usableFromInline
    mutating func build() throws(IndexError) {
        try handle.ensureRoomForChange()
        pieces.addFitted(pairs, held)
        total += held
        held = 0
    }

    @usableFromInline
    mutating func finish() throws(IndexError) {
        if held > 0 { try build() }
        defer { handle.state.pointee.arena.isLoading = false }
        guard total > 0 else { return }
        try handle.ensureRoom(bytes: handle.innerBytesMax(children: pieces.built.count))
        handle.release(handle.state.pointee.root)
        handle.state.pointee.count = total
        handle.raise(pieces.built)
        handle.settle()
        handle.forgetAllocated()
    }

    /// Gives back what was built; the index is as empty as before.
    mutating func abandon() {
        handle.state.pointee.arena.isLoading = false
        pieces.abandon()
    }
}

extension IndexHandle {
    func makeEmptyRoot() {
        var pieces = Pieces(handle: self, first: .min)
        pieces.addEmpty()
        state.pointee.root = pieces.built[0]
        forgetAllocated()
    }

    /// Bytes that inner nodes over so many children take at most, all levels together.
    func innerBytesMax(children: Int) -> Int {
        let perNode = state.pointee.configuration.innerChildrenBuilt
        let nodes = 2 * (children / perNode + 1) + IndexState.heightMax
        return nodes * (Node<Child>.bytes(capacity: state.pointee.configuration.innerSlotsMax) + 512)
    }

    /// Builds inner nodes over `children` until one is left, the root.
    func raise(_ bottom: [Child]) {
        let scratch = state.pointee.children
        let perNode = state.pointee.configuration.innerChildrenBuilt
        var level = bottom
        while level.count > 1 {
            let nodes = (level.count + perNode - 1) / perNode
            var above: [Child] = []
            for node in 0..<nodes {
                let range = (level.count * node / nodes)..<(level.count * (node + 1) / nodes)
                for (slot, child) in zip(0..., level[range]) { scratch[slot] = child }
                above.append(buildInner(scratch, range.count, separator: scratch[0].key))
            }
            level = above
            state.pointee.height += 1
        }
        state.pointee.root = level[0]
    }
}
