#if LMDB
    import CLMDB
    import StorageBackends

    /// LMDB in two configurations.
    public enum LMDBBackends {
        /// `lmdb` and `lmdb-tuned`.
        public static let all: [BackendDescriptor] = [
            descriptor(
                name: "lmdb", summary: "LMDB as it comes: a transaction for each operation", settings: .asItComes),
            descriptor(
                name: "lmdb-tuned",
                summary: "LMDB writing through its map, the read transaction kept until a write",
                settings: .tuned),
        ]

        private static func descriptor(
            name: String, summary: String, settings: LMDBSettings
        ) -> BackendDescriptor {
            var descriptor = BackendDescriptor(
                name: name, summary: summary, capabilities: .engine,
                nativeSettings: Dictionary(
                    uniqueKeysWithValues: DurabilityClass.allCases.map { durability in
                        (durability, LMDBSettings.names(of: settings.flags(durability)).joined(separator: ", "))
                    }),
                configuration: settings.description,
                libraryVersion: { version },
                open: { options throws(BackendError) in try LMDBStore(options, settings: settings) })
            if settings.readsNothingAhead {
                descriptor.memoryLimitSettings = "NORDAHEAD for a store larger than the limit"
            }
            return descriptor
        }

        private static var version: String {
            var major: Int32 = 0
            var minor: Int32 = 0
            var patch: Int32 = 0
            _ = mdb_version(&major, &minor, &patch)
            return "LMDB \(major).\(minor).\(patch)"
        }
    }
#endif
