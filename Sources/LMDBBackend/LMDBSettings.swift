#if LMDB
    import CLMDB
    import StorageBackends

    /// The settings of one configuration.
    struct LMDBSettings: Sendable {
        /// What a result's header says of this configuration.
        let description: [String]
        /// Whether a read transaction lives on until the next write.
        let keepsReadTransaction: Bool
        /// Whether writes go through the map in class process too.
        let writesThroughMap: Bool
        /// Whether the system shall read nothing ahead where its memory is limited and the store larger: the engine's
        /// manual advises so for random reads then.
        let readsNothingAhead: Bool

        private static let common = [
            "keys: MDB_INTEGERKEY, sign bit flipped", "put: a transaction each", "batch: one transaction",
            "gets of a batch: one read transaction",
            "MDB_APPEND for a batch of ascending keys beyond the last one",
            "map: 64 MiB and 1 KiB for each expected record, doubled when full",
            "more threads than one: transactions of their own, a map of eight times the size that does not grow",
            "second opener: refused in this process, allowed from another, as the engine is made for it",
        ]

        static let asItComes = LMDBSettings(
            description: ["get: a read transaction each"] + common,
            keepsReadTransaction: false, writesThroughMap: false, readsNothingAhead: false)

        static let tuned = LMDBSettings(
            description: [
                "WRITEMAP and MAPASYNC except in class power", "NOTLS",
                "the read transaction is kept until a write",
            ] + common,
            keepsReadTransaction: true, writesThroughMap: true, readsNothingAhead: true)

        /// The environment flags of a class. In class power each commit is written and synced by the engine's own
        /// default way: through the map that takes a sync of the whole map.
        func flags(_ durability: DurabilityClass, isBeyondMemory: Bool = false) -> UInt32 {
            var flags: Int32 = keepsReadTransaction ? MDB_NOTLS : 0
            if isBeyondMemory && readsNothingAhead { flags |= MDB_NORDAHEAD }
            switch durability {
            case .memory: flags |= MDB_NOSYNC | MDB_WRITEMAP | MDB_MAPASYNC
            case .process: flags |= MDB_NOSYNC | (writesThroughMap ? MDB_WRITEMAP | MDB_MAPASYNC : 0)
            case .power: break
            }
            return UInt32(flags)
        }

        /// The flags by their names in the engine's manual.
        static func names(of flags: UInt32) -> [String] {
            let known = [
                (MDB_NOSYNC, "NOSYNC"), (MDB_WRITEMAP, "WRITEMAP"), (MDB_MAPASYNC, "MAPASYNC"),
                (MDB_NOTLS, "NOTLS"), (MDB_NORDAHEAD, "NORDAHEAD"),
            ]
            let names = known.filter { flags & UInt32($0.0) != 0 }.map(\.1)
            return flags & UInt32(MDB_NOSYNC) == 0 ? ["synced by each commit"] + names : names
        }
    }
#endif
