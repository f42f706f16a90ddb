import StorageBackends
import Testing

/// What each rival says of its own settings agrees with its class and its configuration.
@Suite("Settings read back")
struct ReadBackTests {
    /// Setting and value that a backend must report in a class.
    static func expected(_ name: String, _ durability: DurabilityClass) -> [String: String] {
        switch name {
        case "rocksdb", "rocksdb-tuned":
            let isTuned = name.hasSuffix("tuned")
            return [
                "disableWAL": durability == .memory ? "true" : "false",
                "sync": durability == .power ? "true" : "false",
                "compression": isTuned ? "kNoCompression" : "kSnappyCompression",
                "block_cache_capacity": isTuned ? "1073741824" : "8388608",
                "filter_policy": isTuned ? "bloomfilter" : "nullptr",
                "data_block_index_type": isTuned ? "kDataBlockBinaryAndHash" : "kDataBlockBinarySearch",
                "allow_mmap_reads": "false", "manual_wal_flush": "false",
            ]
        case _ where name.hasPrefix("rocksdb-alex"):
            return [
                "disableWAL": durability == .memory ? "true" : "false",
                "sync": durability == .power ? "true" : "false",
                "compression": "kLZ4Compression", "write_buffer_size": "268435456", "filter_policy": "nullptr",
            ]
        case "sqlite", "sqlite-tuned":
            var settings = [
                "journal_mode": durability == .memory ? "off" : "wal",
                "synchronous": durability == .power ? "2" : "0",
                "wal_autocheckpoint": "1000", "locking_mode": "normal", "mmap_size": "0",
            ]
            if name.hasSuffix("tuned") {
                settings["wal_autocheckpoint"] = "10000"
                settings["locking_mode"] = "exclusive"
                // As much as the library was built for: 2 GiB in Debian's.
                settings["mmap_size"] = nil
            }
            return settings
        case "lmdb", "lmdb-tuned":
            let isTuned = name.hasSuffix("tuned")
            let flags =
                switch durability {
                case .memory: "NOSYNC|WRITEMAP|MAPASYNC"
                case .process: isTuned ? "NOSYNC|WRITEMAP|MAPASYNC" : "NOSYNC"
                case .power: "synced by each commit"
                }
            return ["flags": isTuned ? flags + "|NOTLS" : flags]
        default:
            return [:]
        }
    }

    @Test("settings read back agree with class and configuration", arguments: BackendCase.all)
    func agrees(_ backend: BackendCase) throws {
        try backend.withStore { store in
            let settings = try store.readBackSettings()
            #expect(Set(settings.map(\.setting)).count == settings.count)
            for (setting, value) in Self.expected(backend.backend.name, backend.durability) {
                #expect(settings.first { $0.setting == setting }?.value == value, "\(setting)")
            }
            if backend.backend.name == "sqlite-tuned" {
                let mapped = settings.first { $0.setting == "mmap_size" }.flatMap { Int($0.value) }
                #expect(mapped ?? 0 >= 1 << 30)
            }
        }
    }

    /// A store larger than the memory limit, opened as an expert does, reads nothing ahead; one that fits does, and
    /// one as it comes.
    @Test("LMDB reads nothing ahead beyond a memory limit", arguments: BackendCase.all)
    func readsNothingAhead(_ backend: BackendCase) throws {
        guard backend.backend.name.hasPrefix("lmdb") else { return }
        let directory = try TemporaryDirectory()
        for limit in [nil, 64 << 20, 1] as [UInt64?] {
            var options = BackendOptions(
                directory: directory.path, durability: backend.durability, expectedRecords: BackendCase.records,
                keys: BackendCase.keys)
            options.memoryLimitBytes = limit
            let store = try backend.backend.open(options)
            let flags = try store.readBackSettings().first { $0.setting == "flags" }?.value ?? ""
            #expect(flags.contains("NORDAHEAD") == (limit == 1 && backend.backend.name == "lmdb-tuned"), "\(flags)")
            try store.close()
        }
    }

    @Test(
        "a damaged main file is a typed error",
        arguments: [
            ("rocksdb", "CURRENT", BackendError.Kind.damaged), ("sqlite", "store.sqlite", .incompatible),
            ("lmdb", "data.mdb", .incompatible),
        ].filter { engine in BackendCase.built.contains { $0.name == engine.0 } })
    func damaged(_ name: String, _ file: String, _ kind: BackendError.Kind) throws {
        for backend in BackendCase.all where backend.backend.name.hasPrefix(name) {
            let directory = try TemporaryDirectory()
            try directory.write(Array(repeating: 0x5A, count: 100_000), to: file)
            let error = #expect(throws: BackendError.self, "\(backend)") { try backend.open(directory) }
            #expect(error?.kind == kind, "\(error?.message ?? "")")
        }
    }
}
