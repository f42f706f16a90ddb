#if RocksDB
    import CRocksDB

    extension RocksDBSettings {
        /// The options of the phase documents' RocksStorage.
        static let alex = RocksDBSettings(
            description: [
                "write_buffer_size=256 MiB", "max_write_buffer_number=3", "target_file_size_base=128 MiB",
                "level0_file_num_compaction_trigger=8", "max_bytes_for_level_base=512 MiB", "compression=lz4",
                "bottommost_compression=zstd",
                "reads: an existence check of a learned index, an LRU of 1000 values, then a get, copied into the LRU",
                "a count of rows saved every 1000 rows", "keys: 8 bytes, big-endian, sign bit flipped",
                "remove: a look into the index, then a delete", "second opener: refused",
            ],
            apply: { options, budget in
                rocksdb_options_set_write_buffer_size(options, 256 << 20)
                rocksdb_options_set_max_write_buffer_number(options, 3)
                rocksdb_options_set_target_file_size_base(options, 128 << 20)
                rocksdb_options_set_level0_file_num_compaction_trigger(options, 8)
                rocksdb_options_set_max_bytes_for_level_base(options, 512 << 20)
                rocksdb_options_set_compression(options, Int32(rocksdb_lz4_compression))
                rocksdb_options_set_bottommost_compression(options, Int32(rocksdb_zstd_compression))
                guard let budget else { return }
                let table = rocksdb_block_based_options_create()
                budget.apply(options, table)
                rocksdb_options_set_block_based_table_factory(options, table)
                rocksdb_block_based_options_destroy(table)
            })
    }
#endif
