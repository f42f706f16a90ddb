import AlexStorage
import StorageIO
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Thrown by the body of a transaction that is to be rolled back.
private struct Refusal: Error {}

@Suite struct TransactionTests {
    private func options(_ durability: Durability = .process) -> AlexStoreOptions {
        var options = tinyOptions()
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        return options
    }

    /// A store with the keys 0, 10, …, 90, each with itself as its value.
    private func tens(_ directory: ScratchDirectory, _ durability: Durability = .process) throws -> AlexStore {
        let store = try AlexStore(directory: directory.path, options: options(durability))
        for key in stride(from: 0, to: 100, by: 10) as StrideTo<Int64> { try store.put([UInt8(key)], forKey: key) }
        return store
    }

    private func keys(
        _ transaction: WriteTransaction, _ range: ClosedRange<Int64> = .min ... .max, descending: Bool = false,
        limit: Int = .max
    ) throws -> [Int64] {
        var keys: [Int64] = []
        let count = try transaction.scan(in: range, descending: descending, limit: limit) { key, value in
            #expect(Array(value).first == UInt8(truncatingIfNeeded: key))
            keys.append(key)
            return true
        }
        #expect(count == keys.count)
        return keys
    }

    /// Reads and scans show the transaction's own writes, the store's do not, and after the commit all do.
    @Test(arguments: Durability.allCases) func seesItsOwnWrites(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try tens(directory, durability)
        try store.transaction { transaction in
            try transaction.put([5], forKey: 5)
            try transaction.put([95], forKey: 95)
            try transaction.put([20, 20], forKey: 20)
            #expect(try transaction.remove(30))
            #expect(try !transaction.remove(30))
            #expect(try !transaction.remove(31))
            #expect(try transaction.bytes(forKey: 20) == [20, 20])
            #expect(try transaction.bytes(forKey: 30) == nil)
            #expect(try transaction.bytes(forKey: 40) == [40])
            #expect(try transaction.contains(5))
            #expect(try !transaction.contains(30))
            #expect(try store.bytes(forKey: 20) == [20])
            #expect(try keys(transaction) == [0, 5, 10, 20, 40, 50, 60, 70, 80, 90, 95])
            #expect(try keys(transaction, 5...40) == [5, 10, 20, 40])
            #expect(try keys(transaction, 6...39, descending: true) == [20, 10])
            #expect(try keys(transaction, 91...94) == [])
            #expect(try keys(transaction, descending: true, limit: 3) == [95, 90, 80])
            #expect(try keys(transaction, 1...100, limit: 1) == [5])
            #expect(try keys(transaction, 1...100, limit: 2) == [5, 10])
            // A key that came and went.
            try transaction.put([7], forKey: 7)
            #expect(try transaction.remove(7))
            #expect(try keys(transaction, 6...9) == [])
            try transaction.put([30], forKey: 30)
            #expect(try keys(transaction, 30...30) == [30])
        }
        #expect(try store.contents().map(\.key) == [0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95])
        #expect(try store.verify().damage == nil)
        try store.close()
    }

    /// A commit is one commit of the log, of one record for each key; a rollback is no byte, however it comes about.
    @Test(arguments: Durability.allCases) func commitsWholeOrNotAtAll(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try tens(directory, durability)
        let before = (try store.statistics(), try store.verify().commits)
        #expect(throws: Refusal.self) {
            try store.transaction { transaction in
                try transaction.put([1], forKey: 1)
                try transaction.remove(10)
                throw Refusal()
            }
        }
        let answer = try store.transaction { transaction in
            try transaction.put([1], forKey: 1)
            try transaction.remove(10)
            transaction.rollBack()
            #expect(throws: AlexStoreError.transactionEnded) { try transaction.put([1], forKey: 1) }
            #expect(throws: AlexStoreError.transactionEnded) { try transaction.bytes(forKey: 0) }
            return 42
        }
        #expect(answer == 42)
        let zero = try store.transaction { try $0.bytes(forKey: 0) }
        #expect(zero == [0])
        #expect(try store.statistics() == before.0)
        #expect(try store.contents().count == 10)
        var escaped: WriteTransaction?
        try store.transaction { transaction in
            for round in 0..<3 as Range<UInt8> { try transaction.put([round], forKey: 1) }
            try transaction.remove(10)
            escaped = transaction
        }
        #expect(throws: AlexStoreError.transactionEnded) { try escaped?.put([1], forKey: 2) }
        #expect(try store.statistics().lastSequence == before.0.lastSequence + 2)
        #expect(try store.verify().commits == before.1 + 1)
        #expect(try store.bytes(forKey: 1) == [2])
        try store.close()
    }

    /// While a transaction is under way nothing is written past it, and all is as ever afterwards.
    @Test(arguments: [Durability.process, .power]) func nothingGoesPastIt(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try tens(directory, durability)
        let refused = AlexStoreError.transactionInProgress
        try store.transaction { transaction in
            #expect(throws: refused) { try store.put([1], forKey: 1) }
            #expect(throws: refused) { try store.putBatch([(key: 1, value: [1])]) }
            #expect(throws: refused) { try store.remove(10) }
            #expect(throws: refused) { try store.sync() }
            #expect(throws: refused) { try store.compact(.everything) }
            #expect(throws: refused) { try store.transaction { _ in } }
            try transaction.scan { _, _ in
                #expect(throws: AlexStoreError.scanInProgress) { try transaction.put([1], forKey: 1) }
                #expect(throws: AlexStoreError.scanInProgress) { try transaction.remove(10) }
                return false
            }
        }
        try store.scan { _, _ in
            #expect(throws: AlexStoreError.scanInProgress) { try store.transaction { _ in } }
            return false
        }
        try store.put([1], forKey: 1)
        #expect(store.count == 11)
        try store.close()
        #expect(throws: AlexStoreError.closed) { try store.transaction { _ in } }
    }

    /// What a transaction keeps in memory is bounded, by an error that leaves it as it was.
    @Test func memoryIsBounded() throws {
        let directory = try ScratchDirectory()
        let store = try tens(directory)
        try store.transaction(bytesMax: 1000) { transaction in
            try transaction.put([UInt8](repeating: 1, count: 500), forKey: 1)
            #expect(throws: AlexStoreError.transactionTooLong(limit: 1000)) {
                try transaction.put([UInt8](repeating: 2, count: 300), forKey: 2)
            }
            #expect(try transaction.bytes(forKey: 2) == nil)
            // What is overwritten counts no more.
            for _ in 0..<10 { try transaction.put([UInt8](repeating: 1, count: 400), forKey: 1) }
            try transaction.put([3], forKey: 3)
            #expect(try transaction.remove(10))
            #expect(try transaction.remove(20))
            #expect(throws: AlexStoreError.transactionTooLong(limit: 1000)) { try transaction.remove(30) }
            #expect(throws: AlexStoreError.self) {
                try transaction.put([UInt8](repeating: 2, count: AlexStore.valueBytesMax + 1), forKey: 2)
            }
        }
        #expect(try store.contents().map(\.key) == [0, 1, 3, 30, 40, 50, 60, 70, 80, 90])
        // Reads count where they are noted.
        #expect(throws: AlexStoreError.transactionTooLong(limit: 1000)) {
            try store.committer().transaction(bytesMax: 1000) { transaction in
                for key in 0..<20 as Range<Int64> { _ = try transaction.contains(key) }
            }
        }
        try store.close()
    }

    /// A crash in the midst of a transaction leaves no trace; a commit that is torn at any place is not there, and one
    /// that is whole is.
    @Test func crashAtEveryPlace() throws {
        let directory = try ScratchDirectory()
        let store = try tens(directory)
        let before = try model(of: store)
        let end = 4096 + 10 * 32
        var amid: StoreImage?
        try store.transaction { transaction in
            for key in 0..<8 as Range<Int64> { try transaction.put([9, 9, 9], forKey: key * 5) }
            try transaction.remove(60)
            try transaction.remove(70)
            amid = try StoreImage(directory.path)
        }
        let after = try model(of: store)
        #expect(before != after)
        let copy = try #require(amid).restore()
        let restored = try AlexStore(directory: copy.path, options: options())
        #expect(try model(of: restored) == before)
        let whole = try StoreImage(directory.path)
        let commitBytes = 8 * 32 + 2 * 24
        for length in end...(end + commitBytes) {
            var cut = whole
            cut.files[1].bytes.removeLast(cut.files[1].bytes.count - length)
            let copy = try cut.restore()
            let reopened = try AlexStore(directory: copy.path, options: options())
            #expect(try model(of: reopened) == (length == end + commitBytes ? after : before), "length \(length)")
        }
        try store.close()
    }

    /// Every call of the seam fails in turn: a transaction whose commit is refused has changed nothing, and with a
    /// failed sync it is there whole or not at all.
    @Test(arguments: [Durability.process, .power]) func nthCallFails(durability: Durability) throws {
        var call = 0
        var isDone = false
        while !isDone {
            let directory = try ScratchDirectory()
            let faults = FaultFileSystem()
            var options = tinyOptions(segmentBytes: 8192)
            options.durability = durability
            options.fileSystem = faults
            let store = try AlexStore(directory: directory.path, options: options)
            var states: [Model] = [[:]]
            faults.arm(at: call, code: ENOSPC, isForGood: false)
            for round in 0..<6 as Range<UInt8> {
                var next = states[states.count - 1]
                for key in 0..<5 as Range<Int64> { next[key] = [UInt8](repeating: round, count: 300) }
                next[Int64(round) - 1] = nil
                do {
                    try store.transaction { transaction in
                        for key in 0..<5 as Range<Int64> {
                            try transaction.put([UInt8](repeating: round, count: 300), forKey: key)
                        }
                        try transaction.remove(Int64(round) - 1)
                    }
                    states = [next]
                } catch let error as AlexStoreError {
                    if error == .poisoned { continue }
                    guard case .io(let reason) = error else { throw error }
                    #expect(reason.code == ENOSPC)
                    states.append(next)
                }
                #expect(try model(of: store) == states[0], "call \(call)")
            }
            isDone = faults.calls <= call
            faults.disarm()
            let reopened: AlexStore
            do throws(AlexStoreError) { try store.close() } catch { #expect(error == .poisoned, "call \(call)") }
            reopened = try AlexStore(directory: directory.path, options: options)
            let found = try model(of: reopened)
            #expect(found == states[0] || durability == .power && states.contains(found), "call \(call)")
            try reopened.close()
            call += 1
        }
        #expect(call > 6)
    }

    /// Random transactions, some rolled back, with other writes, compactions and reopenings between them, on a store
    /// and a dictionary.
    @Test(arguments: 1...4 as ClosedRange<UInt64>, Durability.allCases)
    func agreesWithDictionary(seed: UInt64, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var random = SeededGenerator(state: seed)
        var options = options(durability)
        options.segmentBytesLimit = 8192
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var expected: Model = [:]
        for step in 0..<150 {
            let place: Comment = "seed \(seed) step \(step)"
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                let key = Int64.random(in: 0..<30, using: &random)
                try store!.put([UInt8(step)], forKey: key)
                expected[key] = [UInt8(step)]
            case 1: if step % 3 == 0 { try store!.compact(.everything) }
            case 2:
                if Bool.random(using: &random) { try store!.close() }
                store = nil
                store = try AlexStore(directory: directory.path, options: options)
            default:
                var next = expected
                let isKept = Int.random(in: 0..<3, using: &random) > 0
                let isThrown = Bool.random(using: &random)
                let body = { (transaction: WriteTransaction) throws in
                    try mix(transaction, &next, &random, place)
                    if !isKept && isThrown { throw Refusal() }
                    if !isKept { transaction.rollBack() }
                }
                do {
                    if Bool.random(using: &random) {
                        try store!.transaction(body)
                    } else {
                        try store!.committer().transaction(body)
                    }
                } catch is Refusal {}
                if isKept { expected = next }
            }
            #expect(try model(of: store!) == expected, place)
        }
        #expect(try store!.verify().damage == nil)
        try store!.close()
    }

    /// Some operations of one transaction.
    private func mix(
        _ transaction: WriteTransaction, _ model: inout Model, _ random: inout SeededGenerator, _ place: Comment
    ) throws {
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let key = Int64.random(in: 0..<30, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0...1:
                let value = [UInt8](repeating: UInt8(key), count: Int.random(in: 1..<200, using: &random))
                try transaction.put(value, forKey: key)
                model[key] = value
            case 2:
                let wasThere = try transaction.remove(key)
                #expect(wasThere == (model.removeValue(forKey: key) != nil), place)
            case 3: #expect(try transaction.bytes(forKey: key) == model[key], place)
            case 4:
                let guess = Bool.random(using: &random) ? model[key] : [1]
                let isRight = guess == model[key]
                #expect(try transaction.put([UInt8(key)], forKey: key, ifValueIs: guess) == isRight, place)
                if isRight { model[key] = [UInt8(key)] }
            default:
                let range = key...(key + Int64.random(in: 0..<20, using: &random))
                let descending = Bool.random(using: &random)
                let limit = Bool.random(using: &random) ? Int.max : Int.random(in: 0..<4, using: &random)
                var found: [Int64] = []
                try transaction.scan(in: range, descending: descending, limit: limit) { key, value in
                    #expect(model[key] == Array(value), place)
                    found.append(key)
                    return true
                }
                let all = model.keys.filter(range.contains).sorted()
                #expect(found == Array((descending ? all.reversed() : all).prefix(limit)), place)
            }
        }
    }
}
