#if RocksDB
    import StorageBackends

    /// RocksDB through its C API, in two configurations.
    public enum RocksDBBackends {
        /// `rocksdb` and `rocksdb-tuned`.
        public static let all: [BackendDescriptor] = [
            descriptor(
                name: "rocksdb", summary: "RocksDB as it comes: every option at its default",
                settings: .asItComes),
            descriptor(
                name: "rocksdb-tuned",
                summary: "RocksDB with a 1 GiB block cache, Bloom filters, hashed data blocks, no compression",
                settings: .tuned),
        ]

        private static func descriptor(
            name: String, summary: String, settings: RocksDBSettings
        ) -> BackendDescriptor {
            var descriptor = BackendDescriptor(
                name: name, summary: summary, capabilities: .engine,
                nativeSettings: [
                    .memory: "disableWAL=true, flushed by a clean close",
                    .process: "disableWAL=false, sync=false",
                    .power: "disableWAL=false, sync=true",
                ],
                configuration: settings.description,
                libraryVersion: { RocksDBBuild.current.version },
                buildWarning: { RocksDBBuild.current.warning },
                open: { options throws(BackendError) in try RocksDBStore(options, settings: settings) })
            descriptor.memorySettings = { RocksDBSettings.MemoryBudget($0).text }
            return descriptor
        }
    }
#endif
