import LearnedIndex
import Testing

@Suite struct EdgeTests {
    /// Keys in order cost neither a descent nor a moved slot, whatever the keys.
    @Test(arguments: KeySet.allCases, [true, false])
    func keysInOrderTakeTheShortWay(_ set: KeySet, _ ascends: Bool) throws {
        let sorted = Set(set.keys(6_000 * scale, seed: 41)).sorted()
        // A few keys fit one node of the smallest size, which opens at its first rebuild.
        if sorted.count < 1_000 { return }
        var index = try AlexIndex()
        for key in ascends ? sorted : sorted.reversed() { try index.updateValue(UInt64(bitPattern: key), forKey: key) }
        try index.checkInvariants()
        let statistics = index.statistics
        #expect(statistics.edgeInserts >= sorted.count * 99 / 100 - 80, "\(set): \(statistics)")
        #expect(statistics.shifts <= 1, "\(set): \(statistics)")
        // Every key is built once when its node is sealed, and while the index is small a few times before, since an
        // open node has little room there: a node built anew for each few keys would show here.
        #expect(statistics.expansions <= 16, "\(set): \(statistics)")
    }

    /// Entries come and go at both ends, and now and then in the middle or all of them.
    @Test(arguments: Sizes.allCases, 1...4)
    func aQueueWithTwoEnds(_ sizes: Sizes, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var index = try AlexIndex(configuration: sizes.configuration)
        var model = ReferenceModel()
        var (low, high) = (Int64(0), Int64(0))
        for round in 0..<60 {
            let kind = random.next() % 7
            for step in 0..<Int(random.next() % (sizes == .real ? 700 : 60)) {
                var key = Int64.random(in: low...high, using: &random)
                switch kind {
                case 0, 1: (key, high) = (high + 3, high + 3)
                case 2, 3: (key, low) = (low - 3, low - 3)
                case 4: key = index.last?.key ?? key
                case 5: key = index.first?.key ?? key
                default: break
                }
                if kind == 4 || kind == 5 {
                    #expect(index.removeValue(forKey: key) == model.remove(key), "\(sizes) \(seed): \(key)")
                } else {
                    let value = random.next()
                    let old = try index.updateValue(value, forKey: key)
                    #expect(old == model.update(key, value), "\(sizes) \(seed): \(key)")
                }
                if sizes != .real || step % 128 == 0 { try index.checkInvariants() }
            }
            if round % 20 == 19 {
                index.removeAll()
                model = ReferenceModel()
            }
            // What was appended last may be beyond what a removal left: the ends are wherever keys are.
            if random.next() % 3 == 0 { (low, high) = (index.first?.key ?? 0, index.last?.key ?? 0) }
            expectSame(index, model, probes: [low, high] + extremes, "\(sizes) \(seed) round \(round)")
        }
    }

    /// The two outermost keys are legal at the edges as well.
    @Test(arguments: Sizes.allCases)
    func edgesReachTheOutermostKeys(_ sizes: Sizes) throws {
        for towards in [Int64.min, .max] {
            var index = try AlexIndex(configuration: sizes.configuration)
            var model = ReferenceModel()
            let count = Int64(sizes == .real ? 5_000 : 300)
            for step in (0..<count).reversed() {
                let key = towards == .max ? towards - step : towards + step
                _ = model.update(key, UInt64(step))
                try index.updateValue(UInt64(step), forKey: key)
            }
            try index.checkInvariants()
            #expect(try index.updateValue(7, forKey: towards) == 0)
            _ = model.update(towards, 7)
            expectSame(index, model, probes: extremes, "\(sizes) towards \(towards)")
        }
    }
}
