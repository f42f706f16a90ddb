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
        options.absentKeyFilter = .always(passing: 0.01)
        var store = try AlexStore(directory: directory.path, options: options)
        var random = SeededGenerator(state: 61)
        for _ in 0..<9000 { try store.put([1], forKey: Int64(bitPattern: random.next())) }
        try store.close()
        let folder = directory.path + "/checkpoint/"
        let path = folder + (try #require(try SystemFileSystem.shared.list(folder).first))
        // The image's second block of 64 KiB alone: the root, which opening reads, lies in another.
        for (path, at) in [(path, 100_000), (directory.segmentPaths[1], 45_536)] {
            var bytes = try readFile(path)
            bytes[at] ^= 1
            try writeFile(path, bytes)
        }
        #expect {
            _ = try AlexStore(directory: directory.path, options: options)
        } throws: { error in
            guard case .damaged(let file, _, _) = error as? AlexStoreError else { return false }
            return file == directory.segmentPaths[1]
        }
        // The lock is free again, and without a filter the store is opened as before: each read says so.
        options.absentKeyFilter = .off
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
        for filter in [AbsentKeyFilter.always(passing: rate), .adaptive(passing: rate)] {
            options.absentKeyFilter = filter
            #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: options) }
        }
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

    /// An adaptive filter comes with looks at absent keys and goes with looks at keys that are there, or with new keys,
    /// neither before they have cost what it does; whatever it does, every answer is right.
    @Test func comesAndGoes() throws {
        let directory = try ScratchDirectory()
        var options = tinyOptions(segmentBytes: 1 << 20)
        options.checkpointOnCloseBytesMin = 0
        var store = try AlexStore(directory: directory.path, options: options)
        let count: Int64 = 20_000
        for key in 0..<count { try store.put([1], forKey: key * 3) }
        func isAsked() -> Bool { !store.state.pointee.filter.current.isNone }
        // Looks until it is asked, or no longer; nil where that never comes.
        func looks(until wanted: Bool, present: Bool) throws -> Int? {
            for number in 1...(20 * count) {
                let key = number % count * 3 + (present ? 0 : 1)
                #expect(try store.contains(key) == present)
                if isAsked() == wanted { return Int(number) }
            }
            return nil
        }
        for round in 0..<3 {
            #expect(!isAsked() && store.state.pointee.filter.bytes == 0)
            let begun = try #require(try looks(until: true, present: false), "it never came")
            // A thousand and three quarters of the keys, then 16 looks for every 128 keys.
            #expect(begun >= 18_500 && begun <= 18_600, "\(begun)")
            if round < 2 {
                let ended = try #require(try looks(until: false, present: true), "it never went")
                #expect(ended >= 16_000 && ended <= 16_100, "\(ended)")
            }
        }
        // Absent keys that it tells pay for keys that are there, a new key costs as much as two of these.
        for key in 0..<Int64(2_000) { #expect(try !store.contains(key * 3 + 2)) }
        for key in 0..<Int64(6_000) { try store.put([2], forKey: -1 - key) }
        #expect(isAsked())
        for key in 0..<Int64(6_000) { try store.put([2], forKey: -10_000 - key) }
        #expect(!isAsked())
        for key in 0..<Int64(1_000) { #expect(try store.bytes(forKey: -1 - key) == [2]) }
        try store.close()

        // A late index is not walked, which would bring in all of it, and class power never asks.
        options.imageBytesReadAtOnce = 0
        store = try AlexStore(directory: directory.path, options: options)
        store.state.pointee.filter.absentLooks = (1 << 20) - 1
        #expect(try !store.contains(1))
        #expect(store.state.pointee.filter.absentLooks == 1 << 20 && store.state.pointee.filter.bytes == 0)
        #expect(store.state.pointee.index.isLate == true, "\(store.recovery)")
        store.state.pointee.filter.absentLooks = 0
        try store.put([3], forKey: -50_000)
        _ = try #require(try looks(until: true, present: false), "it never came after a write")
        try store.close()
        #expect(throws: AlexStoreError.closed) { try store.contains(4) }
        options.durability = .power
        store = try AlexStore(directory: directory.path, options: options)
        #expect(try looks(until: true, present: false) == nil)
        try store.close()
    }

    /// New keys that come while a table is being filled are in it.
    @Test func keepsWhatComesMeanwhile() throws {
        var index = try AlexIndex()
        for key in 0..<Int64(100_000) { try index.updateValue(1, forKey: key * 2) }
        var filter = KeyFilter()
        filter.adapt(try KeyFilterShape(passing: 0.005))
        filter.absentLooks = 80_000
        filter.tend(index)
        #expect(filter.isKept && filter.current.isNone)
        // What lies below is entered by then.
        for _ in 0..<100 { filter.tend(index) }
        for key in 0..<Int64(100) {
            #expect(try index.updateValue(1, forKey: key * 200 + 1) == nil)
            filter.add(key * 200 + 1, index)
        }
        #expect(filter.current.isNone)
        while filter.current.isNone { filter.tend(index) }
        #expect(index.count == 100_100)
        index.forEach(in: .min ... .max) { key, _ in
            #expect(filter.mayHold(key))
            return true
        }
        #expect((0..<Int64(10_000)).filter { filter.mayHold(-1 - $0) }.count <= 100)
        filter.end()
    }

    /// A store with the filter answers as one without, whatever is done to it.
    @Test(
        arguments: [.always(passing: 0.01), .adaptive(passing: 0.01)] as [AbsentKeyFilter], Durability.allCases)
    func storeAgrees(filter: AbsentKeyFilter, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var random = SeededGenerator(state: 1)
        var options = tinyOptions(segmentBytes: 1 << 20)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        options.absentKeyFilter = filter
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var expected: Model = [:]
        // As if looks had been dear already, so that a table comes with the next ones.
        let isAdaptive = filter == .adaptive(passing: 0.01) && durability != .power
        if isAdaptive { store!.state.pointee.filter.absentLooks = 1 << 20 }
        var asked = 0
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
            case 41 where !isAdaptive || step % 8 == 0:
                if step % 2 == 0 { try store!.close() }
                store = nil
                store = try AlexStore(directory: directory.path, options: options)
                if isAdaptive { store!.state.pointee.filter.absentLooks = 1 << 20 }
            default:
                try store!.put([UInt8(step % 256)], forKey: key)
                expected[key] = [UInt8(step % 256)]
            }
            let look = Int64.random(in: -6000..<6000, using: &random)
            #expect(try store!.bytes(forKey: look) == expected[look])
            #expect(try store!.contains(look) == (expected[look] != nil))
            if !store!.state.pointee.filter.current.isNone { asked += 1 }
        }
        #expect(asked > 100 || durability == .power && filter != .always(passing: 0.01), "asked in \(asked) steps")
        #expect(expected.keys.allSatisfy { store!.state.pointee.filter.mayHold($0) })
        try store!.close()
        #expect(throws: AlexStoreError.closed) { try store!.bytes(forKey: 123_456) }
        #expect(throws: AlexStoreError.closed) { try store!.contains(123_456) }
    }
}
