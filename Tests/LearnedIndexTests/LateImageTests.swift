import LearnedIndex
import Testing

/// A kept image that is handed out in small blocks, and can refuse one.
private final class KeptSource: ImageSource {
    let kept: Kept
    let blockBytes: Int
    /// What the index is made of anew, when it has to be.
    let pairs: [(key: Int64, value: UInt64)]
    var refusedBlock: Int?
    var acceptsCounts = true
    private(set) var filled: [Int] = []
    private(set) var replacements = 0

    init(_ kept: Kept, blockBytes: Int, _ model: ReferenceModel) {
        self.kept = kept
        self.blockBytes = blockBytes
        pairs = model.sorted()
    }

    var blocks: Int { (kept.bytes.count + blockBytes - 1) / blockBytes }

    func fill(_ memory: UnsafeMutableRawBufferPointer, block: Int) -> Bool {
        filled.append(block)
        let begin = block * blockBytes
        if block == refusedBlock || begin + memory.count > kept.bytes.count { return false }
        memory.copyBytes(from: kept.bytes[begin..<(begin + memory.count)])
        return true
    }

    func accepts(liveCounts: [UInt32]) -> Bool { acceptsCounts }

    func replacement(reason: String) -> AlexIndex? {
        replacements += 1
        guard var index = try? AlexIndex() else { return nil }
        for pair in pairs { _ = try? index.updateValue(pair.value, forKey: pair.key) }
        return index
    }

    func index(
        _ sizes: Sizes, bounds: ImageValueBounds? = nil, atOnce: Bool = false
    ) throws(InvariantViolation) -> AlexIndex {
        let image = kept.words.withUnsafeBytes { IndexImage(decoding: $0) }
        return try AlexIndex(
            image: image, configuration: sizes.configuration, bounds: bounds, atOnce: atOnce, source: self)
    }
}

@Suite struct LateImageTests {
    private static let specials: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]

    /// An index with some history, what it holds, and its image.
    private func sample(
        _ set: KeySet, _ sizes: Sizes, count: Int = 1500, with extra: [Int64] = []
    ) throws -> (KeptSource, ReferenceModel, [Int64]) {
        var index = try AlexIndex(configuration: sizes.configuration)
        var model = ReferenceModel()
        var random = SeededGenerator(seed: 51)
        let keys = set.keys(count, seed: 52)
        for key in keys + extra { _ = try agrees(&index, &model, on: .update(key, random.next())) }
        for _ in 0..<(count / 8) { _ = try agrees(&index, &model, on: .random(keys, removing: 60, &random)) }
        return (KeptSource(Kept(index), blockBytes: 512, model), model, keys)
    }

    /// Lookups alone, of keys that are there and not: right from the first on, and they come to an end of it.
    @Test(arguments: KeySet.allCases, Sizes.allCases)
    func lookupsAreRightAtOnce(_ set: KeySet, _ sizes: Sizes) throws {
        for extra in [[], Self.specials] {
            let (source, model, keys) = try sample(set, sizes, with: extra)
            let index = try source.index(sizes)
            #expect(index.count == model.pairs.count)
            var random = SeededGenerator(seed: 53)
            var probes = Self.specials
            for _ in 0..<400 { probes.append(keys.randomElement(using: &random)! &+ Int64(random.next() % 3) &- 1) }
            for _ in 0..<20 { probes.append(Int64(bitPattern: random.next())) }
            for probe in probes { #expect(index.value(forKey: probe) == model.pairs[probe], "\(probe)") }
            for key in keys { #expect(index.value(forKey: key) == model.pairs[key], "\(key)") }
            // Each miss brings in a stretch besides.
            for probe in 0..<20_000 where index.isLate { _ = index.value(forKey: Int64(probe) &* 0x1234_5678_9ABC) }
            #expect(index.isLate == false && source.replacements == 0)
            #expect(source.filled.sorted() == Array(0..<source.blocks), "a block is brought in twice or not at all")
            try index.checkInvariants()
            expectSame(index, model, probes: Array(probes.prefix(12)), "\(set) \(sizes)")
        }
    }

    /// Opening and one lookup look at little of the image.
    @Test func openingReadsLittle() throws {
        let (source, model, keys) = try sample(.uniform, .small, count: 20_000)
        let index = try source.index(.small)
        let opened = source.filled.count
        #expect(index.isLate == true && opened * 50 < source.blocks, "\(opened) of \(source.blocks)")
        #expect(index.value(forKey: keys[7]) == model.pairs[keys[7]])
        let read = source.filled.count
        #expect(index.isLate == true && read * 4 < source.blocks, "\(read) of \(source.blocks)")
    }

    @Test func batchesOfLookups() throws {
        let (source, model, keys) = try sample(.fullRange, .small, with: Self.specials)
        let index = try source.index(.small)
        let asked = Array(keys.prefix(700)) + Self.specials + keys.prefix(100).map { $0 &+ 1 }
        var found = [UInt64?](repeating: 1, count: asked.count)
        asked.withUnsafeBufferPointer { asked in
            found.withUnsafeMutableBufferPointer { index.values(forKeys: asked, into: $0) }
        }
        #expect(found == asked.map { model.pairs[$0] })
    }

    /// Whatever is done first to a late index, it is as if it had been whole.
    @Test(arguments: Sizes.allCases) func everythingElseWaits(_ sizes: Sizes) throws {
        func first(_ note: String, _ body: (inout AlexIndex, inout ReferenceModel, [Int64]) throws -> Void) throws {
            var (source, model, keys) = try sample(.clustered, sizes, count: 600, with: Self.specials)
            var index = try source.index(sizes)
            _ = index.value(forKey: keys[3])
            try body(&index, &model, keys)
            #expect(index.isLate == false, "\(note)")
            try index.checkInvariants()
            expectSame(index, model, probes: Array(keys.prefix(5)), note)
            var random = SeededGenerator(seed: 54)
            for _ in 0..<300 { #expect(try agrees(&index, &model, on: .random(keys, removing: 40, &random))) }
            source.refusedBlock = 0
            try index.checkInvariants()
        }
        func doFirst(_ note: String, _ operation: ([Int64]) -> Operation) throws {
            try first(note) { index, model, keys in
                let isRight = try agrees(&index, &model, on: operation(keys))
                #expect(isRight, "\(note)")
            }
        }
        try doFirst("update") { .update($0[9], 5) }
        try doFirst("append") { _ in .update(1 << 60, 5) }
        try doFirst("remove") { .remove($0[9]) }
        try first("batch") { index, model, keys in
            let pairs = keys.prefix(90).map { (key: $0 &+ 1, value: UInt64(3)) }
            try index.insertBatch(pairs)
            for pair in pairs { _ = model.update(pair.key, pair.value) }
        }
        try first("reserve") { index, _, _ in try index.reserve(inserts: 1000) }
        try first("reader") { index, model, keys in
            let reader = index.reader()
            for key in keys { #expect(reader.value(forKey: key) == model.pairs[key]) }
        }
        try first("image") { index, _, _ in #expect(Kept(index).bytes.count > 0) }
        try first("statistics") { index, model, _ in #expect(index.statistics.count == model.pairs.count) }
        try first("scan") { index, model, _ in expectSame(index, model, probes: [0], "scanned at once") }
        try first("removal of all") { index, model, _ in
            index.removeAll()
            model = ReferenceModel()
        }
    }

    /// A block that is not what was written: found at once or later, and every answer is right.
    @Test(arguments: [false, true]) func aDamagedBlockIsNeverUsed(atOnce: Bool) throws {
        let (sound, model, keys) = try sample(.uniform, .small, count: 600, with: Self.specials)
        var (refused, replaced) = (0, 0)
        for block in 0..<sound.blocks {
            let source = KeptSource(sound.kept, blockBytes: 512, model)
            source.refusedBlock = block
            do {
                var index = try source.index(.small, atOnce: atOnce)
                for key in keys + Self.specials { #expect(index.value(forKey: key) == model.pairs[key], "\(block)") }
                try index.updateValue(3, forKey: keys[0])
                #expect(source.replacements == 1)
                #expect(index.count == model.pairs.count + (model.pairs[keys[0]] == nil ? 1 : 0))
                try index.checkInvariants()
                replaced += 1
            } catch let error as InvariantViolation {
                #expect("\(error)".contains("block \(block) of the image"))
                refused += 1
            }
        }
        #expect(refused > 0 && (replaced > refused) == !atOnce)
    }

    /// Counts that the source does not believe.
    @Test func countsAreShownToTheSource() throws {
        let (source, model, _) = try sample(.uniform, .small)
        source.acceptsCounts = false
        let index = try source.index(.small)
        index.forEach(in: .min ... .max) { _, _ in true }
        #expect(source.replacements == 1 && index.isLate == false)
        expectSame(index, model, probes: [], "replaced")
        #expect(throws: InvariantViolation.self) { _ = try source.index(.small, atOnce: true) }
    }

    /// Whatever bytes an image has: no lookup crashes, before it is found out or after.
    @Test(arguments: [Sizes.tiny, .small]) func noLateImageCrashes(_ sizes: Sizes) throws {
        var random = SeededGenerator(seed: 55)
        var (taken, refused, replaced) = (0, 0, 0)
        for set in [KeySet.uniform, .sequential, .extremes, .clustered] {
            var index = try AlexIndex(configuration: sizes.configuration)
            var model = ReferenceModel()
            let keys = set.keys(400, seed: 56)
            for key in keys { _ = try agrees(&index, &model, on: .update(key, 8)) }
            let sound = Kept(index)
            let bounds = ImageValueBounds(shift: 4, ends: [16])
            for _ in 0..<(300 * scale) {
                var kept = sound
                for _ in 0...Int(random.next() % 3) { kept.damage(&random) }
                let source = KeptSource(kept, blockBytes: 512, model)
                do {
                    var index = try source.index(sizes, bounds: bounds)
                    for key in keys.shuffled(using: &random).prefix(100) {
                        if let value = index.value(forKey: key) { #expect(value < 16) }
                    }
                    var other = model
                    for _ in 0..<20 { _ = try? agrees(&index, &other, on: .random(keys, removing: 40, &random)) }
                    try index.checkInvariants()
                    if source.replacements > 0 { replaced += 1 } else { taken += 1 }
                } catch {
                    refused += 1
                    #expect("\(error)".contains("image"), "\(error)")
                }
            }
        }
        #expect(taken > 0 && refused > 0 && replaced > 0, "\(taken) taken, \(refused) refused, \(replaced) replaced")
    }
}
