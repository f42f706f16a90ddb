import Foundation
import Testing

@testable import AlexStorage

/// Readers and snapshots on threads of their own beside writers, each read held against an oracle. What they meet is
/// left to chance; what is right is not. `make stress` makes a hundred times as many changes.
@Suite(.serialized) struct StoreReaderStressTests {
    private static let changes =
        12_000 * (ProcessInfo.processInfo.environment["STORE_READER_STRESS"].flatMap { Int($0) } ?? 1)

    private func options(_ durability: Durability) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 64 << 10)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        options.addressSpaceBytes = 1 << 40
        return options
    }

    /// One writer that puts, deletes, batches, compacts, syncs and makes checkpoints; three threads that get, get in
    /// batches, pin and scan.
    @Test(arguments: [40, 700])
    func everyReadIsTrueOfItsTime(keys: Int) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(.process))
        let oracle = VersionOracle(keys)
        let findings = Findings()
        let readers = [store.reader(), store.reader()]
        let threads = BackgroundThreads(3) { number in
            var check = ReadCheck(readers[number % 2], oracle, findings, SeededGenerator(state: UInt64(number) + 1))
            while !findings.isDone { check.readOnce() }
        }
        defer {
            findings.end()
            threads.join()
            #expect(findings.all.isEmpty, "\(findings.all)")
        }
        var random = SeededGenerator(state: 77)
        var made = 0
        // On a busy machine the readers may begin late.
        while (made < Self.changes || findings.reads < 300) && !findings.isDone {
            made += try change(store, oracle, &random)
        }
        #expect(try store.verify().damage == nil)
    }

    private func change(_ store: AlexStore, _ oracle: VersionOracle, _ random: inout SeededGenerator) throws -> Int {
        let key = Int64(random.next() % UInt64(oracle.count))
        switch random.next() % 1000 {
        case 0...2: try store.compact(.everything)
        case 3...5: try store.compact(CompactionPolicy(garbageShareMin: 0.3))
        case 6: try store.checkpoint()
        case 7...8: try store.sync()
        case 9...60:
            let keys = Set((0..<7).map { (key + $0 * 5) % Int64(oracle.count) }).sorted()
            var pairs: [(key: Int64, value: [UInt8])] = []
            var versions: [UInt64] = []
            for key in keys {
                var version = oracle.begin(key)
                // A batch only puts: over the removal's number.
                if VersionOracle.isRemoval(version) { version = oracle.begin(key) }
                versions.append(version)
                pairs.append((key, VersionOracle.value(key, version)))
            }
            try store.putBatch(pairs)
            for (key, version) in zip(keys, versions) { oracle.end(key, version) }
            return keys.count
        default:
            try Self.changeOne(key, oracle, put: { try store.put($1, forKey: $0) }, remove: { try store.remove($0) })
        }
        return 1
    }

    fileprivate static func changeOne(
        _ key: Int64, _ oracle: VersionOracle, put: (Int64, [UInt8]) throws -> Void, remove: (Int64) throws -> Bool
    ) throws {
        let version = oracle.begin(key)
        if VersionOracle.isRemoval(version) {
            _ = try remove(key)
        } else {
            try put(key, VersionOracle.value(key, version))
        }
        oracle.end(key, version)
    }

    /// Two threads commit, one compacts in steps, three read without a lock, in every class.
    @Test(arguments: Durability.allCases) func besideCommitters(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(durability))
        let committer = store.committer()
        let oracle = VersionOracle(200)
        let findings = Findings()
        let changes = Self.changes / 4
        let readers = BackgroundThreads(3) { number in
            let reader = committer.reader()
            var check = ReadCheck(reader, oracle, findings, SeededGenerator(state: UInt64(number) + 11))
            while !findings.isDone { check.readOnce() }
        }
        let compactor = BackgroundThreads(1) { _ in
            while !findings.isDone {
                findings.run("compaction") {
                    try committer.compactInBackground(CompactionPolicy(garbageShareMin: 0.3), bytesPerSecond: 1 << 40)
                }
            }
        }
        onThreads(2) { number in
            var random = SeededGenerator(state: UInt64(number) + 5)
            for _ in 0..<changes where !findings.isDone {
                // Each key is one thread's.
                let key = Int64(random.next() % 100) * 2 + Int64(number)
                findings.run("commit") {
                    try Self.changeOne(
                        key, oracle, put: { try committer.put($1, forKey: $0) }, remove: { try committer.remove($0) })
                }
            }
        }
        while findings.reads < 100 && !findings.isDone { sched_yield() }
        findings.end()
        compactor.join()
        readers.join()
        #expect(findings.all.isEmpty, "\(findings.all)")
        #expect(try store.verify().damage == nil)
    }

    /// Snapshots opened beside the changes, each read on another thread and held against a copy of that moment, kept
    /// for different times and ended on that thread.
    @Test(arguments: [Durability.process, .power])
    func everySnapshotStaysAsItWas(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(durability))
        let findings = Findings()
        let queue = SnapshotQueue()
        let threads = BackgroundThreads(2) { number in
            var random = SeededGenerator(state: UInt64(number) + 3)
            while true {
                guard let next = queue.take() else {
                    if findings.isDone { return }
                    sched_yield()
                    continue
                }
                findings.run("snapshot") { try Self.check(next, findings, &random) }
                if random.next() % 4 != 0 { queue.put(next) }
            }
        }
        var random = SeededGenerator(state: 99)
        var model: Model = [:]
        var opened = 0
        var step = 0
        while (step < Self.changes / 3 || findings.reads < 60) && !findings.isDone {
            step += 1
            try Self.changeModel(store, &model, &random)
            if step % 40 == 0 && queue.count < 8 {
                queue.put(HeldSnapshot(try store.snapshot(), model))
                opened += 1
            }
        }
        findings.end()
        threads.join()
        queue.removeAll()
        #expect(findings.all.isEmpty, "\(findings.all)")
        #expect(opened > 10)
        #expect(try AlexStorageTests.model(of: store) == model)
        // With no snapshot left, nothing is kept.
        try store.put([1], forKey: 1)
        try store.compact(.everything)
        #expect(store.views.isEmpty && !store.isWatched)
        #expect(store.replacedSegments == 0)
        #expect(try store.verify().damage == nil)
    }

    private static func changeModel(_ store: AlexStore, _ model: inout Model, _ random: inout SeededGenerator) throws {
        let key = Int64(random.next() % 300)
        switch random.next() % 200 {
        case 0: try store.compact(.everything)
        case 1: try store.checkpoint()
        case 2...50:
            model[key] = nil
            try store.remove(key)
        case 51...60:
            let pairs = (0..<5 as Range<Int64>).map { (key: (key + $0 * 3) % 300, value: value(&random)) }
            for pair in pairs { model[pair.key] = pair.value }
            try store.putBatch(pairs)
        default:
            model[key] = value(&random)
            try store.put(model[key, default: []], forKey: key)
        }
    }

    private static func value(_ random: inout SeededGenerator) -> [UInt8] {
        let word = random.next()
        return (0..<Int(word % 70)).map { UInt8(truncatingIfNeeded: word >> 8 &+ UInt64($0)) }
    }

    private static func check(_ held: HeldSnapshot, _ findings: Findings, _ random: inout SeededGenerator) throws {
        let (snapshot, model) = (held.box, held.model)
        for _ in 0..<30 {
            let key = Int64(random.next() % 300)
            if try snapshot.bytes(key) != model[key] { findings.report("get of key \(key)") }
        }
        let low = Int64(random.next() % 300)
        let range = low...(low + Int64(random.next() % 300))
        let descending = random.next() % 2 == 0
        let expected = model.filter { range.contains($0.key) }
        if try snapshot.contents(in: range, descending: descending) != expected {
            findings.report("scan of \(range), descending \(descending)")
        }
        if try snapshot.contents() != model { findings.report("scan of everything") }
        if snapshot.count != model.count { findings.report("count") }
        findings.countRead()
    }
}

/// A snapshot and what it must show.
private final class HeldSnapshot: Sendable {
    let box: SnapshotBox
    let model: Model

    init(_ snapshot: consuming StoreSnapshot, _ model: Model) {
        box = SnapshotBox(snapshot)
        self.model = model
    }
}

/// Snapshots on their way between threads.
private final class SnapshotQueue: @unchecked Sendable {
    // Safe to share: the array is touched with the lock held.
    private let lock = NSLock()
    private var held: [HeldSnapshot] = []

    var count: Int { lock.withLock { held.count } }
    func put(_ snapshot: HeldSnapshot) { lock.withLock { held.append(snapshot) } }
    func take() -> HeldSnapshot? { lock.withLock { held.isEmpty ? nil : held.removeFirst() } }
    func removeAll() { lock.withLock { held = [] } }
}

/// One thread's reads.
private struct ReadCheck {
    let reader: StoreReader
    let oracle: VersionOracle
    let findings: Findings
    var random: SeededGenerator

    init(_ reader: StoreReader, _ oracle: VersionOracle, _ findings: Findings, _ random: SeededGenerator) {
        self.reader = reader
        self.oracle = oracle
        self.findings = findings
        self.random = random
    }

    mutating func readOnce() {
        let first = Int64(random.next() % UInt64(oracle.count))
        let kind = random.next() % 16
        findings.run("read") {
            switch kind {
            case 0: try scan(first, descending: false)
            case 1: try scan(first, descending: true)
            case 2: try batch(first)
            case 3: try pinned(first)
            default: try get(first)
            }
        }
        findings.countRead()
    }

    private func report(_ what: String, _ fault: String?) {
        if let fault { findings.report("\(what): \(fault)") }
    }

    private func get(_ key: Int64) throws {
        let floor = oracle.floor(key)
        var isThere = false
        try reader.withValue(forKey: key) { value in
            isThere = true
            report("get", oracle.fault(key, floor: floor, read: value))
        }
        if !isThere { report("get", oracle.fault(key, floor: floor, read: nil)) }
    }

    private func pinned(_ first: Int64) throws {
        let pin = reader.pin()
        for key in first..<min(first + 5, Int64(oracle.count)) {
            let floor = oracle.floor(key)
            if let span = try pin.value(forKey: key) {
                let fault = span.withUnsafeBytes { oracle.fault(key, floor: floor, read: $0) }
                report("pin", fault)
            } else {
                report("pin", oracle.fault(key, floor: floor, read: nil))
            }
        }
    }

    private func batch(_ first: Int64) throws {
        let keys = (0..<50).map { (first + $0 * 3) % Int64(oracle.count) }
        let floors = keys.map { oracle.floor($0) }
        try keys.withUnsafeBufferPointer { buffer in
            try reader.forEachValue(forKeys: buffer) { at, value in
                report("batch", oracle.fault(keys[at], floor: floors[at], read: value))
            }
        }
    }

    private func scan(_ first: Int64, descending: Bool) throws {
        let range = first...min(first + 150, Int64(oracle.count) - 1)
        let floors = range.map { oracle.floor($0) }
        var seen = Set<Int64>()
        var last: Int64?
        try reader.scan(in: range, descending: descending) { key, value in
            if let last, descending ? last <= key : last >= key { report("scan", "\(key) comes after \(last)") }
            last = key
            seen.insert(key)
            report("scan", oracle.fault(key, floor: floors[Int(key - first)], read: value))
            return true
        }
        for key in range where !seen.contains(key) {
            report("scan", oracle.fault(key, floor: floors[Int(key - first)], read: nil))
        }
    }
}
