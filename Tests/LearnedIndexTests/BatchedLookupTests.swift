import LearnedIndex
import Testing

@Suite struct BatchedLookupTests {
    /// The same answers as one by one: hits, misses, repeats, the two outermost keys; every length of a last group.
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func equalsSingleLookups(_ set: KeySet, _ sizes: Sizes) throws {
        let keys = set.keys((sizes == .real ? 5_000 : 400) * scale, seed: 21)
        var index = try AlexIndex(configuration: sizes.configuration)
        for (step, key) in keys.enumerated() where step % 3 != 0 { try index.updateValue(UInt64(step), forKey: key) }
        var random = SeededGenerator(seed: 5)
        for length in 0...40 {
            var asked: [Int64] = extremes
            for _ in 0..<length { asked.append(keys.randomElement(using: &random)! &+ Int64(random.next() % 3) &- 1) }
            asked.shuffle(using: &random)
            let expected = asked.map { index.value(forKey: $0) }
            var found = [UInt64?](repeating: 7, count: asked.count + 1)
            asked.withUnsafeBufferPointer { keys in
                found.withUnsafeMutableBufferPointer { index.values(forKeys: keys, into: $0) }
            }
            #expect(found.last == 7, "\(set) \(sizes): wrote beyond \(length) keys")
            #expect(Array(found.dropLast()) == expected, "\(set) \(sizes): \(asked)")
        }
    }

    @Test func noKeys() throws {
        let index = try AlexIndex(sorted: [(1, 2)])
        let none = UnsafeMutableBufferPointer<UInt64?>(start: nil, count: 0)
        index.values(forKeys: UnsafeBufferPointer(start: nil, count: 0), into: none)
        #expect(index.count == 1)
    }
}
