import AlexPhaseBackend
import BenchmarkKit
import StorageBackends
import Testing

/// The rungs do what the phase documents say, and no more.
@Suite("The phase documents' rungs")
struct LadderTests {
    static func open(_ rung: LadderRung, _ directory: TemporaryDirectory, growthBytes: Int? = nil) throws
        -> any StorageBackend
    {
        try AlexPhaseBackends.descriptor(rung, growthBytes: growthBytes).open(
            BackendOptions(
                directory: directory.path, durability: .process, expectedRecords: 16, keys: BackendCase.keys))
    }

    static func settings(_ store: any StorageBackend) throws -> [String: String] {
        Dictionary(uniqueKeysWithValues: try store.readBackSettings().map { ($0.setting, $0.value) })
    }

    @Test("foundation maps just what the file holds, after every write")
    func foundationMaps() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(.foundation, directory)
        #expect(try Self.settings(store)["mapped_bytes"] == "0")
        for record in 1...5 {
            try store.put(Int64(record), [UInt8](repeating: 7, count: 10))
            let settings = try Self.settings(store)
            #expect(settings["file_bytes"] == "\(22 * record)")
            #expect(settings["mapped_bytes"] == settings["file_bytes"])
        }
        #expect(try directory.size(of: "alex-phase.data") == 110)
        try store.close()
    }

    @Test("the other rungs map in steps, and the file grows with the map", arguments: [4096, 16 << 20])
    func growth(_ growthBytes: Int) throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(.deferred, directory, growthBytes: growthBytes)
        var bytes = 0
        for record in 0..<300 {
            try store.put(Int64(record), [UInt8](repeating: UInt8(record & 255), count: 100))
            bytes += 112
            let mapped = (bytes + growthBytes - 1) / growthBytes * growthBytes
            #expect(try Self.settings(store)["mapped_bytes"] == "\(mapped)")
            #expect(try store.value(Int64(record)) == [UInt8](repeating: UInt8(record & 255), count: 100))
        }
        #expect(try store.value(0) == [UInt8](repeating: 0, count: 100))
        try store.close()
    }

    @Test("a rung counts the maps that it makes")
    func remaps() throws {
        for (rung, growthBytes, expected) in [
            (LadderRung.foundation, 0, 300), (.deferred, 4096, 9), (.zeroCopy, 16 << 20, 1),
        ] as [(LadderRung, Int, UInt64)] {
            let directory = try TemporaryDirectory()
            let store = try Self.open(rung, directory, growthBytes: growthBytes)
            #expect(store.workCounts().map(\.metric) == ["remaps"])
            for record in 0..<300 { try store.put(Int64(record), [UInt8](repeating: 1, count: 100)) }
            // 300 records of 112 bytes in steps of 4 096.
            #expect(store.workCounts().map(\.count) == [expected], "\(rung)")
            try store.close()
        }
    }

    @Test("a result has the maps of a row's throughput pass, the same in each repeat")
    func remapsOfARow() throws {
        let workload = Workload(
            name: "growth", records: 100, value: .bytes(1_000), load: Workload.Load(row: "load", batch: 100),
            phases: [Workload.Phase(name: "insert", operations: 500, mix: Workload.Mix([.insert: 100]))])
        var plan = RunPlan(
            workloads: [workload],
            backends: [
                AlexPhaseBackends.descriptor(.foundation),
                AlexPhaseBackends.descriptor(.deferred, growthBytes: 1 << 16, suffix: "-small"),
            ])
        plan.repeats = 2
        let outcome = try Runner(plan).run()
        #expect(outcome.failure == nil)
        func remaps(_ row: String, _ backend: String) -> [Double] {
            outcome.result.samples.filter { $0.metric == "remaps" && $0.workload == row && $0.backend == backend }
                .map(\.value)
        }
        #expect(remaps("load", "alex-phase-foundation") == [1, 1])
        #expect(remaps("insert", "alex-phase-foundation") == [500, 500])
        // 150 records before the pass and 650 after it, of 1 012 bytes, in steps of 65 536.
        #expect(remaps("insert", "alex-phase-deferred-small") == [8, 8])
    }

    @Test("the record's bytes, length first and key first")
    func layouts() throws {
        let key: [UInt8] = [42, 0, 0, 0, 0, 0, 0, 0]
        let value = Array("hello".utf8)
        let expected: [(LadderRung, [UInt8])] = [
            (.foundation, [13, 0, 0, 0] + key + value), (.zeroCopy, [13, 0, 0, 0] + key + value),
            (.keyFirst, key + [5, 0, 0, 0] + value),
        ]
        for (rung, bytes) in expected {
            let directory = try TemporaryDirectory()
            let store = try Self.open(rung, directory)
            try store.put(42, value)
            #expect(try store.value(42) == value)
            #expect(try directory.contents(of: "alex-phase.data").prefix(bytes.count) == bytes[...], "\(rung)")
            try store.close()
        }
    }

    @Test("the last put of a key counts, also inside one batch", arguments: LadderRung.allCases)
    func updates(_ rung: LadderRung) throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(rung, directory)
        var script = Script()
        for version in 0..<UInt32(3) { script.append(.insert, record: 1, version: version) }
        script.append(.insert, record: 2)
        _ = try store.load(script, batch: 4)
        let key = BackendCase.keys.key(ofRecord: 1)
        #expect(try store.value(key) == Script.value(record: 1, version: 2))
        try store.put(key, [])
        #expect(try store.value(key) == [])
        #expect(try store.allPairs().count == 2)
        try store.close()
    }

    @Test("a store that was closed can't be opened again, and the message says why", arguments: LadderRung.allCases)
    func noRecovery(_ rung: LadderRung) throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(rung, directory)
        try store.put(1, [1])
        try store.close()
        let before = try directory.contents(of: "alex-phase.data")
        let error = #expect(throws: BackendError.self) { try Self.open(rung, directory) }
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("no recovery") == true)
        #expect(try directory.contents(of: "alex-phase.data") == before)
    }

    @Test("removal and class power are refused", arguments: LadderRung.allCases)
    func refusals(_ rung: LadderRung) throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(rung, directory)
        try store.put(1, [1])
        let error = #expect(throws: BackendError.self) { try store.remove(1) }
        #expect(error?.kind == .unsupported)
        try store.close()
        let power = #expect(throws: BackendError.self) {
            try AlexPhaseBackends.descriptor(rung).open(
                BackendOptions(
                    directory: try TemporaryDirectory().path, durability: .power, expectedRecords: 1,
                    keys: BackendCase.keys))
        }
        #expect(power?.kind == .unsupported)
    }

    @Test("each rung says that it keeps nothing")
    func saysWhatItIs() {
        for descriptor in AlexPhaseBackends.all {
            #expect(descriptor.summary.contains("no durability, no recovery"))
            #expect(!descriptor.capabilities.contains(.reopen))
            #expect(descriptor.nativeSettings[.power] == nil)
        }
    }
}
