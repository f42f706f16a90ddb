#if RocksDB
    import CRocksDB
    import LearnedIndex
    import StorageBackends

    /// The documents' RocksStorage: RocksDB behind an existence check of a learned index and an LRU of values.
    ///
    /// 1. A read asks the index; an absent key ends there. Then the LRU, then RocksDB, whose answer the LRU keeps.
    /// 2. A write goes to RocksDB, then to the index; every 1000th row saves the count of rows beside the pairs.
    /// 3. Opening reads all keys and gives them to the index.
    ///
    /// Invariant: the index holds exactly the keys that RocksDB holds, but for the one of the count.
    /// Used from one thread.
    final class RocksDBAlexStore: StorageBackend {
        private let store: RocksDBStore
        private let gauge: LeafGauge
        /// What changes, behind a pointer, so that no operation pays an exclusivity check.
        private let state: UnsafeMutablePointer<State>
        private var isClosed = false

        private struct State: ~Copyable {
            var index: AlexIndex
            var recent = RecentValues(capacity: RocksDBAlexStore.recentValues)
            var leaves = ReconstructedLeaves()
            var rowsUnsaved = 0
            /// What the gauge last said, so that no walk can be left out.
            var gauged: UInt64 = 0

            init(index: consuming AlexIndex) { self.index = index }
        }

        static let recentValues = 1_000
        static let rowsPerSave = 1_000
        /// Behind every key of a pair, which has eight bytes.
        private static let countKey = [UInt8](repeating: 0xFF, count: 9)

        init(_ options: BackendOptions, gauge: LeafGauge) throws(BackendError) {
            let store = try RocksDBStore(options, settings: .alex)
            self.store = store
            self.gauge = gauge
            state = .allocate(capacity: 1)
            do throws(BackendError) {
                state.initialize(to: State(index: try Self.index(of: store)))
            } catch {
                state.deallocate()
                isClosed = true
                try? store.close()
                throw error
            }
            fitLeaves()
        }

        deinit {
            // A failed opening has let go of it already.
            if !isClosed { release() }
        }

        private func release() {
            isClosed = true
            state.deinitialize(count: 1)
            state.deallocate()
        }

        /// The index of all keys that the database holds.
        private static func index(of store: RocksDBStore) throws(BackendError) -> AlexIndex {
            var keys: [AlexIndex.Entry] = []
            try scan(store, from: .min, limit: .max) { key, _ in keys.append((key, 0)) }
            do throws(IndexError) {
                return try AlexIndex(sorted: keys)
            } catch {
                throw BackendError(.io, "rocksdb-alex: \(error)")
            }
        }

        func get<Result>(
            _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
        ) throws(BackendError) -> Result? {
            guard state.pointee.index.value(forKey: key) != nil else { return nil }
            if let value = state.pointee.recent.value(forKey: key) { return value.withUnsafeBytes { body($0) } }
            let state = state
            return try store.get(key) { bytes in
                state.pointee.recent.keep(Array(bytes), forKey: key)
                return body(bytes)
            }
        }

        func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
            try store.put(key, value)
            do throws(IndexError) {
                try state.pointee.index.updateValue(0, forKey: key)
            } catch {
                throw BackendError(.io, "rocksdb-alex: \(error)")
            }
            try count(rows: 1)
            state.pointee.recent.replace(value, forKey: key)
            refreshGauge()
        }

        func putBatch(_ batch: PutBatch) throws(BackendError) {
            try store.putBatch(batch)
            var keys: [AlexIndex.Entry] = []
            keys.reserveCapacity(batch.count)
            for place in 0..<batch.count { keys.append((batch.key(at: place), 0)) }
            do throws(IndexError) {
                try state.pointee.index.insertBatch(keys)
            } catch {
                throw BackendError(.io, "rocksdb-alex: \(error)")
            }
            try count(rows: batch.count)
            state.pointee.recent.removeAll()
            fitLeaves()
        }

        private func count(rows: Int) throws(BackendError) {
            state.pointee.rowsUnsaved += rows
            if state.pointee.rowsUnsaved >= Self.rowsPerSave { try saveCount() }
        }

        /// Writes the count of rows beside the pairs.
        private func saveCount() throws(BackendError) {
            state.pointee.rowsUnsaved = 0
            var count = UInt64(state.pointee.index.count).littleEndian
            Self.countKey.withUnsafeBytes { key in
                withUnsafeBytes(of: &count) { value in
                    rocksdb_put(
                        store.database, store.writeOptions, key.baseAddress?.assumingMemoryBound(to: CChar.self),
                        key.count, value.baseAddress?.assumingMemoryBound(to: CChar.self), value.count,
                        store.errorSlot)
                }
            }
            try store.check("put of the count of rows")
        }

        private func fitLeaves() {
            if gauge == .threeKeysALeaf { state.pointee.leaves.fit(keys: state.pointee.index.count) }
        }

        private func refreshGauge() {
            switch gauge {
            case .none: break
            case .ownLeaves: state.pointee.gauged = UInt64(state.pointee.index.walkDataNodes().entries)
            case .threeKeysALeaf:
                fitLeaves()
                state.pointee.gauged = state.pointee.leaves.walk()
            }
        }

        func remove(_ key: Int64) throws(BackendError) -> Bool {
            guard state.pointee.index.value(forKey: key) != nil, try store.remove(key) else { return false }
            state.pointee.index.removeValue(forKey: key)
            state.pointee.recent.removeAll()
            fitLeaves()
            return true
        }

        func scan(
            from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
        ) throws(BackendError) -> Int {
            try Self.scan(store, from: first, limit: limit, body)
        }

        /// Pairs in order, up to the count of rows, which lies behind them all.
        @discardableResult
        private static func scan(
            _ store: RocksDBStore, from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
        ) throws(BackendError) -> Int {
            guard let iterator = rocksdb_create_iterator(store.database, store.readOptions) else {
                throw BackendError(.io, "RocksDB gave no iterator")
            }
            defer { rocksdb_iter_destroy(iterator) }
            rocksdb_iter_seek(iterator, store.slot(first), RocksDBStore.keyBytes)
            var found = 0
            while found < limit, rocksdb_iter_valid(iterator) != 0 {
                var count = 0
                guard let key = rocksdb_iter_key(iterator, &count), count == RocksDBStore.keyBytes else { break }
                let word = UnsafeRawPointer(key).loadUnaligned(as: UInt64.self)
                let value = rocksdb_iter_value(iterator, &count)
                body(RocksDBStore.decode(word), UnsafeRawBufferPointer(start: value, count: count))
                found &+= 1
                rocksdb_iter_next(iterator)
            }
            rocksdb_iter_get_error(iterator, store.errorSlot)
            try store.check("scan")
            return found
        }

        func settle() throws(BackendError) { try store.settle() }

        func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
            var settings = try store.readBackSettings()
            settings.append(("index_data_nodes", "\(state.pointee.index.walkDataNodes().nodes)"))
            settings.append(("recent_values", "\(state.pointee.recent.count)"))
            settings.append(("reconstructed_leaves", "\(state.pointee.leaves.leaves.count)"))
            return settings
        }

        func close() throws(BackendError) {
            defer { release() }
            try store.close()
        }
    }
#endif
