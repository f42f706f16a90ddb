import LearnedIndex
import Testing

@Suite struct InsertBatchTests {
    /// Batches of all lengths, unsorted and with repeated keys, equal single inserts in the same order.
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func equalsSingleInserts(_ set: KeySet, _ sizes: Sizes) throws {
        var keys = set.keys((sizes == .real ? 5_000 : 400) * scale, seed: 17)
        var random = SeededGenerator(seed: 3)
        if sizes != .small { keys.shuffle(using: &random) }
        var index = try AlexIndex(configuration: sizes.configuration)
        var model = ReferenceModel()
        var at = 0
        var length = 0
        while at < keys.count {
            let batch = keys[at..<min(at + length, keys.count)] + keys[..<min(at, length / 8)]
            let pairs = batch.enumerated().map { (key: $0.element, value: UInt64($0.offset + at)) }
            for pair in pairs { _ = model.update(pair.key, pair.value) }
            try index.insertBatch(pairs)
            at += length
            length = length == 0 ? 1 : length > keys.count / 2 ? 7 : length * 2 + 1
            try index.checkInvariants()
            #expect(index.count == model.pairs.count)
        }
        expectSame(index, model, probes: Array(keys.prefix(20)) + extremes, "\(set) \(sizes)")
    }

    @Test func theLastOfEqualKeysCounts() throws {
        for count in [2, 31, 32, 33, 500] {
            var index = try AlexIndex()
            try index.insertBatch((0..<count).map { (key: Int64($0 % 2) - 1, value: UInt64($0)) })
            #expect(index.count == 2)
            let last = UInt64(count - 1)
            #expect(index.value(forKey: Int64((count - 1) % 2) - 1) == last)
            #expect(index.value(forKey: Int64(count % 2) - 1) == last - 1)
        }
    }

    @Test func noPairs() throws {
        var index = try AlexIndex()
        try index.insertBatch([])
        #expect(index.count == 0)
    }
}
