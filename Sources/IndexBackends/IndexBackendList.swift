import StorageBackends

#if IndexPeers
    import CIndexPeers
#endif

/// The indexes that this build can measure, in the order in which they are listed.
public enum IndexBackendList {
    public static let all: [IndexDescriptor] = [learned] + peers + [sortedArray]

    private static let learned = IndexDescriptor(
        name: "alex-index", summary: "the package's learned index, without a log",
        capabilities: [.change, .order, .batch, .readers, .insertBatch],
        library: "LearnedIndex of this package"
    ) { () throws(BackendError) -> any IndexUnderTest in try LearnedIndexUnderTest() }

    private static let sortedArray = IndexDescriptor(
        name: "sorted-array", summary: "pairs in a sorted array, binary search; takes no single inserts",
        capabilities: [.order], library: "of this package"
    ) { SortedArrayUnderTest() }

    #if IndexPeers
        private static let peers = [
            IndexDescriptor(
                name: "absl-btree", summary: "absl::btree_map, a B-tree in memory", capabilities: [.change, .order],
                library: abseil
            ) { PeerUnderTest(INDEX_PEER_ABSL_BTREE) },
            IndexDescriptor(
                name: "std-map", summary: "std::map, a red-black tree", capabilities: [.change, .order],
                library: String(cString: index_peer_standard_library())
            ) { PeerUnderTest(INDEX_PEER_STD_MAP) },
            IndexDescriptor(
                name: "absl-hash", summary: "absl::flat_hash_map: a floor, for it keeps no order",
                capabilities: [.change], library: abseil
            ) { PeerUnderTest(INDEX_PEER_ABSL_HASH) },
        ]

        private static var abseil: String { String(cString: index_peer_abseil()) }
    #else
        private static let peers: [IndexDescriptor] = []
    #endif
}
