#if RocksDB
    import StorageBackends

    /// The phase documents' baseline, RocksStorage, without its gauge and with it.
    public enum RocksDBAlexBackends {
        /// `rocksdb-alex`, `rocksdb-alex-gauge`, `rocksdb-alex-gauge-3`.
        public static let all: [BackendDescriptor] = [
            descriptor(
                "rocksdb-alex", "the phase documents' RocksStorage: RocksDB behind a learned index and a small cache",
                .none),
            descriptor(
                "rocksdb-alex-gauge", "the same with its gauge: every insert walks the index's data nodes", .ownLeaves),
            descriptor(
                "rocksdb-alex-gauge-3",
                "the same with a reconstruction of its gauge: every insert walks a leaf for each 3 keys",
                .threeKeysALeaf),
        ]

        private static func descriptor(_ name: String, _ summary: String, _ gauge: LeafGauge) -> BackendDescriptor {
            var descriptor = BackendDescriptor(
                name: name, summary: summary, capabilities: .engine,
                nativeSettings: [
                    .memory: "disableWAL=true, flushed by a clean close",
                    .process: "disableWAL=false, sync=false",
                    .power: "disableWAL=false, sync=true",
                ],
                configuration: RocksDBSettings.alex.description + [gauge.description],
                libraryVersion: { RocksDBBuild.current.version },
                buildWarning: { RocksDBBuild.current.warning },
                open: { options throws(BackendError) in try RocksDBAlexStore(options, gauge: gauge) })
            descriptor.memorySettings = { RocksDBSettings.MemoryBudget($0).text }
            return descriptor
        }
    }
#endif
