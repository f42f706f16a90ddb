import AlexPhaseBackend
import AlexStorageBackend
import FloorBackends
import StorageBackends

#if RocksDB
    import RocksDBBackend
#endif
#if SQLite
    import SQLiteBackend
#endif
#if LMDB
    import LMDBBackend
#endif

/// One backend in one durability class: the argument of every conformance test.
struct BackendCase: Sendable, CustomStringConvertible {
    let backend: BackendDescriptor
    let durability: DurabilityClass

    var description: String { "\(backend.name), \(durability.rawValue)" }

    /// The format that its stores have: backends of one format open each other's.
    var format: String {
        switch backend.name {
        case "alex", "alex-no-compaction", "alex-filter", "alex-no-checks", "alex-compacted", "alex-lru",
            "alex-foreseeing", "limit", "two-reads", "hash-log":
            "AlexStorage's log"
        case _ where backend.name.hasPrefix("alex-phase-"): "the ladder's file"
        default: String(backend.name.prefix { $0 != "-" })
        }
    }

    func has(_ capabilities: Capabilities) -> Bool { backend.capabilities.isSuperset(of: capabilities) }

    /// The backends of this build.
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

    /// Every built backend that stores, in every class that it offers.
    static let all: [BackendCase] = built.filter { $0.capabilities.contains(.stores) }.flatMap { backend in
        DurabilityClass.allCases.filter { backend.nativeSettings[$0] != nil }.map {
            BackendCase(backend: backend, durability: $0)
        }
    }

    /// Those that declare `capabilities`.
    static func all(having capabilities: Capabilities) -> [BackendCase] { all.filter { $0.has(capabilities) } }

    /// Those that do not.
    static func all(lacking capabilities: Capabilities) -> [BackendCase] { all.filter { !$0.has(capabilities) } }

    /// Opens the backend in `directory`.
    func open(_ directory: TemporaryDirectory) throws(BackendError) -> any StorageBackend {
        try backend.open(
            BackendOptions(
                directory: directory.path, durability: durability, expectedRecords: Self.records,
                keys: Self.keys))
    }

    /// Opens the backend in a fresh directory, closes it after `body`.
    func withStore(_ body: (any StorageBackend) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        let store = try open(directory)
        try body(store)
        try store.close()
    }

    /// How many records the tests hold at most.
    static let records: UInt64 = 4096
    /// The mapping of all tests.
    static let keys = KeyMapping(seed: 42, ordered: false)
}
