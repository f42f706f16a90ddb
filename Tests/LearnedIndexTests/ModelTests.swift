import LearnedIndex
import Testing

@Suite struct ModelTests {
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func insertsInOrder(_ set: KeySet, _ sizes: Sizes) throws {
        let keys = set.keys((sizes == .real ? 6_000 : 700) * scale, seed: 11)
        var index = try AlexIndex(configuration: sizes.configuration)
        var model = ReferenceModel()
        for (step, key) in keys.enumerated() {
            let value = UInt64(bitPattern: key) ^ UInt64(step)
            if try index.updateValue(value, forKey: key) != model.update(key, value) {
                Issue.record("\(set) \(sizes): wrong old value at step \(step), key \(key)")
                return
            }
            if step < 100 || step % (keys.count / 8) == 0 { try index.checkInvariants() }
        }
        try index.checkInvariants()
        expectSame(index, model, probes: Array(keys.prefix(50)) + extremes, "\(set) \(sizes)")
    }

    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func mixedOperations(_ set: KeySet, _ sizes: Sizes) throws {
        for seed in UInt64(1)...3 {
            let keys = set.keys((sizes == .real ? 3_000 : 300) * scale, seed: seed)
            var random = SeededGenerator(seed: seed)
            var index = try AlexIndex(configuration: sizes.configuration)
            var model = ReferenceModel()
            for step in 0..<(keys.count * 3) {
                // Growth, then shrinkage, then growth again.
                let removing = step / keys.count == 1 ? 60 : 20
                let operation = Operation.random(keys, removing: removing, &random)
                guard try agrees(&index, &model, on: operation) else {
                    Issue.record("\(set) \(sizes) seed \(seed): step \(step), \(operation)")
                    return
                }
                if step < 50 || step % (keys.count / 4) == 0 { try index.checkInvariants() }
            }
            try index.checkInvariants()
            expectSame(index, model, probes: Array(keys.prefix(20)) + extremes, "\(set) \(sizes) seed \(seed)")
        }
    }

    @Test(arguments: KeySet.allCases)
    func everyStepOfTinyNodes(_ set: KeySet) throws {
        let keys = set.keys(60, seed: 5)
        var random = SeededGenerator(seed: 77)
        var index = try AlexIndex(configuration: Sizes.tiny.configuration)
        var model = ReferenceModel()
        for step in 0..<400 {
            let operation = Operation.random(keys, removing: step < 200 ? 15 : 55, &random)
            #expect(try agrees(&index, &model, on: operation), "\(set): step \(step), \(operation)")
            try index.checkInvariants()
        }
        expectSame(index, model, probes: keys, "\(set)")
    }
}

let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
