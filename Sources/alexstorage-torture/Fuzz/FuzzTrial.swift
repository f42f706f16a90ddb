import AlexStorage
import PowerLoss
import StorageIO

// One case: a store is changed, salvaged now and then, opened, read in every way, verified, used, closed and opened
// again. All by one seed, on a disk in memory.
//
// Of damage nothing may go unseen:
//  1. a read gives what was written, or throws; a scan that throws has given nothing else before;
//  2. a scan that does not throw shows a state that the store has had, of a closed one the last;
//  3. what reads have thrown as damage, `verify` tells, too;
//  4. what is written afterwards is found as in a dictionary, or a call has thrown;
//  5. where only a checkpoint is damaged the store opens, and no read throws;
//  6. salvage gives for each key a value that it has had.
// Of a forged store only this much is asked, as of any: no end of the process, no hang.

struct FuzzTrial {
    typealias State = FuzzStore.State

    /// What became of it.
    enum Outcome: Int, CaseIterable, Sendable {
        /// The store was refused.
        case refused
        /// It opened, and the damage was told by a call.
        case told
        case unharmed
    }

    let seed: UInt64
    private let store: FuzzStore
    private var random: SplitMix
    private let change: FuzzChange
    private var options = FuzzStore.options
    private(set) var violations: [String] = []
    /// Whether any call has thrown, and whether one has told of damage since the store was opened last.
    private var hasThrown = false
    private var hasToldDamage = false
    /// Every value that was put after the change.
    private var written: [Int64: Set<[UInt8]>] = [:]
    private var hasOpened = false
    /// Says what it does, for one case alone.
    private let narrate: (String) -> Void

    /// - Parameter stores: One of each kind.
    init(seed: UInt64, stores: [FuzzStore], narrate: @escaping (String) -> Void = { _ in }) {
        self.seed = seed
        self.narrate = narrate
        random = SplitMix(state: seed)
        store = stores[random.below(stores.count)]
        change = FuzzChange(of: store.image, forged: random.below(2) == 0, seed: random.next())
        options.durability = Durability.allCases[random.below(3)]
        options.checksOnRead = !change.isForged || random.below(2) == 0
        options.checkpointsOnClose = random.below(3) > 0
        // Mostly the image comes as reads need it, node by node.
        options.imageBytesReadAtOnce = random.below(3) > 0 ? 0 : 1 << 20
        options.checkpointBytes = random.below(3) == 0 ? 1000 : 0
        options.absentKeyFilter = random.below(4) == 0 ? .always(passing: 0.01) : .adaptive(passing: 0.005)
        options.segmentBytesLimit = random.below(2) == 0 ? 8 << 10 : 1 << 20
        if random.below(3) == 0 { options.automaticCompaction = Self.eagerCompaction }
        narrate("the store '\(store.kind)', \(options.durability)\(change.isForged ? ", forged" : "")")
        for words in change.words { narrate("  \(words)") }
    }

    private static var eagerCompaction: AutomaticCompaction {
        var automatic = AutomaticCompaction()
        automatic.garbageShareMin = 0.1
        automatic.segmentGarbageShareMin = 0.1
        automatic.garbageBytesMin = 1000
        automatic.lookBytes = 512
        automatic.work = .atOnce
        return automatic
    }

    var isForged: Bool { change.isForged }

    private mutating func violated(_ what: String) {
        violations.append(
            "\(what) (\(store.kind)\(isForged ? ", forged" : ""): \(change.words.joined(separator: "; ")))")
    }

    mutating func run() throws(StorageIOError) -> Outcome {
        if random.below(6) == 0 { try salvage() }
        let disk = try SimulatedDisk(change.image, blockBytes: 4096, seed: random.next())
        options.fileSystem = disk
        do throws(AlexStoreError) {
            var model = try open(nil)
            if random.below(3) > 0 { model = try open(model) }
        } catch {
            narrate("refused: \(error)")
            if !hasOpened {
                if isOnlyCheckpoint { violated("refused for its checkpoint: \(error)") }
                return .refused
            }
            hasThrown = true
        }
        return hasThrown ? .told : .unharmed
    }

    /// Whether nothing but a checkpoint is damaged.
    private var isOnlyCheckpoint: Bool { !isForged && change.kinds == [.checkpoint] }

    /// Opens, reads, uses and closes the store.
    ///
    /// - Parameter model: What it must hold; `nil` for what is known of it, or nothing.
    /// - Returns: What it holds now; `nil` when that can't be said.
    private mutating func open(_ expected: State?) throws(AlexStoreError) -> State? {
        let opened = try AlexStore(directory: FuzzStore.directory, options: options)
        let isFirst = !hasOpened
        (hasOpened, hasToldDamage) = (true, false)
        narrate("opened: \(opened.recovery)")
        var model = readAll(opened, isFirst ? nil : expected, isFirst: isFirst)
        verify(opened)
        model = use(opened, model)
        if model != nil { model = readAll(opened, model, isFirst: false) }
        if random.below(4) > 0 { note { () throws(AlexStoreError) in try opened.close() } }
        narrate("closed")
        // A call that threw may have been the one to make something durable.
        return hasThrown ? nil : model
    }

    // MARK: Reading

    /// Reads everything in every way. Returns the state that was found, if it was one and nothing threw.
    private mutating func readAll(_ opened: AlexStore, _ expected: State?, isFirst: Bool) -> State? {
        var found: State = [:]
        var last: Int64?
        var isAscending = true
        let threw = note { () throws(AlexStoreError) in
            try opened.scan { key, value in
                if let last, key <= last { isAscending = false }
                last = key
                found[key] = Array(value)
                return true
            }
        }
        if !isAscending && !isForged { violated("a scan whose keys do not ascend") }
        if isForged {
            readEach(opened, found, nil)
            return nil
        }
        if threw && isOnlyCheckpoint { violated("a scan threw for a checkpoint") }
        if let expected {
            if threw ? found.contains(where: { expected[$0.key] != $0.value }) : found != expected {
                violated("another content than was written")
            }
        } else if isFirst {
            judge(found, threw: threw)
        }
        if !threw && opened.count != found.count { violated("a count of \(opened.count), \(found.count) were scanned") }
        readEach(opened, found, threw ? nil : found)
        return threw || !(isFirst || expected != nil) ? nil : found
    }

    /// Holds what was found in the changed store against what may be in it.
    private mutating func judge(_ found: State, threw: Bool) {
        if !threw {
            if !store.states.contains(found) { violated("a state that the store never had") }
        } else if let key = found.first(where: { !isPossible($0.key, $0.value) })?.key {
            violated("a value that key \(key) did not have")
        }
    }

    /// Whether a key has this value in one of the states that may be found.
    private func isPossible(_ key: Int64, _ value: [UInt8]) -> Bool { store.states.contains { $0[key] == value } }

    /// Each key by itself, and some ranges, forth and back.
    private mutating func readEach(_ opened: AlexStore, _ found: State, _ expected: State?) {
        let keys = Set(found.keys).union(store.values.keys.prefix(100)).sorted().prefix(200)
        for key in keys {
            var value: [UInt8]?
            let threw = note { () throws(AlexStoreError) in value = try opened.bytes(forKey: key) }
            if isForged { continue }
            if threw && isOnlyCheckpoint { violated("a read threw for a checkpoint") }
            if let expected {
                if threw || value != expected[key] { violated("key \(key) differs between scan and read") }
            } else if !threw, let value, !hasHad(key, value) {
                violated("a value that key \(key) never had")
            }
        }
        var ends = [keys.randomElement(using: &random) ?? 0, Int64(random.below(80)) - 40]
        ends.sort()
        var backwards: [Int64] = []
        let threw = note { () throws(AlexStoreError) in
            try opened.scan(in: ends[0]...ends[1], descending: true) { key, _ in
                backwards.append(key)
                return true
            }
        }
        if let expected, !threw,
            backwards != expected.keys.filter({ ends[0] <= $0 && $0 <= ends[1] }).sorted().reversed()
        {
            violated("a descending scan of \(ends) that differs")
        }
    }

    private func hasHad(_ key: Int64, _ value: [UInt8]) -> Bool {
        store.values[key]?.contains(value) == true || written[key]?.contains(value) == true
    }

    private mutating func verify(_ opened: AlexStore) {
        if random.below(2) == 0 { return }
        let threwBefore = hasToldDamage
        var report: VerificationReport?
        note { () throws(AlexStoreError) in report = try opened.verify() }
        guard let report else { return }
        narrate(report.damage.map { "verify: \($0)" } ?? "verify: sound")
        if !isForged && threwBefore && report.isSound { violated("reads threw, and verify finds nothing") }
        if !report.isSound { hasThrown = true }
    }

    // MARK: Using

    /// Some of everything that a store can do. Returns what it must hold then, if anything can be said.
    private mutating func use(_ opened: AlexStore, _ model: State?) -> State? {
        var state = model ?? [:]
        var isKnown = model != nil
        for _ in 0..<random.below(16) {
            let (key, other) = (Int64(random.below(60)) - 30, Int64(bitPattern: random.next()))
            let value = [UInt8](repeating: UInt8(random.below(256)), count: random.below(400))
            for key in [key, other] { written[key, default: []].insert(value) }
            written[Self.lookKey] = [[1]]
            var next = state
            let work: () throws(AlexStoreError) -> Void
            switch random.below(10) {
            case 0, 1, 2:
                next[key] = value
                work = { () throws(AlexStoreError) in try opened.put(value, forKey: key) }
            case 3:
                next[key] = nil
                work = { () throws(AlexStoreError) in try opened.remove(key) }
            case 4:
                (next[key], next[other]) = (value, value)
                work = { () throws(AlexStoreError) in
                    try opened.putBatch([(key: key, value: value), (key: other, value: value)])
                }
            case 5:
                (next[other], next[key]) = (value, nil)
                let isShared = random.below(2) == 0
                work = { () throws(AlexStoreError) in
                    try Self.transact(opened, isShared: isShared, put: (other, value), remove: key)
                }
            case 6:
                let policy = CompactionPolicy(garbageShareMin: [0, 0.1, 0.5][random.below(3)])
                work = { () throws(AlexStoreError) in try opened.compact(policy) }
            case 7: work = { () throws(AlexStoreError) in try opened.checkpoint() }
            case 8: work = { () throws(AlexStoreError) in try opened.backup(to: "copy\(other)") }
            default: work = { () throws(AlexStoreError) in try Self.look(opened, key) }
            }
            // What has failed to become durable may be there after a reopen.
            if note(work) { isKnown = false } else { state = next }
        }
        return isKnown ? state : nil
    }

    private static func transact(
        _ opened: AlexStore, isShared: Bool, put: (key: Int64, value: [UInt8]), remove: Int64
    ) throws(AlexStoreError) {
        let body = { (transaction: WriteTransaction) throws in
            try transaction.put(put.value, forKey: put.key)
            try transaction.remove(remove)
        }
        do {
            if isShared { try opened.committer().transaction(body) } else { try opened.transaction(body) }
        } catch let error as AlexStoreError {
            throw error
        } catch {
            preconditionFailure("a transaction throws what nobody has thrown: \(error)")
        }
    }

    /// The key that a snapshot must not show.
    private static let lookKey = Int64.max - 7

    /// Reads past the store's own reads: a snapshot, a reader, a pin, statistics.
    private static func look(_ opened: AlexStore, _ key: Int64) throws(AlexStoreError) {
        let snapshot = try opened.snapshot()
        try opened.put([1], forKey: lookKey)
        try snapshot.scan { _, _ in true }
        _ = try snapshot.bytes(forKey: key)
        try opened.remove(lookKey)
        _ = try opened.reader().bytes(forKey: key)
        _ = try opened.statistics()
    }

    /// Runs a call. Returns whether it threw.
    @discardableResult
    private mutating func note(_ body: () throws(AlexStoreError) -> Void) -> Bool {
        do throws(AlexStoreError) {
            try body()
            return false
        } catch {
            if !hasThrown { narrate("thrown: \(error)") }
            hasThrown = true
            if case .damaged = error { hasToldDamage = true }
            return true
        }
    }

    // MARK: Salvage

    private mutating func salvage() throws(StorageIOError) {
        let disk = try SimulatedDisk(change.image, blockBytes: 4096, seed: random.next())
        var options = FuzzStore.options
        options.fileSystem = disk
        do throws(AlexStoreError) {
            let report = try AlexStore.salvage(directory: FuzzStore.directory, to: "saved", options: options)
            narrate("salvaged: \(report.keys) keys")
            let saved = try AlexStore(directory: "saved", options: options)
            var keys = 0
            var wrong: Int64?
            try saved.scan { key, value in
                keys += 1
                if store.values[key]?.contains(Array(value)) != true { wrong = key }
                return true
            }
            if keys != report.keys { violated("\(keys) keys salvaged, \(report.keys) told") }
            if let wrong, !isForged { violated("salvage gives key \(wrong) a value that it never had") }
            if let damage = try saved.verify().damage { violated("what was salvaged is damaged: \(damage)") }
        } catch {
            narrate("not salvaged: \(error)")
        }
    }
}
