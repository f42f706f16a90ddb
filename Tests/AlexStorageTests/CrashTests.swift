import AlexStorage
import StorageIO
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct CrashTests {
    /// The states that a store of five commits goes through, one of them a batch, one a removal.
    private static let states: [[Int64: [UInt8]]] = {
        var state: [Int64: [UInt8]] = [:]
        var states = [state]
        for commit in 0..<5 {
            change(&state, commit)
            states.append(state)
        }
        return states
    }()

    private static func change(_ state: inout [Int64: [UInt8]], _ commit: Int) {
        switch commit {
        case 0: state[1] = Array(repeating: 11, count: 40)
        case 1: (state[2], state[3], state[1]) = ([], Array(repeating: 3, count: 70), [9, 9])
        case 2: state[2] = nil
        case 3: state[.min] = Array(repeating: 4, count: 33)
        default: state[1] = Array(repeating: 5, count: 8)
        }
    }

    private func write(_ store: AlexStore, _ commit: Int) throws {
        switch commit {
        case 0: try store.put(Array(repeating: 11, count: 40), forKey: 1)
        case 1:
            try store.putBatch([
                (key: 2, value: []), (key: 3, value: Array(repeating: 3, count: 70)), (key: 1, value: [9, 9]),
            ])
        case 2: try store.remove(2)
        case 3: try store.put(Array(repeating: 4, count: 33), forKey: .min)
        default: try store.put(Array(repeating: 5, count: 8), forKey: 1)
        }
    }

    /// The files of that store, closed properly or as a crash leaves them.
    private func image(isClosed: Bool) throws -> StoreImage {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        for commit in 0..<5 { try write(store, commit) }
        if !isClosed { return try StoreImage(directory.path) }
        try store.close()
        return try StoreImage(directory.path)
    }

    private func contents(of directory: ScratchDirectory) throws -> [Int64: [UInt8]] {
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        let pairs = try store.contents()
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
    }

    /// A store that was closed is never cut: at every length it is damaged, and says so.
    @Test func everyTruncationOfClosedStore() throws {
        let whole = try image(isClosed: true)
        #expect(try contents(of: whole.restore()) == Self.states[5])
        for length in 0..<whole.files[1].bytes.count {
            var cut = whole
            cut.files[1].bytes.removeLast(whole.files[1].bytes.count - length)
            let directory = try cut.restore()
            #expect {
                _ = try contents(of: directory)
            } throws: { error in
                guard case .damaged(let name, _, _) = error as? AlexStoreError else { return false }
                return name.hasSuffix(".segment")
            }
        }
    }

    /// A store that crashed comes back as one of its states at every length, the last one that is whole, and takes
    /// updates and removals at once.
    @Test func everyTruncationOfCrashedStore() throws {
        let whole = try image(isClosed: false)
        var best = 0
        for length in stride(from: 0, through: 4096, by: 512) + Array(4096...4500) {
            var cut = whole
            cut.files[1].bytes.removeLast(whole.files[1].bytes.count - length)
            let directory = try cut.restore()
            let store = try AlexStore(directory: directory.path, options: tinyOptions())
            let found = Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
            let state = try #require(Self.states.lastIndex(of: found), "length \(length): no state")
            #expect(state >= best, "length \(length): a shorter file held more")
            best = state
            #expect(!store.recovery.wasClean)
            if length % 8 != 0 { continue }
            try store.put([42], forKey: 1)
            try store.put([43], forKey: 7)
            try store.remove(3)
            try store.close()
            var expected = found
            (expected[1], expected[7], expected[3]) = ([42], [43], nil)
            #expect(try contents(of: directory) == expected, "length \(length) after a reopen")
        }
        #expect(best == 5)
    }

    /// Any one bit flipped: a closed store answers right or says that it is damaged; a crashed one is a state it had.
    @Test(arguments: [true, false])
    func everyBitFlip(isClosed: Bool) throws {
        let whole = try image(isClosed: isClosed)
        let used = 4096 + 400
        var damaged = 0
        for file in 0..<2 {
            for byte in 0..<min(whole.files[file].bytes.count, used) {
                // The header's zeros are alike: one bit of each is enough there.
                let isHeaderPadding = file == 1 && byte >= 80 && byte < 4088
                if isHeaderPadding && byte % 16 != 0 { continue }
                for bit in 0..<(isHeaderPadding ? 1 : 8) {
                    var flipped = whole
                    flipped.files[file].bytes[byte] ^= 1 << UInt8(bit)
                    do {
                        let found = try contents(of: flipped.restore())
                        let states = isClosed ? [Self.states[5]] : Self.states
                        #expect(states.contains(found), "file \(file) byte \(byte) bit \(bit)")
                    } catch is AlexStoreError {
                        damaged += 1
                    }
                }
            }
        }
        #expect(damaged > 500)
    }

    /// A bit that flips while the store is open is found by the read.
    @Test func flipUnderAnOpenStore() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        try store.put(Array(repeating: 7, count: 64), forKey: 1)
        let file = try SystemFileSystem.shared.open(directory.segmentPaths[0], .readWrite)
        defer { file.close() }
        let bytes = try readFile(directory.segmentPaths[0])
        for byte in 4096..<(4096 + 24 + 64) {
            let flipped: [UInt8] = [bytes[byte] ^ 0x10]
            try flipped.withUnsafeBytes { try file.write($0, at: byte) }
            // The flag and sequence bytes are covered, too: every byte of the record is.
            #expect(throws: AlexStoreError.self, "byte \(byte)") { try store.bytes(forKey: 1) }
            #expect(throws: AlexStoreError.self, "byte \(byte)") { try store.scan { _, _ in true } }
            try [bytes[byte]].withUnsafeBytes { try file.write($0, at: byte) }
        }
        #expect(try store.bytes(forKey: 1) == Array(repeating: 7, count: 64))
    }

    /// What a crash cut off does not come back after a second crash.
    @Test func doubleCrash() throws {
        var crashed = try image(isClosed: false)
        // The third record of the second commit is torn: the batch goes, and all that follows.
        crashed.files[1].bytes[4096 + 64 + 24 + 96] ^= 1
        let directory = try crashed.restore()
        let lengths: [(key: Int64, bytes: Int)] = [(100, 0), (101, 70), (102, 2)]
        var expected = Self.states[1]
        for round in 0..<4 {
            let found = try withCrashingStore(directory.path, tinyOptions()) { store -> [Int64: [UInt8]] in
                if round == 0 {
                    #expect(store.recovery.cut?.offset == 4096 + 64)
                    #expect(store.recovery.bytesDropped > 0)
                }
                let found = try store.contents()
                // As long as the records of the torn batch: on the same salt, the removal behind it would be next.
                for (key, bytes) in lengths {
                    try store.put([UInt8](repeating: UInt8(round), count: bytes), forKey: key)
                }
                return Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.value) })
            }
            #expect(found == expected, "round \(round)")
            for (key, bytes) in lengths { expected[key] = [UInt8](repeating: UInt8(round), count: bytes) }
        }
    }

    /// A power loss that takes back all growth since a clean close leaves the file as the close did. It still counts as
    /// a crash: appends on the same salt could meet blocks from before it.
    @Test func lostGrowthIsNoCleanClose() throws {
        let closed = try image(isClosed: true)
        let directory = try closed.restore()
        try withCrashingStore(directory.path, tinyOptions()) { store in
            #expect(store.recovery.wasClean)
            try store.put([1], forKey: 77)
        }
        var crashed = try StoreImage(directory.path)
        crashed.files[1].bytes.removeLast(crashed.files[1].bytes.count - closed.files[1].bytes.count)
        let copy = try crashed.restore()
        let store = try AlexStore(directory: copy.path, options: tinyOptions())
        #expect(!store.recovery.wasClean)
        #expect(try store.statistics().segments == 2)
        #expect(try store.bytes(forKey: 77) == nil)
        try store.close()
        #expect(try contents(of: copy) == Self.states[5])
    }

    /// A power loss that keeps the second segment but not the first one's size takes nothing of what the first still
    /// holds, least of all what was synced.
    @Test func shortSegmentBeforeAnother() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 8192))
        for key in 0..<3 as Range<Int64> { try store.put(Array(repeating: 1, count: 40), forKey: key) }
        try store.sync()
        for key in 3..<80 as Range<Int64> { try store.put(Array(repeating: 1, count: 40), forKey: key) }
        var image = try StoreImage(directory.path)
        #expect(image.files.count > 2)
        // Three records and the mark, and two records more.
        image.files[1].bytes.removeLast(image.files[1].bytes.count - (4096 + 3 * 64 + 24 + 2 * 64))
        let copy = try image.restore()
        let reopened = try AlexStore(directory: copy.path, options: tinyOptions(segmentBytes: 8192))
        #expect(try reopened.contents().map(\.key) == [0, 1, 2, 3, 4])
        #expect(reopened.recovery.segmentsDropped.count == image.files.count - 2)
        try reopened.close()
    }

    /// A segment that takes the name of one that the manifest's mark names has its header on the disk first: the mark
    /// says that a power loss can't have taken it.
    @Test func markedNameIsTakenDurably() throws {
        let directory = try ScratchDirectory()
        try AlexStore(directory: directory.path, options: tinyOptions()).close()
        var image = try StoreImage(directory.path)
        image.files[1].bytes += [UInt8](repeating: 0, count: 4096)
        let copy = try image.restore()
        let faults = FaultFileSystem()
        faults.arm(at: .max, code: EIO, isForGood: false, only: "syncData")
        var options = tinyOptions()
        options.fileSystem = faults
        let reopened = try AlexStore(directory: copy.path, options: options)
        #expect(!reopened.recovery.wasClean)
        #expect(faults.calls == 1)
        try reopened.close()
    }

    /// A mark makes what lies before it durable: damage there is an error, behind it a cut.
    @Test func markTellsDamageFromTornTail() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        try store.put(Array(repeating: 1, count: 40), forKey: 1)
        try store.sync()
        try store.put(Array(repeating: 2, count: 40), forKey: 2)
        let image = try StoreImage(directory.path)
        var before = image
        before.files[1].bytes[4096 + 30] ^= 1
        #expect(throws: AlexStoreError.self) { try contents(of: before.restore()) }
        var after = image
        after.files[1].bytes[4096 + 64 + 24 + 30] ^= 1
        #expect(try contents(of: after.restore()) == [1: Array(repeating: 1, count: 40)])
    }

    /// A value that holds a whole segment with its records is a value, also where the log is torn just before it.
    @Test func valueThatHoldsRecords() throws {
        let segment = try image(isClosed: true).files[1].bytes
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 1 << 20))
        try store.put([1], forKey: 1)
        try store.put(segment, forKey: 50)
        try store.put(Array(segment[4096...]), forKey: 51)
        var crashed = try StoreImage(directory.path)
        #expect(try contents(of: crashed.restore()) == [1: [1], 50: segment, 51: Array(segment[4096...])])
        crashed.files[1].bytes[4096 + 32] ^= 1
        #expect(try contents(of: crashed.restore()) == [1: [1]])
    }

    /// A process killed at any time keeps every put that had returned.
    @Test(arguments: [700, 2_500, 6_000, 15_000] as [UInt32])
    func killKeepsAcknowledged(microseconds: UInt32) async throws {
        let directory = try ScratchDirectory()
        let acknowledged = try ScratchDirectory()
        let (path, notes) = (directory.path, acknowledged.path + "/count")
        try writeFile(notes, Array(repeating: 0, count: 8))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, notes = notes as String, microseconds = microseconds as UInt32] in
            let file = try SystemFileSystem.shared.open(notes, .readWrite)
            var options = AlexStoreOptions()
            options.segmentBytesLimit = 1 << 20
            options.growthStepBytes = 64 << 10
            let store = try AlexStore(directory: path, options: options)
            var thread = pthread_t()
            var delay = microseconds
            pthread_create(
                &thread, nil,
                { argument in
                    usleep(argument!.load(as: UInt32.self))
                    kill(getpid(), SIGKILL)
                    return nil
                }, &delay)
            var key: Int64 = 0
            while true {
                let value = [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: Int(key % 500))
                try store.put(value, forKey: key)
                key += 1
                try withUnsafeBytes(of: key) { try file.write($0, at: 0) }
            }
        }
        let count = try readFile(notes).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
        let store = try AlexStore(directory: path)
        #expect(store.count == Int(count) || store.count == Int(count) + 1)
        for key in 0..<count {
            let expected = [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: Int(key % 500))
            #expect(try store.bytes(forKey: key) == expected, "key \(key) of \(count)")
        }
        try store.close()
    }
}
