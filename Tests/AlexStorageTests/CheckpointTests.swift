import LearnedIndex
import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct CheckpointTests {
    private func options(_ durability: Durability = .process) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        options.checkpointOnCloseBytesMin = 0
        return options
    }

    /// Several segments, keys overwritten and removed.
    private func fill(_ store: AlexStore, _ model: inout [Int64: [UInt8]], from first: Int64 = 0) throws {
        for key in first..<(first + 120) {
            model[key % 97] = [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: 60 + Int(key) % 90)
            try store.put(model[key % 97, default: []], forKey: key % 97)
        }
        for key in first..<(first + 20) {
            model[key * 3 % 97] = nil
            try store.remove(key * 3 % 97)
        }
    }

    private func expectContents(_ store: AlexStore, _ model: [Int64: [UInt8]], _ note: String) throws {
        let found = Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
        #expect(found == model, "\(note)")
        #expect(store.count == model.count, "\(note)")
        let report = try store.verify()
        #expect(report.isSound, "\(note): \(report)")
    }

    private func checkpointPaths(_ directory: ScratchDirectory) throws -> [String] {
        let folder = directory.path + "/checkpoint"
        return try SystemFileSystem.shared.list(folder).map { folder + "/" + $0 }
    }

    /// Closed and opened again and again: each time from the checkpoint, and nothing of the log is scanned.
    @Test(arguments: Durability.allCases) func cleanOpen(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        for round in 0..<4 as Range<Int64> {
            let store = try AlexStore(directory: directory.path, options: options(durability))
            #expect(store.recovery.checkpoint == (round == 0 ? .none : .used) && store.recovery.wasClean)
            #expect(store.recovery.recordsKept == 0)
            try expectContents(store, model, "round \(round)")
            try fill(store, &model, from: round * 50)
            try expectContents(store, model, "round \(round), filled")
            try store.close()
            #expect(try checkpointPaths(directory).count == 1)
        }
    }

    /// What was written behind a checkpoint is read from the log; what a crash tore off is not.
    @Test(arguments: Durability.allCases) func tailBehindACheckpoint(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        for round in 0..<5 as Range<Int64> {
            try withCrashingStore(directory.path, options(durability)) { store in
                if round > 0 {
                    #expect(store.recovery.checkpoint == .used)
                    #expect(store.recovery.recordsKept > 0 && store.recovery.recordsKept < 50)
                }
                try expectContents(store, model, "round \(round)")
                try fill(store, &model, from: round * 40)
                try store.checkpoint()
                try store.checkpoint()
                for key in 200..<220 as Range<Int64> {
                    model[key] = [UInt8(round)]
                    try store.put([UInt8(round)], forKey: key)
                }
                model[200] = nil
                try store.remove(200)
                try expectContents(store, model, "round \(round), filled")
            }
        }
    }

    /// With compacted segments, retired ones and garbage: the counts are as if all had been read.
    @Test(arguments: Durability.allCases) func compactedStore(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        var options = options(durability)
        for round in 0..<5 as Range<Int64> {
            options.checkpointsOnClose = round % 2 == 0
            let store = try AlexStore(directory: directory.path, options: options)
            try expectContents(store, model, "round \(round)")
            let counted = try store.statistics().perSegment
            try withReplayed(directory, options) { #expect(counted == $0, "round \(round)") }
            try fill(store, &model, from: round * 30)
            let report = try store.compact(CompactionPolicy(garbageShareMin: 0.1))
            #expect(report.segmentsTaken > 0)
            try fill(store, &model, from: round * 30 + 7)
            try expectContents(store, model, "round \(round), compacted")
            try store.close()
            let reopened = try AlexStore(directory: directory.path, options: options)
            #expect(reopened.recovery.checkpoint == (round % 2 == 0 ? .used : .none))
            try reopened.close()
        }
    }

    /// What the segments hold by a copy of the store without its checkpoint.
    private func withReplayed(
        _ directory: ScratchDirectory, _ options: AlexStoreOptions, _ body: ([SegmentStatistics]) throws -> Void
    ) throws {
        let copy = try StoreImage(directory.path).restore()
        let store = try AlexStore(directory: copy.path, options: options)
        #expect(store.recovery.checkpoint != .used)
        try body(store.statistics().perSegment)
    }

    /// Without an option, a log that has hardly grown is closed without one; with it switched off, any.
    @Test func whenACloseMakesOne() throws {
        for (isOn, bytesMin, isMade) in [(true, 0, true), (true, 1 << 20, false), (false, 0, false)] {
            let directory = try ScratchDirectory()
            var options = options()
            options.checkpointsOnClose = isOn
            options.checkpointOnCloseBytesMin = bytesMin
            let store = try AlexStore(directory: directory.path, options: options)
            try store.put([1], forKey: 1)
            try store.close()
            #expect(((try? checkpointPaths(directory).count) ?? 0) == (isMade ? 1 : 0))
            let reopened = try AlexStore(directory: directory.path, options: options)
            #expect(reopened.recovery.checkpoint == (isMade ? .used : .none))
            try reopened.close()
            if isMade { #expect(try checkpointPaths(directory)[0].hasSuffix("0000000000000001.image")) }
        }
    }

    /// Every byte of a checkpoint changed, every length: it is left aside, the report says so, the answers are right,
    /// and the next close puts a new one in its place.
    @Test func damagedCheckpoint() throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        let store = try AlexStore(directory: directory.path, options: options())
        try fill(store, &model)
        try store.close()
        let path = try checkpointPaths(directory)[0]
        let sound = try readFile(path)
        func expectIgnored(_ bytes: [UInt8], _ note: String) throws {
            try writeFile(path, bytes)
            try withCrashingStore(directory.path, options()) { store in
                guard case .ignored(let reason) = store.recovery.checkpoint, !reason.isEmpty else {
                    Issue.record("\(note): \(store.recovery)")
                    return
                }
                #expect(store.recovery.description.contains(reason))
                #expect(store.count == model.count && store.recovery.wasClean, "\(note)")
                let report = try store.verify()
                #expect(report.damage?.file == path, "\(note)")
            }
        }
        for at in stride(from: 0, to: sound.count, by: 97) {
            var bytes = sound
            bytes[at] ^= 1 << UInt8(at % 8)
            try expectIgnored(bytes, "byte \(at)")
        }
        for count in stride(from: 0, to: sound.count, by: 997) {
            try expectIgnored(Array(sound.prefix(count)), "cut to \(count) bytes")
        }
        try expectIgnored(sound + [0], "a byte too long")
        try SystemFileSystem.shared.remove(path)
        let reopened = try AlexStore(directory: directory.path, options: options())
        #expect(reopened.recovery.checkpoint == .ignored(reason: "it is missing"))
        try reopened.close()
        let last = try AlexStore(directory: directory.path, options: options())
        #expect(last.recovery.checkpoint == .used)
        try expectContents(last, model, "a new one")
    }

    /// The log alone is older: what was durable is gone, and the store says so.
    @Test func logIsBehind() throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        try withCrashingStore(directory.path, options()) { store in
            try fill(store, &model)
            try store.checkpoint()
        }
        let tail = try #require(directory.segmentPaths.last)
        let bytes = try readFile(tail)
        let used = try #require(bytes.lastIndex { $0 != 0 })
        try writeFile(tail, Array(bytes.prefix(used - 20)))
        #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: options()) }
        try SystemFileSystem.shared.remove(tail)
        #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: options()) }
    }

    /// A segment before the checkpoint that is gone, short or another store's is found at open all the same.
    @Test func segmentsBeforeACheckpointAreLookedAt() throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        let store = try AlexStore(directory: directory.path, options: options())
        try fill(store, &model)
        try store.close()
        let paths = directory.segmentPaths
        #expect(paths.count > 3)
        let bytes = try readFile(paths[1])
        func expectRefused(_ note: String, _ change: () throws -> Void) throws {
            try change()
            #expect(throws: AlexStoreError.self, "\(note)") {
                try AlexStore(directory: directory.path, options: options())
            }
            try writeFile(paths[1], bytes)
        }
        try expectRefused("gone") { try SystemFileSystem.shared.remove(paths[1]) }
        try expectRefused("short") { try writeFile(paths[1], Array(bytes.prefix(bytes.count / 2))) }
        try expectRefused("its neighbour") { try writeFile(paths[1], try readFile(paths[2])) }
        try withCrashingStore(directory.path, options()) { store in
            #expect(store.recovery.checkpoint == .used)
            try expectContents(store, model, "put back")
        }
    }

    /// A record that is not read at open is checked when it is read.
    @Test func damageBeforeACheckpoint() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        for key in 0..<100 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 100), forKey: key) }
        try store.close()
        var bytes = try readFile(directory.segmentPaths[0])
        bytes[4096 + 5 * 128 + 60] ^= 1
        try writeFile(directory.segmentPaths[0], bytes)
        let reopened = try AlexStore(directory: directory.path, options: options())
        #expect(reopened.recovery.checkpoint == .used)
        #expect(try reopened.bytes(forKey: 4)?.count == 100)
        do {
            _ = try reopened.bytes(forKey: 5)
            Issue.record("a damaged record was read")
        } catch {
            guard case .damaged(_, let offset, _) = error else { throw error }
            #expect(offset == 4096 + 5 * 128)
        }
        #expect(try reopened.verify().damage?.offset == 4096 + 5 * 128)
    }

    /// Whatever numbers a checkpoint has whose checksums are right: nothing crashes, and what a read gives was written.
    @Test func hostileCheckpoint() throws {
        let directory = try ScratchDirectory()
        var model: [Int64: [UInt8]] = [:]
        let store = try AlexStore(directory: directory.path, options: options())
        try fill(store, &model)
        let values = Set(model.values)
        try store.close()
        let image = try StoreImage(directory.path)
        let sound = try readFile(try checkpointPaths(directory)[0])
        let front = try sound.withUnsafeBytes { try Checkpoint.frontBytes(ofPage: $0) }
        var random = SeededGenerator(state: 11)
        var used = 0
        for trial in 0..<400 {
            var bytes = sound
            for _ in 0...Int(random.next() % 3) {
                // Half of the changes in the front's first words.
                let bound = random.next() % 2 == 0 ? 512 : bytes.count
                let at = 16 + Int(random.next() % UInt64(bound - 24)) / 4 * 4
                let word: [UInt8] = [[255, 255, 255, 255], [UInt8(random.next() % 64), 0, 0, 0]][Int(random.next() % 2)]
                bytes.replaceSubrange(at..<(at + 4), with: word)
            }
            mend(&bytes, front)
            let copy = try image.restore()
            try SystemFileSystem.shared.makeDirectory(copy.path + "/checkpoint")
            try writeFile(copy.path + "/checkpoint/0000000000000001.image", bytes)
            do {
                try withCrashingStore(copy.path, options()) { store in
                    if store.recovery.checkpoint == .used { used += 1 }
                    for key in 0..<97 as Range<Int64> {
                        do throws(AlexStoreError) {
                            if let value = try store.bytes(forKey: key) { #expect(values.contains(value)) }
                        } catch {
                            guard case .damaged = error else {
                                Issue.record("trial \(trial): \(error)")
                                return
                            }
                        }
                    }
                    _ = try store.verify()
                }
            } catch let error as AlexStoreError {
                Issue.record("trial \(trial): \(error)")
            }
        }
        #expect(used > 0)
    }

    /// Makes the checksums right again.
    private func mend(_ bytes: inout [UInt8], _ front: Int) {
        bytes.withUnsafeMutableBytes { bytes in
            func seal() {
                let end = front - 4
                let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
                bytes.storeBytes(of: checksum, toByteOffset: end, as: UInt32.self)
            }
            seal()
            let whole = UnsafeRawBufferPointer(bytes)
            guard var checkpoint = try? Checkpoint.decoded(UnsafeRawBufferPointer(rebasing: whole[..<front])),
                checkpoint.image.arenaBytes == bytes.count - front
            else { return }
            checkpoint.blockChecksums = (0..<checkpoint.blocks).map { block in
                let start = front + block * Checkpoint.blockBytes
                let end = min(start + Checkpoint.blockBytes, bytes.count)
                return Checksum.seeded(
                    checkpoint.blockSeed(block), UnsafeRawBufferPointer(rebasing: whole[start..<end]))
            }
            let encoded = checkpoint.encoded()
            if encoded.count == front { bytes.copyBytes(from: encoded) }
        }
    }

    /// A disk without room: the call fails, the checkpoint before counts, writes go on; a close succeeds without one.
    @Test func noRoomForACheckpoint() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = options()
        options.fileSystem = faults
        var model: [Int64: [UInt8]] = [:]
        let store = try AlexStore(directory: directory.path, options: options)
        try fill(store, &model)
        try store.checkpoint()
        try fill(store, &model, from: 30)
        for call in 0..<3 {
            faults.arm(at: call, code: ENOSPC, isForGood: true, only: "write")
            #expect(throws: AlexStoreError.self) { try store.checkpoint() }
            faults.disarm()
        }
        #expect(try checkpointPaths(directory).count >= 1)
        try fill(store, &model, from: 60)
        faults.arm(at: 0, code: ENOSPC, isForGood: false, only: "write")
        try store.close()
        faults.disarm()
        let reopened = try AlexStore(directory: directory.path, options: options)
        #expect(reopened.recovery.wasClean && reopened.recovery.checkpoint == .used)
        try expectContents(reopened, model, "reopened")
    }

    /// Bases survive: a store opened and closed often does not creep up the address space.
    @Test func placesDoNotCreep() throws {
        let directory = try ScratchDirectory()
        for round in 0..<300 as Range<Int64> {
            let store = try AlexStore(directory: directory.path, options: options())
            try store.put([1, 2, 3], forKey: round)
            #expect(store.count == Int(round) + 1)
            try store.close()
        }
    }
}
