#if LMDB
    import CLMDB
    import StorageBackends

    extension LMDBStore {
        /// Unsigned, with the sign bit flipped: the engine compares unsigned words, so the order is that of `Int64`.
        @inline(__always)
        static func encode(_ key: Int64) -> UInt64 { UInt64(bitPattern: key) ^ (1 << 63) }

        /// The inverse of `encode`.
        @inline(__always)
        static func decode(_ word: UInt64) -> Int64 { Int64(bitPattern: word ^ (1 << 63)) }

        /// The encoded key as the engine takes it. Safe: one thread, and the engine copies the key before it returns.
        @inline(__always)
        func argument(_ key: Int64) -> MDB_val {
            keySlot.pointee = Self.encode(key)
            return MDB_val(mv_size: 8, mv_data: keySlot)
        }

        @inline(__always)
        func argument(_ value: UnsafeRawBufferPointer) -> MDB_val {
            // Safe: the engine only reads the bytes; its type has no constant form.
            MDB_val(mv_size: value.count, mv_data: UnsafeMutableRawPointer(mutating: value.baseAddress))
        }

        func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
            _ = try write("put") { transaction in
                var key = argument(key)
                var value = argument(value)
                return mdb_put(transaction, database, &key, &value, 0)
            }
        }

        func putBatch(_ pairs: PutBatch) throws(BackendError) {
            guard pairs.count > 0 else { return }
            _ = try write("batch put") { transaction in
                var cursor: OpaquePointer?
                let code = mdb_cursor_open(transaction, database, &cursor)
                guard code == 0 else { return code }
                defer { mdb_cursor_close(cursor) }
                let flags = isAppend(pairs, cursor) ? UInt32(MDB_APPEND) : 0
                for index in 0..<pairs.count {
                    var key = argument(pairs.key(at: index))
                    var value = argument(pairs.value(at: index))
                    let code = mdb_cursor_put(cursor, &key, &value, flags)
                    if code != 0 { return code }
                }
                return 0
            }
        }

        /// Whether the batch's keys ascend and begin beyond the last key of the store.
        private func isAppend(_ pairs: PutBatch, _ cursor: OpaquePointer?) -> Bool {
            var key = MDB_val()
            var value = MDB_val()
            let code = mdb_cursor_get(cursor, &key, &value, MDB_LAST)
            guard code == 0 || code == MDB_NOTFOUND else { return false }
            if code == 0 {
                guard Self.decode(key.mv_data.loadUnaligned(as: UInt64.self)) < pairs.key(at: 0) else { return false }
            }
            for index in 1..<max(pairs.count, 1) where pairs.key(at: index - 1) >= pairs.key(at: index) {
                return false
            }
            return true
        }

        func get<Result>(
            _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
        ) throws(BackendError) -> Result? {
            let transaction = try beginRead()
            defer { endRead(transaction) }
            var key = argument(key)
            var value = MDB_val()
            let code = mdb_get(transaction, database, &key, &value)
            guard code == 0 else {
                if code == MDB_NOTFOUND { return nil }
                throw Self.failure(code, while: "get")
            }
            return body(UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
        }

        func getBatch(
            _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
        ) throws(BackendError) {
            let transaction = try beginRead()
            defer { endRead(transaction) }
            for number in 0..<keys.count {
                var key = argument(keys[number])
                var value = MDB_val()
                let code = mdb_get(transaction, database, &key, &value)
                guard code == 0 || code == MDB_NOTFOUND else { throw Self.failure(code, while: "batch get") }
                body(number, code == 0 ? UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size) : nil)
            }
        }

        func remove(_ key: Int64) throws(BackendError) -> Bool {
            try write("remove") { transaction in
                var key = argument(key)
                return mdb_del(transaction, database, &key, nil)
            }
        }

        func scan(
            from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
        ) throws(BackendError) -> Int {
            guard limit > 0 else { return 0 }
            let transaction = try beginRead()
            defer { endRead(transaction) }
            var cursor: OpaquePointer?
            try Self.check(mdb_cursor_open(transaction, database, &cursor), "scan")
            defer { mdb_cursor_close(cursor) }
            var key = argument(first)
            var value = MDB_val()
            var code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
            var found = 0
            while code == 0 {
                body(
                    Self.decode(key.mv_data.loadUnaligned(as: UInt64.self)),
                    UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
                found &+= 1
                if found == limit { return found }
                code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
            }
            guard code == MDB_NOTFOUND else { throw Self.failure(code, while: "scan") }
            return found
        }
    }
#endif
