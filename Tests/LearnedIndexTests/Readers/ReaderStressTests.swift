import CIntrinsics
import Foundation
import LearnedIndex
import Synchronization
import Testing

/// Readers on threads of their own beside a writer, each read checked against the oracle. What they meet is left to
/// chance; what is right is not. `make stress` makes a hundred times as many changes, and prints how many.
@Suite(.serialized) struct ReaderStressTests {
    private static let times = ProcessInfo.processInfo.environment["READER_STRESS"].flatMap { Int($0) }
    private static let changes = 60_000 * scale * (times ?? 1)

    @Test(arguments: [KeySet.uniform, .zOrder, .outliers, .timestamps, .extremes], [Sizes.tiny, .small])
    func everyReadIsTrueOfItsTime(_ set: KeySet, _ sizes: Sizes) throws {
        // Few keys, so that readers and writer meet.
        try run(Oracle(set, sizes == .tiny ? 256 : 2_048, seed: 31), sizes.configuration, seed: 32)
    }

    /// Nodes of real size, where a change in place moves many slots.
    @Test(arguments: [KeySet.uniform, .lognormal])
    func everyReadIsTrueInLargeNodes(_ set: KeySet) throws {
        try run(Oracle(set, 20_000, seed: 33), AlexIndex.Configuration(), seed: 34)
    }

    private func run(_ oracle: Oracle, _ configuration: AlexIndex.Configuration, seed: UInt64) throws {
        var index = try AlexIndex(configuration: configuration)
        let faults = Faults()
        let isDone = Atomic(false)
        for rank in oracle.keys.indices where oracle.role(rank) == .stays { try oracle.change(rank, of: &index) }
        // Two threads share a reader, one has its own.
        let shared = ReaderBox(index.reader())
        let own = ReaderBox(index.reader())
        let threads = [shared, shared, own].enumerated().map { number, box in
            RunningThread {
                var check = ReaderCheck(box, oracle, faults, SeededGenerator(seed: seed &+ UInt64(number) &+ 1))
                while !isDone.load(ordering: .acquiring) && !faults.isFull {
                    check.readOnce()
                    faults.countRead()
                }
            }
        }
        var made = 0
        var isRunning = true
        func stop() {
            if !isRunning { return }
            isRunning = false
            isDone.store(true, ordering: .releasing)
            for thread in threads { thread.join() }
        }
        defer {
            stop()
            #expect(faults.texts.isEmpty, "seed \(seed): \(faults.texts)")
            if Self.times != nil {
                print("\(oracle.keys.count) keys: \(made) changes, \(faults.reads) reads, \(faults.texts.count) wrong")
            }
        }
        var random = SeededGenerator(seed: seed)
        // On a busy machine the readers may begin late.
        while (made < Self.changes || faults.reads < 1_000) && !faults.isFull {
            made += try changeSome(oracle, &index, &random)
        }
        try index.checkInvariants()
        // A reader that the system stopped keeps what is taken away meanwhile, however much; none keeps it for longer.
        stop()
        let kept = index.limboNodes
        index.reclaim()
        #expect(index.limboNodes == 0, "\(index.limboNodes) of \(kept) nodes stay in limbo though nobody reads")
        // And from now on the writer itself sees to it, every 16 nodes.
        var limboMax = 0
        for _ in 0..<Self.changes / 8 {
            _ = try changeSome(oracle, &index, &random)
            limboMax = max(limboMax, index.limboNodes)
        }
        // One change more than the 16: what a batch or a sweep takes away at once.
        #expect(limboMax <= 64, "\(limboMax) nodes were in limbo though nobody read")
        try index.checkInvariants()
        #expect(index.statistics.limboNodes == index.limboNodes)
    }

    /// One change, a sweep that empties or fills a stretch of keys, or a batch; returns how many changes it was.
    private func changeSome(
        _ oracle: Oracle, _ index: inout AlexIndex, _ random: inout SeededGenerator
    ) throws -> Int {
        let count = oracle.keys.count
        let first = Int.random(in: 0..<count, using: &random)
        let stretch = first..<min(first + 120, count)
        switch random.next() % 400 {
        case 0, 1:
            for rank in stretch { try oracle.change(rank, of: &index) }
            return stretch.count
        case 2:
            for rank in stretch.reversed() { try oracle.change(rank, of: &index) }
            return stretch.count
        case 3:
            try oracle.changeTogether(stretch, of: &index)
            return stretch.count
        default:
            try oracle.change(first, of: &index)
            return 1
        }
    }
}

/// A reader that threads can share.
private final class ReaderBox: Sendable {
    let reader: IndexReader
    init(_ reader: consuming IndexReader) { self.reader = reader }
}

/// The first few things that readers found wrong.
private final class Faults: Sendable {
    private let state = Mutex<[String]>([])
    private let full = Atomic(false)
    private let readCount = Atomic(0)

    var texts: [String] { state.withLock { $0 } }
    var reads: Int { readCount.load(ordering: .relaxed) }
    var isFull: Bool { full.load(ordering: .relaxed) }

    func report(_ text: String) {
        state.withLock { texts in
            if texts.count < 5 { texts.append(text) }
        }
        full.store(true, ordering: .relaxed)
    }

    func countRead() { readCount.add(1, ordering: .relaxed) }
}

/// One thread's reads.
private struct ReaderCheck {
    let box: ReaderBox
    let oracle: Oracle
    let faults: Faults
    var random: SeededGenerator

    init(_ box: ReaderBox, _ oracle: Oracle, _ faults: Faults, _ random: SeededGenerator) {
        self.box = box
        self.oracle = oracle
        self.faults = faults
        self.random = random
    }

    mutating func readOnce() {
        switch random.next() % 64 {
        case 0...7: batch()
        case 8...11: scan(ascends: true)
        case 12...15: scan(ascends: false)
        default: lookUp()
        }
    }

    private mutating func lookUp() {
        let rank = Int.random(in: oracle.keys.indices, using: &random)
        let floor = oracle.floor(rank)
        let seen = box.reader.value(forKey: oracle.keys[rank])
        if let fault = oracle.fault(rank, floor: floor, seen: seen) { faults.report("lookup: \(fault)") }
    }

    private mutating func batch() {
        let ranks = (0..<70).map { _ in Int.random(in: oracle.keys.indices, using: &random) }
        let floors = ranks.map { oracle.floor($0) }
        var seen = [UInt64?](repeating: nil, count: ranks.count)
        ranks.map { oracle.keys[$0] }.withUnsafeBufferPointer { keys in
            seen.withUnsafeMutableBufferPointer { box.reader.values(forKeys: keys, into: $0) }
        }
        for (at, rank) in ranks.enumerated() {
            if let fault = oracle.fault(rank, floor: floors[at], seen: seen[at]) { faults.report("batch: \(fault)") }
        }
    }

    private mutating func scan(ascends: Bool) {
        let first = Int.random(in: oracle.keys.indices, using: &random)
        let ranks = first..<min(first + Int(random.next() % 400) + 1, oracle.keys.count)
        let range = oracle.keys[ranks.lowerBound]...oracle.keys[ranks.upperBound - 1]
        let floors = ranks.map { oracle.floor($0) }
        var seen = [UInt64?](repeating: nil, count: ranks.count)
        var last: Int64?
        let body = { (key: Int64, value: UInt64) -> Bool in
            if let last, ascends ? last >= key : last <= key { faults.report("scan: \(key) came after \(last)") }
            last = key
            guard let rank = oracle.rank(of: key), ranks.contains(rank) else {
                faults.report("scan of \(range): \(key) was never inserted there")
                return false
            }
            seen[rank - first] = value
            return true
        }
        if ascends { box.reader.forEach(in: range, body) } else { box.reader.forEachDescending(in: range, body) }
        for rank in ranks {
            let fault = oracle.fault(rank, floor: floors[rank - first], seen: seen[rank - first])
            if let fault { faults.report("scan \(ascends ? "up" : "down"): \(fault)") }
        }
    }
}

/// A thread that runs `body` and can be waited for.
private final class RunningThread {
    private let thread: Thread
    private let end = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let end = end
        thread = Thread {
            body()
            end.signal()
        }
        thread.start()
    }

    func join() { end.wait() }
}
