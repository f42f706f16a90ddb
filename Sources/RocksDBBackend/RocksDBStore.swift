#if RocksDB
    import CRocksDB
    import CRocksDBReader
    import StorageBackends

    /// One open RocksDB database, or a session on it: the engine's handle serves any number of threads, and each has
    /// options, batch and slots of its own.
    ///
    /// Every property that an operation touches is a `let`, so that reading it costs no exclusivity check; what
    /// changes lies behind the two pointers. Used from one thread.
    final class RocksDBStore: StorageBackend {
        let directory: String
        let database: OpaquePointer
        let readOptions: OpaquePointer
        let writeOptions: OpaquePointer
        /// The batch that `putBatch` fills again and again.
        let batch: OpaquePointer
        /// The key of the running operation, as the engine orders it.
        let keySlot: UnsafeMutablePointer<UInt64>
        /// Where the engine leaves the message of a failure; empty between operations.
        let errorSlot: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
        /// What gets read through.
        let reader: OpaquePointer
        private let durability: DurabilityClass
        /// The store that a session belongs to, which it keeps open; `nil` for the store itself.
        private let owner: RocksDBStore?
        private var isClosed = false

        /// The file that every RocksDB database has.
        static let marker = "CURRENT"

        /// Opens or creates the database in the directory of `options`.
        init(_ options: BackendOptions, settings: RocksDBSettings) throws(BackendError) {
            try StoreDirectory.check(options.directory, marker: Self.marker, engine: "RocksDB")
            let engineOptions = rocksdb_options_create()!
            defer { rocksdb_options_destroy(engineOptions) }
            rocksdb_options_set_create_if_missing(engineOptions, 1)
            settings.apply(engineOptions, options.memoryBytes.map(RocksDBSettings.MemoryBudget.init))
            if options.threads > 1 { rocksdb_options_set_allow_concurrent_memtable_write(engineOptions, 1) }

            let errorSlot = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
            errorSlot.initialize(to: nil)
            guard let database = rocksdb_open(engineOptions, options.directory, errorSlot) else {
                defer { errorSlot.deallocate() }
                throw Self.takeError(errorSlot, while: "opening '\(options.directory)'")
            }
            self.database = database
            self.errorSlot = errorSlot
            directory = options.directory
            durability = options.durability
            reader = rocksdb_reader_create(database)
            owner = nil
            (readOptions, writeOptions) = Self.makeOptions(options.durability)
            batch = rocksdb_writebatch_create()
            keySlot = .allocate(capacity: 1)
            keySlot.initialize(to: 0)
        }

        /// A session on an open store.
        private init(on owner: RocksDBStore) {
            self.owner = owner
            database = owner.database
            directory = owner.directory
            durability = owner.durability
            reader = rocksdb_reader_create(owner.database)
            (readOptions, writeOptions) = Self.makeOptions(owner.durability)
            batch = rocksdb_writebatch_create()
            keySlot = .allocate(capacity: 1)
            keySlot.initialize(to: 0)
            errorSlot = .allocate(capacity: 1)
            errorSlot.initialize(to: nil)
        }

        private static func makeOptions(_ durability: DurabilityClass) -> (read: OpaquePointer, write: OpaquePointer) {
            let write: OpaquePointer = rocksdb_writeoptions_create()
            rocksdb_writeoptions_disable_WAL(write, durability == .memory ? 1 : 0)
            rocksdb_writeoptions_set_sync(write, durability == .power ? 1 : 0)
            return (rocksdb_readoptions_create(), write)
        }

        func makeSession() -> (any StorageBackend)? { RocksDBStore(on: self) }

        deinit { release() }

        /// Closes the database. What was written without a write-ahead log (class memory) is flushed first.
        func close() throws(BackendError) {
            defer { release() }
            // The engine flushes such data when it closes, but can't report a failure there.
            if owner == nil, rocksdb_writeoptions_get_disable_WAL(writeOptions) != 0 { try flush() }
        }

        private func release() {
            if isClosed { return }
            isClosed = true
            rocksdb_writebatch_destroy(batch)
            rocksdb_writeoptions_destroy(writeOptions)
            rocksdb_readoptions_destroy(readOptions)
            rocksdb_reader_destroy(reader)
            if owner == nil { rocksdb_close(database) }
            keySlot.deallocate()
            errorSlot.deallocate()
        }
    }
#endif
