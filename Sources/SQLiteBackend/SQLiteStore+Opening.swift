#if SQLite
    import CSQLite
    import StorageBackends

    extension SQLiteStore {
        static func open(_ path: String, flags: Int32) throws(BackendError) -> OpaquePointer {
            var database: OpaquePointer?
            let code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | flags, nil)
            guard let database else { throw BackendError(.io, "SQLite, opening '\(path)': out of memory") }
            if code == SQLITE_OK { return database }
            defer { sqlite3_close(database) }
            throw failure(database, code, while: "opening '\(path)'")
        }

        /// Applies the configuration and the class, and refuses to go on when the engine answers otherwise.
        static func configure(
            _ database: OpaquePointer, _ options: BackendOptions, _ settings: SQLiteSettings
        ) throws(BackendError) {
            let durability = options.durability
            // Another thread's connection may write: wait for it (sqlite3_busy_timeout).
            if options.threads > 1 { sqlite3_busy_timeout(database, SQLiteSettings.busyMilliseconds) }
            let budget = options.memoryBytes.map(SQLiteSettings.pragmas(memoryBytes:)) ?? []
            for pragma in settings.pragmas + budget
            where options.threads == 1 || !SQLiteSettings.isForOneConnection(pragma) {
                _ = try answer(database, pragma)
            }
            let mode = try answer(database, "PRAGMA journal_mode=\(durability.journalMode)")
            guard mode == durability.journalMode else {
                throw BackendError(
                    .unsupported,
                    "SQLite answers journal_mode '\(mode ?? "")' where '\(durability.journalMode)' was asked for: "
                        + "the file system may not support it, or another connection has the store open")
            }
            _ = try answer(database, "PRAGMA synchronous=\(durability.synchronous)")
            _ = try answer(
                database, "CREATE TABLE IF NOT EXISTS pairs (key INTEGER PRIMARY KEY, value BLOB NOT NULL)")
        }

        static func prepare(_ database: OpaquePointer, _ text: String) throws(BackendError) -> OpaquePointer {
            var statement: OpaquePointer?
            let code = sqlite3_prepare_v3(
                database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
            guard code == SQLITE_OK, let statement else { throw failure(database, code, while: "'\(text)'") }
            return statement
        }

        /// Runs one statement and returns the first column of its first row.
        static func answer(_ database: OpaquePointer, _ text: String) throws(BackendError) -> String? {
            let statement = try prepare(database, text)
            defer { sqlite3_finalize(statement) }
            let code = sqlite3_step(statement)
            guard code == SQLITE_ROW else {
                if code == SQLITE_DONE { return nil }
                throw failure(database, code, while: "'\(text)'")
            }
            return sqlite3_column_text(statement, 0).map { String(cString: $0) }
        }

        /// The engine's message for the call that just failed.
        static func failure(_ database: OpaquePointer, _ code: Int32, while action: String) -> BackendError {
            let message = String(cString: sqlite3_errmsg(database))
            return BackendError(kind(of: code), "SQLite, \(action): \(message)")
        }

        private static func kind(of code: Int32) -> BackendError.Kind {
            // The low byte is the primary code; the rest says more about it.
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            case SQLITE_CORRUPT: .damaged
            case SQLITE_NOTADB, SQLITE_SCHEMA: .incompatible
            case SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_MISMATCH: .invalid
            default: .io
            }
        }
    }
#endif
