#if RocksDB
    import StorageBackends
    import Testing

    @testable import RocksDBBackend

    /// What the phase documents' RocksStorage has beside RocksDB.
    @Suite("rocksdb-alex")
    struct RocksDBAlexTests {
        /// A model too simple to be wrong: a list of keys, the newest last.
        @Test("the cache of recent values holds what a list would hold", arguments: [1, 2, 7, 100])
        func recentValues(_ capacity: Int) {
            var cache = RecentValues(capacity: capacity)
            var model: [(key: Int64, value: [UInt8])] = []
            var random = SeededGenerator(seed: UInt64(capacity))
            for step in 0..<5_000 {
                let key = Int64.random(in: 0..<Int64(2 * capacity), using: &random)
                let value = [UInt8(step & 255)]
                let held = model.firstIndex { $0.key == key }
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1:
                    #expect(cache.value(forKey: key) == held.map { model[$0].value })
                    if let held { model.append(model.remove(at: held)) }
                case 2, 3:
                    cache.keep(value, forKey: key)
                    if let held { model.remove(at: held) } else if model.count == capacity { model.removeFirst() }
                    model.append((key, value))
                default:
                    value.withUnsafeBytes { cache.replace($0, forKey: key) }
                    if let held { model[held].value = value }
                }
                #expect(cache.count == model.count)
            }
            cache.removeAll()
            #expect(cache.count == 0 && cache.value(forKey: 0) == nil)
        }

        static func open(_ name: String, _ directory: TemporaryDirectory) throws -> any StorageBackend {
            let descriptor = try #require(RocksDBAlexBackends.all.first { $0.name == name })
            return try descriptor.open(
                BackendOptions(
                    directory: directory.path, durability: .process, expectedRecords: 16, keys: BackendCase.keys))
        }

        static func setting(_ name: String, of store: any StorageBackend) throws -> String? {
            try store.readBackSettings().first { $0.setting == name }?.value
        }

        @Test("values read are kept, at most a thousand, and follow updates and removals")
        func cache() throws {
            let directory = try TemporaryDirectory()
            let store = try Self.open("rocksdb-alex", directory)
            _ = try store.load(.inserts(1_500), batch: 500)
            for record in 0..<UInt64(1_500) {
                #expect(try store.value(BackendCase.keys.key(ofRecord: record)) == Script.value(record: record))
            }
            #expect(try Self.setting("recent_values", of: store) == "1000")
            let key = BackendCase.keys.key(ofRecord: 1_499)
            try store.put(key, [1, 2])
            #expect(try store.value(key) == [1, 2])
            #expect(try store.remove(key))
            #expect(try store.value(key) == nil)
            #expect(try !store.remove(key))
            try store.close()
        }

        @Test("the saved count is no pair, and a reopened store has its index again")
        func count() throws {
            let directory = try TemporaryDirectory()
            var store = try Self.open("rocksdb-alex", directory)
            _ = try store.load(.inserts(1_200), batch: 1)
            #expect(try store.allPairs().count == 1_200)
            try store.put(.max, [9])
            #expect(try store.pairs(from: .max, limit: 10) == [Pair(key: .max, value: [9])])
            try store.close()
            store = try Self.open("rocksdb-alex", directory)
            #expect(try store.allPairs().count == 1_201)
            #expect(try store.value(BackendCase.keys.key(ofRecord: 7)) == Script.value(record: 7))
            #expect(try store.value(5) == nil)
            try store.close()
        }

        @Test("the reconstruction of the gauge has a leaf for each 3 keys")
        func leaves() throws {
            let directory = try TemporaryDirectory()
            let store = try Self.open("rocksdb-alex-gauge-3", directory)
            _ = try store.load(.inserts(10), batch: 10)
            #expect(try Self.setting("reconstructed_leaves", of: store) == "4")
            for key in 0..<Int64(3) { try store.put(key, [1]) }
            #expect(try Self.setting("reconstructed_leaves", of: store) == "5")
            #expect(try store.remove(0))
            #expect(try Self.setting("reconstructed_leaves", of: store) == "4")
            try store.close()
            var leaves = ReconstructedLeaves()
            leaves.fit(keys: 1_000_000)
            // The documents' index had 333 212 leaves for a million keys.
            #expect(leaves.leaves.count == 333_334 && leaves.walk() == 1_000_002)
            #expect(MemoryLayout<ReconstructedLeaves.Leaf>.stride == 112)
        }
    }
#endif
