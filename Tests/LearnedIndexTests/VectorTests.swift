import CIntrinsics
import LearnedIndex
import Testing

/// The vector loops against their scalar twins, and both against plain Swift.
@Suite struct VectorTests {
    /// Where a line puts a key, spelled out.
    private static func place(_ key: Int64, _ center: Int64, _ slope: Float, _ intercept: Float, _ limit: Int) -> UInt16
    {
        let (distance, wraps) = key.subtractingReportingOverflow(center)
        if wraps { return key < center ? 0 : UInt16(limit) }
        let product = Float(distance) * slope
        let position = product + intercept
        return position > 0 ? (position < Float(limit) ? UInt16(position) : UInt16(limit)) : 0
    }

    private static let edges: [Int64] = [.min, .min + 1, -1 << 53, -1, 0, 1, 1 << 24 + 1, 1 << 62, .max - 1, .max]

    @Test func predictionsAreThoseOfTheScalarTwin() {
        var random = SeededGenerator(seed: 3)
        for length in 0...70 {
            for offset in 0..<4 {
                let center = Self.edges[Int(random.next() % 10)] &+ Int64(random.next() % 5)
                let slope = Float(sign: .plus, exponent: Int(random.next() % 60) - 55, significand: 1.37)
                let intercept = Float(Int64(random.next() % 9_000)) - 500.5
                let limit = Int(random.next() % 8_192)
                // Pairs as words: key, value, key, value …
                let words = (0..<(offset + 2 * length)).map { at in
                    random.next() % 3 == 0
                        ? Self.edges[Int(random.next() % 10)] : Int64(bitPattern: random.next()) >> Int64(at % 60)
                }
                var vector = [UInt16](repeating: 7, count: length + 1)
                var scalar = vector
                words.withUnsafeBufferPointer { words in
                    guard let first = words.baseAddress.map({ $0 + offset }) else { return }
                    intrinsics_predict_pairs(first, length, center, slope, intercept, Int32(limit), &vector)
                    intrinsics_predict_pairs_scalar(first, length, center, slope, intercept, Int32(limit), &scalar)
                }
                let right = (0..<length).map { Self.place(words[offset + 2 * $0], center, slope, intercept, limit) }
                #expect(vector == right + [7], "length \(length), offset \(offset)")
                #expect(scalar == right + [7], "length \(length), offset \(offset)")
            }
        }
    }

    /// At every length and offset, of keys that ascend, repeat, and touch both ends of Int64.
    @Test func ranksAreThoseOfTheScalarTwin() {
        var random = SeededGenerator(seed: 4)
        for length in 0...70 {
            for offset in 0..<4 {
                var keys = (0..<length).map { at in
                    random.next() % 3 == 0
                        ? Self.edges[Int(random.next() % 10)] : Int64(bitPattern: random.next()) >> Int64(at % 60)
                }
                keys.sort()
                // Pairs as words; the values are as likely to be at or below a key, and must not count.
                var words = (0..<offset).map { _ in Int64.min }
                for key in keys { words += [key, Self.edges[Int(random.next() % 10)]] }
                words.append(.min)
                for probe in Self.edges + keys + keys.map({ $0 &+ 1 }) + keys.map({ $0 &- 1 }) {
                    let right = keys.count(where: { $0 <= probe })
                    words.withUnsafeBufferPointer { words in
                        guard let first = words.baseAddress.map({ $0 + offset }) else { return }
                        let vector = intrinsics_rank_pairs(first, length, probe)
                        let scalar = intrinsics_rank_pairs_scalar(first, length, probe)
                        if vector != right || scalar != right {
                            Issue.record("length \(length), \(probe): vector \(vector), scalar \(scalar), \(right)")
                        }
                    }
                }
            }
        }
    }

    /// With the option a lookup finds what it finds without: keys that are there, and their neighbours, which mostly
    /// are not; in nodes full of copies, smaller than a vector, and half empty.
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func searchesByVectorFindTheSame(_ set: KeySet, _ sizes: Sizes) throws {
        let keys = set.keys((sizes == .real ? 6_000 : 600) * scale, seed: 21)
        var configuration = sizes.configuration
        configuration.vectorSearch = true
        var vector = try AlexIndex(configuration: configuration)
        var model = ReferenceModel()
        for (rank, key) in keys.enumerated() {
            try vector.updateValue(UInt64(rank), forKey: key)
            _ = model.update(key, UInt64(rank))
        }
        try expectSameLookups(vector, model, keys, "\(set) \(sizes) inserted")
        for key in keys where key % 3 == 0 { #expect(vector.removeValue(forKey: key) == model.remove(key)) }
        try expectSameLookups(vector, model, keys, "\(set) \(sizes) thinned out")
        let loaded = try AlexIndex(sorted: model.sorted(), configuration: configuration)
        try expectSameLookups(loaded, model, keys, "\(set) \(sizes) loaded")
    }

    private func expectSameLookups(
        _ index: borrowing AlexIndex, _ model: ReferenceModel, _ keys: [Int64], _ note: String
    ) throws {
        try index.checkInvariants()
        let probes = keys + keys.map { $0 &+ 1 } + keys.map { $0 &- 1 } + Self.edges
        var batched = [UInt64?](repeating: nil, count: probes.count)
        probes.withUnsafeBufferPointer { probes in
            batched.withUnsafeMutableBufferPointer { index.values(forKeys: probes, into: $0) }
        }
        for (at, probe) in probes.enumerated() {
            let right = model.pairs[probe]
            let found = index.value(forKey: probe)
            if found == right && batched[at] == right { continue }
            Issue.record("\(note): key \(probe) is \(found.map(String.init) ?? "absent")")
            return
        }
    }
}
