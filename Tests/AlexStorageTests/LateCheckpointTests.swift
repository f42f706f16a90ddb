import LearnedIndex
import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opening from a checkpoint whose image is brought in later.
@Suite struct LateCheckpointTests {
    private func options(_ fileSystem: any FileSystem = SystemFileSystem.shared) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 64 << 10)
        options.growthStepBytes = 64 << 10
        options.checkpointOnCloseBytesMin = 0
        options.imageBytesReadAtOnce = 0
        options.fileSystem = fileSystem
        return options
    }

    /// Some data nodes under a root, keys of all kinds, some overwritten and some removed.
    private func fill(_ directory: ScratchDirectory) throws -> [Int64: [UInt8]] {
        var model: [Int64: [UInt8]] = [:]
        var random = SeededGenerator(state: 61)
        let store = try AlexStore(directory: directory.path, options: options())
        var pairs: [(key: Int64, value: [UInt8])] = []
        for number in 0..<9000 {
            pairs.append((Int64(bitPattern: random.next()), [UInt8(truncatingIfNeeded: number)]))
        }
        for key in [0, .min, .max, -1, 1] as [Int64] { pairs.append((key, [7])) }
        for pair in pairs { model[pair.key] = pair.value }
        for start in stride(from: 0, to: pairs.count, by: 1000) {
            try store.putBatch(Array(pairs[start..<min(start + 1000, pairs.count)]))
        }
        for pair in pairs.prefix(300) {
            model[pair.key] = nil
            try store.remove(pair.key)
        }
        for pair in pairs[300..<600] {
            model[pair.key] = [1, 2]
            try store.put([1, 2], forKey: pair.key)
        }
        try store.close()
        return model
    }

    private func checkpointPath(_ directory: ScratchDirectory) throws -> String {
        let folder = directory.path + "/checkpoint/"
        return folder + (try #require(try SystemFileSystem.shared.list(folder).first))
    }

    /// Only what is asked for is read; answers are right from the first on, and the first write has all of it.
    @Test func readsAsNeeded() throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let faults = FaultFileSystem()
        let store = try AlexStore(directory: directory.path, options: options(faults))
        #expect(store.recovery.checkpoint == .used && store.state.pointee.index.isLate == true)
        #expect(store.count == model.count)
        let blocks = try readFile(try checkpointPath(directory)).count / Checkpoint.blockBytes
        faults.arm(at: .max, code: EIO, isForGood: false, only: "read", onPath: ".image")
        for key in [0, .min, .max] as [Int64] { #expect(try store.bytes(forKey: key) == [7]) }
        #expect(try store.bytes(forKey: 2) == nil && store.contains(-1))
        #expect(faults.calls > 0 && faults.calls <= blocks)
        for (key, value) in model { #expect(try store.bytes(forKey: key) == value) }
        #expect(store.state.pointee.index.isLate == false && faults.calls <= blocks + 1, "a block is read twice")
        try store.close()

        let written = try AlexStore(directory: directory.path, options: options())
        #expect(written.state.pointee.index.isLate == true)
        try written.put([9], forKey: 12)
        #expect(written.state.pointee.index.isLate == false)
        #expect(try written.bytes(forKey: 12) == [9] && written.count == model.count + 1)
        #expect(try written.verify().isSound)
    }

    /// Counts of garbage come from the checkpoint, and are those that the log would give.
    @Test func countsOfGarbage() throws {
        let directory = try ScratchDirectory()
        _ = try fill(directory)
        let store = try AlexStore(directory: directory.path, options: options())
        let counted = try store.statistics().perSegment
        #expect(store.state.pointee.log.hasCheckpointedCounts && counted.contains { $0.garbageRecords > 0 })
        let copy = try StoreImage(directory.path).restore()
        let replayed = try AlexStore(directory: copy.path, options: options())
        #expect(replayed.recovery.checkpoint != .used)
        #expect(try replayed.statistics().perSegment == counted)
        try store.compact(CompactionPolicy(garbageShareMin: 0.01))
        #expect(try store.verify().isSound)
    }

    /// A damaged image behind which the log goes on: the counts are those that the log alone would give, whether what
    /// is behind it was recovered (tombstones, in the segment that it ends in) or comes first after the open.
    @Test(arguments: [0, 40]) func countsBehindADamagedImage(removedBefore: Int) throws {
        let directory = try ScratchDirectory()
        var model = try fill(directory)
        let keys = model.keys.sorted()
        try withCrashingStore(directory.path, options()) { store in
            try store.put([8], forKey: keys[0])
            try store.checkpoint()
            for key in keys[100..<(100 + removedBefore)] { try store.remove(key) }
        }
        model[keys[0]] = [8]
        for key in keys[100..<(100 + removedBefore)] { model[key] = nil }
        let path = try checkpointPath(directory)
        var bytes = try readFile(path)
        bytes[100_000] ^= 1
        try writeFile(path, bytes)

        let store = try AlexStore(directory: directory.path, options: options())
        let isLate = store.state.pointee.index.isLate
        #expect(isLate == (removedBefore == 0))
        // The way to this key is there from the begin: the damage is found out when the record is written.
        #expect(try store.remove(0))
        model[0] = nil
        #expect(store.recovery.checkpoint != .used && store.state.pointee.index.isLate == false)
        let counted = try store.statistics().perSegment
        let copy = try StoreImage(directory.path).restore()
        let replayed = try AlexStore(directory: copy.path, options: options())
        #expect(replayed.recovery.checkpoint != .used)
        let expected = try replayed.statistics().perSegment.prefix(counted.count)
        #expect(counted.map(\.garbageRecords) == expected.map(\.garbageRecords))
        #expect(counted.map(\.tombstones) == expected.map(\.tombstones))
        try store.compact(CompactionPolicy(garbageShareMin: 0.01))
        #expect(Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) }) == model)
        #expect(try store.verify().isSound)
    }

    /// Closing what was only read does not read the rest, and writes nothing.
    @Test func closeOfALateStore() throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let path = try checkpointPath(directory)
        let faults = FaultFileSystem()
        for round in 0..<3 {
            let store = try AlexStore(directory: directory.path, options: options(faults))
            #expect(try store.bytes(forKey: 0) == [7] && store.state.pointee.index.isLate == true)
            faults.arm(at: 0, code: EIO, isForGood: true, only: "read", onPath: ".image")
            try store.close()
            faults.disarm()
            #expect(try checkpointPath(directory) == path, "round \(round)")
        }
        let store = try AlexStore(directory: directory.path, options: options())
        #expect(try store.contents().count == model.count)
    }

    /// A bit of any block of the image: it is found before an answer is made of it, the index is built from the log,
    /// the report says why, and the next close puts a new checkpoint in its place.
    @Test func damagedBlocks() throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let path = try checkpointPath(directory)
        let sound = try readFile(path)
        let front = try sound.withUnsafeBytes { try Checkpoint.frontBytes(ofPage: $0) }
        var (early, late) = (0, 0)
        for at in stride(from: front + 4096, to: sound.count, by: Checkpoint.blockBytes) {
            var bytes = sound
            bytes[at] ^= 16
            try writeFile(path, bytes)
            let store = try AlexStore(directory: directory.path, options: options())
            if case .used = store.recovery.checkpoint { late += 1 } else { early += 1 }
            for (key, value) in model { #expect(try store.bytes(forKey: key) == value) }
            try withExtendedLifetime(store) {
                _ = try store.contents()
                guard case .ignored(let reason) = store.recovery.checkpoint else {
                    Issue.record("byte \(at): \(store.recovery)")
                    return
                }
                #expect(reason.contains("not what was written"), "\(reason)")
                let report = try store.verify()
                #expect(report.damage?.file == path && store.count == model.count)
            }
        }
        #expect(early > 0 && late > 0)
        let store = try AlexStore(directory: directory.path, options: options())
        try store.put([3], forKey: 3)
        #expect(store.recovery.checkpoint != .used)
        #expect(try store.verify().damage?.file == path)
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: options())
        #expect(reopened.recovery.checkpoint == .used)
        #expect(try reopened.verify().isSound)
    }

    /// A block that can't be read, at the first write, the first scan, the first compaction.
    @Test func unreadableBlocks() throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let image = try StoreImage(directory.path, withCheckpoint: true)
        let uses: [(AlexStore) throws -> Bool] = [
            { store in
                try store.put([5], forKey: 0)
                return true
            },
            { try $0.contents().count == model.count },
            { try $0.compact(CompactionPolicy(garbageShareMin: 0.01)).segmentsTaken > 0 },
            { try $0.remove(0) },
            { store in
                try store.checkpoint()
                return true
            },
            { try $0.bytes(forKey: 8) == nil },
        ]
        for use in uses {
            let copy = try image.restore()
            let faults = FaultFileSystem()
            let store = try AlexStore(directory: copy.path, options: options(faults))
            #expect(store.state.pointee.index.isLate == true)
            faults.arm(at: 0, code: EIO, isForGood: true, only: "read", onPath: ".image")
            #expect(try use(store))
            for (key, value) in model where key != 0 { #expect(try store.bytes(forKey: key) == value) }
            faults.disarm()
            #expect(try store.verify().damage == nil)
        }
    }

    /// Neither the checkpoint nor the log behind it can be read: every read says so, none says that a key is absent.
    @Test func nothingIsLeft() throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let path = try checkpointPath(directory)
        var bytes = try readFile(path)
        // The image's second block of 64 KiB alone: the root, which opening reads, lies in another.
        bytes[100_000] ^= 1
        try writeFile(path, bytes)
        var segment = try readFile(directory.segmentPaths[1])
        segment[8000] ^= 1
        try writeFile(directory.segmentPaths[1], segment)
        let store = try AlexStore(directory: directory.path, options: options())
        #expect(store.recovery.checkpoint == .used)
        var failures = 0
        for key in model.keys {
            do throws(AlexStoreError) {
                #expect(try store.bytes(forKey: key) == model[key])
            } catch {
                guard case .damaged = error else { throw error }
                failures += 1
            }
        }
        #expect(failures > 0)
        for _ in 0..<2 {
            #expect(throws: AlexStoreError.self) { try store.contents() }
            #expect(throws: AlexStoreError.self) { try store.contains(4) }
            #expect(throws: AlexStoreError.self) { try store.put([1], forKey: 4) }
            #expect(throws: AlexStoreError.self) { try store.remove(model.keys[model.startIndex]) }
            #expect(throws: AlexStoreError.self) { try store.compact(.everything) }
            #expect(throws: AlexStoreError.self) { try store.checkpoint() }
        }
        #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: options()) }
    }

    /// The same, with a compaction, a checkpoint or a close as the first to find out: nothing is taken for empty.
    @Test(arguments: 0..<3) func nothingIsLeftToReplace(first: Int) throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let path = try checkpointPath(directory)
        // As after a crash before the first write: the log's end is another than the checkpoint's.
        var manifest = try Manifest.decoded(try readFile(directory.path + "/MANIFEST"))
        manifest.isOpen = true
        try writeFile(directory.path + "/MANIFEST", manifest.encoded())
        var bytes = try readFile(path)
        bytes[100_000] ^= 1
        try writeFile(path, bytes)
        let segment = try readFile(directory.segmentPaths[1])
        var damaged = segment
        damaged[8000] ^= 1
        try writeFile(directory.segmentPaths[1], damaged)
        try withCrashingStore(directory.path, options()) { store in
            #expect(store.recovery.checkpoint == .used && store.state.pointee.index.isLate == true)
            switch first {
            case 0: #expect(throws: AlexStoreError.self) { try store.compact(.everything) }
            case 1: #expect(throws: AlexStoreError.self) { try store.checkpoint() }
            default: #expect(throws: AlexStoreError.self) { try store.close() }
            }
        }
        try writeFile(directory.segmentPaths[1], segment)
        let reopened = try AlexStore(directory: directory.path, options: options())
        #expect(Dictionary(uniqueKeysWithValues: try reopened.contents().map { ($0.key, $0.value) }) == model)
    }

    /// In class power the first commit behind an open may find room enough, and a damaged image: the index is whole
    /// before anything is staged, or the commit is refused.
    @Test(arguments: [false, true]) func firstCommitOfClassPower(isLogDamaged: Bool) throws {
        let directory = try ScratchDirectory()
        var model = try fill(directory)
        let path = try checkpointPath(directory)
        // As after a crash before the first write: a new segment is begun, with room for the first commits.
        var manifest = try Manifest.decoded(try readFile(directory.path + "/MANIFEST"))
        manifest.isOpen = true
        try writeFile(directory.path + "/MANIFEST", manifest.encoded())
        var bytes = try readFile(path)
        bytes[100_000] ^= 1
        try writeFile(path, bytes)
        let segment = try readFile(directory.segmentPaths[1])
        if isLogDamaged {
            var damaged = segment
            damaged[8000] ^= 1
            try writeFile(directory.segmentPaths[1], damaged)
        }
        var options = options()
        options.durability = .power
        try withCrashingStore(directory.path, options) { store in
            #expect(store.recovery.checkpoint == .used && store.state.pointee.index.isLate == true)
            let last = store.state.pointee.log.nextSequence
            if isLogDamaged {
                #expect {
                    try store.put([8], forKey: 12)
                } throws: { error in
                    guard case .damaged = error as? AlexStoreError else { return false }
                    return true
                }
                #expect(store.state.pointee.log.nextSequence == last, "something was staged")
                return
            }
            try store.put([8], forKey: 12)
            model[12] = [8]
            let report = try store.verify()
            // The image is what is damaged, and nothing before it.
            #expect(report.damage?.file == path, "\(report)")
        }
        try writeFile(directory.segmentPaths[1], segment)
        let reopened = try AlexStore(directory: directory.path, options: self.options())
        #expect(Dictionary(uniqueKeysWithValues: try reopened.contents().map { ($0.key, $0.value) }) == model)
    }

    /// A count of garbage that is not right, with right checksums: found when the entries are counted.
    @Test func wrongCounts() throws {
        let directory = try ScratchDirectory()
        let model = try fill(directory)
        let path = try checkpointPath(directory)
        let sound = try readFile(path)
        let front = try sound.withUnsafeBytes { try Checkpoint.frontBytes(ofPage: $0) }
        var checkpoint = try sound.withUnsafeBytes {
            try Checkpoint.decoded(UnsafeRawBufferPointer(rebasing: $0[..<front]))
        }
        checkpoint.segments[0].garbage += 1
        try writeFile(path, checkpoint.encoded() + sound[front...])
        let store = try AlexStore(directory: directory.path, options: options())
        #expect(store.recovery.checkpoint == .used)
        try store.compact(CompactionPolicy(garbageShareMin: 0.01))
        guard case .ignored(let reason) = store.recovery.checkpoint else {
            Issue.record("\(store.recovery)")
            return
        }
        #expect(reason.contains("other entries"))
        #expect(try store.verify().isSound && store.count == model.count)
    }
}
