#if RocksDB
    import CRocksDB

    /// The options of one configuration.
    struct RocksDBSettings: Sendable {
        /// What a result's header says of this configuration.
        let description: [String]
        /// Sets everything that differs from the engine's defaults, within a memory budget if there is one.
        let apply: @Sendable (OpaquePointer, MemoryBudget?) -> Void

        /// How a budget is shared out: a quarter, at most 128 MiB (the engine's default of two memory tables of
        /// 64 MiB), to the memory tables, the rest to the block cache, which then holds indexes and filters too.
        struct MemoryBudget: Sendable {
            let tableBytes: Int
            let cacheBytes: Int

            init(_ bytes: UInt64) {
                let bytes = Int(min(bytes, 1 << 50))
                tableBytes = max(min(bytes / 4, 128 << 20), 1 << 16)
                cacheBytes = max(bytes - tableBytes, 1 << 16)
            }

            var text: String {
                "block_cache=LRU \(cacheBytes), cache_index_and_filter_blocks=true, db_write_buffer_size=\(tableBytes)"
            }

            /// Bounds the memory tables, and gives `table` a cache of the rest.
            func apply(_ options: OpaquePointer, _ table: OpaquePointer?) {
                rocksdb_options_set_db_write_buffer_size(options, tableBytes)
                rocksdb_options_set_write_buffer_size(options, tableBytes / 2)
                let cache = rocksdb_cache_create_lru(cacheBytes)
                rocksdb_block_based_options_set_block_cache(table, cache)
                rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1)
                // The table's options hold the cache.
                rocksdb_cache_destroy(cache)
            }
        }

        private static let common = [
            "keys: 8 bytes, big-endian, sign bit flipped",
            "gets of a batch: DB::MultiGet into PinnableSlices that are used again, no copy",
            "remove: a get, then a delete (the engine's delete does not say whether the key was there)",
            "second opener: refused",
        ]

        static let asItComes = RocksDBSettings(
            description: ["all options at their defaults", "reads: DB::Get into one PinnableSlice, no copy"] + common,
            apply: { options, budget in
                guard let budget else { return }
                let table = rocksdb_block_based_options_create()
                budget.apply(options, table)
                rocksdb_options_set_block_based_table_factory(options, table)
                rocksdb_block_based_options_destroy(table)
            })

        static let tuned = RocksDBSettings(
            description: [
                "block_cache=LRU 1 GiB", "filter_policy=full Bloom, 10 bits a key",
                "data_block_index_type=binary search and hash, ratio 0.75", "compression=none",
                "allow_mmap_reads=false", "allow_concurrent_memtable_write=false (true with more threads than one)",
                "increase_parallelism(2)", "reads: DB::Get into one PinnableSlice, no copy",
            ] + common,
            apply: { options, budget in
                let table = rocksdb_block_based_options_create()
                let cache = rocksdb_cache_create_lru(Tuning.blockCacheBytes)
                rocksdb_block_based_options_set_block_cache(table, cache)
                // The table's options own the filter policy from here on.
                rocksdb_block_based_options_set_filter_policy(
                    table, rocksdb_filterpolicy_create_bloom_full(Tuning.bloomBitsPerKey))
                rocksdb_block_based_options_set_data_block_index_type(
                    table, Int32(rocksdb_block_based_table_data_block_index_type_binary_search_and_hash))
                rocksdb_block_based_options_set_data_block_hash_ratio(table, Tuning.hashRatio)
                budget?.apply(options, table)
                rocksdb_options_set_block_based_table_factory(options, table)
                rocksdb_options_set_compression(options, Int32(rocksdb_no_compression))
                rocksdb_options_set_allow_mmap_reads(options, 0)
                rocksdb_options_set_allow_concurrent_memtable_write(options, 0)
                rocksdb_options_increase_parallelism(options, Tuning.backgroundThreads)
                // The options hold the cache and a copy of the table's options.
                rocksdb_cache_destroy(cache)
                rocksdb_block_based_options_destroy(table)
            })

        /// Every number of the tuned configuration.
        private enum Tuning {
            /// Holds the whole data set at the scales that are published.
            static let blockCacheBytes = 1 << 30
            /// 1 % of absent keys still reach a block.
            static let bloomBitsPerKey = 10.0
            /// Keys a bucket: the engine's own default.
            static let hashRatio = 0.75
            /// One for flushes, one for compactions: the machine of the published figures has two cores.
            static let backgroundThreads: Int32 = 2
        }
    }
#endif
