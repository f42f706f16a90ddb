import AlexStorage
import Testing

// One history of calls, made from a seed, on a dictionary and on stores that are configured or disturbed in every way
// that must not matter: all give the same answers, call by call.

/// A call on a store.
private enum Call {
    case put(Int64, [UInt8])
    case putWithoutWaiting(Int64, [UInt8])
    case batch([(key: Int64, value: [UInt8])])
    case remove(Int64)
    /// Puts the second value if the first is there; `nil` for the value that is there.
    case compareAndPut(Int64, expected: [UInt8]?, isPresent: Bool, [UInt8])
    case transaction([Change], reads: Int64, isShared: Bool, isKept: Bool)
    case get(Int64)
    case getMany([Int64])
    case scan(ClosedRange<Int64>, descending: Bool, limit: Int)
    case count
    case openSnapshot
    case readSnapshot(Int64)
    case scanSnapshot(ClosedRange<Int64>, descending: Bool)
    case closeSnapshot
    case sync
    case compact(garbageShareMin: Double)
    case checkpoint
    case backup
    case reopen(isClean: Bool)

    /// A step of a transaction: a put, or without a value a removal.
    typealias Change = (key: Int64, value: [UInt8]?)

    static func random(_ generator: inout SeededGenerator) -> Call {
        let (key, other) = (Self.key(&generator), Self.key(&generator))
        func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<22: return .put(key, value(&generator))
        case ..<26: return .putWithoutWaiting(key, value(&generator))
        case ..<33:
            let count = Int.random(in: 0...5, using: &generator)
            return .batch((0..<count).map { _ in (Self.key(&generator), value(&generator)) })
        case ..<42: return .remove(key)
        case ..<47:
            let isPresent = Bool.random(using: &generator)
            let expected = chance(2) ? nil : value(&generator)
            return .compareAndPut(key, expected: expected, isPresent: isPresent, value(&generator))
        case ..<54:
            let changes = (0..<Int.random(in: 0...4, using: &generator)).map { _ -> Change in
                (Self.key(&generator), chance(3) ? nil : value(&generator))
            }
            return .transaction(changes, reads: key, isShared: chance(2), isKept: !chance(4))
        case ..<66: return .get(key)
        case ..<70: return .getMany((0..<Int.random(in: 0...20, using: &generator)).map { _ in Self.key(&generator) })
        case ..<78:
            let limit = chance(2) ? Int.random(in: 0...9, using: &generator) : .max
            return .scan(min(key, other)...max(key, other), descending: chance(2), limit: limit)
        case ..<80: return .count
        case ..<82: return .openSnapshot
        case ..<87: return .readSnapshot(key)
        case ..<90: return .scanSnapshot(min(key, other)...max(key, other), descending: chance(2))
        case ..<91: return .closeSnapshot
        case ..<93: return .sync
        case ..<95: return .compact(garbageShareMin: [0, 0.1, 0.5].randomElement(using: &generator) ?? 0)
        case ..<97: return .checkpoint
        case ..<98: return .backup
        default: return .reopen(isClean: chance(2))
        }
    }

    private static func key(_ generator: inout SeededGenerator) -> Int64 {
        switch Int.random(in: 0..<24, using: &generator) {
        case 0: .min
        case 1: .max
        case 2: Int64(bitPattern: generator.next())
        default: Int64.random(in: -30...30, using: &generator)
        }
    }

    private static func value(_ generator: inout SeededGenerator) -> [UInt8] {
        let longest = Int.random(in: 0..<30, using: &generator) == 0 ? 9_000 : 200
        let first = UInt8.random(in: 0...255, using: &generator)
        return (0..<Int.random(in: 0...longest, using: &generator)).map { first &+ UInt8(truncatingIfNeeded: $0) }
    }
}

/// What a call has given back.
private enum Answer: Equatable {
    case nothing
    case flag(Bool)
    case number(Int)
    case values([[UInt8]?])
    case pairs([Int64], [[UInt8]])

    init(_ pairs: [(key: Int64, value: [UInt8])]) { self = .pairs(pairs.map(\.key), pairs.map(\.value)) }
}

/// The dictionary that every store is held against.
private struct Reference {
    private var state: [Int64: [UInt8]] = [:]
    private var snapshots: [[Int64: [UInt8]]] = []

    mutating func answer(_ call: Call) -> Answer {
        switch call {
        case .put(let key, let value), .putWithoutWaiting(let key, let value): state[key] = value
        case .batch(let pairs): for pair in pairs { state[pair.key] = pair.value }
        case .remove(let key): return .flag(state.removeValue(forKey: key) != nil)
        case .compareAndPut(let key, let expected, let isPresent, let value):
            let isEqual = state[key] == (isPresent ? state[key] : expected)
            if isEqual { state[key] = value }
            return .flag(isEqual)
        case .transaction(let changes, let reads, _, let isKept): return transact(changes, reads, isKept)
        case .get(let key): return .values([state[key]])
        case .getMany(let keys): return .values(keys.map { state[$0] })
        case .scan(let range, let descending, let limit): return Self.scan(state, range, descending, limit)
        case .count: return .number(state.count)
        case .openSnapshot: snapshots.append(state)
        case .readSnapshot(let key): return .values(snapshots.map { $0[key] })
        case .scanSnapshot(let range, let descending):
            return snapshots.first.map { Self.scan($0, range, descending, .max) } ?? .nothing
        case .closeSnapshot: if !snapshots.isEmpty { snapshots.removeFirst() }
        case .backup: return Self.scan(state, .min ... .max, false, .max)
        case .reopen: snapshots = []
        case .sync, .compact, .checkpoint: break
        }
        return .nothing
    }

    private mutating func transact(_ changes: [Call.Change], _ reads: Int64, _ isKept: Bool) -> Answer {
        var next = state
        var seen = [next[reads]]
        for change in changes {
            next[change.key] = change.value
            seen.append(next[reads])
        }
        if isKept { state = next }
        return .values(seen)
    }

    private static func scan(
        _ state: [Int64: [UInt8]], _ range: ClosedRange<Int64>, _ descending: Bool, _ limit: Int
    ) -> Answer {
        let pairs = state.filter { range.contains($0.key) }.sorted { ($0.key < $1.key) != descending }
        return Answer(pairs.prefix(limit).map { (key: $0.key, value: $0.value) })
    }
}

/// A store, and what is done to it besides the calls.
private final class Subject {
    private let directory: ScratchDirectory
    private let options: AlexStoreOptions
    private let disturbance: Disturbance
    private var current: AlexStore?
    private var store: AlexStore { current! }
    private var snapshots: [Held] = []
    private var calls = 0

    /// What must change no answer.
    enum Disturbance: Sendable { case none, compactionAfterEachWrite, checkpoints, cleanReopens, crashes, verification }

    /// A snapshot, which can't be copied, in an array.
    private final class Held {
        let snapshot: StoreSnapshot
        init(_ snapshot: consuming StoreSnapshot) { self.snapshot = snapshot }
    }

    init(_ options: AlexStoreOptions, _ disturbance: Disturbance) throws {
        directory = try ScratchDirectory()
        self.options = options
        self.disturbance = disturbance
        current = try AlexStore(directory: directory.path, options: options)
    }

    func close() throws {
        snapshots = []
        #expect(try store.verify().damage == nil)
        try store.close()
    }

    func answer(_ call: Call) throws -> Answer {
        let answer = try ask(call)
        calls += 1
        try disturb(call)
        return answer
    }

    private func disturb(_ call: Call) throws {
        switch disturbance {
        case .none: break
        case .compactionAfterEachWrite: if call.isWrite { try store.compact(.everything) }
        case .checkpoints: if calls % 3 == 0 { try store.checkpoint() }
        // A snapshot ends with its store, which is no matter of configuration.
        case .cleanReopens: if calls % 5 == 0 && snapshots.isEmpty { try reopen(isClean: true) }
        case .crashes: if calls % 5 == 0 && snapshots.isEmpty { try reopen(isClean: false) }
        case .verification: if calls % 10 == 0 { #expect(try store.verify().damage == nil) }
        }
    }

    private func reopen(isClean: Bool) throws {
        snapshots = []
        if isClean { try store.close() }
        // A directory is open in one store at a time.
        current = nil
        current = try AlexStore(directory: directory.path, options: options)
        #expect(store.recovery.cut == nil && (store.recovery.wasClean || !isClean))
    }

    private func ask(_ call: Call) throws -> Answer {
        switch call {
        case .put(let key, let value): try store.put(value, forKey: key)
        case .putWithoutWaiting(let key, let value):
            try store.waitUntilDurable(try store.putWithoutWaiting(value, forKey: key))
        case .batch(let pairs): try store.putBatch(pairs)
        case .remove(let key): return .flag(try store.remove(key))
        case .compareAndPut(let key, let expected, let isPresent, let value):
            let expected = isPresent ? try store.bytes(forKey: key) : expected
            return .flag(try store.put(value, forKey: key, ifValueIs: expected))
        case .transaction(let changes, let reads, let isShared, let isKept):
            return try transact(changes, reads, isShared, isKept)
        case .get(let key): return .values([try get(key)])
        case .getMany(let keys): return .values(try getMany(keys))
        case .scan(let range, let descending, let limit): return try scan(range, descending, limit)
        case .count: return .number(store.count)
        case .openSnapshot: snapshots.append(Held(try store.snapshot()))
        case .readSnapshot(let key): return .values(try snapshots.map { try $0.snapshot.bytes(forKey: key) })
        case .scanSnapshot(let range, let descending): return try scanSnapshot(range, descending)
        case .closeSnapshot: if !snapshots.isEmpty { snapshots.removeFirst() }
        case .sync: try store.sync()
        case .compact(let share): try store.compact(CompactionPolicy(garbageShareMin: share))
        case .checkpoint: try store.checkpoint()
        case .backup: return try backup()
        case .reopen(let isClean): try reopen(isClean: isClean)
        }
        return .nothing
    }

    private func transact(
        _ changes: [Call.Change], _ reads: Int64, _ isShared: Bool, _ isKept: Bool
    ) throws -> Answer {
        var seen: [[UInt8]?] = []
        let body = { (transaction: WriteTransaction) throws in
            seen = [try transaction.bytes(forKey: reads)]
            for change in changes {
                if let value = change.value {
                    try transaction.put(value, forKey: change.key)
                } else {
                    try transaction.remove(change.key)
                }
                seen.append(try transaction.bytes(forKey: reads))
            }
            if !isKept { transaction.rollBack() }
        }
        if isShared { try store.committer().transaction(body) } else { try store.transaction(body) }
        return .values(seen)
    }

    /// One read in five ways.
    private func get(_ key: Int64) throws -> [UInt8]? {
        let value = try store.bytes(forKey: key)
        #expect(try store.contains(key) == (value != nil))
        #expect(try store.withValue(forKey: key) { Array($0) } == value)
        #expect(try store.reader().bytes(forKey: key) == value)
        #expect(try store.committer().bytes(forKey: key) == value)
        let pin = store.pin()
        let span = try pin.value(forKey: key)
        #expect(span?.withUnsafeBytes { Array($0) } == value)
        return value
    }

    private func getMany(_ keys: [Int64]) throws -> [[UInt8]?] {
        var values = [[UInt8]?](repeating: nil, count: keys.count)
        try keys.withUnsafeBufferPointer { keys in
            try store.forEachValue(forKeys: keys) { index, value in values[index] = value.map { Array($0) } }
        }
        return values
    }

    private func scan(_ range: ClosedRange<Int64>, _ descending: Bool, _ limit: Int) throws -> Answer {
        var pairs: [(key: Int64, value: [UInt8])] = []
        let visited = try store.scan(in: range, descending: descending, limit: limit) { key, value in
            pairs.append((key, Array(value)))
            return true
        }
        #expect(visited == pairs.count)
        return Answer(pairs)
    }

    private func scanSnapshot(_ range: ClosedRange<Int64>, _ descending: Bool) throws -> Answer {
        guard let held = snapshots.first else { return .nothing }
        var pairs: [(key: Int64, value: [UInt8])] = []
        try held.snapshot.scan(in: range, descending: descending) { key, value in
            pairs.append((key, Array(value)))
            return true
        }
        return Answer(pairs)
    }

    /// What a copy of the store holds.
    private func backup() throws -> Answer {
        let target = try ScratchDirectory()
        try store.backup(to: target.path + "/copy")
        let copy = try AlexStore(directory: target.path + "/copy", options: options)
        defer { try? copy.close() }
        return Answer(try copy.contents())
    }
}

extension Call {
    fileprivate var isWrite: Bool {
        switch self {
        case .put, .putWithoutWaiting, .batch, .remove, .compareAndPut, .transaction: true
        default: false
        }
    }
}

@Suite struct MetamorphicTests {
    /// A configuration under which a store answers as under any other.
    enum Configuration: String, CaseIterable, Sendable {
        case plain, filter, tinySegments, oneSegment, compactionAfterEachWrite, automaticCompaction, lateCompaction
        case checkpoints, cleanReopens, crashes, uncheckedReads, verification, growthThread, memory, power
        case lateImage, ownCheckpoints, everything

        fileprivate var disturbance: Subject.Disturbance {
            switch self {
            case .compactionAfterEachWrite, .everything: .compactionAfterEachWrite
            case .checkpoints: .checkpoints
            case .cleanReopens, .lateImage: .cleanReopens
            case .crashes: .crashes
            case .verification: .verification
            default: .none
            }
        }

        var options: AlexStoreOptions {
            var options = tinyOptions()
            options.checkpointOnCloseBytesMin = 0
            switch self {
            case .lateImage: options.imageBytesReadAtOnce = 0
            case .ownCheckpoints: options.checkpointBytes = 2000
            case .filter: options.absentKeyFilter = .always(passing: 0.01)
            case .tinySegments: options.segmentBytesLimit = 4097
            case .oneSegment: options.segmentBytesLimit = 16 << 20
            case .automaticCompaction: options.automaticCompaction = Self.eager(.atOnce)
            case .lateCompaction: options.automaticCompaction = Self.eager(.later)
            case .uncheckedReads: options.checksOnRead = false
            case .growthThread: options.growsInBackground = true
            case .memory: options.durability = .memory
            case .power: options.durability = .power
            case .everything:
                options.absentKeyFilter = .always(passing: 0.05)
                options.segmentBytesLimit = 4097
                options.automaticCompaction = Self.eager(.atOnce)
                options.durability = .power
            default: break
            }
            return options
        }

        private static func eager(_ work: AutomaticCompaction.Work) -> AutomaticCompaction {
            var automatic = AutomaticCompaction()
            automatic.garbageShareMin = 0.1
            automatic.segmentGarbageShareMin = 0.1
            automatic.garbageBytesMin = 1000
            automatic.bytesPerSecond = 1 << 40
            automatic.lookBytes = 500
            automatic.work = work
            return automatic
        }
    }

    @Test(arguments: Configuration.allCases, [1, 2] as [UInt64])
    func sameAnswers(configuration: Configuration, seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var reference = Reference()
        let subject = try Subject(configuration.options, configuration.disturbance)
        for step in 0..<300 {
            let call = Call.random(&generator)
            let (expected, answer) = (reference.answer(call), try subject.answer(call))
            try #require(answer == expected, "\(configuration), seed \(seed), step \(step): \(call)")
        }
        try subject.close()
    }
}
