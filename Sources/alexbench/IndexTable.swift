import IndexBackends
import StorageBackends

/// Every index that `alexbench index` knows, built or not. The only file that names them.
enum IndexTable {
    private static let peers = BackendTable.Requirement(trait: "IndexPeers", package: "libabsl-dev")

    /// All names, in the order in which they are listed.
    static let entries: [BackendTable.Entry] = [
        BackendTable.Entry(name: "alex-index", requirement: nil),
        BackendTable.Entry(name: "absl-btree", requirement: peers),
        BackendTable.Entry(name: "std-map", requirement: peers),
        BackendTable.Entry(name: "absl-hash", requirement: peers),
        BackendTable.Entry(name: "sorted-array", requirement: nil),
    ]

    static let built: [IndexDescriptor] = IndexBackendList.all

    static func descriptor(named name: String) -> IndexDescriptor? { built.first { $0.name == name } }
}
