#if LMDB
    import CLMDB
    import StorageBackends

    /// One open LMDB environment with its one database.
    ///
    /// Every property that an operation touches is a `let`, so that reading it costs no exclusivity check; what
    /// changes lies behind the pointers. Used from one thread.
    final class LMDBStore: StorageBackend {
        let environment: OpaquePointer
        let database: MDB_dbi
        /// The key of the running operation, as the engine orders it.
        let keySlot: UnsafeMutablePointer<UInt64>
        /// The transaction of the reads.
        let reading: UnsafeMutablePointer<ReadState>
        let keepsReadTransaction: Bool
        let identity: OpenEnvironments.Identity
        private var isClosed = false

        /// The read transaction, kept for reuse, and whether it is a view of the store right now.
        struct ReadState {
            var transaction: OpaquePointer?
            var isLive = false
        }

        /// The one file of an environment; its lock file lies beside it.
        static let marker = "data.mdb"

        /// Opens or creates the environment in the directory of `options`.
        init(_ options: BackendOptions, settings: LMDBSettings) throws(BackendError) {
            try StoreDirectory.check(options.directory, marker: Self.marker, engine: "LMDB")
            identity = try OpenEnvironments.enter(options.directory)
            do throws(BackendError) {
                (environment, database) = try Self.open(options, flags: settings.flags(options.durability))
            } catch {
                OpenEnvironments.leave(identity)
                throw error
            }
            keySlot = .allocate(capacity: 1)
            keySlot.initialize(to: 0)
            reading = .allocate(capacity: 1)
            reading.initialize(to: ReadState())
            keepsReadTransaction = settings.keepsReadTransaction
        }

        deinit { close() }

        /// Closes the environment; the engine has no failure to report here.
        func close() {
            if isClosed { return }
            isClosed = true
            mdb_txn_abort(reading.pointee.transaction)
            mdb_env_close(environment)
            OpenEnvironments.leave(identity)
            keySlot.deallocate()
            reading.deallocate()
        }
    }
#endif
