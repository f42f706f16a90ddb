import StorageIO
import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct AutomaticCompactionTests {
    private func options(_ durability: Durability = .process, _ faults: FaultFileSystem = FaultFileSystem())
        -> AlexStoreOptions
    {
        var options = tinyOptions(segmentBytes: 256 << 10)
        options.durability = durability
        options.growthStepBytes = 64 << 10
        options.fileSystem = faults
        var automatic = AutomaticCompaction()
        automatic.garbageBytesMin = 256 << 10
        automatic.bytesPerSecond = 1 << 40
        options.automaticCompaction = automatic
        return options
    }

    /// Writes values of 1,000 bytes over 300 keys and more until `isEnough`, at most so many.
    private func write(
        _ store: AlexStore, _ model: inout Model, _ random: inout SeededGenerator, atMost limit: Int = 400_000,
        until isEnough: (Int) throws -> Bool
    ) throws {
        for number in 0..<limit {
            if try isEnough(number) { return }
            // On a machine that is busy the thread needs its time, too.
            if number % 256 == 0 && store.automaticCompaction.isRunning { usleep(500) }
            let key = Int64.random(in: 0..<300, using: &random)
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                try store.remove(key)
                model[key] = nil
            case 1:
                try store.transaction { transaction in
                    try transaction.put([1], forKey: key)
                    try transaction.remove(key + 1)
                }
                (model[key], model[key + 1]) = ([1], nil)
            case 2:
                try store.putBatch([(key: key, value: [2]), (key: key + 1, value: [3])])
                (model[key], model[key + 1]) = ([2], [3])
            default:
                let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1000)
                try store.put(value, forKey: key)
                model[key] = value
            }
        }
    }

    /// A store that is overwritten again and again compacts by itself, and keeps its content.
    @Test(arguments: Durability.allCases) func keepsSpaceBounded(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var random = SeededGenerator(state: 1)
        var store = try AlexStore(directory: directory.path, options: options(durability))
        var expected: Model = [:]
        try write(store, &expected, &random) { _ in store.automaticCompaction.done >= 3 }
        let report = store.automaticCompaction
        #expect(report.done >= 3 && report.failed == 0 && report.lastFailure == nil)
        #expect((report.last?.recordsSuperseded ?? 0) > 0)
        #expect(try model(of: store) == expected)
        #expect(try store.verify().damage == nil)
        // What was taken is gone: more was written than is there.
        #expect((report.last?.bytesWritten ?? 0) < (report.last?.bytesTaken ?? 0))
        #expect(try store.statistics().logBytes < store.state.pointee.log.bytesEver)
        try store.close()
        let names = try SystemFileSystem.shared.list(directory.segmentsPath)
        store = try AlexStore(directory: directory.path, options: options(durability))
        #expect(try model(of: store) == expected)
        #expect(try store.statistics().segments == names.count)
        try store.close()
    }

    @Test func off() throws {
        let directory = try ScratchDirectory()
        var random = SeededGenerator(state: 1)
        var off = options()
        off.automaticCompaction = nil
        let store = try AlexStore(directory: directory.path, options: off)
        var expected: Model = [:]
        try write(store, &expected, &random) { $0 == 6000 }
        #expect(store.automaticCompaction == AutomaticCompactionReport())
        #expect(try store.statistics().garbageBytes > 4 << 20)
        try store.close()
        for change in [
            { $0.garbageShareMin = 0 }, { $0.segmentGarbageShareMin = 1.5 }, { $0.urgentGarbageShare = .nan },
            { $0.bytesPerSecond = 0 }, { $0.inputBytesMax = 0 }, { $0.garbageBytesMin = -1 },
        ] as [(inout AutomaticCompaction) -> Void] {
            var automatic = AutomaticCompaction()
            change(&automatic)
            off.automaticCompaction = automatic
            #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: off) }
        }
    }

    /// Whatever comes while a compaction is under way, at whatever stage: a close, the end of the process, a compaction
    /// that was asked for, a checkpoint, a backup, a check, a pin.
    @Test(arguments: 1...3 as ClosedRange<UInt64>, [Durability.process, .power])
    func anythingInBetween(seed: UInt64, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var random = SeededGenerator(state: seed)
        var options = options(durability)
        // Slow, so that it is met at work.
        options.automaticCompaction?.bytesPerSecond = 8 << 20
        options.automaticCompaction?.urgentGarbageShare = 1
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var expected: Model = [:]
        for round in 0..<24 {
            let count = Int.random(in: 1..<900, using: &random)
            try write(store!, &expected, &random) { number in
                number >= count && (number >= 3000 || store!.automaticCompaction.isRunning)
            }
            let place: Comment = "seed \(seed) round \(round)"
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                try store!.close()
                store = nil
            case 1: store = nil
            case 2: try store!.compact(.everything)
            case 3: try store!.checkpoint()
            case 4:
                let copy = try ScratchDirectory()
                try store!.backup(to: copy.path + "/copy")
                let opened = try AlexStore(directory: copy.path + "/copy", options: options)
                #expect(try model(of: opened) == expected, place)
                try opened.close()
            case 5: #expect(try store!.verify().damage == nil, place)
            case 6:
                // What a kill would leave now.
                let copy = try image(directory).restore()
                let opened = try AlexStore(directory: copy.path, options: options)
                #expect(try model(of: opened) == expected, place)
                try opened.close()
            default: try hold(store!, &expected, &random, place)
            }
            if store == nil { store = try AlexStore(directory: directory.path, options: options) }
            #expect(try model(of: store!) == expected, place)
        }
        #expect(try store!.verify().damage == nil)
        try store!.close()
    }

    /// The files as a kill would leave them: copied again where the thread has changed them meanwhile.
    private func image(_ directory: ScratchDirectory) throws -> StoreImage {
        for _ in 0..<1000 {
            let before = try readFile(directory.path + "/MANIFEST")
            let image = try? StoreImage(directory.path)
            if let image, try readFile(directory.path + "/MANIFEST") == before, image.files[0].bytes == before {
                return image
            }
            usleep(1000)
        }
        return try StoreImage(directory.path)
    }

    /// A slice under a pin stays as it is.
    private func hold(
        _ store: AlexStore, _ expected: inout Model, _ random: inout SeededGenerator, _ place: Comment
    ) throws {
        let pin = store.pin()
        guard let key = expected.keys.min(), let span = try pin.value(forKey: key) else { return }
        let wanted = expected[key]
        try write(store, &expected, &random) { $0 == 800 }
        #expect(span.withUnsafeBytes { Array($0) } == wanted, place)
    }

    /// What fails on the thread changes nothing, is told in the report, and is tried again; only a failed sync of the
    /// log poisons the store.
    @Test(arguments: [
        ("write", ".compacted"), ("syncData", ".compacted"), ("open", ".compacted"), ("map", ".compacted"),
        ("rename", "MANIFEST"), ("syncDirectory", "/segments"), ("syncData", ".segment"),
    ])
    func failures(call: String, path: String) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var random = SeededGenerator(state: 4)
        var store = try AlexStore(directory: directory.path, options: options(.process, faults))
        var expected: Model = [:]
        try write(store, &expected, &random) { _ in store.automaticCompaction.isRunning }
        faults.arm(at: 0, code: ENOSPC, isForGood: true, only: call, onPath: path)
        var isPoisoned = false
        do {
            try write(store, &expected, &random) { _ in store.automaticCompaction.failed > 0 }
            #expect(store.automaticCompaction.lastFailure.map(isFull) == true)
        } catch let error as AlexStoreError {
            // A put was refused, or a compaction had been through before the fault.
            isPoisoned = error == .poisoned
            #expect(isPoisoned, "\(error)")
        }
        // The directory is synced with the outputs, and again with the log: the fault may meet either.
        if call != "syncDirectory" { #expect(isPoisoned == (call == "syncData" && path == ".segment")) }
        #expect(try model(of: store) == expected)
        faults.disarm()
        if isPoisoned {
            #expect(throws: AlexStoreError.poisoned) { try store.close() }
        } else {
            let done = store.automaticCompaction.done
            try write(store, &expected, &random) { _ in store.automaticCompaction.done > done }
            #expect(store.automaticCompaction.done > done)
            #expect(try store.verify().damage == nil)
            try store.close()
        }
        store = try AlexStore(directory: directory.path, options: options())
        #expect(try model(of: store) == expected)
        try store.close()
    }

    private func isFull(_ error: AlexStoreError) -> Bool {
        guard case .io(let reason) = error else { return false }
        return reason.code == ENOSPC
    }

    /// Threads that write through a committer each have their turns.
    @Test(arguments: [Durability.process, .power]) func besideCommitters(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(durability))
        let committer = store.committer()
        let failed = Mutex<[String]>([])
        let models = Mutex<[Model]>([])
        onThreads(4) { number in
            var (random, own) = (SeededGenerator(state: UInt64(number)), Model())
            do {
                for step in 0..<4000 {
                    let key = Int64(number * 1000) + Int64.random(in: 0..<100, using: &random)
                    if step % 20 == 0 {
                        try committer.remove(key)
                        own[key] = nil
                    } else {
                        let value = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: 500)
                        try committer.put(value, forKey: key)
                        own[key] = value
                    }
                }
            } catch { failed.withLock { $0.append("\(error)") } }
            let result = own
            models.withLock { $0.append(result) }
        }
        #expect(failed.withLock { $0 } == [])
        #expect(store.automaticCompaction.failed == 0)
        let expected = models.withLock { $0.reduce(into: [:]) { $0.merge($1) { first, _ in first } } }
        #expect(try model(of: store) == expected)
        #expect(try store.verify().damage == nil)
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: options(durability))
        #expect(try model(of: reopened) == expected)
        try reopened.close()
    }
}
