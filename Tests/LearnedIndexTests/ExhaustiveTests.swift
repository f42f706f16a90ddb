import LearnedIndex
import Testing

@Suite struct ExhaustiveTests {
    static let sets: [[Int64]] = [
        [.min, -1, 0, 1, .max],
        [1, 2, 3, 4, 5, 6],
        [.min, .min + 1, 0, .max - 1, .max, 7],
        [1 << 62, 1 << 62 + 1, 1 << 62 + 2, 1 << 62 + 3, .max],
    ]

    /// All orders of insertion, then all entries removed in that order and in the opposite one.
    @Test(arguments: sets)
    func everyOrder(_ keys: [Int64]) throws {
        try withEveryPermutation(of: keys) { order in
            for removal in [order, order.reversed()] {
                var index = try AlexIndex(configuration: Sizes.tiny.configuration)
                for (step, key) in order.enumerated() {
                    #expect(try index.updateValue(UInt64(step), forKey: key) == nil, "\(order)")
                    try check(index, Array(order[...step]), order)
                }
                for (step, key) in removal.enumerated() {
                    #expect(index.removeValue(forKey: key) != nil, "\(order), removing \(key)")
                    #expect(index.removeValue(forKey: key) == nil, "\(order), removing \(key) twice")
                    try check(index, Array(removal[(step + 1)...]), order)
                }
            }
        }
    }

    @Test func sevenKeys() throws {
        try withEveryPermutation(of: [.min, -3, 0, 1, 2, .max - 1, .max]) { order in
            var index = try AlexIndex(configuration: Sizes.tiny.configuration)
            for key in order { try index.updateValue(UInt64(bitPattern: key), forKey: key) }
            try check(index, order, order)
        }
    }

    private func check(_ index: borrowing AlexIndex, _ keys: [Int64], _ order: [Int64]) throws {
        try index.checkInvariants()
        var found: [Int64] = []
        index.forEach(in: .min ... .max) { key, _ in
            found.append(key)
            return true
        }
        if found != keys.sorted() { Issue.record("order \(order): holds \(found), not \(keys.sorted())") }
        for key in order where (index.value(forKey: key) != nil) != keys.contains(key) {
            Issue.record("order \(order): key \(key) is wrong")
        }
    }

    private func withEveryPermutation(of keys: [Int64], _ body: ([Int64]) throws -> Void) throws {
        var keys = keys
        func permute(_ from: Int) throws {
            if from == keys.count { return try body(keys) }
            for other in from..<keys.count {
                keys.swapAt(from, other)
                try permute(from + 1)
                keys.swapAt(from, other)
            }
        }
        try permute(0)
    }
}
