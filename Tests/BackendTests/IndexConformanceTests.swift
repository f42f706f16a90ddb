import IndexBackends
import StorageBackends
import Testing

/// Every index of this build against a dictionary.
@Suite struct IndexConformanceTests {
    private static let indexes = IndexBackendList.all
    private static let changing = indexes.filter { $0.capabilities.contains(.change) }

    /// Keys that touch both ends of Int64, in no order.
    private static let keys: [Int64] = {
        let spread = (0..<700).map { Int64($0) &* 0x1234_5678_9ABC_DEF1 }
        return Array(Set(spread + [.min, .min + 1, -1, 0, 1, .max - 1, .max] + (0..<300).map { Int64($0) + 1000 }))
    }()

    /// What a right index answers to lookups of these keys.
    private static func expected(_ asked: [Int64], holding: Set<Int64>) -> IndexTally {
        var tally = IndexTally()
        for key in asked where holding.contains(key) {
            tally.hits += 1
            tally.checksum &+= IndexPayload.value(of: key)
        }
        return tally
    }

    private static func walked(_ holding: Set<Int64>) -> IndexTally {
        var tally = expected(Array(holding), holding: holding)
        tally.pairs = tally.hits
        tally.hits = 0
        return tally
    }

    @Test(arguments: indexes.map(\.name))
    func loadedAnswers(name: String) throws {
        let descriptor = try #require(Self.indexes.first { $0.name == name })
        let index = try descriptor.make()
        let sorted = Self.keys.sorted()
        try sorted.withUnsafeBufferPointer { try index.load($0) }
        #expect(index.count == sorted.count)
        #expect(index.allocatedBytes >= 16 * sorted.count)
        #expect(index.walk() == Self.walked(Set(sorted)))
        let asked = Self.keys + Self.keys.map { $0 &+ 2 }
        let right = Self.expected(asked, holding: Set(Self.keys))
        asked.withUnsafeBufferPointer { asked in
            #expect(index.lookUp(asked) == right)
            #expect(index.lookUpDependent(asked) == right)
            #expect(index.lookUpBatched(asked) == right)
        }
        guard descriptor.capabilities.contains(.order) else { return }
        let starts = Array(asked.prefix(60)) + [.min, .max]
        for length in [1, 7, 100] {
            var right = IndexTally()
            for first in starts {
                for key in sorted.drop(while: { $0 < first }).prefix(length) {
                    right.pairs += 1
                    right.checksum &+= IndexPayload.value(of: key)
                }
            }
            let scanned = starts.withUnsafeBufferPointer { index.scan(from: $0, length: length) }
            #expect(scanned == right, "length \(length)")
        }
    }

    @Test(arguments: changing.map(\.name))
    func changes(name: String) throws {
        let index = try #require(Self.changing.first { $0.name == name }).make()
        let first = Array(Self.keys.prefix(600))
        let second = Array(Self.keys.dropFirst(400))
        #expect(try first.withUnsafeBufferPointer { try index.insert($0) } == IndexTally())
        // 200 keys are there already, and are said to be.
        #expect(try second.withUnsafeBufferPointer { try index.insert($0) }.hits == 200)
        var left = Set(Self.keys)
        #expect(index.count == left.count)
        #expect(index.walk() == Self.walked(left))
        let gone = Array(Self.keys.suffix(300)) + [7, 9]
        #expect(gone.withUnsafeBufferPointer { index.remove($0) }.hits == 300)
        left.subtract(gone)
        #expect(index.count == left.count)
        #expect(index.walk() == Self.walked(left))
        let asked = Self.keys
        #expect(asked.withUnsafeBufferPointer { index.lookUp($0) } == Self.expected(asked, holding: left))
    }

    private static let batching = indexes.filter { $0.capabilities.contains(.insertBatch) }

    /// More than two batches, the last of them short, in no order.
    @Test(arguments: batching.map(\.name))
    func batchedInserts(name: String) throws {
        let index = try #require(Self.batching.first { $0.name == name }).make()
        let count = 2 * IndexTally.insertBatch + 77
        let keys = Self.keys + (0..<count - Self.keys.count).map { Int64($0) &* 0x2545_F491_4F6C_DD1D | 1 << 62 }
        let distinct = Array(Set(keys))
        #expect(distinct.count > 2 * IndexTally.insertBatch)
        try distinct.withUnsafeBufferPointer { try index.insertBatched($0) }
        #expect(index.count == distinct.count)
        #expect(index.walk() == Self.walked(Set(distinct)))
    }

    /// What one insert allocated at most is told, and is within what the targets allow.
    @Test func worstInsertIsTold() throws {
        let index = try #require(Self.changing.first { $0.name == "alex-index" }).make()
        let keys = (0..<20_000).map { Int64($0) &* 0x1234_5678_9ABC_DEF1 }
        _ = try keys.withUnsafeBufferPointer { try index.insert($0) }
        let figures = Dictionary(uniqueKeysWithValues: index.structure.map { ($0.metric, $0) })
        let bytes = try #require(figures["allocated_bytes_max"])
        #expect(bytes.unit == "B" && bytes.value > 4_096 * 16 / 2 && bytes.value < 608_512, "\(bytes)")
        #expect(try #require(figures["edge_inserts"]).value < 1_000)
        let ascending = try #require(Self.changing.first { $0.name == "alex-index" }).make()
        let sorted = keys.sorted()
        _ = try sorted.withUnsafeBufferPointer { try ascending.insert($0) }
        #expect(try #require(ascending.structure.first { $0.metric == "edge_inserts" }).value > 10_000)
    }

    private static let reading = indexes.filter { $0.capabilities.contains(.readers) }

    @Test(arguments: reading.map(\.name))
    func readersBesideAWriter(name: String) throws {
        let index = try #require(Self.reading.first { $0.name == name }).make()
        let sorted = Self.keys.sorted()
        try sorted.withUnsafeBufferPointer { try index.load($0) }
        let mine = sorted.indices.filter { $0 % 2 == 0 }.map { sorted[$0] }
        let others = sorted.indices.filter { $0 % 2 == 1 }.map { sorted[$0] }.shuffled()
        let right = Self.expected(mine, holding: Set(mine))
        for _ in 0..<20 {
            let alone = try mine.withUnsafeBufferPointer { mine in
                try index.lookUpByReader(mine, beside: IndexKeys(start: nil, count: 0))
            }
            #expect(alone.tally == right && alone.writes == 0 && alone.nanoseconds > 0)
            let beside = try mine.withUnsafeBufferPointer { mine in
                try others.withUnsafeBufferPointer { try index.lookUpByReader(mine, beside: $0) }
            }
            #expect(beside.tally == right && beside.writes > 0)
            #expect(index.walk() == Self.walked(Set(sorted)), "the writer did not put back what it took out")
        }
    }

    @Test(arguments: changing.map(\.name))
    func timedInserts(name: String) throws {
        let index = try #require(Self.changing.first { $0.name == name }).make()
        var clocks = [UInt64](repeating: .max, count: Self.keys.count)
        let tally = try Self.keys.withUnsafeBufferPointer { keys in
            try clocks.withUnsafeMutableBufferPointer { try index.insert(keys, nanoseconds: $0.baseAddress!) }
        }
        #expect(tally == IndexTally())
        #expect(index.walk() == Self.walked(Set(Self.keys)))
        #expect(clocks.allSatisfy { $0 < 60_000_000_000 }, "a clock was not written")
    }

    /// The counting allocators give everything back: an index without keys holds next to nothing.
    @Test(arguments: changing.map(\.name))
    func memoryFollowsTheKeys(name: String) throws {
        let index = try #require(Self.changing.first { $0.name == name }).make()
        let keys = (0..<5_000).map { Int64($0) * 3 }
        _ = try keys.withUnsafeBufferPointer { try index.insert($0) }
        let perKey = Double(index.allocatedBytes) / Double(keys.count)
        #expect(perKey >= 16 && perKey < 120, "\(perKey) bytes a key")
    }

    @Test func namesAreUnique() {
        let names = Self.indexes.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.contains("alex-index") && names.contains("sorted-array"))
        #if IndexPeers
            for name in ["absl-btree", "std-map", "absl-hash"] { #expect(names.contains(name)) }
        #endif
    }
}
