#if LMDB
    import CLMDB
    import Glibc
    import StorageBackends

    extension LMDBStore {
        /// Read and write for the owner, read for others.
        private static var fileMode: mdb_mode_t { 0o644 }

        static func open(
            _ options: BackendOptions, flags: UInt32
        ) throws(BackendError) -> (OpaquePointer, MDB_dbi) {
            var created: OpaquePointer?
            try check(mdb_env_create(&created), "creating an environment")
            guard let environment = created else { throw BackendError(.io, "LMDB made no environment") }
            do throws(BackendError) {
                try check(mdb_env_set_mapsize(environment, mapBytes(options)), "sizing the map")
                try check(
                    mdb_env_open(environment, options.directory, flags, fileMode),
                    "opening '\(options.directory)'")
                return (environment, try openDatabase(environment))
            } catch {
                mdb_env_close(environment)
                throw error
            }
        }

        /// Whether the store is larger than what the system's memory is limited to. One that fits is read sooner by
        /// reading ahead. Counts what the disk holds of the file, for through the map it is as long as the map.
        static func isBeyondMemory(_ options: BackendOptions) -> Bool {
            guard let limit = options.memoryLimitBytes else { return false }
            var status = stat()
            guard stat(options.directory + "/" + marker, &status) == 0 else { return false }
            return UInt64(status.st_blocks) * 512 > limit
        }

        private static func openDatabase(_ environment: OpaquePointer) throws(BackendError) -> MDB_dbi {
            var transaction: OpaquePointer?
            try check(mdb_txn_begin(environment, nil, 0, &transaction), "opening the database")
            var database: MDB_dbi = 0
            let code = mdb_dbi_open(transaction, nil, UInt32(MDB_CREATE | MDB_INTEGERKEY), &database)
            guard code == 0 else {
                mdb_txn_abort(transaction)
                throw failure(code, while: "opening the database")
            }
            try check(mdb_txn_commit(transaction), "opening the database")
            return database
        }

        /// Address space, not memory and not disk: room for values of about a kilobyte before the map has to grow.
        /// With several threads it can't, and their views keep old pages in use: eight times the room.
        private static func mapBytes(_ options: BackendOptions) -> Int {
            // 8 TiB and no more, whatever is expected: a file of ext4 ends at 16.
            let bytes = (64 << 20) + (Int(min(options.expectedRecords, 1 << 33)) << 10)
            return options.threads > 1 ? min(bytes, 1 << 40) * 8 : bytes
        }

        static func check(_ code: Int32, _ action: String) throws(BackendError) {
            if code != 0 { throw failure(code, while: action) }
        }

        static func failure(_ code: Int32, while action: String) -> BackendError {
            let kind: BackendError.Kind =
                switch code {
                case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_PANIC: .damaged
                case MDB_INVALID, MDB_VERSION_MISMATCH, MDB_INCOMPATIBLE: .incompatible
                case MDB_BAD_VALSIZE: .invalid
                default: .io
                }
            return BackendError(kind, "LMDB, \(action): \(String(cString: mdb_strerror(code)))")
        }
    }
#endif
