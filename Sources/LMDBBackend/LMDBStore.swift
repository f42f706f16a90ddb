#if LMDB
    import CLMDB
    import StorageBackends

    /// One open LMDB environment with its one database, or a session on it: threads share the environment, and each
    /// has transactions of its own. Writers wait for each other in the engine.
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
        /// The store that a session belongs to, which it keeps open; `nil` for the store itself.
        private let owner: LMDBStore?
        /// Whether sessions may be at work, so that the map can't grow.
        let hasSessions: Bool
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
                let flags = settings.flags(options.durability, isBeyondMemory: Self.isBeyondMemory(options))
                (environment, database) = try Self.open(options, flags: flags)
            } catch {
                OpenEnvironments.leave(identity)
                throw error
            }
            keySlot = .allocate(capacity: 1)
            keySlot.initialize(to: 0)
            reading = .allocate(capacity: 1)
            reading.initialize(to: ReadState())
            keepsReadTransaction = settings.keepsReadTransaction
            hasSessions = options.threads > 1
            owner = nil
        }

        /// A session on an open store.
        private init(on owner: LMDBStore) {
            self.owner = owner
            environment = owner.environment
            database = owner.database
            identity = owner.identity
            keepsReadTransaction = owner.keepsReadTransaction
            hasSessions = true
            keySlot = .allocate(capacity: 1)
            keySlot.initialize(to: 0)
            reading = .allocate(capacity: 1)
            reading.initialize(to: ReadState())
        }

        func makeSession() -> (any StorageBackend)? {
            guard hasSessions else { return nil }
            // A view of the store that is kept would not see what the sessions write.
            endView()
            return LMDBStore(on: self)
        }

        deinit { close() }

        /// Closes the environment; the engine has no failure to report here.
        func close() {
            if isClosed { return }
            isClosed = true
            mdb_txn_abort(reading.pointee.transaction)
            if owner == nil {
                mdb_env_close(environment)
                OpenEnvironments.leave(identity)
            }
            keySlot.deallocate()
            reading.deallocate()
        }
    }
#endif
