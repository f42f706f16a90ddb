import LearnedIndex
import Testing

/// An image as it is kept: its words and its bytes.
struct Kept {
    var words: [UInt8]
    var bytes: [UInt8]

    init(_ index: borrowing AlexIndex) {
        (words, bytes) = index.withImage { image, bytes in
            var words = [UInt8](repeating: 0, count: IndexImage.encodedBytes)
            words.withUnsafeMutableBytes { image.encode(into: $0) }
            return (words, Array(bytes))
        }
    }

    func index(
        _ configuration: AlexIndex.Configuration, bounds: ImageValueBounds? = nil
    ) throws(InvariantViolation) -> AlexIndex {
        let image = words.withUnsafeBytes { IndexImage(decoding: $0) }
        return try AlexIndex(image: image, configuration: configuration, bounds: bounds) { memory in
            if memory.count != bytes.count { return false }
            memory.copyBytes(from: bytes)
            return true
        }
    }
}

@Suite struct ImageTests {
    /// What comes back is the same index, and goes on as the one that it was made of.
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func anImageIsTheSameIndex(_ set: KeySet, _ sizes: Sizes) throws {
        var index = try AlexIndex(configuration: sizes.configuration)
        var model = ReferenceModel()
        var random = SeededGenerator(seed: 41)
        let keys = set.keys(1500, seed: 42)
        for round in 0..<3 {
            for key in keys[(500 * round)..<(500 * round + 500)] {
                _ = try agrees(&index, &model, on: .update(key, random.next()))
            }
            for _ in 0..<200 { _ = try agrees(&index, &model, on: .random(keys, removing: 60, &random)) }
            index = try Kept(index).index(sizes.configuration)
            try index.checkInvariants()
            expectSame(index, model, probes: Array(keys.prefix(10)), "\(set) \(sizes) round \(round)")
        }
        for step in 0..<300 {
            #expect(try agrees(&index, &model, on: .random(keys, removing: 90, &random)), "step \(step)")
        }
        try index.checkInvariants()
    }

    @Test func anEmptyIndexHasAnImage() throws {
        var index = try Kept(AlexIndex()).index(AlexIndex.Configuration())
        #expect(index.count == 0)
        try index.updateValue(1, forKey: .max)
        try index.checkInvariants()
    }

    /// Keys in order go on straight into the open node at the end.
    @Test func anOpenEdgeStaysOpen() throws {
        var index = try AlexIndex()
        for key in 0..<20_000 { try index.updateValue(UInt64(key), forKey: Int64(key)) }
        index = try Kept(index).index(AlexIndex.Configuration())
        for key in 20_000..<20_100 { try index.updateValue(UInt64(key), forKey: Int64(key)) }
        #expect(index.statistics.edgeInserts == 100)
        try index.checkInvariants()
    }

    @Test func aValueOutOfBoundsIsRefused() throws {
        var index = try AlexIndex()
        for key in 0..<1000 { try index.updateValue(UInt64(key) * 8, forKey: Int64(key)) }
        let kept = Kept(index)
        let configuration = AlexIndex.Configuration()
        let fitting = ImageValueBounds(shift: 12, ends: [4096, 7993])
        #expect(try kept.index(configuration, bounds: fitting).count == 1000)
        for ends: [UInt64] in [[4096, 7992], [4096], [4088, 8000]] {
            #expect(throws: InvariantViolation.self) {
                _ = try kept.index(configuration, bounds: ImageValueBounds(shift: 12, ends: ends))
            }
        }
        try index.updateValue(9, forKey: 5)
        #expect(throws: InvariantViolation.self) { _ = try Kept(index).index(configuration, bounds: fitting) }
    }

    /// Whatever bytes an image has: it is refused, or it is an index in every number, and goes on without a crash.
    @Test(arguments: [Sizes.tiny, .small])
    func noImageCrashes(_ sizes: Sizes) throws {
        var random = SeededGenerator(seed: 43)
        var (taken, refused) = (0, 0)
        for set in [KeySet.uniform, .sequential, .descending, .extremes, .clustered] {
            var index = try AlexIndex(configuration: sizes.configuration)
            var model = ReferenceModel()
            let keys = set.keys(400, seed: 44)
            for key in keys { try index.updateValue(8, forKey: key) }
            for _ in 0..<100 { _ = try agrees(&index, &model, on: .random(keys, removing: 80, &random)) }
            let sound = Kept(index)
            for _ in 0..<(400 * scale) {
                var kept = sound
                for _ in 0...Int(random.next() % 3) { kept.damage(&random) }
                do throws(InvariantViolation) {
                    var index = try kept.index(sizes.configuration)
                    taken += 1
                    try index.checkInvariants()
                    for _ in 0..<60 {
                        _ = try? agrees(&index, &model, on: .random(keys, removing: 40, &random))
                    }
                    index.forEach(in: .min ... .max) { _, _ in true }
                    try index.checkInvariants()
                } catch {
                    refused += 1
                    #expect("\(error)".contains("image"), "\(error)")
                }
            }
        }
        #expect(taken > 0 && refused > taken)
    }
}

extension Kept {
    /// Changes a word somewhere.
    mutating func damage(_ random: inout SeededGenerator) {
        func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
            let at = Int(random.next() % UInt64(bytes.count / 4)) * 4
            switch random.next() % 4 {
            case 0: bytes[at + Int(random.next() % 4)] ^= 1 << UInt8(random.next() % 8)
            case 1: bytes.replaceSubrange(at..<(at + 4), with: [255, 255, 255, 255])
            case 2: bytes.replaceSubrange(at..<(at + 4), with: [UInt8(random.next() % 64), 0, 0, 0])
            default:
                let from = Int(random.next() % UInt64(bytes.count / 4)) * 4
                bytes.replaceSubrange(at..<(at + 4), with: Array(bytes[from..<(from + 4)]))
            }
        }
        if random.next() % 8 == 0 { change(&words, &random) } else { change(&bytes, &random) }
    }
}
