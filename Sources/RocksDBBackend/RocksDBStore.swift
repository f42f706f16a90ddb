#if RocksDB
    import CRocksDB
    import StorageBackends

    /// One open RocksDB database.
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
        let pinsReads: Bool
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

            let errorSlot = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
            errorSlot.initialize(to: nil)
            guard let database = rocksdb_open(engineOptions, options.directory, errorSlot) else {
                defer { errorSlot.deallocate() }
                throw Self.takeError(errorSlot, while: "opening '\(options.directory)'")
            }
            self.database = database
            self.errorSlot = errorSlot
            directory = options.directory
            readOptions = rocksdb_readoptions_create()
            writeOptions = rocksdb_writeoptions_create()
            rocksdb_writeoptions_disable_WAL(writeOptions, options.durability == .memory ? 1 : 0)
            rocksdb_writeoptions_set_sync(writeOptions, options.durability == .power ? 1 : 0)
            batch = rocksdb_writebatch_create()
            keySlot = .allocate(capacity: 1)
            keySlot.initialize(to: 0)
            pinsReads = settings.pinsReads
        }

        deinit { release() }

        /// Closes the database. What was written without a write-ahead log (class memory) is flushed first.
        func close() throws(BackendError) {
            defer { release() }
            // The engine flushes such data when it closes, but can't report a failure there.
            if rocksdb_writeoptions_get_disable_WAL(writeOptions) != 0 { try flush() }
        }

        private func release() {
            if isClosed { return }
            isClosed = true
            rocksdb_writebatch_destroy(batch)
            rocksdb_writeoptions_destroy(writeOptions)
            rocksdb_readoptions_destroy(readOptions)
            rocksdb_close(database)
            keySlot.deallocate()
            errorSlot.deallocate()
        }
    }
#endif
