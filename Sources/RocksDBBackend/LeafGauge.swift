#if RocksDB
    import LearnedIndex

    /// The gauge that the documents' RocksStorage refreshed at each insert, by a walk over all leaves of its index.
    ///
    /// Their figures of mixed operations at 1M came of it. Here it is an option of its own, in two forms, so that all
    /// can see what it costs; plain `rocksdb-alex` has none.
    enum LeafGauge: Sendable {
        case none
        /// Walks the data nodes of the index that is there: this project's own, with few large nodes.
        case ownLeaves
        /// Walks as many leaves as an index with 3 keys a leaf has, as theirs had (333,212 leaves for 1M keys). No
        /// index hangs on them: a reconstruction of the walk alone.
        case threeKeysALeaf

        var description: String {
            switch self {
            case .none: "gauge of leaves: left out"
            case .ownLeaves: "gauge of leaves: all data nodes of the index walked at each insert"
            case .threeKeysALeaf:
                "gauge of leaves, a reconstruction: as many leaves as 3 keys a leaf make, walked at each insert"
            }
        }
    }

    /// The leaves of the reconstruction: each a record of the size that a leaf of three vectors, a model and counters
    /// has, one behind the other.
    struct ReconstructedLeaves {
        static let keysPerLeaf = 3

        struct Leaf {
            var keyCount: UInt64
            // Three vectors of three words each, a model of two, three counters: never read by the walk.
            var rest:
                (
                    UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
                    UInt64
                ) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        }

        private(set) var leaves: [Leaf] = []

        /// Brings the number of leaves to what so many keys make.
        mutating func fit(keys: Int) {
            let wanted = (keys + Self.keysPerLeaf - 1) / Self.keysPerLeaf
            while leaves.count < wanted { leaves.append(Leaf(keyCount: UInt64(Self.keysPerLeaf))) }
            if leaves.count > wanted { leaves.removeLast(leaves.count - wanted) }
        }

        /// Goes to each leaf. O(leaves).
        func walk() -> UInt64 { leaves.reduce(0) { $0 &+ $1.keyCount } }
    }
#endif
