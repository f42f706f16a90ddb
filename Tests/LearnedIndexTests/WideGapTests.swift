import LearnedIndex
import Testing

/// Keys with one gap that holds nearly all absent keys: an inner node's line leads far from where its children lie, so
/// that the search gives up going outward and halves the whole node.
@Suite struct WideGapTests {
    private static let sets: [KeySet] = [.alternatingEnds, .twoFarClusters, .extremes, .exponential, .equalButOne]

    @Test(arguments: sets)
    func findsAllKeysAndNoOther(_ set: KeySet) throws {
        var sizes = AlexIndex.Configuration()
        // Hundreds of children in one inner node.
        sizes.dataSlotsMin = 8
        sizes.dataSlotsMax = 16
        sizes.splitKeysMin = 8
        var index = try AlexIndex(configuration: sizes)
        let reader = index.reader()
        let keys = set.keys(6_000, seed: 12)
        var expected: [Int64: UInt64] = [:]
        for (rank, key) in keys.enumerated() {
            try index.updateValue(UInt64(rank), forKey: key)
            expected[key] = UInt64(rank)
        }
        try index.checkInvariants()
        var random = SeededGenerator(seed: 13)
        let absent = (0..<6_000).map { _ in Int64.random(in: .min ... .max, using: &random) }
        for key in keys + absent {
            #expect(index.value(forKey: key) == expected[key], "\(set) \(key)")
            #expect(reader.value(forKey: key) == expected[key], "\(set) \(key), by a reader")
        }
        let ordered = expected.keys.sorted()
        for key in absent.prefix(300) {
            var first: Int64?
            index.forEach(in: key ... .max) { found, _ in
                first = found
                return false
            }
            #expect(first == ordered.first { $0 >= key }, "\(set), the next key from \(key) on")
        }
    }
}
