import StorageIO
import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Class power while something else is done beside the commits.
@Suite struct GroupCommitTests {
    /// A store of class power whose syncs take so long that groups gather.
    private func options(_ faults: FaultFileSystem, syncMicroseconds: UInt32 = 3000) -> AlexStoreOptions {
        faults.syncMicroseconds.withLock { $0 = syncMicroseconds }
        var options = powerOptions(segmentBytes: 1 << 20)
        options.fileSystem = faults
        options.automaticCompaction = nil
        options.checkpointBytes = 0
        return options
    }

    /// What threads were told is there.
    private final class Acknowledged: Sendable {
        private let keys = Mutex<[Int64]>([])
        func add(_ own: [Int64]) { keys.withLock { $0 += own } }
        var all: [Int64] { keys.withLock { $0 } }
    }

    /// Puts keys of its own, one after the other, until it is refused or `isOver`.
    private func putMany(
        _ committer: StoreCommitter, _ number: Int, _ acknowledged: Acknowledged, until isOver: () -> Bool
    ) {
        var own: [Int64] = []
        var key = Int64(number)
        while !isOver() {
            do { try committer.put([1, 2, 3], forKey: key) } catch { break }
            own.append(key)
            key += 100
        }
        acknowledged.add(own)
    }

    /// A close while threads commit: what they were told is durable is there, and nobody is told so afterwards.
    @Test func closeBesideCommits() throws {
        for round in 0..<6 {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            let store = try AlexStore(directory: directory.path, options: options(faults))
            let committer = store.committer()
            let acknowledged = Acknowledged()
            let closed = Mutex<AlexStoreError?>(nil)
            onThreads(7) { number in
                if number > 0 { return putMany(committer, number, acknowledged) { false } }
                usleep(20_000)
                do throws(AlexStoreError) { try committer.store.close() } catch { closed.withLock { $0 = error } }
            }
            #expect(closed.withLock { $0 } == nil)
            #expect(throws: AlexStoreError.closed) { try committer.put([1], forKey: 1) }
            let reopened = try AlexStore(directory: directory.path, options: options(FaultFileSystem()))
            #expect(reopened.recovery.wasClean, "round \(round): \(reopened.recovery)")
            let missing = try acknowledged.all.filter { try reopened.bytes(forKey: $0) != [1, 2, 3] }
            #expect(!acknowledged.all.isEmpty && missing.isEmpty, "round \(round): \(missing.count) are lost")
            #expect(try reopened.verify().isSound)
            try reopened.close()
        }
    }

    /// Two threads close at once, and others commit: both return, after the store is closed.
    @Test func closedTwiceAtOnce() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(FaultFileSystem()))
        let committer = store.committer()
        let acknowledged = Acknowledged()
        onThreads(5) { number in
            if number > 1 { return putMany(committer, number, acknowledged) { false } }
            usleep(10_000)
            do { try committer.store.close() } catch { Issue.record("\(error)") }
            #expect(throws: AlexStoreError.closed) { try committer.put([1], forKey: 1) }
        }
        let reopened = try AlexStore(directory: directory.path, options: powerOptions())
        #expect(reopened.recovery.wasClean && reopened.count == acknowledged.all.count)
    }

    /// Checkpoints and compactions while threads commit: they come to their turn however many commit, and call nothing
    /// durable that is not.
    @Test func checkpointsBesideCommits() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        let store = try AlexStore(directory: directory.path, options: options(faults, syncMicroseconds: 2000))
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try store.putBatch(count: 20_000, key: { Int64($0) * 1000 + 999 }, value: { _ in nothing })
        let committer = store.committer()
        let acknowledged = Acknowledged()
        let isOver = Flag()
        let failures = Mutex<[String]>([])
        onThreads(7) { number in
            if number > 0 { return putMany(committer, number, acknowledged) { isOver.isSet } }
            for turn in 0..<12 {
                do throws(AlexStoreError) {
                    if turn % 4 == 3 {
                        try committer.store.compact(.everything)
                    } else {
                        try committer.store.checkpoint()
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
                usleep(1000)
            }
            isOver.set()
        }
        #expect(failures.withLock { $0 } == [])
        let all = acknowledged.all
        let missing = try all.filter { try store.bytes(forKey: $0) != [1, 2, 3] }
        #expect(all.count > 20 && missing.isEmpty, "of \(all.count) \(missing.count) are not shown")
        #expect(try store.verify().isSound)
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: options(FaultFileSystem()))
        let lost = try all.filter { try reopened.bytes(forKey: $0) != [1, 2, 3] }
        #expect(reopened.count == 20_000 + all.count && lost.isEmpty, "\(lost.count) are lost")
    }

    /// The sync of a checkpoint fails, on a descriptor of its own, while threads wait for groups: all of them return,
    /// and nobody is acknowledged any more.
    @Test func poisonedBesideCommits() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = options(faults, syncMicroseconds: 2000)
        options.checkpointBytes = 100 << 10
        let store = try AlexStore(directory: directory.path, options: options)
        let committer = store.committer()
        // The segment's own descriptor bears the name that it was made under.
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData", onPath: "1.segment")
        let outcomes = Mutex<[AlexStoreError?]>([])
        let threads = startThreads(12) { number in
            var outcome: AlexStoreError?
            do throws(AlexStoreError) {
                for step in 0..<2000 as Range<Int64> {
                    try committer.put([UInt8](repeating: 1, count: 900), forKey: Int64(number) * 10_000 + step)
                }
            } catch { outcome = error }
            let last = outcome
            outcomes.withLock { $0.append(last) }
        }
        for _ in 0..<1000 where outcomes.withLock({ $0.count }) < threads.count { usleep(10_000) }
        let found = outcomes.withLock { $0 }
        // Threads that hang are left behind.
        try #require(found.count == threads.count, "\(threads.count - found.count) threads wait for ever")
        for thread in threads { pthread_join(thread, nil) }
        // Some may have met the error itself.
        for error in found where error != .poisoned {
            guard case .io(let reason) = error else { throw error ?? .closed }
            #expect(reason.code == EIO)
        }
        #expect(throws: AlexStoreError.poisoned) { try store.put([1], forKey: 1) }
        #expect(throws: AlexStoreError.poisoned) { try store.close() }
        #expect(throws: AlexStoreError.closed) { try store.put([1], forKey: 1) }
    }

    /// Two threads remove one key where the segment is full, so that both wait for room: one of them has removed it.
    @Test func removedTwiceAtOnce() throws {
        for round in 0..<4 {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            var options = options(faults, syncMicroseconds: 0)
            options.segmentBytesLimit = 8192
            let store = try AlexStore(directory: directory.path, options: options)
            let committer = store.committer()
            try committer.put([UInt8](repeating: 1, count: 104), forKey: 1)
            // Leaves room for one record of 24 bytes and eight bytes more.
            try committer.put([UInt8](repeating: 1, count: 4096 - 128 - 24 - 24 - 8), forKey: 2)
            faults.syncMicroseconds.withLock { $0 = 30_000 }
            let removals = Mutex<[Bool]>([])
            onThreads(3) { number in
                do {
                    if number == 0 { return try committer.put([], forKey: 9) }
                    usleep(8000)
                    let isRemoved = try committer.remove(1)
                    removals.withLock { $0.append(isRemoved) }
                } catch { Issue.record("\(error)") }
            }
            let found = removals.withLock { $0.sorted { !$0 && $1 } }
            #expect(found == [false, true], "round \(round)")
            #expect(try store.bytes(forKey: 1) == nil)
            #expect(try store.verify().isSound)
            try store.close()
        }
    }

    /// A close while another thread compacts in steps, at any of them: that one comes to its end, or is told.
    @Test func closeBesideACompaction() throws {
        for round in 0..<8 as Range<UInt32> {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            let store = try AlexStore(directory: directory.path, options: options(faults, syncMicroseconds: 0))
            for part in 0..<2 as Range<Int64> {
                try store.putBatch((0..<8000 as Range<Int64>).map { (key: $0, value: [UInt8(part)]) })
            }
            let committer = store.committer()
            let isPublished = Flag()
            let path = directory.path
            faults.onCall.withLock { slot in
                slot = { call, name in if call == "syncDirectory" && name == path { isPublished.set() } }
            }
            let outcome = Mutex<AlexStoreError?>(nil)
            onThreads(2) { number in
                do throws(AlexStoreError) {
                    if number == 0 {
                        try committer.compactInBackground(.everything, bytesPerSecond: .max)
                        return
                    }
                    // The later ones meet it while records get their new places.
                    for _ in 0..<5000 where round > 1 && !isPublished.isSet { usleep(200) }
                    usleep(round * 300)
                    try committer.store.close()
                } catch {
                    #expect(number == 0, "\(error)")
                    outcome.withLock { $0 = error }
                }
            }
            let error = outcome.withLock { $0 }
            #expect(error == nil || error == .closed)
            let reopened = try AlexStore(directory: directory.path, options: options(FaultFileSystem()))
            let found = try model(of: reopened)
            #expect(found.count == 8000 && found.values.allSatisfy { $0 == [1] }, "round \(round)")
            #expect(try reopened.verify().isSound)
            try reopened.close()
        }
    }

    /// Something that is set once.
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }
}
