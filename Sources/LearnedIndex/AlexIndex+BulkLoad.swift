/// Why a bulk load was refused.
public enum BulkLoadError: Error, Equatable, CustomStringConvertible {
    /// The key at `position` is not above the one before it.
    case notAscending(position: Int, previous: Int64, key: Int64)

    public var description: String {
        switch self {
        case .notAscending(let position, let previous, let key):
            "bulk load needs strictly ascending keys: pair \(position) has key \(key) after \(previous); "
                + "sort the pairs and drop duplicates, or insert them one by one"
        }
    }
}

extension AlexIndex {
    /// An index of pairs in strictly ascending order of keys, built in one pass. O(count).
    ///
    /// - Throws: `BulkLoadError.notAscending`, naming the first pair out of order.
    public init(
        sorted pairs: some Sequence<Entry>, configuration: Configuration = Configuration()
    ) throws(BulkLoadError) {
        self.init(configuration: configuration)
        try handle.load(pairs)
    }
}

extension IndexHandle {
    func makeEmptyRoot() {
        var pieces = Pieces(handle: self, first: .min)
        pieces.addEmpty()
        state.pointee.root = pieces.built[0]
    }

    /// Fills an empty index: full-sized data nodes from left to right, then inner nodes over them, level by level.
    func load(_ source: some Sequence<AlexIndex.Entry>) throws(BulkLoadError) {
        let nodeKeys = state.pointee.configuration.dataKeysBuilt
        let pairs = state.pointee.pairs
        var pieces = Pieces(handle: self, first: .min)
        var held = 0
        var total = 0
        var previous = Int64.min
        var refusal: BulkLoadError?
        for (key, value) in source {
            if total > 0 && key <= previous {
                refusal = .notAscending(position: total, previous: previous, key: key)
                break
            }
            previous = key
            pairs[held] = Pair(key: key, value: value)
            held += 1
            total += 1
            if held == nodeKeys {
                pieces.addFitted(pairs, held)
                held = 0
            }
        }
        if let refusal { throw refusal }
        if held > 0 { pieces.addFitted(pairs, held) }
        guard total > 0 else { return }
        state.pointee.arena.free(Int(state.pointee.root.reference))
        state.pointee.count = total
        raise(pieces.built)
    }

    /// Builds inner nodes over `children` until one is left, the root.
    private func raise(_ bottom: [Child]) {
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
