import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct FaultTests {
    /// Puts, a batch, updates, removals, a sync, over several segments. Each step changes the model only when the store
    /// took it; one that is refused must have changed nothing.
    ///
    /// - Returns: What the store may hold instead after a reopen: a commit whose sync failed is there or not.
    private func runScript(_ store: AlexStore, _ model: inout [Int64: [UInt8]]) throws -> [Int64: [UInt8]]? {
        var instead: [Int64: [UInt8]]?
        func attempt(_ body: () throws -> Void, _ change: (inout [Int64: [UInt8]]) -> Void) throws {
            do {
                try body()
                change(&model)
                instead = nil
            } catch let error as AlexStoreError {
                switch error {
                case .io:
                    var changed = model
                    change(&changed)
                    instead = changed
                case .poisoned: break
                default: throw error
                }
            }
        }
        for key in 0..<12 as Range<Int64> {
            let value = [UInt8](repeating: UInt8(key), count: 900)
            try attempt({ try store.put(value, forKey: key % 8) }, { $0[key % 8] = value })
            #expect(try store.contents().count == model.count)
        }
        let pairs = (20..<26 as Range<Int64>).map { (key: $0, value: [UInt8](repeating: 9, count: 1500)) }
        try attempt({ try store.putBatch(pairs) }, { for pair in pairs { $0[pair.key] = pair.value } })
        try attempt({ try store.sync() }, { _ in })
        let wasThere = model[3] != nil
        var removed = wasThere
        try attempt({ removed = try store.remove(3) }, { $0[3] = nil })
        #expect(removed == wasThere)
        for key in 30..<36 as Range<Int64> {
            let value = [UInt8](repeating: 3, count: 1800)
            try attempt({ try store.put(value, forKey: key) }, { $0[key] = value })
        }
        let found = try store.contents()
        #expect(found.map(\.key) == model.keys.sorted())
        for pair in found { #expect(pair.value == model[pair.key]) }
        return instead
    }

    /// Every call of the seam fails in turn, at open, at growth, at sync and at close, once or for good. What was taken
    /// is there after a reopen, and nothing else.
    @Test(
        arguments: [EIO, ENOSPC, EROFS, EACCES, EDQUOT].flatMap { [($0, false), ($0, true)] },
        [Durability.process, .power])
    func nthCallFails(failure: (code: Int32, isForGood: Bool), durability: Durability) throws {
        let (code, isForGood) = failure
        var call = 0
        var isDone = false
        while !isDone {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            var options = tinyOptions(segmentBytes: 8192)
            options.durability = durability
            options.fileSystem = faults
            var instead: [Int64: [UInt8]]?
            faults.arm(at: call, code: code, isForGood: isForGood)
            var model: [Int64: [UInt8]] = [:]
            do {
                let store = try AlexStore(directory: directory.path, options: options)
                instead = try runScript(store, &model)
                isDone = !isForGood && faults.calls <= call || isForGood && faults.calls < call
                do { try store.close() } catch {
                    #expect(error == .poisoned || isIO(error), "call \(call): \(error)")
                }
            } catch let error as AlexStoreError {
                #expect(isIO(error), "call \(call): \(error)")
            }
            faults.disarm()
            let store = try AlexStore(directory: directory.path, options: options)
            let found = Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
            #expect(found == model || durability == .power && found == instead, "call \(call)")
            try store.put([1], forKey: 99)
            try store.close()
            call += 1
        }
        #expect(call > 40)
    }

    private func isIO(_ error: AlexStoreError) -> Bool {
        if case .io = error { return true }
        return false
    }

    /// A full disk refuses the put that needs room; reads go on, and writes do once there is room, in the background
    /// or not.
    @Test(arguments: [false, true])
    func diskFull(growsInBackground: Bool) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = tinyOptions(segmentBytes: 8 << 20)
        options.fileSystem = faults
        options.growsInBackground = growsInBackground
        options.growthStepBytes = 1 << 20
        let store = try AlexStore(directory: directory.path, options: options)
        let value = [UInt8](repeating: 5, count: 100_000)
        var taken: Int64 = 0
        for key in 0..<30 as Range<Int64> {
            try store.put(value, forKey: key)
            taken += 1
        }
        faults.arm(at: 0, code: ENOSPC, isForGood: true, only: "allocate")
        var refused: AlexStoreError?
        while refused == nil {
            do {
                try store.put(value, forKey: taken)
                taken += 1
            } catch { refused = error }
        }
        guard case .io(let error) = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(error.code == ENOSPC && error.call == "allocate")
        #expect(error.description.contains("free some space"))
        let pairs = (0..<40 as Range<Int64>).map { (key: 1000 + $0, value: value) }
        #expect(throws: AlexStoreError.self) { try store.putBatch(pairs) }
        #expect(store.count == Int(taken))
        #expect(try store.bytes(forKey: taken - 1) == value)
        faults.disarm()
        try store.put(value, forKey: taken)
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: options)
        #expect(reopened.count == Int(taken) + 1)
        #expect(reopened.recovery.wasClean)
        try reopened.close()
    }

    /// A sync that fails once poisons the store: no write is taken any more, not even after the disk has recovered.
    @Test func failedSyncPoisons() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = tinyOptions()
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        try store.put([1], forKey: 1)
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData")
        #expect(throws: AlexStoreError.self) { try store.sync() }
        #expect(throws: AlexStoreError.poisoned) { try store.put([2], forKey: 2) }
        #expect(throws: AlexStoreError.poisoned) { try store.sync() }
        #expect(try store.bytes(forKey: 1) == [1])
        #expect(throws: AlexStoreError.poisoned) { try store.close() }
    }

    /// A file that can't be opened for a sync is an error, and no failed sync: nothing is lost by it.
    @Test func syncWithoutADescriptor() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = tinyOptions(segmentBytes: 8192)
        options.fileSystem = faults
        options.automaticCompaction = nil
        var store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<6 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 3000), forKey: key) }
        let committer = store.committer()
        let syncs: [() throws -> Void] = [
            { try store.sync() }, { try store.checkpoint() }, { try committer.checkpoint() },
            { try store.compact(.everything) }, { try committer.compactInBackground(.everything) },
        ]
        for (number, sync) in syncs.enumerated() {
            faults.arm(at: 0, code: EMFILE, isForGood: true, only: "open", onPath: ".segment")
            let error = #expect(throws: AlexStoreError.self, "\(number)") { try sync() }
            #expect(error.map(isIO) == true, "\(number): \(String(describing: error))")
            faults.disarm()
            try store.put([UInt8(number)], forKey: 100)
        }
        try store.sync()
        // The mark is the last record.
        let last = try store.statistics().lastSequence
        #expect(store.durableSequence == last - 1)
        #expect(try store.verify().isSound)
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        #expect(store.recovery.wasClean && store.count == 7)
        try store.close()
    }

    /// A sync that has failed on one descriptor is not made good by another one that is opened afterwards.
    @Test func failedSyncIsToldToAll() throws {
        let directory = try ScratchDirectory()
        let path = directory.path + "/file"
        try writeFile(path, [1])
        let faults = FaultFileSystem()
        let syncs = LogSyncs()
        let file = try faults.open(path, .readWrite)
        faults.arm(at: 0, code: EMFILE, isForGood: false, only: "open")
        #expect(throws: StorageIOError.self) { try syncs.sync(path, faults) }
        try syncs.sync(path, faults)
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData")
        let failure = try #require(throws: StorageIOError.self) { try syncs.sync(path, faults) }
        #expect(faults.calls == 1)
        #expect(throws: failure) { try syncs.sync(path, faults) }
        #expect(throws: failure) { try syncs.sync(file) }
        #expect(throws: failure) { try syncs.syncDirectory(directory.path, faults) }
        #expect(faults.calls == 1, "a sync was repeated")
        file.close()
    }
}
