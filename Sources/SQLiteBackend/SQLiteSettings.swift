#if SQLite
    import CSQLite
    import StorageBackends

    /// The settings of one configuration.
    struct SQLiteSettings: Sendable {
        /// What a result's header says of this configuration.
        let description: [String]
        /// Flags for opening the file, beside read-write and create.
        let openFlags: Int32
        /// Pragmas before the journal mode is chosen, in order.
        let pragmas: [String]

        private static let common = [
            "key INTEGER PRIMARY KEY, value BLOB", "prepared statements", "put: \(SQLiteStore.putText)",
            "batch: one transaction", "get: a transaction each, by autocommit", "gets of a batch: one transaction",
            "more threads than one: a connection each (one for all in class memory), busy timeout of a minute",
        ]

        static let asItComes = SQLiteSettings(
            description: ["all pragmas but the class's at their defaults"] + common
                + ["second opener: allowed, as the engine is made for it"],
            openFlags: 0, pragmas: [])

        static let tuned = SQLiteSettings(
            description: [
                "mmap_size=the engine's maximum", "wal_autocheckpoint=\(Tuning.checkpointPages)",
                "locking_mode=EXCLUSIVE (NORMAL with more threads than one)", "no mutex (one thread a connection)",
                "cache_size=default",
            ] + common + ["second opener: refused"],
            openFlags: SQLITE_OPEN_NOMUTEX,
            pragmas: [
                "PRAGMA locking_mode=EXCLUSIVE",
                "PRAGMA mmap_size=\(Tuning.mappedBytes)",
                "PRAGMA wal_autocheckpoint=\(Tuning.checkpointPages)",
            ])

        /// How long a connection waits for another's write before it gives up.
        static let busyMilliseconds: Int32 = 60_000

        /// Whether the pragma would keep every other connection out.
        static func isForOneConnection(_ pragma: String) -> Bool { pragma.contains("EXCLUSIVE") }

        /// Every number of the tuned configuration.
        private enum Tuning {
            /// More than any build allows: the engine cuts it to its own maximum.
            static let mappedBytes: Int64 = 1 << 40
            /// Pages in the write-ahead log before they go to the file: 40 MB instead of 4.
            static let checkpointPages = 10_000
        }

        /// A budget goes to the page cache whole; the file is not mapped, for mapped pages are beyond any budget.
        static func pragmas(memoryBytes: UInt64) -> [String] {
            ["PRAGMA mmap_size=0", "PRAGMA cache_size=-\(max(min(memoryBytes, 1 << 40) >> 10, 1))"]
        }
    }

    extension DurabilityClass {
        /// What `PRAGMA journal_mode` must answer.
        var journalMode: String { self == .memory ? "off" : "wal" }

        /// What `PRAGMA synchronous` must answer: 0 is OFF, 2 is FULL.
        var synchronous: String { self == .power ? "2" : "0" }
    }
#endif
