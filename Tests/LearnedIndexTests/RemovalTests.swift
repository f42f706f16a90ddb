import LearnedIndex
import Testing

@Suite struct RemovalTests {
    enum Order: CaseIterable { case ascending, descending, shuffled, insideOut }

    @Test(arguments: Order.allCases, Sizes.allCases)
    func massRemovalAndReinsertion(_ order: Order, _ sizes: Sizes) throws {
        let count = Int64((sizes == .real ? 20_000 : 1_000) * scale)
        var index = try AlexIndex(
            sorted: (0..<count).lazy.map { (key: $0 * 3, value: UInt64($0)) }, configuration: sizes.configuration)
        let full = index.statistics.arenaBytes
        for round in 0..<3 {
            for (step, number) in numbers(count, order).enumerated() {
                if index.removeValue(forKey: number * 3) != UInt64(number) {
                    Issue.record("\(order) \(sizes): key \(number * 3) was lost")
                    return
                }
                if step % Int(count / 8) == 0 { try index.checkInvariants() }
            }
            try index.checkInvariants()
            #expect(index.count == 0 && index.first == nil, "\(order) \(sizes) round \(round)")
            let empty = index.statistics
            #expect(empty.dataNodes == 1 && empty.innerNodes == 0, "\(order) \(sizes)")
            #expect(empty.nodeBytes <= 4_096, "\(order) \(sizes): an empty index keeps \(empty.nodeBytes) bytes")
            for number in numbers(count, order) { try index.updateValue(UInt64(number), forKey: number * 3) }
            try index.checkInvariants()
            #expect(index.statistics.arenaBytes < 2 * full, "\(order) \(sizes): memory grows from round to round")
        }
    }

    /// A window that slides over ever new keys takes no more memory than at first.
    @Test(arguments: Sizes.allCases)
    func aQueueStaysBounded(_ sizes: Sizes) throws {
        let window = Int64(2_000 * scale)
        var index = try AlexIndex(configuration: sizes.configuration)
        var bytesMax = 0
        for key in 0..<(window * 8) {
            try index.updateValue(UInt64(key), forKey: key)
            if key >= window { #expect(index.removeValue(forKey: key - window) == UInt64(key - window)) }
            if key == window * 2 { bytesMax = index.statistics.arenaBytes * 2 }
            if key % window == 0 { try index.checkInvariants() }
        }
        #expect(index.count == Int(window) && index.statistics.arenaBytes <= bytesMax, "\(sizes)")
    }

    /// What survivors may take beside 40 bytes a key: a tenth above the 14 944 bytes that 2 500 Z-order keys were found
    /// to, which are left in nodes of the smallest size.
    private static let constantBytes = 16_438
    /// The same beside a reader, where a node slides only into a gap as long as itself: 20 448 bytes and a tenth.
    private static let constantBytesUnderAReader = 22_500

    /// Few survivors of many keys do not keep the memory of all, in whatever order the others go: 40 bytes a key and a
    /// constant.
    @Test(arguments: Order.allCases, [KeySet.sequential, .zOrder, .exponential])
    func survivorsTakeLittle(_ order: Order, _ set: KeySet) throws {
        let keys = Set(set.keys(50_000 * scale, seed: 6)).sorted()
        var index = try AlexIndex(sorted: keys.lazy.map { (key: $0, value: 0) })
        for number in numbers(Int64(keys.count), order) where number % 20 != 0 {
            index.removeValue(forKey: keys[Int(number)])
        }
        try index.checkInvariants()
        let statistics = index.statistics
        #expect(statistics.arenaBytes <= 40 * statistics.count + Self.constantBytes, "\(order), \(set): \(statistics)")
        #expect(statistics.moves > 0, "\(order), \(set): no gap was closed")
    }

    /// The same while a reader looks on: what it may hold is no part of the bound, but goes once it has left.
    @Test func survivorsUnderAReaderTakeLittle() throws {
        let count = Int64(50_000 * scale)
        var index = try AlexIndex(sorted: (0..<count).lazy.map { (key: $0, value: UInt64($0)) })
        let reader = index.reader()
        var random = SeededGenerator(seed: 5)
        for key in (0..<count).shuffled(using: &random) where key % 20 != 0 {
            index.removeValue(forKey: key)
            let probe = Int64(random.next() % UInt64(count)) / 20 * 20
            if reader.value(forKey: probe) != UInt64(probe) { Issue.record("key \(probe) was lost") }
        }
        try index.checkInvariants()
        let statistics = index.statistics
        let bytes = statistics.arenaBytes - statistics.limboBytes
        #expect(bytes <= 40 * statistics.count + Self.constantBytesUnderAReader, "\(statistics)")
    }

    private func numbers(_ count: Int64, _ order: Order) -> [Int64] {
        var random = SeededGenerator(seed: 4)
        return switch order {
        case .ascending: Array(0..<count)
        case .descending: (0..<count).reversed()
        case .shuffled: (0..<count).shuffled(using: &random)
        case .insideOut: (0..<count).map { $0 % 2 == 0 ? count / 2 + $0 / 2 : count / 2 - 1 - $0 / 2 }
        }
    }
}
