import LearnedIndex
import Testing

@Suite struct BulkLoadTests {
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func equalsSingleInserts(_ set: KeySet, _ sizes: Sizes) throws {
        let keys = Set(set.keys((sizes == .real ? 8_000 : 500) * scale, seed: 3)).sorted()
        var model = ReferenceModel()
        for key in keys { _ = model.update(key, UInt64(bitPattern: key) &* 3) }
        var index = try AlexIndex(sorted: model.sorted(), configuration: sizes.configuration)
        try index.checkInvariants()
        expectSame(index, model, probes: Array(keys.prefix(20)) + extremes, "\(set) \(sizes) loaded")
        var random = SeededGenerator(seed: 9)
        for _ in 0..<keys.count {
            let operation = Operation.random(keys, removing: 30, &random)
            #expect(try agrees(&index, &model, on: operation), "\(set) \(sizes): \(operation)")
        }
        try index.checkInvariants()
        expectSame(index, model, probes: Array(keys.prefix(20)) + extremes, "\(set) \(sizes) changed")
    }

    @Test func anEmptyLoadIsAnEmptyIndex() throws {
        let index = try AlexIndex(sorted: [])
        try index.checkInvariants()
        #expect(index.count == 0 && index.first == nil && index.last == nil)
    }

    @Test func disorderIsNamed() {
        let refusal = IndexError.notAscending(position: 2, previous: 5, key: 5)
        let repeated: [AlexIndex.Entry] = [(1, 0), (5, 0), (5, 0)]
        let falling: [AlexIndex.Entry] = [(.max, 0), (.min, 0)]
        #expect(throws: refusal) { _ = try AlexIndex(sorted: repeated).count }
        #expect("\(refusal)".contains("pair 2 has key 5 after 5"))
        #expect(throws: IndexError.self) { _ = try AlexIndex(sorted: falling).count }
    }
}
