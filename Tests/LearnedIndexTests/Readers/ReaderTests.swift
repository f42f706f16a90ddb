import LearnedIndex
import Testing

@Suite struct ReaderTests {
    private static func fill(_ index: inout AlexIndex, _ keys: some Sequence<Int64>, value: UInt64 = 1) throws {
        for key in keys { try index.updateValue(value, forKey: key) }
    }

    /// A reader gives the same answers as the index, when nobody writes.
    @Test(arguments: KeySet.allCases, [Sizes.tiny, .small])
    func readsWhatTheIndexHolds(_ set: KeySet, _ sizes: Sizes) throws {
        var index = try AlexIndex(configuration: sizes.configuration)
        let reader = index.reader()
        let keys = set.keys(600, seed: 3)
        #expect(reader.value(forKey: 0) == nil)
        for (rank, key) in keys.enumerated() { try index.updateValue(UInt64(rank), forKey: key) }
        for key in keys.prefix(200) { index.removeValue(forKey: key) }
        try index.checkInvariants()
        let probes = keys + keys.map { $0 &+ 1 } + [.min, .max, 0]
        for key in probes { #expect(reader.value(forKey: key) == index.value(forKey: key), "\(set) \(key)") }
        var results = [UInt64?](repeating: 9, count: probes.count)
        probes.withUnsafeBufferPointer { keys in
            results.withUnsafeMutableBufferPointer { reader.values(forKeys: keys, into: $0) }
        }
        #expect(results == probes.map { index.value(forKey: $0) })
        for (low, high) in [(Int64.min, Int64.max), (keys[1], .max), (.min, keys[2]), (.max, .max), (.min, .min)] {
            expectSameScan(index, reader, low...high)
        }
    }

    private func expectSameScan(
        _ index: borrowing AlexIndex, _ reader: borrowing IndexReader, _ range: ClosedRange<Int64>
    ) {
        func collect(_ scan: ((Int64, UInt64) -> Bool) -> Void) -> [AlexIndex.Entry] {
            var found: [AlexIndex.Entry] = []
            scan {
                found.append((key: $0, value: $1))
                return true
            }
            return found
        }
        let expected = collect { index.forEach(in: range, $0) }
        #expect(collect { reader.forEach(in: range, $0) }.elementsEqual(expected, by: ==), "\(range)")
        #expect(
            collect { reader.forEachDescending(in: range, $0) }.reversed().elementsEqual(expected, by: ==), "\(range)")
    }

    @Test func aScanStopsWhenItIsTold() throws {
        var index = try AlexIndex()
        let reader = index.reader()
        try Self.fill(&index, 0..<1_000)
        var seen: [Int64] = []
        reader.forEach(in: 10...900) { key, _ in
            seen.append(key)
            return seen.count < 300
        }
        #expect(seen == Array(10..<310))
        seen = []
        reader.forEachDescending(in: 10...900) { key, _ in
            seen.append(key)
            return seen.count < 300
        }
        #expect(seen == Array(601...900).reversed())
    }

    /// Replaced nodes wait for the one reader that is pinned, and are given back soon after it has left.
    @Test func limboIsBounded() throws {
        var index = try AlexIndex(configuration: Sizes.tiny.configuration)
        let reader = index.reader()
        let keys = KeySet.uniform.keys(4_000, seed: 5)
        try Self.fill(&index, keys.prefix(2_000))
        #expect(index.statistics.limboNodes <= 32, "nobody was pinned: \(index.statistics)")
        let pin = reader.epochs.enter(home: 3)
        try Self.fill(&index, keys.dropFirst(2_000))
        let held = index.statistics.limboNodes
        #expect(held > 500, "a pin holds all that is taken away after it: \(index.statistics)")
        try index.checkInvariants()
        let bytes = index.statistics.arenaBytes
        reader.epochs.leave(pin)
        for key in keys.prefix(2_000) { index.removeValue(forKey: key) }
        #expect(index.statistics.limboNodes <= 32, "\(index.statistics)")
        try index.checkInvariants()
        // What came back is used again: as many keys as before, without what was held, take less.
        try Self.fill(&index, keys.prefix(2_000))
        #expect(index.statistics.arenaBytes < bytes)
    }

    @Test func aReaderOutlivesItsIndex() throws {
        func makeReader() throws -> IndexReader {
            var index = try AlexIndex(configuration: Sizes.tiny.configuration)
            let reader = index.reader()
            try Self.fill(&index, 0..<500)
            return reader
        }
        let reader = try makeReader()
        for key in 0..<500 as Range<Int64> { #expect(reader.value(forKey: key) == 1) }
        #expect(reader.value(forKey: 500) == nil)
    }

    /// Once there is a reader the range stays where it is: an index that has used it up refuses inserts, and nothing
    /// else.
    @Test func anIndexWithReadersKeepsItsRange() throws {
        var configuration = AlexIndex.Configuration()
        configuration.reservedBytes = 1 << 16
        configuration.bytesMax = 8 << 20
        var index = try AlexIndex(configuration: configuration)
        let reader = index.reader()
        var inserted: [Int64] = []
        do throws(IndexError) {
            for key in KeySet.uniform.keys(1_000_000, seed: 9) {
                try index.updateValue(UInt64(bitPattern: key), forKey: key)
                inserted.append(key)
            }
            Issue.record("8 MiB held a million keys")
        } catch {
            guard case .outOfMemory = error else { throw error }
        }
        #expect(inserted.count > 100_000)
        for key in inserted.prefix(1_000) + inserted.suffix(1_000) {
            #expect(reader.value(forKey: key) == UInt64(bitPattern: key))
        }
        try index.checkInvariants()
        index.removeAll()
        #expect(index.count == 0 && reader.value(forKey: inserted[0]) == nil)
        try index.checkInvariants()
    }

    @Test func removeAllAndBatchesAreSeenWhole() throws {
        var index = try AlexIndex(configuration: Sizes.tiny.configuration)
        let reader = index.reader()
        for round in 0..<4 as Range<UInt64> {
            let keys = KeySet.lognormal.keys(800, seed: round)
            try index.insertBatch(keys.map { (key: $0, value: round) })
            for key in keys { #expect(reader.value(forKey: key) == round) }
            try index.insertBatch(keys.prefix(100).map { (key: $0 &+ 1, value: round) })
            try index.checkInvariants()
            if round % 2 == 1 { index.removeAll() } else { for key in keys { index.removeValue(forKey: key) } }
            for key in keys { #expect(reader.value(forKey: key) == nil || round % 2 == 0) }
            try index.checkInvariants()
        }
    }
}
