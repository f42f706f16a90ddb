#if RocksDB
    import CRocksDB
    import CRocksDBReader
    import StorageBackends

    extension RocksDBStore {
        /// Bytes of an encoded key.
        static var keyBytes: Int { 8 }

        /// Big-endian with the sign bit flipped: the engine compares bytes, and so the order is that of `Int64`.
        @inline(__always)
        static func encode(_ key: Int64) -> UInt64 {
            (UInt64(bitPattern: key) ^ (1 << 63)).bigEndian
        }

        /// The inverse of `encode`.
        @inline(__always)
        static func decode(_ bytes: UInt64) -> Int64 {
            Int64(bitPattern: UInt64(bigEndian: bytes) ^ (1 << 63))
        }

        /// The key slot with `key` in it. Safe: one thread, and the engine copies the key before it returns.
        @inline(__always)
        func slot(_ key: Int64) -> UnsafePointer<CChar> {
            keySlot.pointee = Self.encode(key)
            return UnsafeRawPointer(keySlot).assumingMemoryBound(to: CChar.self)
        }

        @inline(__always)
        func start(of value: UnsafeRawBufferPointer) -> UnsafePointer<CChar> {
            // An empty value may have no address; any will do, as none of its bytes are read.
            (value.baseAddress ?? UnsafeRawPointer(keySlot)).assumingMemoryBound(to: CChar.self)
        }

        func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
            rocksdb_put(database, writeOptions, slot(key), Self.keyBytes, start(of: value), value.count, errorSlot)
            try check("put")
        }

        func putBatch(_ pairs: PutBatch) throws(BackendError) {
            rocksdb_writebatch_clear(batch)
            for index in 0..<pairs.count {
                let value = pairs.value(at: index)
                rocksdb_writebatch_put(
                    batch, slot(pairs.key(at: index)), Self.keyBytes, start(of: value), value.count)
            }
            rocksdb_write(database, writeOptions, batch, errorSlot)
            try check("batch put")
        }

        func get<Result>(
            _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
        ) throws(BackendError) -> Result? {
            var start: UnsafePointer<CChar>?
            var count = 0
            switch rocksdb_reader_get(reader, slot(key), Self.keyBytes, &start, &count) {
            case 1: return body(UnsafeRawBufferPointer(start: start, count: count))
            case 0: return nil
            default: throw Self.error(String(cString: rocksdb_reader_message(reader)), while: "get")
            }
        }

        func getBatch(
            _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
        ) throws(BackendError) {
            if keys.isEmpty { return }
            guard let slots = rocksdb_reader_keys(reader, keys.count) else {
                throw Self.error("no memory for \(keys.count) keys", while: "batch get")
            }
            // Safe: there is room for as many keys.
            let encoded = slots.assumingMemoryBound(to: UInt64.self)
            for number in 0..<keys.count { encoded[number] = Self.encode(keys[number]) }
            guard let answers = rocksdb_reader_get_batch(reader, keys.count) else {
                throw Self.error(String(cString: rocksdb_reader_message(reader)), while: "batch get")
            }
            for number in 0..<keys.count {
                // Safe: there are as many answers as keys.
                let answer = answers[number]
                body(
                    number,
                    answer.is_found == 0
                        ? nil : UnsafeRawBufferPointer(start: answer.value, count: answer.value_count))
            }
        }

        func remove(_ key: Int64) throws(BackendError) -> Bool {
            guard try get(key, { _ in true }) != nil else { return false }
            rocksdb_delete(database, writeOptions, slot(key), Self.keyBytes, errorSlot)
            try check("remove")
            return true
        }

        func scan(
            from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
        ) throws(BackendError) -> Int {
            let iterator = rocksdb_create_iterator(database, readOptions)!
            defer { rocksdb_iter_destroy(iterator) }
            rocksdb_iter_seek(iterator, slot(first), Self.keyBytes)
            var found = 0
            var count = 0
            while found < limit, rocksdb_iter_valid(iterator) != 0 {
                let keyStart = UnsafeRawPointer(rocksdb_iter_key(iterator, &count)!)
                guard count == Self.keyBytes else {
                    throw BackendError(
                        .incompatible, "'\(directory)' holds a key of \(count) bytes, not one of this program's")
                }
                let key = Self.decode(keyStart.loadUnaligned(as: UInt64.self))
                let valueStart = rocksdb_iter_value(iterator, &count)
                body(key, UnsafeRawBufferPointer(start: valueStart, count: count))
                found &+= 1
                rocksdb_iter_next(iterator)
            }
            rocksdb_iter_get_error(iterator, errorSlot)
            try check("scan")
            return found
        }
    }
#endif
