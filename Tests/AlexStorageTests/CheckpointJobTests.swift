import LearnedIndex
import StorageIO
import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Checkpoints that are made while the store is used.
@Suite struct CheckpointJobTests {
    /// - Parameter onThread: Otherwise the writer makes them, and everything comes in the same order each time.
    private func options(
        _ durability: Durability = .process, onThread: Bool = false,
        _ fileSystem: any FileSystem = SystemFileSystem.shared
    ) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 16 << 10)
        options.durability = durability
        options.checkpointBytes = 20 << 10
        options.checkpointsOnThread = onThread
        options.checkpointsOnClose = false
        options.fileSystem = fileSystem
        return options
    }

    private func options(_ faults: FaultFileSystem) -> AlexStoreOptions { options(.process, onThread: false, faults) }

    private typealias Model = [Int64: [UInt8]]

    /// Overwrites, removes and now and then writes a batch.
    private func write(_ store: AlexStore, _ model: inout Model, _ range: Range<Int>) throws {
        for number in range {
            let key = Int64(number * 7919 % 101)
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 20 + number % 150)
            switch number % 9 {
            case 0:
                try store.putBatch([(key, value), (key + 200, value)])
                (model[key], model[key + 200]) = (value, value)
            case 1:
                try store.remove(key)
                model[key] = nil
            default:
                try store.put(value, forKey: key)
                model[key] = value
            }
        }
    }

    private func expect(_ store: AlexStore, _ model: Model, _ note: String) throws {
        let found = Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
        #expect(found == model, "\(note)")
        let report = try store.verify()
        #expect(report.isSound, "\(note): \(report)")
    }

    /// What the store does by itself is over when `finishOwnWork` returns: the checkpoint is in force.
    @Test(arguments: [Durability.process, .power])
    func ownWorkIsFinished(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let options = options(durability, onThread: true)
        var model: Model = [:]
        let store = try AlexStore(directory: directory.path, options: options)
        try write(store, &model, 0..<2000)
        try store.finishOwnWork()
        #expect(store.state.pointee.log.files.checkpointJob == nil)
        #expect(store.state.pointee.log.files.manifest.checkpoint > 0)
        try store.finishOwnWork()
        try expect(store, model, "after finishing")
        try store.close()
        #expect(throws: AlexStoreError.closed) { try store.finishOwnWork() }
    }

    /// Crashed again and again: opening goes on from a checkpoint that nobody has asked for, with the log's own counts.
    @Test(arguments: Durability.allCases) func crashesLeaveOne(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var model: Model = [:]
        for round in 0..<4 {
            try withCrashingStore(directory.path, options(durability)) { store in
                #expect(round == 0 || store.recovery.checkpoint == .used, "\(store.recovery)")
                #expect(round == 0 || store.recovery.recordsKept < 600, "\(store.recovery)")
                try expect(store, model, "round \(round)")
                let copy = try StoreImage(directory.path).restore()
                let replayed = try AlexStore(directory: copy.path, options: options(durability))
                #expect(try replayed.statistics().perSegment == store.statistics().perSegment)
                try write(store, &model, (round * 1000)..<(round * 1000 + 900))
                #expect(store.state.pointee.log.files.checkpointNumber > 2)
                try expect(store, model, "round \(round), written")
            }
        }
    }

    /// With compactions in between, whose segments a checkpoint can't outlive.
    @Test(arguments: Durability.allCases) func compactionsInBetween(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var model: Model = [:]
        for round in 0..<4 {
            try withCrashingStore(directory.path, options(durability)) { store in
                try expect(store, model, "round \(round)")
                for part in 0..<3 {
                    try write(store, &model, (round * 1000 + part * 300)..<(round * 1000 + part * 300 + 250))
                    try store.compact(CompactionPolicy(garbageShareMin: 0.2))
                }
                try write(store, &model, (round * 1000 + 900)..<(round * 1000 + 990 + 300 * (round % 2)))
                try expect(store, model, "round \(round), written")
                #expect(store.state.pointee.log.files.checkpointNumber > 2)
                let names = try SystemFileSystem.shared.list(directory.path + "/checkpoint")
                #expect(names.count <= 2, "what compactions made void stays: \(names)")
            }
        }
    }

    /// Whatever goes wrong with the checkpoint's own files, no write notices, and nothing is lost.
    @Test(arguments: [EIO, ENOSPC], [true, false]) func failuresOfItsFiles(code: Int32, isForGood: Bool) throws {
        var failed = 0
        for call in 0..<24 {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            var model: Model = [:]
            try withCrashingStore(directory.path, options(faults)) { store in
                try write(store, &model, 0..<100)
                faults.arm(at: call, code: code, isForGood: isForGood, onPath: "checkpoint")
                try write(store, &model, 100..<900)
                failed += faults.calls > call ? 1 : 0
                faults.disarm()
                try expect(store, model, "call \(call)")
                try write(store, &model, 900..<1200)
            }
            let reopened = try AlexStore(directory: directory.path, options: options())
            #expect(reopened.recovery.checkpoint == .used, "call \(call): \(reopened.recovery)")
            try expect(reopened, model, "call \(call), reopened")
        }
        #expect(failed > 10)
    }

    /// A replacement of the manifest that fails, at any of its steps, in every way.
    @Test func failuresOfTheManifest() throws {
        for (call, code) in (0..<12).flatMap({ call in [EIO, ENOSPC].map { (call, $0) } }) {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            var model: Model = [:]
            try withCrashingStore(directory.path, options(faults)) { store in
                try write(store, &model, 0..<60)
                faults.arm(at: call, code: code, isForGood: call % 2 == 0, onPath: "MANIFEST")
                try write(store, &model, 60..<800)
                faults.disarm()
                try expect(store, model, "call \(call)")
            }
            let reopened = try AlexStore(directory: directory.path, options: options())
            try expect(reopened, model, "call \(call), reopened")
        }
    }

    /// Who has asked for a checkpoint is told why it is not in force: no room for the manifest, or one that is in
    /// doubt.
    @Test(arguments: [("write", 0, ENOSPC), ("rename", 0, EIO), ("syncDirectory", 2, EIO)])
    func failureOfTheManifestIsTold(call: String, number: Int, code: Int32) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = options(faults)
        options.checkpointBytes = 0
        var model: Model = [:]
        try withCrashingStore(directory.path, options) { store in
            try write(store, &model, 0..<60)
            faults.arm(
                at: number, code: code, isForGood: false, only: call,
                onPath: call == "syncDirectory" ? nil : "MANIFEST")
            let error = try #require(throws: AlexStoreError.self) { try store.committer().checkpoint() }
            faults.disarm()
            guard case .io(let reason) = error else { throw error }
            #expect(reason.code == code)
            try expect(store, model, "refused")
            try store.committer().checkpoint()
            try expect(store, model, "in force")
        }
        let reopened = try AlexStore(directory: directory.path, options: options)
        #expect(reopened.recovery.checkpoint == .used)
    }

    /// A sync of the log that fails poisons the store, whoever has asked for it.
    @Test func aFailedSyncPoisons() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var model: Model = [:]
        try withCrashingStore(directory.path, options(faults)) { store in
            try write(store, &model, 0..<50)
            faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData", onPath: "segments")
            #expect(throws: AlexStoreError.self) { try write(store, &model, 50..<900) }
            #expect {
                try store.put([1], forKey: 1)
            } throws: {
                guard case .poisoned = $0 as? AlexStoreError else { return false }
                return true
            }
            #expect(try store.bytes(forKey: 1) == model[1])
        }
        let reopened = try AlexStore(directory: directory.path, options: options())
        #expect(try reopened.verify().isSound && reopened.count == model.count)
    }

    /// On a thread, with slow syncs: writes go on meanwhile; a close, a call and a compaction in its midst are right.
    @Test(arguments: [Durability.process, .power], 0..<4) func onAThread(durability: Durability, end: Int) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        let options = options(durability, onThread: true, faults)
        var model: Model = [:]
        try withCrashingStore(directory.path, options) { store in
            try write(store, &model, 0..<50)
            faults.syncMicroseconds.withLock { $0 = durability == .power ? 300 : 20_000 }
            var wasUnderWay = 0
            for part in 1..<12 {
                try write(store, &model, (part * 50)..<(part * 50 + 50))
                if store.state.pointee.log.files.isCheckpointUnderWay { wasUnderWay += 1 }
            }
            #expect(wasUnderWay > 0 || durability == .power)
            switch end {
            case 0: try store.close()
            case 1: try store.checkpoint()
            case 2: try store.compact(CompactionPolicy(garbageShareMin: 0.1))
            default: try expect(store, model, "under way")
            }
            faults.syncMicroseconds.withLock { $0 = 0 }
            if end == 0 { return }
            try write(store, &model, 600..<900)
            try expect(store, model, "gone on")
        }
        let reopened = try AlexStore(directory: directory.path, options: self.options(durability))
        try expect(reopened, model, "reopened")
    }

    /// Asked for by one thread while others write: it holds everything that was committed before.
    @Test(arguments: Durability.allCases) func askedForByACommitter(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var options = options(durability, onThread: true)
        options.checkpointBytes = durability == .process ? 40 << 10 : 0
        options.segmentBytesLimit = 1 << 20
        try withCrashingStore(directory.path, options) { store in
            let committer = store.committer()
            try committer.put([1], forKey: -1)
            let written = Atomic(0)
            let isOver = Atomic(false)
            let failures = Mutex<[String]>([])
            let writer = Thread {
                while !isOver.load(ordering: .acquiring) {
                    let number = written.load(ordering: .relaxed)
                    do throws(AlexStoreError) {
                        try committer.put([UInt8](repeating: 1, count: 100), forKey: Int64(number % 500))
                    } catch { failures.withLock { $0.append("\(error)") } }
                    written.store(number + 1, ordering: .releasing)
                    if number % 64 == 0 { usleep(500) }
                }
            }
            for _ in 0..<8 {
                let before = written.load(ordering: .acquiring)
                while written.load(ordering: .acquiring) < before + 20 { sched_yield() }
                try committer.checkpoint()
                #expect(committer.durableSequence > UInt64(before))
            }
            isOver.store(true, ordering: .releasing)
            writer.join()
            #expect(failures.withLock { $0 } == [])
            #expect(try store.verify().isSound)
            try committer.checkpoint()
        }
        let reopened = try AlexStore(directory: directory.path, options: options)
        #expect(reopened.recovery.checkpoint == .used && reopened.recovery.recordsKept == 0)
        #expect(try reopened.verify().isSound)
    }
}

/// A thread that is joined.
private final class Thread {
    private var thread = pthread_t()

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    init(_ body: @escaping @Sendable () -> Void) {
        pthread_create(
            &thread, nil,
            { argument in
                // Safe: the object and a reference to it were passed.
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
}
