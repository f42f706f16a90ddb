import AlexStorage
import StorageIO
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct StoreTests {
    /// Keys and lengths at their ends, through a reopen. A value of one byte too many is refused before writing.
    @Test func boundaries() throws {
        let directory = try ScratchDirectory()
        let longest = AlexStore.valueBytesMax
        let options = AlexStoreOptions()
        var store = try AlexStore(directory: directory.path, options: options)
        var value = [UInt8](repeating: 0x5A, count: longest + 1)
        value[longest - 1] = 1
        #expect(throws: AlexStoreError.valueTooLong(bytes: longest + 1, limit: longest)) {
            try store.put(value, forKey: 0)
        }
        #expect(throws: AlexStoreError.valueTooLong(bytes: longest + 1, limit: longest)) {
            try store.putBatch([(key: 1, value: [1]), (key: 2, value: value)])
        }
        #expect(store.count == 0)
        value.removeLast()
        for key in [Int64.min, -1, 0, 1, Int64.max] { try store.put([UInt8(truncatingIfNeeded: key)], forKey: key) }
        try store.put(value, forKey: 2)
        try store.put([], forKey: 3)
        for _ in 0..<2 {
            #expect(try store.bytes(forKey: .min) == [0])
            #expect(try store.bytes(forKey: .max) == [255])
            #expect(try store.bytes(forKey: 2) == value)
            #expect(try store.bytes(forKey: 3) == [])
            #expect(try store.bytes(forKey: 4) == nil)
            #expect(store.count == 7)
            try store.close()
            store = try AlexStore(directory: directory.path, options: options)
        }
        try store.close()
    }

    @Test func secondOpenerIsLockedOut() async throws {
        let directory = try ScratchDirectory()
        let links = try ScratchDirectory()
        let link = links.path + "/link"
        #expect(symlink(directory.path, link) == 0)
        let store = try AlexStore(directory: directory.path)
        for path in [directory.path, link, directory.path + "/."] {
            #expect(throws: AlexStoreError.locked(directory: path)) { try AlexStore(directory: path) }
        }
        let path = directory.path
        await #expect(processExitsWith: .exitCode(42)) { [path = path as String] in
            do {
                _ = try AlexStore(directory: path)
                exit(1)
            } catch AlexStoreError.locked {
                exit(42)
            }
        }
        try store.put([1], forKey: 1)
        try store.close()
        let again = try AlexStore(directory: link)
        #expect(again.count == 1)
        try again.close()
    }

    /// The largest and the least numbers that options can have are as good as others, also where something fails.
    @Test(arguments: [Int.max, Int.min], [Durability.process, .power])
    func extremeOptions(number: Int, durability: Durability) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = AlexStoreOptions(durability: durability)
        options.fileSystem = faults
        options.checkpointBytes = number
        options.checkpointOnCloseBytesMin = number
        options.growthStepBytes = number
        options.addressSpaceBytes = number
        options.segmentBytesLimit = number > 0 ? 1 << 30 : 1
        var automatic = AutomaticCompaction()
        automatic.garbageBytesMin = number > 0 ? number : 0
        automatic.inputBytesMax = number > 0 ? number : 1
        automatic.bytesPerSecond = number > 0 ? number : 1
        options.automaticCompaction = automatic
        for round in 0..<3 as Range<Int64> {
            let store = try AlexStore(directory: directory.path, options: options)
            for key in 0..<50 as Range<Int64> { try store.put([UInt8(round)], forKey: round * 100 + key) }
            faults.arm(at: 0, code: ENOSPC, isForGood: true, only: "write", onPath: "checkpoint")
            #expect(throws: AlexStoreError.self) { try store.committer().checkpoint() }
            #expect(throws: AlexStoreError.self) { try store.checkpoint() }
            faults.disarm()
            try store.put([9], forKey: -1)
            var policy = CompactionPolicy.everything
            policy.inputBytesMax = number
            try store.committer().compactInBackground(policy, bytesPerSecond: .max)
            try store.committer().checkpoint()
            #expect(try store.verify().isSound && store.count == 50 * (Int(round) + 1) + 1)
            try store.close()
        }
    }

    private final class Box: @unchecked Sendable {
        // Safe to share: it is used on one thread.
        var store: AlexStore?
    }

    /// Of two who create a store at once, one finds it locked, whenever the other one has looked.
    @Test func createdTwiceAtOnce() throws {
        for number in 0..<2 {
            let directory = try ScratchDirectory()
            let path = directory.path
            let faults = FaultFileSystem()
            var options = tinyOptions()
            options.fileSystem = faults
            let first = Box()
            let lists = Atomic(0)
            // While the second opener looks for names, the first one makes the store, before or after.
            faults.onCall.withLock { slot in
                slot = { call, name in
                    guard call == "list", lists.add(1, ordering: .relaxed).oldValue == number else { return }
                    faults.onCall.withLock { $0 = nil }
                    do {
                        let store = try AlexStore(directory: path, options: tinyOptions())
                        try store.put([1], forKey: 1)
                        first.store = store
                    } catch { Issue.record("\(error)") }
                }
            }
            try SystemFileSystem.shared.makeDirectory(directory.segmentsPath)
            #expect(throws: AlexStoreError.locked(directory: path)) { try AlexStore(directory: path, options: options) }
            try #require(first.store).close()
        }
    }

    @Test func closedStoreSaysSo() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        try store.put([1, 2], forKey: 1)
        let pin = store.pin()
        guard let span = try pin.value(forKey: 1) else {
            Issue.record("the key is not there")
            return
        }
        try store.close()
        try store.close()
        #expect(span.byteCount == 2)
        #expect(span.withUnsafeBytes { Array($0) } == [1, 2])
        #expect(throws: AlexStoreError.closed) { try store.put([1], forKey: 2) }
        #expect(throws: AlexStoreError.closed) { try store.bytes(forKey: 1) }
        #expect(throws: AlexStoreError.closed) { try store.contains(1) }
        #expect(throws: AlexStoreError.closed) { try store.remove(1) }
        #expect(throws: AlexStoreError.closed) { try store.scan { _, _ in true } }
        #expect(throws: AlexStoreError.closed) { try store.sync() }
        #expect(throws: AlexStoreError.closed) { try store.statistics() }
    }

    @Test func writesInsideAScanAreRefused() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        for key in 0..<5 as Range<Int64> { try store.put([1], forKey: key) }
        let calls = try store.scan { key, _ in
            #expect(throws: AlexStoreError.scanInProgress) { try store.put([2], forKey: key + 10) }
            #expect(throws: AlexStoreError.scanInProgress) { try store.remove(key) }
            return key < 3
        }
        #expect(calls == 4)
        try store.put([2], forKey: 10)
        #expect(store.count == 6)
        try store.close()
    }

    /// A small store takes little, a growing one no more than its next step, and both say how much.
    @Test func statisticsAreHonest() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path)
        try store.put([1], forKey: 1)
        let small = try store.statistics()
        #expect(small.keys == 1 && small.segments == 1 && small.logBytes == 4096 + 32)
        #expect(small.diskBytes == (try readFile(directory.segmentPaths[0])).count)
        #expect(small.diskBytes <= 64 << 10)
        let value = [UInt8](repeating: 1, count: 1000)
        for key in 0..<8000 as Range<Int64> { try store.put(value, forKey: key) }
        let large = try store.statistics()
        #expect(large.keys == 8000)
        #expect(large.logBytes == 4096 + 32 + 8000 * 1024)
        #expect(large.diskBytes <= 4 * large.logBytes)
        try store.close()
        #expect(try readFile(directory.segmentPaths[0]).count == large.logBytes)
    }

    /// Growth by a thread across many steps and segments loses nothing.
    @Test func growthInBackground() throws {
        let directory = try ScratchDirectory()
        var options = AlexStoreOptions()
        options.segmentBytesLimit = 4 << 20
        options.growthStepBytes = 1 << 20
        var store = try AlexStore(directory: directory.path, options: options)
        let value = [UInt8](repeating: 7, count: 4000)
        for key in 0..<10_000 as Range<Int64> { try store.put(value, forKey: key) }
        #expect(try store.statistics().segments >= 9)
        try store.put([UInt8](repeating: 8, count: 20 << 20), forKey: -1)
        for key in 10_000..<12_000 as Range<Int64> { try store.put(value, forKey: key) }
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        #expect(store.recovery.wasClean)
        #expect(store.count == 12_001)
        #expect(try store.contents().dropFirst().allSatisfy { $0.value == value })
        try store.close()
        #expect(try SystemFileSystem.shared.list(directory.segmentsPath).allSatisfy { $0.hasSuffix(".segment") })
    }

    /// A read guesses the value's length from the last one: whatever order lengths come in, each is its own, for the
    /// store, a reader and a snapshot.
    @Test func lengthsInAnyOrder() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 64 << 10))
        let lengths = [0, 100, 100, 1, 1000, 100, 7, 0, 0, 1000, 384, 383]
        var values: [[UInt8]] = []
        for (key, length) in lengths.enumerated() {
            values.append((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ key) })
            try store.put(values[key], forKey: Int64(key))
        }
        let reader = store.reader()
        let snapshot = try store.snapshot()
        for from in lengths.indices {
            for to in lengths.indices {
                for key in [from, to, to, from] {
                    #expect(try store.bytes(forKey: Int64(key)) == values[key])
                    #expect(try reader.bytes(forKey: Int64(key)) == values[key])
                    #expect(try snapshot.bytes(forKey: Int64(key)) == values[key])
                }
            }
        }
    }
}
