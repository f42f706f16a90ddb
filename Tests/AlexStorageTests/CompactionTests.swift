import StorageIO
import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

typealias Model = [Int64: [UInt8]]

/// What a store holds, for comparing.
func model(of store: AlexStore) throws -> Model {
    Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
}

@Suite struct CompactionTests {
    /// A store of several segments with overwritten and removed keys, and what it holds.
    private func filled(_ directory: String, _ options: AlexStoreOptions) throws -> (store: AlexStore, model: Model) {
        let store = try AlexStore(directory: directory, options: options)
        var model: Model = [:]
        for round in 0..<4 as Range<Int64> {
            for key in stride(from: 0, to: 120, by: Int(round) + 1) as StrideTo<Int64> {
                let value = [UInt8](repeating: UInt8(round), count: Int(40 + key))
                try store.put(value, forKey: key * 7919 % 1000)
                model[key * 7919 % 1000] = value
            }
        }
        for key in Array(model.keys.sorted().prefix(30)) {
            try store.remove(key)
            model[key] = nil
        }
        return (store, model)
    }

    private func options(_ durability: Durability = .process) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        // No test here loses power, and real syncs would take most of the time.
        options.fileSystem = FaultFileSystem()
        return options
    }

    /// Everything compacted: the same content in the order of the keys, no garbage, no tombstone, the old files gone;
    /// the same after a crash and after a clean close, and writes go on.
    @Test(arguments: Durability.allCases) func everything(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var store: AlexStore?
        var expected: Model
        (store, expected) = try filled(directory.path, options(durability))
        try checkCompaction(of: store!, to: expected, directory)
        for isClosed in [false, true] {
            try store?.put([1, 2, 3], forKey: 5000)
            expected[5000] = [1, 2, 3]
            if isClosed { try store?.close() }
            store = nil
            let reopened = try AlexStore(directory: directory.path, options: options(durability))
            #expect(try AlexStorageTests.model(of: reopened) == expected)
            #expect(try reopened.verify().damage == nil)
            store = reopened
        }
        try store?.close()
    }

    private func checkCompaction(of store: AlexStore, to expected: Model, _ directory: ScratchDirectory) throws {
        let before = try store.statistics()
        #expect(before.garbageBytes > 0)
        let report = try store.compact(.everything)
        #expect(report.recordsTaken == before.lastSequence)
        #expect(report.recordsKept == UInt64(expected.count))
        #expect(report.tombstonesKept == 0 && report.tombstonesDropped == 30)
        let after = try store.statistics()
        #expect(after.garbageBytes == 0)
        #expect(after.perSegment.allSatisfy { $0.isCompacted || $0.records == 0 })
        #expect(try model(of: store) == expected)
        #expect(try store.verify().damage == nil)
        let names = try SystemFileSystem.shared.list(directory.segmentsPath)
        #expect(names.filter { $0.hasSuffix(".segment") }.count == 1)
        #expect(names.filter { $0.hasSuffix(".compacted") }.count == report.segmentsWritten)
        // Nothing is left to do.
        #expect(try store.compact(.everything) == CompactionReport())
    }

    /// What the writer counts as garbage is what a count of all records finds, in every class, and a reopen counts the
    /// same.
    @Test(arguments: Durability.allCases) func garbageIsCounted(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let (store, expected) = try filled(directory.path, options(durability))
        try store.putBatch([(key: 3, value: [1]), (key: 3, value: [2]), (key: 4, value: [3])])
        try store.remove(4)
        if durability != .power { try store.sync() }
        let counted = try store.statistics()
        #expect(counted.perSegment.map(\.liveRecords).reduce(0, +) == UInt64(expected.count + 1))
        #expect(counted.perSegment.map(\.tombstones).reduce(0, +) == 31)
        #expect(try store.verify().damage == nil)
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: options(durability))
        #expect(try reopened.statistics().perSegment == counted.perSegment)
        try reopened.close()
    }

    /// Only segments with enough garbage are taken, the worst first, and no more than the limit allows.
    @Test func policyChooses() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        for key in 0..<200 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 100), forKey: key) }
        for key in 60..<110 as Range<Int64> { try store.put([UInt8](repeating: 2, count: 100), forKey: key) }
        var policy = CompactionPolicy(garbageShareMin: 0.9)
        policy.sealsTail = false
        policy.inputBytesMax = 1
        let before = try store.statistics()
        let whole = before.perSegment.filter { $0.garbageRecords == $0.records }
        #expect(whole.count == 1)
        let report = try store.compact(policy)
        #expect(report.segmentsTaken == 1 && report.recordsKept == 0 && report.segmentsWritten == 0)
        let left = try store.statistics().perSegment
        #expect(left.map(\.name) == before.perSegment.filter { $0 != whole[0] }.map(\.name))
        #expect(try store.compact(policy) == CompactionReport())
        policy = CompactionPolicy(garbageShareMin: 0.2)
        policy.sealsTail = false
        #expect(try store.compact(policy).segmentsTaken == left.filter { $0.garbageRecords * 5 >= $0.records }.count)
        #expect(try store.verify().damage == nil)
        #expect(throws: AlexStoreError.self) { try store.compact(CompactionPolicy(garbageShareMin: 1.5)) }
        #expect(throws: AlexStoreError.self) { try store.compact(CompactionPolicy(garbageShareMin: .nan)) }
        try store.close()
        #expect(throws: AlexStoreError.closed) { try store.compact() }
    }

    /// An old value never comes back: puts, deletes, compactions of every kind and crashes in any order, on few keys.
    @Test(arguments: 1...4 as ClosedRange<UInt64>, [Durability.process, .power])
    func tombstonesHold(seed: UInt64, durability: Durability) throws {
        var random = SeededGenerator(state: seed)
        for trial in 0..<25 {
            let directory = try ScratchDirectory()
            var options = tinyOptions(segmentBytes: 8192)
            options.durability = durability
            options.fileSystem = FaultFileSystem()
            var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
            var expected: Model = [:]
            for step in 0..<24 {
                let key = Int64.random(in: 0..<3, using: &random)
                switch Int.random(in: 0..<12, using: &random) {
                case 0...3:
                    expected[key] = [UInt8(step), UInt8(trial)]
                    try store?.put([UInt8(step), UInt8(trial)], forKey: key)
                case 4...5:
                    try store?.remove(key)
                    expected[key] = nil
                case 6:
                    // A segment of its own.
                    let filler = [UInt8](repeating: 1, count: 5000)
                    try store?.put(filler, forKey: 100 + key)
                    expected[100 + key] = filler
                case 7...9:
                    var policy = CompactionPolicy(garbageShareMin: [0, 0.01, 0.5].randomElement(using: &random) ?? 0)
                    policy.sealsTail = Bool.random(using: &random)
                    policy.inputBytesMax = Bool.random(using: &random) ? .max : 1
                    try store?.compact(policy)
                case 10:
                    try store?.close()
                    store = nil
                default: store = nil
                }
                if store == nil { store = try AlexStore(directory: directory.path, options: options) }
                #expect(try model(of: store!) == expected, "seed \(seed) trial \(trial) step \(step)")
            }
            #expect(try store!.verify().damage == nil, "seed \(seed) trial \(trial)")
            store = nil
            store = try AlexStore(directory: directory.path, options: options)
            #expect(try model(of: store!) == expected, "seed \(seed) trial \(trial) at the end")
        }
    }

    /// A tombstone goes with the last segment that may hold an older record, not before.
    @Test func tombstoneIsDroppedInTime() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        try store.put([UInt8](repeating: 1, count: 100), forKey: 1)
        // Fills the first segment with records that stay.
        for key in 10..<60 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 100), forKey: key) }
        try store.remove(1)
        for key in 45..<60 as Range<Int64> { try store.put([UInt8](repeating: 3, count: 100), forKey: key) }
        for key in 100..<140 as Range<Int64> {
            try store.put([UInt8](repeating: 1, count: 100), forKey: key)
            try store.put([UInt8](repeating: 2, count: 100), forKey: key)
        }
        var policy = CompactionPolicy(garbageShareMin: 0.3)
        let first = try store.compact(policy)
        #expect(first.tombstonesKept == 1 && first.tombstonesDropped == 0)
        policy.garbageShareMin = 0
        let second = try store.compact(policy)
        #expect(second.tombstonesKept == 0 && second.tombstonesDropped == 1)
        #expect(try store.bytes(forKey: 1) == nil)
        try store.close()
    }

    /// Every call of the seam fails in turn while a store is compacted, once or for good: the store goes on as it was,
    /// or is poisoned where a sync of the log failed, and a reopen finds everything and leaves no other file.
    @Test(
        arguments: [EIO, ENOSPC].flatMap { [($0, false), ($0, true)] },
        [Durability.process, .power].flatMap { [($0, false), ($0, true)] })
    func nthCallFails(failure: (code: Int32, isForGood: Bool), way: (Durability, isBackground: Bool)) throws {
        let (code, isForGood) = failure
        let (durability, isBackground) = way
        var call = 0
        var isDone = false
        while !isDone {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            var options = options(durability)
            options.fileSystem = faults
            var expected: Model
            do {
                let (store, model) = try filled(directory.path, options)
                expected = model
                faults.arm(at: call, code: code, isForGood: isForGood)
                do throws(AlexStoreError) {
                    if isBackground {
                        try store.committer().compactInBackground(.everything)
                    } else {
                        try store.compact(.everything)
                    }
                    isDone = faults.calls <= call
                } catch {
                    guard case .io(let reason) = error else { throw error }
                    #expect(reason.code == code, "call \(call): \(error)")
                }
                #expect(try AlexStorageTests.model(of: store) == expected, "call \(call)")
                faults.disarm()
                do throws(AlexStoreError) {
                    try store.put([7], forKey: 7777)
                    expected[7777] = [7]
                    #expect(try store.verify().damage == nil, "call \(call)")
                    if call % 2 == 0 { try store.compact() }
                    if call % 3 == 0 { try store.close() }
                } catch {
                    #expect(error == .poisoned, "call \(call)")
                }
            }
            let store = try AlexStore(directory: directory.path, options: options)
            #expect(try AlexStorageTests.model(of: store) == expected, "call \(call)")
            #expect(try store.verify().damage == nil, "call \(call)")
            let names = try SystemFileSystem.shared.list(directory.segmentsPath)
            #expect(names.count == (try store.statistics().segments), "call \(call): \(names)")
            try store.compact(.everything)
            #expect(try AlexStorageTests.model(of: store) == expected, "call \(call)")
            try store.close()
            call += 1
        }
        #expect(call > 20)
    }

    /// A full disk refuses the compaction; reads and writes go on, and so does compaction once there is room.
    @Test func diskFull() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = options()
        options.fileSystem = faults
        let (store, model) = try filled(directory.path, options)
        var expected = model
        faults.arm(at: 0, code: ENOSPC, isForGood: true, only: "write", onPath: ".compacted")
        #expect {
            try store.compact(.everything)
        } throws: { error in
            guard case .io(let reason) = error as? AlexStoreError else { return false }
            return reason.code == ENOSPC && reason.description.contains("free some space")
        }
        #expect(directory.segmentPaths.allSatisfy { !$0.hasSuffix(".compacted") })
        try store.put([1], forKey: -1)
        expected[-1] = [1]
        #expect(try AlexStorageTests.model(of: store) == expected)
        faults.disarm()
        #expect(try store.compact(.everything).recordsKept == UInt64(expected.count))
        #expect(try AlexStorageTests.model(of: store) == expected)
        try store.close()
    }

    /// Slices that a pin has handed out do not change through many compactions; the files they lie in stay until the
    /// pin ends, and then go.
    @Test func slicesUnderAPin() throws {
        let directory = try ScratchDirectory()
        var options = options()
        options.addressSpaceBytes = 1 << 40
        options.fileSystem = FaultFileSystem()
        let (store, expected) = try filled(directory.path, options)
        let keys = expected.keys.sorted()
        let filesBefore = directory.segmentPaths.count
        func compactOften() throws {
            let pin = store.pin()
            let first = keys[0]
            guard let span = try pin.value(forKey: first), let wanted = expected[first] else {
                Issue.record("key \(first) is not there")
                return
            }
            for round in 0..<200 {
                for key in keys.prefix(3) { try store.put([UInt8(round)], forKey: key) }
                #expect(try store.compact(.everything).segmentsTaken > 0)
                let found = span.withUnsafeBytes { Array($0) }
                #expect(found == wanted, "round \(round)")
            }
            #expect(directory.segmentPaths.count > filesBefore + 200)
        }
        try compactOften()
        #expect(directory.segmentPaths.count < 30)
        #expect(try store.verify().damage == nil)
        _ = try store.withValue(forKey: keys[5]) { _ in
            #expect(throws: AlexStoreError.scanInProgress) { try store.compact(.everything) }
        }
        try store.scan { _, _ in
            #expect(throws: AlexStoreError.scanInProgress) { try store.compact(.everything) }
            return false
        }
        try store.close()
    }

    /// The address space of what went is used again.
    @Test func addressSpaceIsGivenBack() throws {
        let directory = try ScratchDirectory()
        var options = options()
        options.fileSystem = FaultFileSystem()
        let (store, expected) = try filled(directory.path, options)
        // 4 GiB hold 256 segments, of which the log takes one at each round.
        for round in 0..<150 {
            try store.put([UInt8(round)], forKey: 9999)
            try store.compact(.everything)
        }
        #expect(store.count == expected.count + 1)
        try store.close()
    }

    /// A damaged compacted segment is told with its file and offset, by an open and by `verify`.
    @Test func damageInACompactedSegment() throws {
        let directory = try ScratchDirectory()
        let (store, _) = try filled(directory.path, options())
        try store.compact(.everything)
        try store.close()
        let image = try StoreImage(directory.path)
        let number = try #require(image.files.firstIndex { $0.name.hasSuffix(".compacted") })
        for at in [0, 33, 41, 49, 77, 4089, 4096, 4104, 4108, 4112, 4130] {
            var flipped = image
            flipped.files[number].bytes[at] ^= 1
            let copy = try flipped.restore()
            #expect {
                _ = try AlexStore(directory: copy.path, options: options())
            } throws: { error in
                guard case .damaged(let file, let offset, _) = error as? AlexStoreError else { return false }
                return file.hasSuffix(image.files[number].name) && offset == (at < 4096 ? 0 : 4096)
            }
        }
        var shorter = image
        shorter.files[number].bytes.removeLast(8)
        var missing = image
        missing.files.remove(at: number)
        for damaged in [shorter, missing] {
            let copy = try damaged.restore()
            #expect(throws: AlexStoreError.self) { _ = try AlexStore(directory: copy.path, options: options()) }
        }
        // What no manifest names is removed.
        var extra = image
        extra.files.append(("segments/00000000000000ff.compacted", [1, 2, 3]))
        extra.files.append(("segments/0000000000000001.segment", [4, 5, 6]))
        let copy = try extra.restore()
        let reopened = try AlexStore(directory: copy.path, options: options())
        #expect(try SystemFileSystem.shared.list(copy.segmentsPath).count == image.files.count - 1)
        try reopened.close()
    }

    /// What was copied is due when it is due at the rate that was asked for, however many sleeps that takes.
    @Test func pausesKeepTheRate() {
        for (bytes, bytesPerSecond) in [(10 << 20, 1 << 20), (256 * 40_000, 1 << 20), (1, 1), (0, 1), (1 << 20, .max)] {
            var elapsed = Duration.zero
            var sleeps = 0
            while let pause = CompactionPace.pause(bytes: bytes, bytesPerSecond: bytesPerSecond, elapsed: elapsed) {
                #expect(pause > 0 && pause <= CompactionPace.sleepMicrosecondsMax)
                elapsed += .microseconds(Int64(pause))
                sleeps += 1
            }
            let due = Double(bytes) / Double(bytesPerSecond)
            let slept = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
            #expect(abs(slept - due) < 2e-6, "\(bytes) at \(bytesPerSecond): \(slept) s")
            #expect(sleeps >= Int(due * 1e6) / CompactionPace.sleepMicrosecondsMax)
        }
        // Longer than any sleep can be, and already due.
        #expect(CompactionPace.pause(bytes: .max, bytesPerSecond: 1, elapsed: .zero) == 5000)
        #expect(CompactionPace.pause(bytes: 1 << 40, bytesPerSecond: 1 << 20, elapsed: .seconds(1 << 20)) == nil)
    }

    /// Changes one byte of the last key in a compacted file, once the manifest that names it is in force.
    private func damageWhenPublished(_ directory: ScratchDirectory, _ faults: FaultFileSystem, recordBytes: Int) {
        let (store, segments) = (directory.path, directory.segmentsPath)
        faults.onCall.withLock { slot in
            slot = { call, name in
                guard call == "syncDirectory", name == store else { return }
                let names = (try? SystemFileSystem.shared.list(segments)) ?? []
                guard let damaged = names.first(where: { $0.hasSuffix(".compacted") }),
                    let file = try? SystemFileSystem.shared.open(segments + "/" + damaged, .readWrite)
                else { return }
                let result = Result {
                    let size = try file.size()
                    try [UInt8(0xFF)].withUnsafeBytes { try file.write($0, at: size - recordBytes + 1) }
                }
                if case .failure(let error) = result { Issue.record("\(error)") }
                file.close()
                faults.onCall.withLock { $0 = nil }
            }
        }
    }

    /// A new file that is damaged between the manifest and the index, whoever compacts: a typed error, the old files
    /// stay and every read is right; nothing else is made of the layout.
    @Test(arguments: ["store", "committer", "automatic"]) func damageBeforeTheMove(who: String) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = tinyOptions(segmentBytes: 64 << 10)
        options.fileSystem = faults
        if who == "automatic" {
            var automatic = AutomaticCompaction()
            automatic.garbageBytesMin = 64 << 10
            automatic.lookBytes = 4096
            automatic.work = .atOnce
            options.automaticCompaction = automatic
        }
        let store = try AlexStore(directory: directory.path, options: options)
        var expected: Model = [:]
        func put(_ number: Int) throws {
            // Half of the keys are written once more at most, so that there is something to copy.
            let key = Int64(number * 7 % (number < 800 ? 500 : 250))
            expected[key] = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 104)
            try store.put(expected[key] ?? [], forKey: key)
        }
        damageWhenPublished(directory, faults, recordBytes: 128)
        var failure: AlexStoreError?
        for number in 0..<800 { try put(number) }
        do throws(AlexStoreError) {
            switch who {
            case "store": try store.compact(.everything)
            case "committer": try store.committer().compactInBackground(.everything)
            default: break
            }
        } catch { failure = error }
        if who == "automatic" {
            for number in 800..<20_000 where store.automaticCompaction.failed == 0 {
                do { try put(number) } catch { Issue.record("\(error)") }
            }
            failure = store.automaticCompaction.lastFailure
        }
        guard let failure, case .damaged(let file, let offset, _) = failure else {
            Issue.record("\(String(describing: failure)), \(store.automaticCompaction), \(directory.segmentPaths)")
            return
        }
        #expect(file.hasSuffix(".compacted") && offset > 4096)
        for number in 20_000..<20_400 { try put(number) }
        #expect(try model(of: store) == expected)
        #expect(throws: failure) { try store.compact(.everything) }
        #expect(throws: failure) { try store.committer().compactInBackground(.everything) }
        #expect(throws: failure) { try store.checkpoint() }
        #expect(throws: failure) { try store.committer().checkpoint() }
        #expect(try store.verify().damage?.file == file)
        #expect(throws: AlexStoreError.self) { try store.backup(to: directory.path + "/copy") }
        #expect(try model(of: store) == expected)
        // The first of the old files is still there.
        #expect(directory.segmentPaths.contains { $0.hasSuffix("0000000000000001.segment") })
        try store.close()
        #expect(throws: AlexStoreError.self) { try AlexStore(directory: directory.path, options: options) }
        #expect(directory.segmentPaths.contains { $0.hasSuffix("0000000000000001.segment") })
    }

    /// Committers on many threads go on while one of them compacts, holding the lock or in steps between the others.
    @Test(arguments: [Durability.power, .process], [false, true])
    func besideCommitters(durability: Durability, isBackground: Bool) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = options(durability)
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        let committer = store.committer()
        onThreads(4) { number in
            for step in 0..<60 as Range<Int64> {
                do {
                    let key = Int64(number) * 100 + step % 20
                    if step % 7 == 6 {
                        try committer.remove(key)
                    } else {
                        try committer.put([UInt8](repeating: UInt8(step), count: 200), forKey: key)
                    }
                    guard number == 0, step % 10 == 9 else { continue }
                    let report =
                        try isBackground
                        ? committer.compactInBackground(.everything) : committer.compact(.everything)
                    #expect(report.segmentsTaken > 0)
                } catch { Issue.record("\(error)") }
            }
        }
        #expect(try store.verify().damage == nil)
        let expected = try model(of: store)
        #expect(expected.count > 60)
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: options)
        #expect(try model(of: reopened) == expected)
        try reopened.close()
    }
}
