import AlexPhaseBackend
import AlexStorageBackend
import FloorBackends
import StorageBackends

#if LMDB
    import LMDBBackend
#endif
#if RocksDB
    import RocksDBBackend
#endif
#if SQLite
    import SQLiteBackend
#endif

/// Every backend that alexbench knows, built or not. The only file that names them.
enum BackendTable {
    /// A backend that this binary may or may not hold.
    struct Entry: Sendable {
        let name: String
        /// What has to be there before it is built; `nil` where nothing has.
        let requirement: Requirement?
    }

    /// The trait behind a backend and the package that it needs.
    struct Requirement: Sendable {
        let trait: String
        let package: String

        /// How to get it.
        var remedy: String {
            "install \(package) and run 'make build' (or: swift build -c release --traits default,\(trait))"
        }
    }

    private static let rocksDB = Requirement(trait: "RocksDB", package: "librocksdb-dev")
    private static let sqlite = Requirement(trait: "SQLite", package: "libsqlite3-dev")
    private static let lmdb = Requirement(trait: "LMDB", package: "liblmdb-dev")

    /// All names, in the order in which they are listed.
    static let entries: [Entry] =
        [
            Entry(name: "alex", requirement: nil),
            Entry(name: "alex-no-compaction", requirement: nil),
            Entry(name: "alex-filter", requirement: nil),
            Entry(name: "alex-no-checks", requirement: nil),
            Entry(name: "alex-compacted", requirement: nil),
            Entry(name: "alex-lru", requirement: nil),
            Entry(name: "alex-foreseeing", requirement: nil),
            Entry(name: "rocksdb", requirement: rocksDB),
            Entry(name: "rocksdb-tuned", requirement: rocksDB),
            Entry(name: "sqlite", requirement: sqlite),
            Entry(name: "sqlite-tuned", requirement: sqlite),
            Entry(name: "lmdb", requirement: lmdb),
            Entry(name: "lmdb-tuned", requirement: lmdb),
            Entry(name: "rocksdb-alex", requirement: rocksDB),
            Entry(name: "rocksdb-alex-gauge", requirement: rocksDB),
            Entry(name: "rocksdb-alex-gauge-3", requirement: rocksDB),
        ] + AlexPhaseBackends.all.map { Entry(name: $0.name, requirement: nil) } + [
            Entry(name: "limit", requirement: nil),
            Entry(name: "two-reads", requirement: nil),
            Entry(name: "hash-log", requirement: nil),
            Entry(name: "null", requirement: nil),
        ]

    /// The backends of this binary.
    static let built: [BackendDescriptor] = {
        var built = AlexBackends.all + AlexPhaseBackends.all + FloorBackendList.all
        #if RocksDB
            built += RocksDBBackends.all + RocksDBAlexBackends.all
        #endif
        #if SQLite
            built += SQLiteBackends.all
        #endif
        #if LMDB
            built += LMDBBackends.all
        #endif
        return built
    }()

    /// What runs when no backend is named: as many of these as are built.
    static let usual = ["alex", "rocksdb", "rocksdb-tuned", "sqlite", "sqlite-tuned"]

    /// Engines that are there under another name, with other options: named where they are wanted.
    static let variants: Set<String> = [
        "alex-no-compaction", "alex-filter", "alex-no-checks", "alex-compacted", "alex-lru", "alex-foreseeing",
    ]

    static var defaults: [BackendDescriptor] { usual.compactMap(descriptor(named:)) }

    /// Does nothing: its cost is the harness's own.
    static var harness: BackendDescriptor? { descriptor(named: "null") }

    static func descriptor(named name: String) -> BackendDescriptor? { built.first { $0.name == name } }
}
