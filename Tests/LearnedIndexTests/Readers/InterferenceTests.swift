import LearnedIndex
import Testing

/// A writer that acts in the midst of a read, on the reader's own thread: what two threads do by chance, at the same
/// places on every run.
private final class Interferer: ReadHook {
    var index: AlexIndex
    private var model: [Int64: UInt64] = [:]
    private var random: SeededGenerator
    private let keys: [Int64]
    /// Changes left for the read under way, and the values that keys had since it began.
    private var budget = 0
    private var before: [Int64: UInt64] = [:]
    private var states: [Int64: [UInt64?]] = [:]
    /// The key that is being read.
    var watched: Int64 = 0
    private var stamp: UInt64 = 0
    private(set) var failure: (any Error)?

    init(_ sizes: Sizes, _ keys: [Int64], seed: UInt64) throws {
        index = try AlexIndex(configuration: sizes.configuration)
        self.keys = Array(Set(keys)).sorted()
        random = SeededGenerator(seed: seed)
        for _ in 0..<(keys.count / 2) { change(self.keys.randomElement(using: &random)!) }
    }

    var readerKey: Int64 {
        let key = keys.randomElement(using: &random)!
        return random.next() % 8 == 0 ? key &+ 1 : key
    }

    func begin(_ key: Int64, budget: Int) {
        self.budget = budget
        watched = key
        before = model
        states = [:]
    }

    /// Whether `value` is one that `key` had since `begin`.
    func allows(_ value: UInt64?, for key: Int64) -> Bool {
        before[key] == value || states[key, default: []].contains(value)
    }

    /// Every key that was there all the while must have been seen.
    func missing(_ seen: Set<Int64>, in range: ClosedRange<Int64>) -> Int64? {
        before.keys.first { range.contains($0) && !seen.contains($0) && !states[$0, default: []].contains(nil) }
    }

    func amidLoads() { if random.next() % 8 == 0 { act() } }
    func beforeCheck() { act() }
    func afterCheck() { act() }

    private func act() {
        guard budget > 0, random.next() % 3 != 0 else { return }
        switch random.next() % 16 {
        case 0: burst { change($0, removing: true) }
        case 1: burst { change($0, removing: false) }
        case 2 where random.next() % 8 == 0: removeAll()
        case 3: batch()
        default: change(nearby(6))
        }
    }

    /// A key close to the one that is being read, so that the same nodes are at stake.
    private func nearby(_ distance: Int) -> Int64 {
        let at = keys.firstIndex { $0 >= watched } ?? keys.count - 1
        return keys[min(max(at + Int.random(in: -distance...distance, using: &random), 0), keys.count - 1)]
    }

    private func burst(_ change: (Int64) -> Void) {
        let at = keys.firstIndex { $0 >= watched } ?? 0
        for key in keys[max(at - 20, 0)..<min(at + 20, keys.count)] { change(key) }
    }

    private func change(_ key: Int64, removing: Bool? = nil) {
        budget -= 1
        stamp += 1
        if removing ?? (random.next() % 2 == 0) {
            index.removeValue(forKey: key)
            note(key, nil)
        } else {
            do { try index.updateValue(stamp, forKey: key) } catch { failure = error }
            note(key, stamp)
        }
    }

    private func batch() {
        budget -= 1
        stamp += 1
        let at = keys.firstIndex { $0 >= watched } ?? 0
        let some = keys[max(at - 20, 0)..<min(at + 20, keys.count)]
        do { try index.insertBatch(some.map { (key: $0, value: stamp) }) } catch { failure = error }
        for key in some { note(key, stamp) }
    }

    private func removeAll() {
        budget -= 1
        index.removeAll()
        for key in model.keys { note(key, nil) }
    }

    private func note(_ key: Int64, _ value: UInt64?) {
        states[key, default: []].append(value)
        model[key] = value
    }
}

/// A reader that looks at everything while a change is under way.
private final class Witness {
    private let reader: IndexReader
    private var model: [Int64: UInt64] = [:]
    private var key: Int64 = 0
    private var value: UInt64?
    private(set) var steps = 0
    private(set) var faults: [String] = []

    init(_ reader: consuming IndexReader) { self.reader = reader }

    func begin(_ key: Int64, _ value: UInt64?) { (self.key, self.value) = (key, value) }

    func end() {
        model[key] = value
        if reader.value(forKey: key) != value { faults.append("\(key) is not \(String(describing: value)) afterwards") }
    }

    func look() {
        steps += 1
        for (other, expected) in model {
            let seen = reader.value(forKey: other)
            if !isRight(other, seen) { faults.append("lookup: \(other) was \(seen ?? 0), not \(expected)") }
        }
        for ascends in [true, false] {
            var seen: [Int64] = []
            let body = { (key: Int64, value: UInt64) -> Bool in
                if !self.isRight(key, value) { self.faults.append("scan: \(key) was \(value)") }
                seen.append(key)
                return seen.count < 1_000
            }
            let all = Int64.min...Int64.max
            if ascends { reader.forEach(in: all, body) } else { reader.forEachDescending(in: all, body) }
            let staying = model.keys.filter { $0 != key }.sorted(by: ascends ? (<) : (>))
            if seen.filter({ $0 != key }) != staying { faults.append("scan \(ascends ? "up" : "down"): \(seen)") }
        }
    }

    private func isRight(_ key: Int64, _ seen: UInt64?) -> Bool {
        seen == model[key] || key == self.key && seen == value
    }
}

@Suite struct InterferenceTests {
    private static let rounds = 1_500 * scale

    @Test(arguments: [KeySet.uniform, .zOrder, .sequential, .extremes], [Sizes.tiny, .small])
    func lookupsSeeAValueOfTheirTime(_ set: KeySet, _ sizes: Sizes) throws {
        let writer = try Interferer(sizes, set.keys(400, seed: 1), seed: 21)
        let reader = writer.index.reader()
        for round in 0..<Self.rounds {
            let key = writer.readerKey
            writer.begin(key, budget: 6)
            let value = reader.value(forKey: key, hook: writer)
            #expect(writer.allows(value, for: key), "round \(round): key \(key) was never \(String(describing: value))")
            if round % 100 == 0 { try writer.index.checkInvariants() }
        }
        #expect(writer.failure == nil)
        #expect(writer.index.statistics.limboNodes < 1_000)
    }

    @Test(arguments: [KeySet.uniform, .zOrder, .sequential, .extremes], [Sizes.tiny, .small])
    func scansSeeEveryKeyThatStays(_ set: KeySet, _ sizes: Sizes) throws {
        let writer = try Interferer(sizes, set.keys(400, seed: 2), seed: 22)
        let reader = writer.index.reader()
        for round in 0..<(Self.rounds / 4) {
            let ends = [writer.readerKey, writer.readerKey].sorted()
            let range = round % 8 == 0 ? Int64.min...Int64.max : ends[0]...ends[1]
            let ascends = round % 2 == 0
            writer.begin(ascends ? ends[0] : ends[1], budget: 40)
            var seen: Set<Int64> = []
            var last: Int64?
            let body = { (key: Int64, value: UInt64) -> Bool in
                #expect(last.map { ascends ? $0 < key : $0 > key } ?? true, "round \(round): \(key) after \(last!)")
                #expect(
                    range.contains(key) && writer.allows(value, for: key), "round \(round): \(key) was not \(value)")
                last = key
                writer.watched = key
                seen.insert(key)
                return true
            }
            if ascends {
                reader.forEach(in: range, hook: writer, body)
            } else {
                reader.forEachDescending(in: range, hook: writer, body)
            }
            #expect(writer.missing(seen, in: range) == nil, "round \(round)")
        }
        try writer.index.checkInvariants()
        #expect(writer.failure == nil)
    }

    /// A node whose lower neighbour went takes over its keys, in place: a scan downwards that found the node before and
    /// reads it afterwards gets keys below the bound that it knows.
    @Test func scansDownwardsMeetNodesThatInherited() throws {
        final class Heir: ReadHook {
            var index: AlexIndex
            let removed: Range<Int>
            /// The step on the way down after which it acts.
            private var countdown: Int
            init(removing removed: Range<Int>, afterStep step: Int) throws {
                index = try AlexIndex(configuration: Sizes.tiny.configuration)
                for key in 0..<80 as Range<Int64> { try index.updateValue(0, forKey: key * 10) }
                self.removed = removed
                countdown = step
            }
            func afterCheck() {
                countdown -= 1
                if countdown != 0 { return }
                for key in removed { index.removeValue(forKey: Int64(key) * 10) }
                let key = Int64(removed.upperBound) * 10 - 1
                do { try index.updateValue(1, forKey: key) } catch { Issue.record(error) }
            }
            func amidLoads() {}
            func beforeCheck() {}
        }
        for first in 8..<80 {
            for last in max(first - 8, 1)..<first {
                for step in 1...3 {
                    let writer = try Heir(removing: max(0, last - 12)..<last, afterStep: step)
                    let reader = writer.index.reader()
                    var seen: [Int64] = []
                    reader.forEachDescending(in: 0...(Int64(first) * 10), hook: writer) { key, _ in
                        seen.append(key)
                        return true
                    }
                    let message: Comment = "from \(first), without \(writer.removed), step \(step): \(seen)"
                    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 > $1 }, message)
                    let staying = (0...first).filter { !writer.removed.contains($0) }.map { Int64($0) * 10 }
                    #expect(Set(staying).isSubset(of: seen), message)
                }
            }
        }
    }

    /// After every step of every change that takes nodes apart or joins them, all keys that stay are found, by lookups
    /// and by scans both ways.
    @Test(arguments: [KeySet.uniform, .zOrder, .sequential, .alternatingEnds], [Sizes.tiny, .small])
    func everyStepLeavesAllKeysFound(_ set: KeySet, _ sizes: Sizes) throws {
        var index = try AlexIndex(configuration: sizes.configuration)
        let witness = Witness(index.reader())
        index.onStep { witness.look() }
        let keys = Array(Set(set.keys(160, seed: 4))).sorted()
        var random = SeededGenerator(seed: 41)
        for round in 0..<(1_500 * scale) {
            let at = Int.random(in: keys.indices, using: &random)
            let isBurst = random.next() % 8 == 0
            let removes = random.next() % 2 == 0
            for key in keys[at..<min(at + (isBurst ? 40 : 1), keys.count)] {
                let value = removes ? nil : UInt64(round)
                witness.begin(key, value)
                if let value { try index.updateValue(value, forKey: key) } else { index.removeValue(forKey: key) }
                witness.end()
            }
        }
        index.onStep(nil)
        try index.checkInvariants()
        #expect(witness.steps > 50 && witness.faults.isEmpty, "\(witness.steps) steps: \(witness.faults.prefix(3))")
        #expect(index.statistics.splits > 10 && (sizes == .tiny || index.statistics.merges > 3), "\(index.statistics)")
    }

    /// A writer that changes the reader's node between any two of its looks: after 64 attempts it changes copies, and
    /// the reader gets through. Afterwards it works in place again.
    @Test(arguments: [0, 1, 2]) func aStuckReaderGetsThrough(_ height: Int) throws {
        final class Pest: ReadHook {
            var index: AlexIndex
            let key: Int64
            var calls = 0
            init(_ key: Int64) throws {
                index = try AlexIndex(configuration: Sizes.tiny.configuration)
                self.key = key
            }
            func beforeCheck() {
                // Without copies the read would never end.
                guard calls < 1_000 else { return }
                calls += 1
                do { try index.updateValue(UInt64(calls), forKey: key) } catch { Issue.record(error) }
            }
            func amidLoads() {}
            func afterCheck() {}
        }
        let pest = try Pest(7)
        for key in 0..<[4, 20, 300][height] as Range<Int64> { try pest.index.updateValue(0, forKey: key) }
        #expect(pest.index.statistics.depth > height)
        let reader = pest.index.reader()
        let value = reader.value(forKey: 7, hook: pest)
        #expect(
            pest.calls < 100 && value.map { $0 <= UInt64(pest.calls) } == true, "\(pest.calls) calls, \(value ?? 0)")
        let copies = pest.index.statistics.pathCopies
        #expect(copies > 0)
        try pest.index.checkInvariants()
        var scanned = 0
        pest.calls = 0
        reader.forEach(in: 7...7, hook: pest) { _, _ in
            scanned += 1
            return true
        }
        #expect(scanned == 1 && pest.calls < 200)
        let copiesNow = pest.index.statistics.pathCopies
        #expect(copiesNow > copies)
        try pest.index.updateValue(9, forKey: 7)
        #expect(reader.value(forKey: 7) == 9 && pest.index.statistics.pathCopies == copiesNow)
        try pest.index.checkInvariants()
    }
}
