import StorageBackends
import Testing

/// A seeded random history on the store and on a dictionary: they must agree at every answer and at the end.
@Suite("Conformance: histories")
struct HistoryConformanceTests {
    static let seeds: [UInt64] = [1, 2, 3]

    @Test("a random history ends in the model's state", arguments: BackendCase.all(having: .unorderedInsert), seeds)
    func history(_ backend: BackendCase, seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: seed)
        var store = try backend.open(directory)
        var model: [Int64: [UInt8]] = [:]
        for step in 0..<300 {
            let key = Int64.random(in: -40...40, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                let value = [UInt8](repeating: UInt8(step & 0xFF), count: Int.random(in: 0...60, using: &random))
                try store.put(key, value)
                model[key] = value
            case 45..<65:
                guard backend.has(.remove) else { continue }
                let wasThere = try store.remove(key)
                #expect(wasThere == (model.removeValue(forKey: key) != nil), "step \(step)")
            case 65..<90:
                let found = try store.value(key)
                #expect(found == model[key], "step \(step)")
            case 90..<97:
                try compareScan(store, backend, model, from: key, step)
            case 97..<99:
                try store.settle()
            default:
                guard backend.has(.reopen) else { continue }
                try store.close()
                store = try backend.open(directory)
            }
        }
        #expect(try store.allPairs() == model)
        try store.close()
    }

    private func compareScan(
        _ store: any StorageBackend, _ backend: BackendCase, _ model: [Int64: [UInt8]], from first: Int64, _ step: Int
    ) throws {
        guard backend.has(.scan) else { return }
        let found = try store.pairs(from: first, limit: 7)
        let expected = model.filter { $0.key >= first }.sorted { $0.key < $1.key }.prefix(7)
        #expect(found == expected.map { Pair(key: $0.key, value: $0.value) }, "step \(step)")
    }
}
