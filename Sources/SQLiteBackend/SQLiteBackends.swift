#if SQLite
    import CSQLite
    import StorageBackends

    /// SQLite through its C API, in two configurations.
    public enum SQLiteBackends {
        /// `sqlite` and `sqlite-tuned`.
        public static let all: [BackendDescriptor] = [
            descriptor(
                name: "sqlite", summary: "SQLite in WAL mode as it comes, prepared statements",
                settings: .asItComes),
            descriptor(
                name: "sqlite-tuned",
                summary: "SQLite with the file mapped, a longer write-ahead log, the file locked once",
                settings: .tuned),
        ]

        private static func descriptor(
            name: String, summary: String, settings: SQLiteSettings
        ) -> BackendDescriptor {
            var descriptor = BackendDescriptor(
                name: name, summary: summary, capabilities: .engine,
                nativeSettings: [
                    .memory: "journal_mode=OFF, synchronous=OFF (a batch that fails midway is not undone)",
                    .process: "journal_mode=WAL, synchronous=OFF",
                    .power: "journal_mode=WAL, synchronous=FULL",
                ],
                configuration: settings.description,
                libraryVersion: { "SQLite \(String(cString: sqlite3_libversion()))" },
                buildWarning: {
                    sqlite3_compileoption_used("DEBUG") != 0
                        ? "SQLite is built with its assertions on: install the system's release package" : nil
                },
                open: { options throws(BackendError) in try SQLiteStore(options, settings: settings) })
            descriptor.memorySettings = { SQLiteSettings.pragmas(memoryBytes: $0).joined(separator: ", ") }
            return descriptor
        }
    }
#endif
