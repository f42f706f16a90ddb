#if RocksDB
    import CRocksDB
    import Glibc
    import StorageBackends

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension RocksDBStore {
        /// Writes the memtables out and waits for it.
        func flush() throws(BackendError) {
            let options = rocksdb_flushoptions_create()
            defer { rocksdb_flushoptions_destroy(options) }
            rocksdb_flushoptions_set_wait(options, 1)
            rocksdb_flush(database, options, errorSlot)
            try check("flush")
        }

        /// Flushes, compacts the whole key range and waits until nothing runs in the background.
        func settle() throws(BackendError) {
            try flush()
            rocksdb_compact_range(database, nil, 0, nil, 0)
            let busy = [
                "rocksdb.mem-table-flush-pending", "rocksdb.num-running-flushes",
                "rocksdb.compaction-pending", "rocksdb.num-running-compactions",
            ]
            while busy.contains(where: { integerProperty($0) ?? 0 != 0 }) { usleep(1000) }
        }

        func integerProperty(_ name: String) -> UInt64? {
            var value: UInt64 = 0
            return rocksdb_property_int(database, name, &value) == 0 ? value : nil
        }

        /// The write options as the engine holds them, the options file that it wrote for this opening, and the
        /// capacity of its block cache.
        func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
            var settings = [
                ("disableWAL", rocksdb_writeoptions_get_disable_WAL(writeOptions) != 0 ? "true" : "false"),
                ("sync", rocksdb_writeoptions_get_sync(writeOptions) != 0 ? "true" : "false"),
            ]
            if let capacity = integerProperty("rocksdb.block-cache-capacity") {
                settings.append(("block_cache_capacity", "\(capacity)"))
            }
            let stored = try storedOptions()
            for name in Self.reportedOptions {
                if let value = stored[name] { settings.append((name, value)) }
            }
            return settings.map { (setting: $0.0, value: $0.1) }
        }

        private static let reportedOptions = [
            "compression", "filter_policy", "data_block_index_type", "data_block_hash_table_util_ratio",
            "block_size", "checksum", "write_buffer_size", "max_background_jobs", "allow_mmap_reads",
            "allow_concurrent_memtable_write", "avoid_flush_during_shutdown", "manual_wal_flush",
        ]

        /// The newest options file of the database, name by name.
        private func storedOptions() throws(BackendError) -> [String: String] {
            do {
                let names = try FileManager.default.contentsOfDirectory(atPath: directory)
                let files = names.filter { $0.hasPrefix("OPTIONS-") && !$0.hasSuffix(".dbtmp") }
                guard let newest = files.max() else { return [:] }
                let text = try String(contentsOfFile: directory + "/" + newest, encoding: .utf8)
                var options: [String: String] = [:]
                for line in text.split(separator: "\n") {
                    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    guard parts.count == 2 else { continue }
                    options[parts[0].trimming(while: \.isWhitespace)] = String(parts[1])
                }
                return options
            } catch {
                throw BackendError(.io, "can't read back the options in '\(directory)': \(error)")
            }
        }
    }

    extension Substring {
        /// Without the leading characters that satisfy `isDropped`.
        fileprivate func trimming(while isDropped: (Character) -> Bool) -> String {
            String(drop(while: isDropped))
        }
    }
#endif
