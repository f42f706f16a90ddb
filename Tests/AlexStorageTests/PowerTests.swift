import AlexStorage
import StorageIO
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

func powerOptions(segmentBytes: Int = 16 << 10) -> AlexStoreOptions {
    var options = tinyOptions(segmentBytes: segmentBytes)
    options.durability = .power
    return options
}

/// Runs `body` on `count` threads at once, each with its number, and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    for thread in startThreads(count, body) { pthread_join(thread, nil) }
}

/// The same without waiting.
func startThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> [pthread_t] {
    final class Work: Sendable {
        let number: Int
        let body: @Sendable (Int) -> Void
        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.body = body
        }
    }
    var threads: [pthread_t] = []
    for number in 0..<count {
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
                work.body(work.number)
                return nil
            }, Unmanaged.passRetained(Work(number, body)).toOpaque())
        precondition(started == 0, "no thread to be had")
        threads.append(thread)
    }
    return threads
}

@Suite struct PowerTests {
    /// Each commit writes once and syncs once, and nothing is synced twice.
    @Test func oneSyncACommit() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = powerOptions(segmentBytes: 1 << 20)
        options.fileSystem = faults
        options.growthStepBytes = 64 << 10
        let store = try AlexStore(directory: directory.path, options: options)
        try store.put([1], forKey: 1)
        faults.arm(at: .max, code: 0, isForGood: false, only: "syncData")
        for key in 0..<50 as Range<Int64> { try store.put([2], forKey: key) }
        #expect(faults.calls == 50)
        try store.putBatch((0..<50 as Range<Int64>).map { (key: $0, value: [3]) })
        #expect(faults.calls == 51)
        try store.remove(7)
        #expect(faults.calls == 52)
        try store.sync()
        #expect(faults.calls == 52)
        try #expect(store.durableSequence == store.statistics().lastSequence)
        try store.close()
    }

    /// A commit that does not wait is seen once it is durable, which `waitUntilDurable` brings about.
    @Test func commitWithoutWaiting() throws {
        let directory = try ScratchDirectory()
        var store = try AlexStore(directory: directory.path, options: powerOptions())
        let first = try store.putWithoutWaiting([1], forKey: 1)
        let second = try store.putWithoutWaiting([2], forKey: 2)
        #expect(second == first + 1)
        #expect(store.durableSequence < first)
        #expect(try store.bytes(forKey: 1) == nil)
        // A removal sees what waits: key 1 is there for it.
        #expect(try store.remove(1))
        #expect(store.durableSequence == second + 1)
        #expect(try store.bytes(forKey: 2) == [2])
        let third = try store.putWithoutWaiting([3], forKey: 3)
        try store.waitUntilDurable(third)
        #expect(try store.bytes(forKey: 3) == [3])
        try store.putWithoutWaiting([4], forKey: 4)
        try store.close()
        store = try AlexStore(directory: directory.path, options: powerOptions())
        #expect(try store.contents().map(\.key) == [2, 3, 4])
        try store.close()
    }

    /// In class process a sync moves what is durable.
    @Test func durableSequenceOfClassProcess() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        let sequence = try store.putWithoutWaiting([1], forKey: 1)
        #expect(sequence == 1 && store.durableSequence == 0)
        #expect(try store.bytes(forKey: 1) == [1])
        try store.waitUntilDurable(sequence)
        #expect(store.durableSequence == 1)
        try store.close()
    }

    /// Many threads commit beside each other; nothing is lost, and a group shares its sync.
    @Test(arguments: [Durability.power, .process])
    func manyThreads(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = powerOptions()
        options.durability = durability
        options.fileSystem = faults
        var store = try AlexStore(directory: directory.path, options: options)
        faults.arm(at: .max, code: 0, isForGood: false, only: "syncData")
        faults.syncMicroseconds.withLock { $0 = 1000 }
        let committer = store.committer()
        let wrong = Mutex(0)
        let (threads, commits) = (16, 40)
        onThreads(threads) { number in
            for step in 0..<commits {
                let key = Int64(number * 1000 + step)
                do {
                    if step % 8 == 7 {
                        try committer.putBatch([(key: key, value: [7]), (key: -key - 1, value: [8])])
                    } else {
                        try committer.put([UInt8(step)], forKey: key)
                    }
                    // What has returned is there for every thread.
                    let found = try committer.bytes(forKey: key)
                    if found != (step % 8 == 7 ? [7] : [UInt8(step)]) { wrong.withLock { $0 += 1 } }
                    if step % 8 == 6 { _ = try committer.remove(key) }
                } catch { wrong.withLock { $0 += 1 } }
            }
        }
        #expect(wrong.withLock { $0 } == 0)
        let expected = threads * commits
        #expect(committer.count == expected)
        if durability == .power {
            #expect(committer.durableSequence == (try store.statistics().lastSequence))
            #expect(faults.calls < threads * commits, "no two commits shared a sync")
        }
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        #expect(store.count == expected)
        try store.close()
    }

    /// Row 28: the leader's sync fails with 64 waiting; every one of them gets an error, and nothing is shown.
    @Test func failingLeaderReachesEveryFollower() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = powerOptions(segmentBytes: 1 << 20)
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        try store.put([1], forKey: -1)
        let committer = store.committer()
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData")
        faults.syncMicroseconds.withLock { $0 = 20_000 }
        let outcomes = Mutex<[String: Int]>([:])
        onThreads(64) { number in
            var outcome = "acknowledged"
            do throws(AlexStoreError) { try committer.put([2], forKey: Int64(number)) } catch {
                switch error {
                case .io(let reason): outcome = reason.code == EIO ? "io" : "other"
                case .poisoned: outcome = "poisoned"
                default: outcome = "other"
                }
            }
            let result = outcome
            outcomes.withLock { $0[result, default: 0] += 1 }
        }
        let counts = outcomes.withLock { $0 }
        #expect(counts["acknowledged"] == nil && counts["other"] == nil, "\(counts)")
        #expect(counts["io", default: 0] >= 1)
        #expect(store.count == 1)
        #expect(try store.bytes(forKey: -1) == [1])
        #expect(throws: AlexStoreError.poisoned) { try store.put([3], forKey: 3) }
        #expect(throws: AlexStoreError.poisoned) { try store.remove(-1) }
        #expect(throws: AlexStoreError.poisoned) { try store.putWithoutWaiting([3], forKey: 3) }
        #expect(throws: AlexStoreError.poisoned) { try store.sync() }
        let calls = faults.calls
        #expect(throws: AlexStoreError.poisoned) { try store.close() }
        #expect(faults.calls == calls, "a poisoned store syncs")
    }

    /// After a failed sync the reopened store writes the tail anew and syncs it before it serves it.
    @Test(arguments: [Durability.power, .process])
    func reopenRewritesTheTail(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = powerOptions(segmentBytes: 1 << 20)
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<20 as Range<Int64> { try store.put([1], forKey: key) }
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData")
        #expect(throws: AlexStoreError.self) { try store.put([2], forKey: 0) }
        #expect(throws: AlexStoreError.poisoned) { try store.close() }

        let record = WriteRecord()
        options.durability = durability
        options.fileSystem = RecordingFileSystem(record)
        let reopened = try AlexStore(directory: directory.path, options: options)
        #expect(reopened.count == 20)
        if durability == .process {
            // Nothing is synced at open here; the rewriting comes before the first sync.
            #expect(record.syncs == 0)
            try reopened.sync()
        }
        // The failed commit is the last: all before it is durable, by its own word.
        let tail = 4096 + 20 * 32
        let rewritten = try #require(record.writes.first { $0.range.contains(tail) })
        #expect(rewritten.range.lowerBound == tail)
        #expect(rewritten.syncsBefore == 0 && record.syncs >= 1)
        try reopened.close()
    }

    /// In class power, damage before the last group is an error even after a crash; the last group may be a torn tail.
    @Test func damageBeforeTheLastGroupIsTold() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: powerOptions())
        for key in 0..<5 as Range<Int64> { try store.put(Array(repeating: UInt8(key), count: 40), forKey: key) }
        let image = try StoreImage(directory.path)
        for record in 0..<5 {
            var flipped = image
            flipped.files[1].bytes[4096 + record * 64 + 30] ^= 4
            let copy = try flipped.restore()
            if record < 4 {
                #expect {
                    _ = try AlexStore(directory: copy.path, options: powerOptions())
                } throws: { error in
                    guard case .damaged(_, let offset, _) = error as? AlexStoreError else { return false }
                    return offset == 4096 + record * 64
                }
            } else {
                let reopened = try AlexStore(directory: copy.path, options: powerOptions())
                #expect(reopened.count == 4)
                #expect(reopened.recovery.cut?.offset == 4096 + 4 * 64)
                try reopened.close()
            }
        }
        try store.close()
    }

    /// A store may change its class from one open to the next.
    @Test func classesTakeTurns() throws {
        let directory = try ScratchDirectory()
        var expected: [Int64] = []
        for round in 0..<12 as Range<Int64> {
            var options = powerOptions(segmentBytes: 8192)
            options.durability = [Durability.power, .process, .memory][Int(round % 3)]
            let store = try AlexStore(directory: directory.path, options: options)
            #expect(try store.contents().map(\.key) == expected)
            for key in (round * 10)..<(round * 10 + 10) {
                try store.put([UInt8](repeating: UInt8(round), count: 700), forKey: key)
                expected.append(key)
            }
            if round % 2 == 0 { try store.close() }
        }
    }
}

/// What was written and synced on the segments, in order.
final class WriteRecord: Sendable {
    struct Write: Sendable {
        var range: Range<Int>
        var syncsBefore: Int
    }
    private let state = Mutex<(writes: [Write], syncs: Int)>(([], 0))

    var writes: [Write] { state.withLock { $0.writes } }
    var syncs: Int { state.withLock { $0.syncs } }
    func note(_ range: Range<Int>) { state.withLock { $0.writes.append(Write(range: range, syncsBefore: $0.syncs)) } }
    func noteSync() { state.withLock { $0.syncs += 1 } }
}

/// The system's files, with writes and syncs of the first segment noted.
final class RecordingFileSystem: FileSystem {
    let record: WriteRecord
    init(_ record: WriteRecord) { self.record = record }

    func open(_ path: String, _ mode: FileMode) throws(StorageIOError) -> any StorageFile {
        let file = try SystemFileSystem.shared.open(path, mode)
        return path.hasSuffix("0001.segment") ? RecordingFile(file, record) : file
    }
    func makeDirectory(_ path: String) throws(StorageIOError) { try SystemFileSystem.shared.makeDirectory(path) }
    func list(_ path: String) throws(StorageIOError) -> [String] { try SystemFileSystem.shared.list(path) }
    func rename(_ from: String, to path: String) throws(StorageIOError) {
        try SystemFileSystem.shared.rename(from, to: path)
    }
    func remove(_ path: String) throws(StorageIOError) { try SystemFileSystem.shared.remove(path) }
    func syncDirectory(_ path: String) throws(StorageIOError) { try SystemFileSystem.shared.syncDirectory(path) }
}

final class RecordingFile: StorageFile {
    let file: any StorageFile
    let record: WriteRecord
    init(_ file: any StorageFile, _ record: WriteRecord) { (self.file, self.record) = (file, record) }

    var path: String { file.path }
    func size() throws(StorageIOError) -> Int { try file.size() }
    func identity() throws(StorageIOError) -> FileIdentity { try file.identity() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageIOError) -> Int {
        try file.read(into: buffer, at: offset)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageIOError) {
        record.note(offset..<(offset + bytes.count))
        try file.write(bytes, at: offset)
    }
    func allocate(from start: Int, to end: Int) throws(StorageIOError) { try file.allocate(from: start, to: end) }
    func truncate(to size: Int) throws(StorageIOError) { try file.truncate(to: size) }
    func syncData() throws(StorageIOError) {
        record.noteSync()
        try file.syncData()
    }
    func tryLock() throws(StorageIOError) -> Bool { try file.tryLock() }
    func map(
        _ range: Range<Int>, into region: AddressRegion, at regionOffset: Int, access: MapAccess
    ) throws(StorageIOError) { try file.map(range, into: region, at: regionOffset, access: access) }
    func close() { file.close() }
}
