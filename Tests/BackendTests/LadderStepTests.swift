import AlexPhaseBackend
import StorageBackends
import Testing

/// The steps do what their names say, and nothing that a later step does.
@Suite("Steps of the rungs' operations")
struct LadderStepTests {
    static func step(
        _ number: Int, of rung: String, _ operation: ExplainedOperation, _ directory: TemporaryDirectory
    ) throws -> any StorageBackend {
        let steps = try #require(LadderSteps.descriptors(of: rung, operation))
        return try steps[number].open(
            BackendOptions(
                directory: directory.path, durability: .process, expectedRecords: 16, keys: BackendCase.keys))
    }

    @Test("copying rungs have eight steps of a query, borrowing ones five; an insert has eight")
    func counts() throws {
        for rung in LadderRung.allCases {
            let name = "alex-phase-\(rung.rawValue)"
            let queries = try #require(LadderSteps.descriptors(of: name, .query)).map(\.name)
            #expect(queries.count == ([.foundation, .deferred].contains(rung) ? 8 : 5))
            #expect(queries.first == "step-0-loop" && queries.contains("step-4-check"))
            #expect(try #require(LadderSteps.descriptors(of: name, .insert)).last?.name == "step-7-touch")
        }
        #expect(LadderSteps.descriptors(of: "rocksdb-alex", .query)?.count == 2)
        #expect(LadderSteps.descriptors(of: "rocksdb-alex", .insert) == nil)
        #expect(LadderSteps.descriptors(of: "sqlite", .query) == nil)
    }

    @Test("a query's step hands out what it has read", arguments: ["foundation", "zero-copy", "key-first"])
    func query(_ rung: String) throws {
        let value = Array("value_123".utf8)
        for number in 0..<(rung == "foundation" ? 8 : 5) {
            let directory = try TemporaryDirectory()
            let store = try Self.step(number, of: "alex-phase-\(rung)", .query, directory)
            try store.put(77, value)
            let answer = try #require(try store.value(77))
            switch number {
            case 0: #expect(answer == [UInt8](repeating: 0, count: 8))
            case 1: #expect(answer.count == 8 && answer != [UInt8](repeating: 77, count: 8))
            case 2: #expect(answer == [77, 0, 0, 0, 0, 0, 0, 0], "the record's key")
            default: #expect(answer == value, "step \(number)")
            }
            #expect(try store.value(78) == (number == 0 ? answer : nil))
            try store.close()
        }
    }

    @Test("an insert's step writes the file from step 1 on")
    func insert() throws {
        for number in 0..<8 {
            let directory = try TemporaryDirectory()
            let store = try Self.step(number, of: "alex-phase-foundation", .insert, directory)
            _ = try store.load(.inserts(20), batch: 20)
            for key in 0..<Int64(10) { try store.put(key, [1, 2, 3]) }
            #expect(try directory.size(of: "alex-phase.data") == (number == 0 ? 0 : 20 * 36 + 10 * 15))
            #expect(try store.value(1) == nil)
            try store.close()
        }
    }

    @Test("with growth in steps, a file is grown from the step that opens it on")
    func growth() throws {
        for number in 1..<8 {
            let directory = try TemporaryDirectory()
            let store = try Self.step(number, of: "alex-phase-deferred", .insert, directory)
            for key in 0..<Int64(10) { try store.put(key, [1, 2, 3]) }
            #expect(try directory.size(of: "alex-phase.data") == (number < 3 ? 150 : 16 << 20), "step \(number)")
            try store.close()
        }
    }
}
