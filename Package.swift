// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 language mode, no silent existentials, warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "AlexStorage",
    products: [
        .library(name: "AlexStorage", targets: ["AlexStorage"]),
        .library(name: "LearnedIndex", targets: ["LearnedIndex"]),
        .library(name: "BenchmarkKit", targets: ["BenchmarkKit", "StorageBackends"]),
        .executable(name: "alexbench", targets: ["alexbench"]),
    ],
    traits: [
        .trait(name: "RocksDB", description: "The rocksdb and rocksdb-tuned backends (needs librocksdb-dev)"),
        .trait(name: "SQLite", description: "The sqlite and sqlite-tuned backends (needs libsqlite3-dev)"),
        .trait(name: "LMDB", description: "The lmdb and lmdb-tuned backends (needs liblmdb-dev)"),
        .trait(
            name: "IndexPeers",
            description: "The peers of alexbench index: absl-btree, std-map, absl-hash (needs libabsl-dev)"),
        .default(enabledTraits: ["RocksDB", "SQLite"]),
    ],
    targets: [
        // The command line: with alexstorage-torture the only target that prints or exits.
        .executableTarget(
            name: "alexbench",
            dependencies: [
                "BenchmarkKit", "StorageBackends", "AlexStorage", "AlexStorageBackend", "FloorBackends", "PowerLoss",
                "IndexBackends", "AlexPhaseBackend",
                .target(name: "RocksDBBackend", condition: .when(traits: ["RocksDB"])),
                .target(name: "SQLiteBackend", condition: .when(traits: ["SQLite"])),
                .target(name: "LMDBBackend", condition: .when(traits: ["LMDB"])),
            ],
            swiftSettings: strict),
        .target(
            name: "BenchmarkKit", dependencies: ["StorageBackends", "CSystemTrace"], swiftSettings: strict),
        .target(name: "StorageBackends", dependencies: ["CIntrinsics"], swiftSettings: strict),

        // One adapter target each.
        .target(
            name: "AlexStorageBackend", dependencies: ["StorageBackends", "AlexStorage", "LearnedIndex"],
            swiftSettings: strict),
        .target(
            name: "FloorBackends", dependencies: ["StorageBackends", "AlexStorage", "StorageIO"],
            swiftSettings: strict),
        // The phase documents' configurations of the engine, rung by rung.
        .target(
            name: "AlexPhaseBackend", dependencies: ["StorageBackends", "LearnedIndex"], swiftSettings: strict),
        .target(
            name: "RocksDBBackend",
            dependencies: [
                "StorageBackends", "LearnedIndex", "CRocksDBReader",
                .target(name: "CRocksDB", condition: .when(traits: ["RocksDB"])),
            ],
            swiftSettings: strict),
        .target(
            name: "SQLiteBackend",
            dependencies: ["StorageBackends", .target(name: "CSQLite", condition: .when(traits: ["SQLite"]))],
            swiftSettings: strict),
        .target(
            name: "LMDBBackend",
            dependencies: ["StorageBackends", .target(name: "CLMDB", condition: .when(traits: ["LMDB"]))],
            swiftSettings: strict),

        // The index alone and its peers.
        .target(
            name: "IndexBackends",
            dependencies: [
                "StorageBackends", "LearnedIndex", "CIntrinsics",
                .target(name: "CIndexPeers", condition: .when(traits: ["IndexPeers"])),
            ],
            swiftSettings: strict),

        // The engine.
        .target(
            name: "AlexStorage", dependencies: ["LearnedIndex", "StorageIO", "CIntrinsics"],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
        // Crashes the engine as often as asked, and checks what comes back. No product: for `make torture` and CI.
        .executableTarget(
            name: "alexstorage-torture", dependencies: ["AlexStorage", "PowerLoss", "StorageIO"],
            swiftSettings: strict),
        // What the torture and `alexbench crash` and `gates` have in common.
        .target(name: "PowerLoss", dependencies: ["AlexStorage", "StorageIO"], swiftSettings: strict),
        .target(name: "LearnedIndex", dependencies: ["CIntrinsics"], swiftSettings: strict),
        .target(name: "StorageIO", dependencies: ["CIntrinsics", "CStorageIO"], swiftSettings: strict),

        // C shims, each as small as it can be.
        .target(name: "CIntrinsics"),
        .target(name: "CStorageIO"),
        .target(name: "CSystemTrace"),
        // These compile to nothing without their trait. flat_hash_map needs these of Abseil's libraries, btree_map none.
        .target(
            name: "CIndexPeers",
            cxxSettings: [.define("INDEX_PEERS", .when(traits: ["IndexPeers"]))],
            linkerSettings: ["absl_raw_hash_set", "absl_hash", "absl_city", "absl_low_level_hash"].map {
                .linkedLibrary($0, .when(traits: ["IndexPeers"]))
            }),
        .target(
            name: "CRocksDBReader",
            dependencies: [.target(name: "CRocksDB", condition: .when(traits: ["RocksDB"]))],
            cxxSettings: [.define("ROCKSDB_READER", .when(traits: ["RocksDB"]))]),
        .systemLibrary(name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),

        .testTarget(name: "LearnedIndexTests", dependencies: ["LearnedIndex", "CIntrinsics"], swiftSettings: strict),
        .testTarget(name: "StorageIOTests", dependencies: ["StorageIO"], swiftSettings: strict),
        .testTarget(
            name: "AlexStorageTests", dependencies: ["AlexStorage", "LearnedIndex", "StorageIO"],
            resources: [.copy("Golden")],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
        .testTarget(
            name: "BackendTests",
            dependencies: [
                "StorageBackends", "BenchmarkKit", "AlexStorageBackend", "FloorBackends", "IndexBackends",
                "AlexPhaseBackend",
                .target(name: "RocksDBBackend", condition: .when(traits: ["RocksDB"])),
                .target(name: "SQLiteBackend", condition: .when(traits: ["SQLite"])),
                .target(name: "LMDBBackend", condition: .when(traits: ["LMDB"])),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BenchmarkKitTests", dependencies: ["BenchmarkKit", "StorageBackends"],
            resources: [.copy("Golden")], swiftSettings: strict),
        .testTarget(
            name: "AlexbenchTests", dependencies: ["alexbench", "BenchmarkKit", "AlexStorage"],
            resources: [.copy("Golden")], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
