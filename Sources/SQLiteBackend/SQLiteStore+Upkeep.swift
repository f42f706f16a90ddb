#if SQLite
    import CSQLite
    import StorageBackends

    extension SQLiteStore {
        /// Writes the whole write-ahead log into the file and empties it. Without a log there is nothing to do.
        func settle() throws(BackendError) {
            guard try Self.answer(database, "PRAGMA journal_mode") == DurabilityClass.process.journalMode else {
                return
            }
            // The answer's first column is 1 when a reader or writer was in the way.
            guard try Self.answer(database, "PRAGMA wal_checkpoint(TRUNCATE)") == "0" else {
                throw BackendError(.locked, "SQLite could not finish its checkpoint: another connection is in the way")
            }
        }

        func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
            let names = [
                "journal_mode", "synchronous", "locking_mode", "mmap_size", "cache_size", "page_size",
                "wal_autocheckpoint",
            ]
            var settings: [(setting: String, value: String)] = []
            for name in names {
                settings.append((name, try Self.answer(database, "PRAGMA \(name)") ?? ""))
            }
            return settings
        }
    }
#endif
