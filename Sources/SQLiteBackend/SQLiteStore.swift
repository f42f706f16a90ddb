#if SQLite
    import CSQLite
    import StorageBackends

    /// One open SQLite database with its prepared statements.
    ///
    /// Every property that an operation touches is a `let`, so that reading it costs no exclusivity check. Used from
    /// one thread.
    final class SQLiteStore: StorageBackend {
        let database: OpaquePointer
        let putStatement: OpaquePointer
        let getStatement: OpaquePointer
        let removeStatement: OpaquePointer
        let scanStatement: OpaquePointer
        let beginStatement: OpaquePointer
        let beginReadStatement: OpaquePointer
        let commitStatement: OpaquePointer
        let rollbackStatement: OpaquePointer
        private let options: BackendOptions
        private let settings: SQLiteSettings
        private var isClosed = false

        /// The one file of a store; its log and its lock lie beside it.
        static let marker = "store.sqlite"
        /// Inserts cost the same as with `REPLACE`, updates a few percent less.
        static let putText =
            "INSERT INTO pairs VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"

        /// Opens or creates the database in the directory of `options`.
        init(_ options: BackendOptions, settings: SQLiteSettings) throws(BackendError) {
            try StoreDirectory.check(options.directory, marker: Self.marker, engine: "SQLite")
            self.options = options
            self.settings = settings
            let database = try Self.open(options.directory + "/" + Self.marker, flags: settings.openFlags)
            var prepared: [OpaquePointer] = []
            do throws(BackendError) {
                try Self.configure(database, options, settings)
                for text in Self.statementTexts { prepared.append(try Self.prepare(database, text)) }
            } catch {
                for statement in prepared { sqlite3_finalize(statement) }
                sqlite3_close(database)
                throw error
            }
            self.database = database
            putStatement = prepared[0]
            getStatement = prepared[1]
            removeStatement = prepared[2]
            scanStatement = prepared[3]
            beginStatement = prepared[4]
            commitStatement = prepared[5]
            rollbackStatement = prepared[6]
            beginReadStatement = prepared[7]
        }

        /// In the order of the properties.
        private static let statementTexts = [
            putText,
            "SELECT value FROM pairs WHERE key = ?1",
            "DELETE FROM pairs WHERE key = ?1",
            "SELECT key, value FROM pairs WHERE key >= ?1 ORDER BY key LIMIT ?2",
            "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "BEGIN",
        ]

        /// A connection of the thread's own. With the rollback journal off (class memory) there is none: a connection
        /// that has to give way could not undo what it wrote, so that all threads share this one.
        func makeSession() throws(BackendError) -> (any StorageBackend)? {
            guard options.threads > 1, options.durability != .memory else { return nil }
            return try SQLiteStore(options, settings: settings)
        }

        deinit { _ = release() }

        func close() throws(BackendError) {
            let code = release()
            if code != SQLITE_OK {
                throw BackendError(.io, "SQLite, close: \(String(cString: sqlite3_errstr(code)))")
            }
        }

        private func release() -> Int32 {
            if isClosed { return SQLITE_OK }
            isClosed = true
            for statement in [
                putStatement, getStatement, removeStatement, scanStatement, beginStatement, commitStatement,
                rollbackStatement, beginReadStatement,
            ] {
                sqlite3_finalize(statement)
            }
            return sqlite3_close(database)
        }
    }
#endif
