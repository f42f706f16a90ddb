import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct BackupTests {
    private func filled(_ directory: ScratchDirectory, _ durability: Durability) throws -> AlexStore {
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        let store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<100 as Range<Int64> { try store.put([UInt8](repeating: UInt8(key), count: 100), forKey: key) }
        try store.putBatch([(key: 1, value: [2]), (key: 2, value: [3])])
        try store.remove(3)
        return store
    }

    private func contents(_ directory: String) throws -> [Int64: [UInt8]] {
        let store = try AlexStore(directory: directory, options: tinyOptions())
        #expect(store.recovery.wasClean, "\(store.recovery)")
        #expect(try store.verify().isSound)
        let pairs = try store.contents()
        try store.close()
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
    }

    /// The copy is what the store was; both go on by themselves.
    @Test(arguments: Durability.allCases) func copiesTheState(durability: Durability) throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, durability)
        try store.putWithoutWaiting([7], forKey: 200)
        let copy = target.path + "/new"
        let report = try store.backup(to: copy)
        #expect(report.segments == (try store.statistics().segments) && report.records == 104)
        try store.put([9], forKey: 201)
        try store.remove(200)
        var found = try contents(copy)
        #expect(found.count == 100 && found[200] == [7] && found[201] == nil && found[3] == nil && found[1] == [2])
        #expect(found[50] == [UInt8](repeating: 50, count: 100))

        // Whatever is written to the copy, the store does not see.
        let other = try AlexStore(directory: copy, options: tinyOptions())
        try other.put([1], forKey: 300)
        try other.close()
        found = try contents(copy)
        #expect(found[300] == [1] && found.count == 101)
        #expect(try store.bytes(forKey: 300) == nil)
        #expect(try store.verify().isSound)
        try store.close()
        #expect(try contents(directory.path).count == 100)
    }

    /// A segment of the copy is not one of the store's, and the other way round.
    @Test func identitiesDiffer() throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, .process)
        try store.backup(to: target.path)
        try store.close()
        let first = directory.segmentPaths[0]
        try writeFile(target.segmentPaths[0], try readFile(first))
        #expect(throws: AlexStoreError.self) { try AlexStore(directory: target.path, options: tinyOptions()) }
    }

    /// Compacted segments and retired ones of the log; the state that is held stays readable when compaction goes on.
    @Test(arguments: Durability.allCases) func compactedStore(durability: Durability) throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, durability)
        try store.compact(.everything)
        for key in 200..<260 as Range<Int64> { try store.put([UInt8](repeating: 4, count: 200), forKey: key) }
        let held = try store.beginBackup()
        for key in 0..<90 as Range<Int64> { try store.remove(key) }
        try store.compact(.everything)
        #expect(store.count == 70)
        try held.copy(to: target.path)
        #expect(try SystemFileSystem.shared.list(target.segmentsPath).contains { $0.hasSuffix(".compacted") })
        let found = try contents(target.path)
        #expect(found.count == 159 && found[3] == nil && found[1] == [2] && found[259]?.count == 200)
        #expect(try store.verify().isSound)
    }

    /// While a compaction brings the index to its new files: these are copied, and those that they replace are not.
    @Test(arguments: [Durability.process, .power]) func amidACompaction(durability: Durability) throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, durability)
        let state = store.state
        let begun = try store.beginCompaction(.everything)
        let inputs = try #require(begun)
        let durable = try state.pointee.log.makeDurableForCompaction()
        var compaction = Compaction(state: state, inputs: inputs)
        try compaction.gatherTombstones()
        while try !compaction.copySome(visitsMax: .max) {}
        try compaction.seal()
        try compaction.publish(durable)
        let isMoved = try compaction.moveSome(recordsMax: 10)
        #expect(!isMoved)
        let manifest = state.pointee.log.files.manifest
        let report = try store.backup(to: target.path)
        #expect(report.segments == manifest.compacted.count + 1, "the tail, and what is compacted")
        while try !compaction.moveSome(recordsMax: .max) {}
        compaction.retireInputs()
        state.pointee.log.files.isCompacting = false
        let names = try SystemFileSystem.shared.list(target.segmentsPath)
        #expect(names.count == report.segments)
        let copied = try contents(target.path)
        let shown = try model(of: store)
        #expect(copied.count == 99 && copied == shown)
        #expect(try store.verify().isSound)
        try store.close()
    }

    @Test func emptyStore() throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        try store.backup(to: target.path)
        #expect(try contents(target.path).isEmpty)
    }

    /// Other threads commit while the copy is made: it holds a prefix of what each of them did.
    @Test(arguments: [Durability.process, .power]) func whileThreadsCommit(durability: Durability) throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        var options = tinyOptions(segmentBytes: 32 << 10)
        options.durability = durability
        let faults = FaultFileSystem()
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        let committer = store.committer()
        let threads = 3
        let perThread = 300
        final class Box: @unchecked Sendable {
            // Safe to share: each thread is handed its own number before it starts.
            let committer: StoreCommitter
            let thread: Int
            let count: Int
            init(_ committer: StoreCommitter, _ thread: Int, _ count: Int) {
                (self.committer, self.thread, self.count) = (committer, thread, count)
            }
        }
        var handles: [pthread_t] = []
        for thread in 0..<threads {
            var handle = pthread_t()
            let box = Unmanaged.passRetained(Box(committer, thread, perThread))
            pthread_create(
                &handle, nil,
                { argument in
                    let box = Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue()
                    for number in 0..<box.count {
                        try? box.committer.put(
                            [UInt8](repeating: 1, count: 50), forKey: Int64(box.thread * 1000 + number))
                    }
                    return nil
                }, box.toOpaque())
            handles.append(handle)
        }
        var copies: [String] = []
        for number in 0..<4 {
            usleep(2000)
            let path = target.path + "/\(number)"
            try committer.backup(to: path)
            copies.append(path)
        }
        for handle in handles { pthread_join(handle, nil) }
        for path in copies {
            let keys = try contents(path).keys.sorted()
            for thread in 0..<threads {
                let own = keys.filter { $0 / 1000 == Int64(thread) }
                #expect(own == own.indices.map { Int64(thread * 1000 + $0) }, "a hole in what thread \(thread) did")
            }
        }
        #expect(store.count == threads * perThread)
    }

    /// A target that is not empty is refused and left as it is.
    @Test func refusesATargetThatIsNotEmpty() throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, .process)
        try writeFile(target.path + "/letter", [1])
        let error = try #require(throws: AlexStoreError.self) { try store.backup(to: target.path) }
        guard case .incompatible(target.path, let reason) = error else { throw error }
        #expect(reason.contains("letter"))
        #expect(try SystemFileSystem.shared.list(target.path) == ["letter"])
        #expect(throws: AlexStoreError.self) { try store.backup(to: directory.path) }
        #expect(try store.verify().isSound)
    }

    /// Each call fails in turn: an error, and no part of a copy that opens; the store itself is as it was.
    @Test(arguments: [EIO, ENOSPC]) func everyCallFails(code: Int32) throws {
        let directory = try ScratchDirectory()
        var options = tinyOptions(segmentBytes: 8192)
        let faults = FaultFileSystem()
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<150 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 100), forKey: key) }
        let held = try store.beginBackup()
        var failed = 0
        for call in 0... {
            let target = try ScratchDirectory()
            faults.arm(at: call, code: code, isForGood: false)
            var error: (any Error)?
            do { try held.copy(to: target.path) } catch let caught { error = caught }
            faults.disarm()
            guard error != nil else { break }
            failed += 1
            #expect(error as? AlexStoreError != nil)
            // The renamed manifest may be there when only the sync of its directory failed: then all of it is.
            let names = try SystemFileSystem.shared.list(target.path)
            #expect(!names.contains("MANIFEST"), "call \(call)")
            #expect(target.segmentPaths.isEmpty, "call \(call): \(target.segmentPaths)")
        }
        #expect(failed > 20)
        #expect(try store.verify().isSound)
    }

    /// Damage of the source is not copied in silence.
    @Test func damagedSource() throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, .process)
        let path = directory.segmentPaths[0]
        let file = try SystemFileSystem.shared.open(path, .readWrite)
        defer { file.close() }
        try [UInt8(0xFF)].withUnsafeBytes { try file.write($0, at: 4096 + 200) }
        let error = try #require(throws: AlexStoreError.self) { try store.backup(to: target.path) }
        guard case .damaged(_, let offset, _) = error else { throw error }
        #expect(offset == 4096 + 128)
        #expect(target.segmentPaths.isEmpty)
    }

    @Test func cancelled() throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let store = try filled(directory, .process)
        let held = try store.beginBackup()
        #expect(held.bytes > 8192)
        #expect(throws: AlexStoreError.cancelled) { try held.copy(to: target.path) { _ in false } }
        #expect(target.segmentPaths.isEmpty)
        try held.copy(to: target.path)
        #expect(try contents(target.path).count == 99)
    }
}
