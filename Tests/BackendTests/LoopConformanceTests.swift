import StorageBackends
import Testing

/// The measured loops count what happened, on every backend.
@Suite("Conformance: loops")
struct LoopConformanceTests {
    static let records: UInt64 = 100

    /// Reads of each record, reads of absent ones, updates, and reads of what they wrote.
    static func reads() -> Script {
        var script = Script()
        for record in 0..<records { script.append(.read, record: record) }
        for record in records..<records + 30 { script.append(.readAbsent, record: record) }
        return script
    }

    @Test("load puts every pair, whatever the batch", arguments: BackendCase.all, [1, 7, 100, 1000])
    func load(_ backend: BackendCase, batch: Int) throws {
        try backend.withStore { store in
            let tally = try store.load(.inserts(Self.records), batch: batch)
            #expect(tally == Tally())
            let pairs = try store.allPairs()
            #expect(pairs.count == Int(Self.records))
            for record in 0..<Self.records {
                #expect(pairs[BackendCase.keys.key(ofRecord: record)] == Script.value(record: record))
            }
        }
    }

    @Test("run, runDependent and runTimed agree", arguments: BackendCase.all)
    func tallies(_ backend: BackendCase) throws {
        try backend.withStore { store in
            _ = try store.load(.inserts(Self.records), batch: 1)
            let script = Self.reads()
            let tally = try store.run(script)
            #expect(tally.hits == Self.records)
            #expect(tally.misses == 30)
            #expect(tally.checkedValues == Self.records)
            #expect(tally.mismatches == 0)
            #expect(tally.readSum == Self.expectedSum)
            #expect(try store.run(script, checksValues: false).checkedValues == 0)
            try script.withSlice { slice in
                var dependent = Tally()
                try store.runDependent(slice, tally: &dependent)
                #expect(dependent == tally)
                var timed = Tally()
                var nanoseconds = [UInt64](repeating: .max, count: slice.operations.count)
                try nanoseconds.withUnsafeMutableBufferPointer {
                    try store.runTimed(slice, nanoseconds: $0, tally: &timed)
                }
                #expect(timed == tally)
                #expect(!nanoseconds.contains(.max))
            }
        }
    }

    /// The last eight bytes of each value, summed.
    static var expectedSum: UInt64 {
        (0..<records).reduce(0) { sum, record in
            sum
                &+ Script.value(record: record).withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                }
        }
    }

    @Test("batched reads answer as single ones do", arguments: BackendCase.all, [2, 32, 64, 1000])
    func batchedReads(_ backend: BackendCase, batch: Int) throws {
        try backend.withStore { store in
            _ = try store.load(.inserts(Self.records), batch: 1)
            var script = Self.reads()
            // Keys that come twice, absent ones among those that are there.
            for record in stride(from: Self.records + 20, to: 0, by: -3) {
                script.append(record < Self.records ? .read : .readAbsent, record: record)
            }
            let tally = try store.run(script)
            #expect(tally.mismatches == 0)
            #expect(try store.load(script, batch: batch) == tally)
            try script.withSlice { slice in
                var shared = Tally()
                let loop = OperationLoop.throughput(batch: batch)
                try store.run(slice, as: loop, lock: OperationLock(), tally: &shared)
                #expect(shared == tally)
            }
        }
    }

    @Test("a batch of keys is answered in its order, whatever was done before", arguments: BackendCase.all)
    func batchOfKeys(_ backend: BackendCase) throws {
        try backend.withStore { store in
            #expect(try store.values([]) == [])
            #expect(try store.values([1, 2, 1]) == [nil, nil, nil])
            let keys = (0..<UInt64(70)).map { BackendCase.keys.key(ofRecord: $0) }
            for number in 0..<60 { try store.put(keys[number], Script.value(record: UInt64(number))) }
            if backend.has(.update) { try store.put(keys[3], []) }
            if backend.has(.remove) { _ = try store.remove(keys[4]) }
            let asked = keys + [keys[3], keys[69], keys[0]]
            let expected = try asked.map { try store.value($0) }
            #expect(expected.compactMap(\.self).count == (backend.has(.remove) ? 61 : 62))
            #expect(try store.values(asked) == expected)
            // Smaller than the last, then written in between.
            #expect(try store.values(Array(asked.prefix(5))) == Array(expected.prefix(5)))
            try store.put(keys[60], [1, 2, 3])
            #expect(try store.values([keys[60], keys[61]]) == [[1, 2, 3], nil])
        }
    }

    @Test("updates and removes", arguments: BackendCase.all(having: [.update, .remove]))
    func writes(_ backend: BackendCase) throws {
        try backend.withStore { store in
            _ = try store.load(.inserts(Self.records), batch: 1)
            var script = Script()
            for record in 0..<Self.records { script.append(.update, record: record, version: 3, length: 40) }
            for record in 0..<UInt64(10) { script.append(.remove, record: record) }
            for record in 0..<UInt64(10) { script.append(.readAbsent, record: record) }
            for record in 10..<Self.records { script.append(.read, record: record, version: 3, length: 40) }
            let tally = try store.run(script)
            #expect(tally.mismatches == 0)
            #expect(tally.hits == Self.records - 10)
            #expect(tally.misses == 10)
            var again = Script()
            again.append(.remove, record: 0)
            #expect(try store.run(again).mismatches == 1)
        }
    }

    @Test("scans count their pairs", arguments: BackendCase.all(having: .scan))
    func scans(_ backend: BackendCase) throws {
        try backend.withStore { store in
            _ = try store.load(.inserts(Self.records), batch: 1)
            var script = Script()
            for record in 0..<Self.records { script.append(.scan, record: record, length: 5) }
            let tally = try store.run(script)
            #expect(tally.mismatches == 0)
            // The last four keys have fewer than five pairs from there on.
            #expect(tally.scannedPairs == Self.records * 5 - (4 + 3 + 2 + 1))
            #expect(tally.checkedValues == tally.scannedPairs)
        }
    }
}
