import StorageBackends
import Testing

/// What the order of keys must be, on every backend that has one.
@Suite("Conformance: order")
struct OrderConformanceTests {
    static let ordered = BackendCase.all(having: [.scan, .unorderedInsert])
    static let extremes: [Int64] = [
        0, .max, -1, .min, 1, .min + 1, .max - 1, 255, 256, -256, -257, 1 << 32, -(1 << 32), 1 << 62,
    ]

    @Test("keys of both signs and both ends come in the order of Int64", arguments: ordered)
    func extremeKeys(_ backend: BackendCase) throws {
        try backend.withStore { store in
            for (index, key) in Self.extremes.enumerated() { try store.put(key, [UInt8(index)]) }
            let expected = Self.extremes.enumerated().map { Pair(key: $1, value: [UInt8($0)]) }
                .sorted { $0.key < $1.key }
            #expect(try store.pairs(from: .min, limit: .max) == expected)
            for key in Self.extremes {
                #expect(try store.pairs(from: key, limit: 3) == Array(expected.drop { $0.key < key }.prefix(3)))
            }
        }
    }

    @Test("a scan begins at or after its key and ends at its limit", arguments: ordered)
    func limits(_ backend: BackendCase) throws {
        try backend.withStore { store in
            #expect(try store.pairs(from: .min, limit: 5).isEmpty)
            for key in stride(from: Int64(-100), through: 100, by: 10) { try store.put(key, [1]) }
            #expect(try store.pairs(from: -100, limit: 0).isEmpty)
            #expect(try store.pairs(from: -100, limit: 1).map(\.key) == [-100])
            #expect(try store.pairs(from: -95, limit: 3).map(\.key) == [-90, -80, -70])
            #expect(try store.pairs(from: 91, limit: 100).map(\.key) == [100])
            #expect(try store.pairs(from: 101, limit: 100).isEmpty)
            #expect(try store.pairs(from: .max, limit: 100).isEmpty)
            #expect(try store.pairs(from: .min, limit: 1000).count == 21)
        }
    }

    @Test("batches that ascend beyond the last key, and ones that don't", arguments: ordered)
    func ascendingBatches(_ backend: BackendCase) throws {
        try backend.withStore { store in
            var expected: Set<Int64> = []
            for batch in [[5, 6, 7], [8, 9], [9, 10], [1, 2], [20, 15], [.max]] as [[Int64]] {
                let operations = batch.map { Operation(.insert, key: $0, record: 0, version: 0, length: 1) }
                try operations.withUnsafeBufferPointer { operations in
                    try [UInt8(7)].withUnsafeBytes { values in
                        try store.putBatch(
                            PutBatch(
                                OperationSlice(
                                    operations: operations, values: values, pattern: ValuePattern(isText: false),
                                    keys: BackendCase.keys, checksValues: false)))
                    }
                }
                expected.formUnion(batch)
                #expect(try store.pairs(from: .min, limit: .max).map(\.key) == expected.sorted())
            }
        }
    }
}
