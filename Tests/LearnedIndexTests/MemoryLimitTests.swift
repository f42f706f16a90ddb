import LearnedIndex
import Testing

@Suite struct MemoryLimitTests {
    /// An insert that finds no memory throws and changes nothing; removing makes room again.
    @Test(arguments: [KeySet.uniform, .sequential, .clustered, .zOrder], Sizes.allCases)
    func aFullIndexStaysAsItWas(_ set: KeySet, _ sizes: Sizes) throws {
        var configuration = sizes.configuration
        configuration.bytesMax = sizes == .real ? 4 << 20 : 1 << 18
        let keys = set.keys(150_000, seed: 31)
        var index = try AlexIndex(configuration: configuration)
        var model = ReferenceModel()
        var refused: Int64?
        for (step, key) in keys.enumerated() {
            do {
                try index.updateValue(UInt64(step), forKey: key)
            } catch {
                #expect("\(error)".contains("out of memory"))
                refused = key
                break
            }
            _ = model.update(key, UInt64(step))
        }
        let full = try #require(refused, "\(set) \(sizes): all keys fit")
        try index.checkInvariants()
        expectSame(index, model, probes: Array(keys.prefix(10)) + [full], "\(set) \(sizes)")
        #expect(index.statistics.arenaBytes <= configuration.bytesMax)
        #expect(throws: IndexError.self) { try index.updateValue(1, forKey: full) }
        #expect(throws: IndexError.self) { try index.reserve(inserts: .max) }
        for key in model.sorted().prefix(model.pairs.count * 3 / 4).map(\.key) { index.removeValue(forKey: key) }
        try index.checkInvariants()
        index.removeAll()
        try index.checkInvariants()
        #expect(index.count == 0 && index.value(forKey: keys[0]) == nil)
        try index.updateValue(1, forKey: full)
        try index.checkInvariants()
    }

    /// A batch into an empty index is a bulk load: refused, it leaves nothing, and the memory is there again.
    @Test func aBatchThatIsTooLargeLeavesAnEmptyIndexEmpty() throws {
        var configuration = AlexIndex.Configuration()
        configuration.bytesMax = 8 << 20
        var index = try AlexIndex(configuration: configuration)
        let pairs = (0..<Int64(200_000)).map { (key: $0 * 7, value: UInt64($0)) }
        for _ in 0..<3 {
            #expect(throws: IndexError.self) { try index.insertBatch(pairs) }
            try index.checkInvariants()
            #expect(index.count == 0 && index.value(forKey: 7) == nil)
        }
        try index.insertBatch(pairs.prefix(10_000))
        try index.checkInvariants()
        #expect(index.count == 10_000 && index.value(forKey: 7) == 1)
    }

    @Test func aBulkLoadThatIsTooLargeThrows() throws {
        var configuration = AlexIndex.Configuration()
        configuration.bytesMax = 8 << 20
        #expect(throws: IndexError.self) {
            _ = try AlexIndex(
                sorted: (0..<Int64(1_000_000)).lazy.map { (key: $0, value: 0) }, configuration: configuration
            ).count
        }
    }
}
