import LearnedIndex
import StorageIO
import Testing

@testable import AlexStorage

@Suite struct KeyFilterTests {
    /// Image and log both damaged: a store with a filter, which needs the whole index at open, is refused. None says
    /// that a key is absent.
    @Test func nothingIsLeft() throws {
        let directory = try ScratchDirectory()
        var options = tinyOptions(segmentBytes: 64 << 10)
        options.checkpointOnCloseBytesMin = 0
        options.imageBytesReadAtOnce = 0
        options.absentKeyFilter = 0.01
        var store = try AlexStore(directory: directory.path, options: options)
        var random = SeededGenerator(state: 61)
        for _ in 0..<9000 { try store.put([1], forKey: Int64(bitPattern: random.next())) }
        try store.close()
        let folder = directory.path + "/checkpoint/"
        let path = folder + (try #require(try SystemFileSystem.shared.list(folder).first))
        // The last block alone: the root, which opening reads, may lie in any other.
        for (path, fromEnd) in [(path, 100), (directory.segmentPaths[1], 20_000)] {
            var bytes = try readFile(path)
            bytes[bytes.count - fromEnd] ^= 1
            try writeFile(path, bytes)
        }
        #expect {
            _ = try AlexStore(directory: directory.path, options: options)
        } throws: { error in
            guard case .damaged(let file, _, _) = error as? AlexStoreError else { return false }
            return file == directory.segmentPaths[1]
        }
        // The lock is free again, and without a filter the store is opened as before: each read says so.
        options.absentKeyFilter = nil
        store = try AlexStore(directory: directory.path, options: options)
        #expect(throws: AlexStoreError.self) { try store.contents() }
        #expect(throws: AlexStoreError.self) { try store.contains(4) }
    }

    /// The share that passes is what was asked for at most, and not far below it, up to the last key that it is made
    /// for; keys of any pattern are told alike, and no key that is there is denied.
    @Test(arguments: [0.05, 0.01, 0.005, 0.001], ["random", "dense", "strided"])
    func rate(rate: Double, pattern: String) throws {
        let shape = try KeyFilterShape(passing: rate)
        #expect(KeyFilterShape.rate(bitsPerKey: shape.bitsPerKey, probes: shape.probes) <= rate)
        let (keys, looks) = (20_000, 200_000)
        let table = KeyFilter.Table(shape, keys: keys)
        defer { table.release() }
        var random = SeededGenerator(state: 5)
        func key(_ number: Int) -> Int64 {
            switch pattern {
            case "dense": Int64(number)
            case "strided": Int64(number) << 32
            default: Int64.random(in: .min ... .max, using: &random)
            }
        }
        var present: Set<Int64> = []
        for number in 0..<keys {
            let key = key(number)
            table.add(key)
            present.insert(key)
        }
        #expect(present.allSatisfy(table.mayHold))
        var passed = 0
        for number in keys..<(keys + looks) {
            let key = key(number)
            if !present.contains(key) && table.mayHold(key) { passed += 1 }
        }
        let found = Double(passed) / Double(looks)
        #expect(found <= rate * 1.15 && found >= rate / 4, "\(found)")
    }

    @Test(arguments: [0, 0.0001, 0.5, -1, .nan, .infinity]) func rateOutOfRange(rate: Double) throws {
        #expect(throws: AlexStoreError.self) { try KeyFilterShape(passing: rate) }
        let directory = try ScratchDirectory()
        var options = tinyOptions()
        options.absentKeyFilter = rate
        #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: options) }
    }

    /// No table, or one without memory, lets every key pass.
    @Test func none() throws {
        let index = try AlexIndex()
        var filter = KeyFilter()
        filter.add(1, index)
        #expect(filter.mayHold(7) && !filter.isOn && filter.bytes == 0)
    }

    /// While the filter grows, again and again, and after many removals, no key that is there is ever denied, and at
    /// least 99 % of the others are.
    @Test(arguments: [1, 2, 3] as [UInt64]) func growsWithTheIndex(seed: UInt64) throws {
        var index = try AlexIndex()
        var filter = KeyFilter()
        var random = SeededGenerator(state: seed)
        filter.begin(try KeyFilterShape(passing: 0.005), index)
        var (present, order): (Set<Int64>, [Int64]) = ([], [])
        for step in 0..<60_000 {
            let key = Int64.random(in: 0..<1_000_000, using: &random) &* 7_919
            if step % 4 == 3, !order.isEmpty {
                let gone = order.remove(at: Int.random(in: 0..<order.count, using: &random))
                index.removeValue(forKey: gone)
                present.remove(gone)
            } else if try index.updateValue(1, forKey: key) == nil {
                filter.add(key, index)
                present.insert(key)
                order.append(key)
            }
            #expect(filter.mayHold(key) || !present.contains(key))
            if step % 10_000 == 9_999 {
                #expect(present.allSatisfy { filter.mayHold($0) }, "step \(step)")
                let absent = (0..<20_000).map { Int64($0) &* 7_919 + 1 }
                let passed = absent.filter { filter.mayHold($0) }.count
                #expect(passed <= 200, "step \(step): \(passed)")
            }
        }
        // It holds what twice the keys need, at most while a larger one is being filled.
        #expect(filter.bytes < 8 * index.count)
        filter.end()
        #expect(filter.mayHold(1) && !filter.isOn)
    }

    /// A store with the filter answers as one without, whatever is done to it.
    @Test(arguments: [1, 2] as [UInt64], Durability.allCases)
    func storeAgrees(seed: UInt64, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var random = SeededGenerator(state: seed)
        var options = tinyOptions(segmentBytes: 1 << 20)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        options.absentKeyFilter = 0.01
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var expected: Model = [:]
        for step in 0..<3000 {
            let key = Int64.random(in: -6000..<6000, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case ..<15:
                #expect(try store!.remove(key) == (expected.removeValue(forKey: key) != nil))
            case ..<30:
                let pairs = (0..<8 as Range<Int64>).map { (key: key + $0, value: [UInt8(step % 256)]) }
                try store!.putBatch(pairs)
                for pair in pairs { expected[pair.key] = pair.value }
            case ..<40:
                try store!.transaction { transaction in
                    try transaction.put([1], forKey: key)
                    try transaction.remove(key + 1)
                }
                (expected[key], expected[key + 1]) = ([1], nil)
            case 40: try store!.compact(.everything)
            case 41:
                if step % 2 == 0 { try store!.close() }
                store = nil
                store = try AlexStore(directory: directory.path, options: options)
            default:
                try store!.put([UInt8(step % 256)], forKey: key)
                expected[key] = [UInt8(step % 256)]
            }
            let look = Int64.random(in: -6000..<6000, using: &random)
            #expect(try store!.bytes(forKey: look) == expected[look])
            #expect(try store!.contains(look) == (expected[look] != nil))
        }
        #expect(expected.keys.allSatisfy { store!.state.pointee.filter.mayHold($0) })
        try store!.close()
        #expect(throws: AlexStoreError.closed) { try store!.bytes(forKey: 123_456) }
        #expect(throws: AlexStoreError.closed) { try store!.contains(123_456) }
    }
}
