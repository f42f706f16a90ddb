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
