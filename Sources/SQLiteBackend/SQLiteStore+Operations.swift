#if SQLite
    import CSQLite
    import StorageBackends

    extension SQLiteStore {
        func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
            sqlite3_bind_int64(putStatement, 1, key)
            let code =
                if let start = value.baseAddress {
                    // Safe: no destructor means that the engine reads the bytes in place, during the step below.
                    sqlite3_bind_blob64(putStatement, 2, start, sqlite3_uint64(value.count), nil)
                } else {
                    // Without an address the value would be NULL, not empty.
                    sqlite3_bind_zeroblob(putStatement, 2, 0)
                }
            guard code == SQLITE_OK else { throw Self.failure(database, code, while: "put") }
            try finish(putStatement, "put")
        }

        func putBatch(_ pairs: PutBatch) throws(BackendError) {
            try finish(beginStatement, "batch put")
            do throws(BackendError) {
                for index in 0..<pairs.count { try put(pairs.key(at: index), pairs.value(at: index)) }
                try finish(commitStatement, "batch put")
            } catch {
                // The first failure is the one to tell; the engine may have rolled back already.
                if sqlite3_get_autocommit(database) == 0 { try? finish(rollbackStatement, "batch put") }
                throw error
            }
        }

        func get<Result>(
            _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
        ) throws(BackendError) -> Result? {
            sqlite3_bind_int64(getStatement, 1, key)
            let code = sqlite3_step(getStatement)
            defer { sqlite3_reset(getStatement) }
            guard code == SQLITE_ROW else {
                if code == SQLITE_DONE { return nil }
                throw Self.failure(database, code, while: "get")
            }
            return body(blob(getStatement, 0))
        }

        /// One read transaction around prepared gets: the engine has no call for many keys, and a list of them in one
        /// statement is parsed or bound anew each time.
        func getBatch(
            _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
        ) throws(BackendError) {
            try finish(beginReadStatement, "batch get")
            do throws(BackendError) {
                for number in 0..<keys.count {
                    if try get(keys[number], { body(number, $0) }) == nil { body(number, nil) }
                }
                try finish(commitStatement, "batch get")
            } catch {
                if sqlite3_get_autocommit(database) == 0 { try? finish(rollbackStatement, "batch get") }
                throw error
            }
        }

        func remove(_ key: Int64) throws(BackendError) -> Bool {
            sqlite3_bind_int64(removeStatement, 1, key)
            try finish(removeStatement, "remove")
            return sqlite3_changes(database) != 0
        }

        func scan(
            from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
        ) throws(BackendError) -> Int {
            sqlite3_bind_int64(scanStatement, 1, first)
            sqlite3_bind_int64(scanStatement, 2, Int64(limit))
            defer { sqlite3_reset(scanStatement) }
            var found = 0
            while true {
                let code = sqlite3_step(scanStatement)
                guard code == SQLITE_ROW else {
                    if code == SQLITE_DONE { return found }
                    throw Self.failure(database, code, while: "scan")
                }
                body(sqlite3_column_int64(scanStatement, 0), blob(scanStatement, 1))
                found &+= 1
            }
        }

        /// The bytes of a column of the current row, valid until the statement moves on. An empty one has no address.
        @inline(__always)
        private func blob(_ statement: OpaquePointer, _ column: Int32) -> UnsafeRawBufferPointer {
            let start = sqlite3_column_blob(statement, column)
            return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
        }

        /// Runs a statement that returns no row, and makes it ready for the next time.
        @inline(__always)
        private func finish(_ statement: OpaquePointer, _ action: StaticString) throws(BackendError) {
            sqlite3_step(statement)
            // The reset repeats the step's failure, so that one check is enough.
            let code = sqlite3_reset(statement)
            if code != SQLITE_OK { throw Self.failure(database, code, while: "\(action)") }
        }
    }
#endif
