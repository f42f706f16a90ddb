import LearnedIndex
import Testing

@testable import AlexStorage

@Suite struct ReplayBatchTests {
    /// Batches of any size leave what record by record would: the last put of each key, and no removed one.
    @Test(arguments: [1, 2, 3, 16, 1000, ReplayBatch.fullMin], [1, 2] as [UInt64])
    func agreesWithDictionary(fullMin: Int, seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        var index = try AlexIndex()
        var batch = ReplayBatch(fullMin: fullMin)
        defer { batch.release() }
        var expected: [Int64: UInt64] = [:]
        let keys: [Int64] = [.min, .max, 0] + (0..<300).map { _ in Int64.random(in: .min ... .max, using: &random) }
        for place in 1...6000 as ClosedRange<UInt64> {
            let key = keys.randomElement(using: &random) ?? 0
            let isDelete = random.next() % 3 == 0
            batch.add(ReplayedRecord(key: key, place: place << 3, isDelete: isDelete), to: &index)
            expected[key] = isDelete ? nil : place << 3
        }
        try batch.finish(into: &index)
        try index.checkInvariants()
        var found: [Int64: UInt64] = [:]
        index.forEach(in: .min ... .max) { key, place in
            found[key] = place
            return true
        }
        #expect(found == expected)
        #expect(index.count == expected.count)
    }
}
