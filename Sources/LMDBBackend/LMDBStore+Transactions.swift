#if LMDB
    import CLMDB
    import StorageBackends

    extension LMDBStore {
        /// A read transaction that sees all that was written: the kept one, renewed after a write, or a fresh one.
        @inline(__always)
        func beginRead() throws(BackendError) -> OpaquePointer? {
            if reading.pointee.isLive { return reading.pointee.transaction }
            var transaction = reading.pointee.transaction
            let code =
                transaction == nil
                ? mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction) : mdb_txn_renew(transaction)
            if code != 0 { throw Self.failure(code, while: "beginning a read") }
            if keepsReadTransaction { reading.pointee = ReadState(transaction: transaction, isLive: true) }
            return transaction
        }

        @inline(__always)
        func endRead(_ transaction: OpaquePointer?) {
            if !keepsReadTransaction { mdb_txn_abort(transaction) }
        }

        /// Ends the kept view of the store, if there is one: the next read sees what was written since.
        @inline(__always)
        func endView() {
            if reading.pointee.isLive {
                mdb_txn_reset(reading.pointee.transaction)
                reading.pointee.isLive = false
            }
        }

        /// Runs `change` in a write transaction and commits it, anew in a larger map when this one is full.
        /// Returns whether there was anything to change.
        @inline(__always)
        func write(
            _ action: StaticString, _ change: (OpaquePointer?) -> Int32
        ) throws(BackendError) -> Bool {
            endView()
            while true {
                var transaction: OpaquePointer?
                var code = mdb_txn_begin(environment, nil, 0, &transaction)
                if code != 0 { throw Self.failure(code, while: "\(action)") }
                code = change(transaction)
                if code == 0 {
                    // Frees the transaction, whatever comes of it.
                    code = mdb_txn_commit(transaction)
                    if code == 0 { return true }
                } else {
                    mdb_txn_abort(transaction)
                    if code == MDB_NOTFOUND { return false }
                }
                guard code == MDB_MAP_FULL else { throw Self.failure(code, while: "\(action)") }
                try growMap()
            }
        }

        /// Doubles the map. Safe: no transaction is live in this process, for with other threads it is refused.
        private func growMap() throws(BackendError) {
            guard !hasSessions else {
                throw BackendError(
                    .unsupported,
                    "LMDB's map is full and can't grow while other threads use it: lower --value-size, or run LMDB "
                        + "with --threads 1")
            }
            var info = MDB_envinfo()
            try Self.check(mdb_env_info(environment, &info), "reading the map's size")
            try Self.check(mdb_env_set_mapsize(environment, info.me_mapsize * 2), "growing the map")
        }

        func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
            var flags: UInt32 = 0
            try Self.check(mdb_env_get_flags(environment, &flags), "reading the flags")
            var info = MDB_envinfo()
            try Self.check(mdb_env_info(environment, &info), "reading the map's size")
            var statistics = MDB_stat()
            try Self.check(mdb_env_stat(environment, &statistics), "reading the page size")
            return [
                ("flags", LMDBSettings.names(of: flags).joined(separator: "|")), ("mapsize", "\(info.me_mapsize)"),
                ("page_size", "\(statistics.ms_psize)"), ("max_readers", "\(info.me_maxreaders)"),
            ]
        }
    }
#endif
