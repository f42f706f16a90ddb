import AlexStorage
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct CommitterTransactionTests {
    private func made(_ directory: ScratchDirectory, _ durability: Durability) throws -> AlexStore {
        var options = tinyOptions(segmentBytes: 64 << 10)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        let store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<10 as Range<Int64> { try store.put([UInt8(key)], forKey: key) }
        return store
    }

    /// A transaction that has read what another thread then changes is run again; one that has not is not. Each case
    /// makes its change in the first attempt, past the transaction.
    @Test(arguments: [Durability.process, .power]) func conflicts(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try made(directory, durability)
        let committer = store.committer()
        func attempts(
            _ read: (WriteTransaction) throws -> Void, then change: () throws -> Void
        ) throws -> Int {
            var count = 0
            try committer.transaction { transaction in
                count += 1
                try read(transaction)
                if count == 1 { try change() }
                try transaction.put([UInt8(count)], forKey: 1000)
            }
            #expect(try committer.bytes(forKey: 1000) == [UInt8(count)])
            return count
        }
        func scan(_ range: ClosedRange<Int64>, limit: Int = .max, descending: Bool = false) -> (WriteTransaction) throws
            -> Void
        {
            { transaction in
                try transaction.scan(in: range, descending: descending, limit: limit) { _, _ in true }
            }
        }
        #expect(try attempts({ _ = try $0.bytes(forKey: 3) }, then: { try committer.put([33], forKey: 3) }) == 2)
        #expect(try attempts({ _ = try $0.bytes(forKey: 3) }, then: { try committer.put([33], forKey: 4) }) == 1)
        #expect(try attempts({ _ = try $0.contains(50) }, then: { try committer.put([50], forKey: 50) }) == 2)
        #expect(try attempts({ _ = try $0.contains(5) }, then: { try committer.remove(5) }) == 2)
        #expect(try attempts({ _ = try $0.remove(6) }, then: { try committer.put([66], forKey: 6) }) == 2)
        #expect(try attempts({ try $0.put([7], forKey: 7) }, then: { try committer.put([77], forKey: 7) }) == 1)
        #expect(try attempts(scan(60...70), then: { try committer.put([65], forKey: 65) }) == 2)
        #expect(try attempts(scan(60...70), then: { try committer.put([71], forKey: 71) }) == 1)
        #expect(try attempts(scan(0...9), then: { try committer.remove(8) }) == 2)
        // What lies behind the end of a scan that was cut short has not been seen.
        #expect(try attempts(scan(0...100, limit: 2), then: { try committer.put([91], forKey: 91) }) == 1)
        #expect(
            try attempts(scan(0...100, limit: 1, descending: true), then: { try committer.put([94], forKey: 94) }) == 2)
        // The same value again is another record: it counts as a change.
        #expect(try attempts({ _ = try $0.bytes(forKey: 2) }, then: { try committer.put([2], forKey: 2) }) == 2)
        // A compaction is none.
        #expect(try attempts({ _ = try $0.bytes(forKey: 2) }, then: { try committer.compact(.everything) }) == 1)
        try store.close()
    }

    /// What a run returns or throws counts only if what it has read still holds; after the last attempt it is an error.
    @Test(arguments: [Durability.process, .power]) func staleRunsDoNotCount(durability: Durability) throws {
        struct Refusal: Error {}
        let directory = try ScratchDirectory()
        let store = try made(directory, durability)
        let committer = store.committer()
        var runs = 0
        let value = try committer.transaction { transaction -> [UInt8]? in
            runs += 1
            let value = try transaction.bytes(forKey: 1)
            if runs == 1 { try committer.put([100], forKey: 1) }
            return value
        }
        #expect(runs == 2 && value == [100])
        runs = 0
        #expect(throws: Refusal.self) {
            try committer.transaction { transaction in
                runs += 1
                _ = try transaction.bytes(forKey: 1)
                if runs == 1 { try committer.put([101], forKey: 1) }
                throw Refusal()
            }
        }
        #expect(runs == 2)
        runs = 0
        var early: [AlexStoreError] = []
        #expect(throws: AlexStoreError.conflict(key: 1)) {
            try committer.transaction(attempts: 5) { transaction in
                runs += 1
                _ = try transaction.bytes(forKey: 1)
                try committer.put([UInt8(runs)], forKey: 1)
                // Reading it again tells at once.
                do throws(AlexStoreError) { _ = try transaction.bytes(forKey: 1) } catch { early.append(error) }
                try transaction.put([1], forKey: 999)
            }
        }
        #expect(runs == 5)
        // In class power the put above is shown, too: it has returned.
        #expect(early == Array(repeating: .conflict(key: 1), count: 5))
        #expect(try committer.bytes(forKey: 999) == nil)
        try store.close()
        #expect(throws: AlexStoreError.closed) {
            try committer.transaction { try $0.put([1], forKey: 1) }
        }
        #expect(throws: AlexStoreError.closed) {
            try committer.transaction { _ = try $0.bytes(forKey: 1) }
        }
    }

    /// Threads move amounts between accounts, and look at all of them: no look finds another sum, none is lost.
    @Test(arguments: [Durability.process, .power]) func transfersKeepTheSum(durability: Durability) throws {
        let directory = try ScratchDirectory()
        var store = try made(directory, durability)
        let committer = store.committer()
        let accounts: Int64 = 6
        for key in 0..<accounts { try committer.put([40], forKey: key) }
        let wrong = Mutex(0)
        let failed = Mutex<[String]>([])
        onThreads(4) { number in
            var random = SeededGenerator(state: UInt64(number + 1))
            for step in 0..<60 {
                do {
                    if step % 4 == 3 {
                        let sum = try committer.transaction(attempts: 10_000) { transaction in
                            var sum = 0
                            try transaction.scan(in: 0...(accounts - 1)) { _, value in
                                sum += Int(value[0])
                                return true
                            }
                            return sum
                        }
                        if sum != 40 * Int(accounts) { wrong.withLock { $0 += 1 } }
                        continue
                    }
                    let (from, to) = (
                        Int64.random(in: 0..<accounts, using: &random), Int64.random(in: 0..<accounts, using: &random)
                    )
                    try committer.transaction(attempts: 10_000) { transaction in
                        guard let left = try transaction.bytes(forKey: from), left[0] > 0, from != to,
                            let right = try transaction.bytes(forKey: to)
                        else { return transaction.rollBack() }
                        try transaction.put([left[0] - 1], forKey: from)
                        try transaction.put([right[0] + 1], forKey: to)
                    }
                } catch { failed.withLock { $0.append("\(error)") } }
            }
        }
        #expect(failed.withLock { $0 } == [])
        #expect(wrong.withLock { $0 } == 0)
        #expect(try store.verify().damage == nil)
        try store.close()
        store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 64 << 10))
        let sum = try store.contents().filter { $0.key < accounts }.map { Int($0.value[0]) }.reduce(0, +)
        #expect(sum == 40 * Int(accounts))
        try store.close()
    }

    /// A put under a condition is made or not, by the present value alone.
    @Test(arguments: Durability.allCases) func compareAndPut(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try made(directory, durability)
        let before = try store.statistics().lastSequence
        #expect(try !store.put([9], forKey: 1, ifValueIs: [2]))
        #expect(try !store.put([9], forKey: 1, ifValueIs: nil))
        #expect(try !store.put([9], forKey: 1, ifValueIs: []))
        #expect(try !store.put([9], forKey: 1, ifValueIs: [1, 1]))
        #expect(try !store.put([9], forKey: 77, ifValueIs: [1]))
        #expect(try store.statistics().lastSequence == before)
        #expect(try store.put([9], forKey: 1, ifValueIs: [1]))
        #expect(try store.put([], forKey: 77, ifValueIs: nil))
        #expect(try store.put([1], forKey: 77, ifValueIs: []))
        #expect(try store.bytes(forKey: 1) == [9] && store.bytes(forKey: 77) == [1])
        // A commit that is not shown yet counts.
        try store.putWithoutWaiting([10], forKey: 1)
        #expect(try !store.put([11], forKey: 1, ifValueIs: [9]))
        #expect(try store.put([11], forKey: 1, ifValueIs: [10]))
        try store.close()
        #expect(throws: AlexStoreError.closed) { try store.put([1], forKey: 1, ifValueIs: [11]) }
    }

    /// Of threads that compare with the same value one puts: a counter counts every success once.
    @Test(arguments: [Durability.process, .power]) func compareAndPutOnThreads(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try made(directory, durability)
        let committer = store.committer()
        try committer.put([0], forKey: 5)
        let failed = Mutex(0)
        onThreads(4) { _ in
            for _ in 0..<40 {
                do {
                    var isDone = false
                    while !isDone {
                        let old = try committer.bytes(forKey: 5) ?? []
                        isDone = try committer.put([old[0] + 1], forKey: 5, ifValueIs: old)
                    }
                } catch { failed.withLock { $0 += 1 } }
            }
        }
        #expect(failed.withLock { $0 } == 0)
        #expect(try committer.bytes(forKey: 5) == [160])
        try store.close()
    }
}
