import StorageBackends
import Testing

/// What a single operation must do, on every backend in every class.
@Suite("Conformance: operations")
struct OperationConformanceTests {
    static func key(_ record: UInt64) -> Int64 { BackendCase.keys.key(ofRecord: record) }

    @Test("a value put is the value got", arguments: BackendCase.all)
    func putAndGet(_ backend: BackendCase) throws {
        try backend.withStore { store in
            #expect(try store.value(Self.key(0)) == nil)
            for record in 0..<UInt64(20) { try store.put(Self.key(record), Script.value(record: record)) }
            for record in 0..<UInt64(20) {
                #expect(try store.value(Self.key(record)) == Script.value(record: record))
            }
            #expect(try store.value(Self.key(20)) == nil)
        }
    }

    @Test("an overwrite replaces, shorter or longer", arguments: BackendCase.all(having: .update))
    func overwrite(_ backend: BackendCase) throws {
        try backend.withStore { store in
            for length in [24, 8, 0, 900, 24] as [UInt32] {
                try store.put(Self.key(0), Script.value(record: 0, version: length, length: length))
                #expect(
                    try store.value(Self.key(0)) == Script.value(record: 0, version: length, length: length))
            }
            #expect(try store.allPairs().count == 1)
        }
    }

    @Test("a removed key is absent, and says whether it was there", arguments: BackendCase.all(having: .remove))
    func remove(_ backend: BackendCase) throws {
        try backend.withStore { store in
            #expect(try store.remove(Self.key(0)) == false)
            for record in 0..<UInt64(3) { try store.put(Self.key(record), [UInt8(record)]) }
            #expect(try store.remove(Self.key(1)) == true)
            #expect(try store.remove(Self.key(1)) == false)
            #expect(try store.value(Self.key(1)) == nil)
            #expect(try store.allPairs() == [Self.key(0): [0], Self.key(2): [2]])
        }
    }

    @Test("values of no byte, one byte and 1 MiB", arguments: BackendCase.all)
    func valueSizes(_ backend: BackendCase) throws {
        try backend.withStore { store in
            for (record, length) in [0, 1, 7, 8, 4095, 4096, 4097, 1 << 20].enumerated() {
                let value = Script.value(record: UInt64(record), length: UInt32(length))
                try store.put(Self.key(UInt64(record)), value)
                #expect(try store.value(Self.key(UInt64(record))) == value, "\(length) bytes")
            }
            // An empty value may have no address.
            try store.put(Self.key(8), UnsafeRawBufferPointer(start: nil, count: 0))
            #expect(try store.value(Self.key(8)) == [])
            let absent = try store.get(Self.key(100)) { $0.count }
            #expect(absent == nil)
            let empty = try store.get(Self.key(0)) { $0.count }
            #expect(empty == 0)
        }
    }

    @Test("a batch puts every pair; a key that comes twice keeps its last value", arguments: BackendCase.all)
    func batch(_ backend: BackendCase) throws {
        try backend.withStore { store in
            _ = try store.load(.inserts(50), batch: 50)
            var script = Script()
            for record in 40..<UInt64(60) {
                script.append(record < 50 ? .update : .insert, record: record, version: 1, length: 40)
            }
            script.append(.update, record: 59, version: 2, length: 16)
            _ = try store.load(script, batch: 1000)
            var expected: [Int64: [UInt8]] = [:]
            for record in 0..<UInt64(40) { expected[Self.key(record)] = Script.value(record: record) }
            for record in 40..<UInt64(60) {
                expected[Self.key(record)] = Script.value(record: record, version: 1, length: 40)
            }
            expected[Self.key(59)] = Script.value(record: 59, version: 2, length: 16)
            #expect(try store.allPairs() == expected)
            try store.putBatch(PutBatch(Self.nothing))
            #expect(try store.allPairs() == expected)
        }
    }

    private static var nothing: OperationSlice {
        OperationSlice(
            operations: UnsafeBufferPointer(start: nil, count: 0),
            values: UnsafeRawBufferPointer(start: nil, count: 0), pattern: ValuePattern(isText: false),
            keys: BackendCase.keys, checksValues: true)
    }

    @Test("settling keeps every pair", arguments: BackendCase.all)
    func settle(_ backend: BackendCase) throws {
        try backend.withStore { store in
            try store.settle()
            _ = try store.load(.inserts(300), batch: 100)
            let before = try store.allPairs()
            try store.settle()
            #expect(before.count == 300)
            #expect(try store.allPairs() == before)
        }
    }
}
