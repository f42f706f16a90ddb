import Synchronization
import Testing

@testable import AlexStorage

/// Snapshots step by step, on one thread.
@Suite struct SnapshotTests {
    private func options(_ durability: Durability = .process) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        options.addressSpaceBytes = 1 << 40
        return options
    }

    /// A snapshot shows what was there, by every way to read, whatever becomes of the keys.
    @Test(arguments: Durability.allCases) func showsWhatWasThere(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(durability))
        for key in [.min, 1, 2, 3, .max] as [Int64] { try store.put([UInt8(truncatingIfNeeded: key)], forKey: key) }
        let before = try model(of: store)
        let box = try SnapshotBox(of: store)
        #expect(box.snapshot.lastSequence == 5)
        try store.put([9, 9], forKey: 1)
        try store.remove(2)
        try store.remove(.min)
        try store.put([4], forKey: 4)
        try store.putBatch([(key: 5, value: [5]), (key: 3, value: []), (key: 5, value: [6])])
        try store.compact(.everything)
        if durability != .power { try store.sync() }
        try store.checkpoint()
        try store.remove(.max)
        try expectOld(box, before)
        try expectSliceStays(box.snapshot, store)
        #expect(try model(of: store) == [1: [9, 9], 3: [], 4: [4], 5: [6]])
        #expect(try store.verify().damage == nil)
        try store.close()
        #expect(throws: AlexStoreError.closed) { try box.bytes(1) }
        #expect(throws: AlexStoreError.closed) { try box.contains(1) }
        #expect(throws: AlexStoreError.closed) { try box.contents() }
        #expect(throws: AlexStoreError.closed) { try SnapshotBox(of: store) }
    }

    private func expectOld(_ box: SnapshotBox, _ before: Model) throws {
        #expect(try box.contents() == before)
        #expect(try box.contents(descending: true) == before)
        #expect(box.count == 5)
        #expect(try box.contains(2))
        #expect(try !box.contains(4))
        #expect(try box.bytes(1) == [1])
        #expect(try box.bytes(5) == nil)
        #expect(try box.snapshot.scan(in: 1...3, limit: 2) { _, _ in true } == 2)
        #expect(try box.snapshot.scan(in: 1...3, limit: 0) { _, _ in true } == 0)
        #expect(try box.snapshot.scan { _, _ in false } == 1)
    }

    private func expectSliceStays(_ snapshot: borrowing StoreSnapshot, _ store: AlexStore) throws {
        guard let span = try snapshot.value(forKey: 2) else {
            Issue.record("key 2 is not there")
            return
        }
        try store.compact(.everything)
        let found = AlexStorageTests.bytes(span)
        #expect(found == [2])
    }

    /// Without a change in between snapshots share their view; with the last of them it goes, and writes are free.
    @Test func viewsAreSharedAndGo() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        let views = store.views
        try store.put([1], forKey: 1)
        #expect(!store.isWatched)
        var held = [try SnapshotBox(of: store), try SnapshotBox(of: store)]
        #expect(views.count == 1)
        try store.put([2], forKey: 1)
        held.append(try SnapshotBox(of: store))
        #expect(views.count == 2)
        #expect(try held.map { try $0.bytes(1) } == [[1], [1], [2]])
        held.removeFirst()
        try store.put([3], forKey: 1)
        #expect(views.count == 2)
        #expect(try held.map { try $0.bytes(1) } == [[1], [2]])
        held = []
        #expect(store.isWatched)
        try store.put([4], forKey: 1)
        #expect(!store.isWatched && views.isEmpty)
    }

    /// A snapshot that ends between an older and a newer one leaves the older what it kept, a few entries at a time.
    @Test func entriesMoveToTheOlderSnapshot() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        for key in 0..<500 as Range<Int64> { try store.put([UInt8(truncatingIfNeeded: key), 0], forKey: key) }
        let (oldest, expected) = (try SnapshotBox(of: store), try model(of: store))
        for key in 0..<50 as Range<Int64> { try store.put([1], forKey: key) }
        var middle: SnapshotBox? = try SnapshotBox(of: store)
        let expectedMiddle = try model(of: store)
        for key in 25..<500 as Range<Int64> { try store.put([2], forKey: key) }
        var newer: SnapshotBox? = try SnapshotBox(of: store)
        let expectedNewer = try model(of: store)
        for key in 0..<500 as Range<Int64> where key % 3 == 0 { try store.remove(key) }
        let views = store.views
        #expect(try middle?.contents() == expectedMiddle)
        #expect(views.count == 3)
        middle = nil
        var counts: Set<Int> = []
        for key in 600..<640 as Range<Int64> {
            try store.put([3], forKey: key)
            counts.insert(views.count)
            #expect(try oldest.contents() == expected)
            #expect(try newer?.contents() == expectedNewer)
            // In the midst of the moves a compaction.
            if key == 603 { try store.compact(.everything) }
        }
        #expect(counts == [2, 3])
        // The newest ends: what it kept goes to the oldest, and so do changes meanwhile.
        newer = nil
        for key in 640..<680 as Range<Int64> {
            try store.put([4], forKey: key % 7 * 80)
            #expect(try oldest.contents() == expected)
        }
        #expect(views.count == 1)
        #expect(oldest.count == expected.count)
    }

    /// A view's successor is looked for before the view is searched, so that a newer view that goes in between, its
    /// entries moved to this one, is not missed: by a get and by scans both ways.
    @Test(arguments: ["get", "scan", "scan descending"]) func aViewThatGoesDuringAReadIsNotMissed(_ way: String) throws
    {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        for key in 1...3 as ClosedRange<Int64> { try store.put([1], forKey: key) }
        let old = try SnapshotBox(of: store)
        let before = try model(of: store)
        // Another key changes, so that the next snapshot gets a view of its own, which then keeps key 1.
        try store.put([2], forKey: 2)
        let newer = Mutex<SnapshotBox?>(try SnapshotBox(of: store))
        try store.put([3], forKey: 1)
        #expect(store.views.count == 2)
        var failure: (any Error)?
        // The writer's part, once, in the midst of the look at the older view.
        func writer() {
            guard newer.withLock({ $0.take() }) != nil else { return }
            do { try store.put([4], forKey: 3) } catch { failure = error }
        }
        switch way {
        case "get":
            let place = try #require(try old.snapshot.place(forKey: 1, amid: writer))
            #expect(try old.snapshot.records.value(at: place, key: 1).elementsEqual([1]))
        default:
            var found: Model = [:]
            _ = try old.snapshot.scan(in: .min ... .max, descending: way != "scan", limit: .max, amid: writer) {
                found[$0] = Array($1)
                return true
            }
            #expect(found == before)
        }
        #expect(failure == nil, "\(String(describing: failure))")
        #expect(store.views.count == 1)
    }

    /// A segment that a snapshot needs stays until the snapshot has ended, then goes.
    @Test func segmentsStayAsLongAsTheyAreShown() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        func fill(_ round: Int) throws {
            for key in 0..<150 as Range<Int64> {
                try store.put([UInt8](repeating: UInt8(round), count: 90), forKey: key)
            }
        }
        try fill(0)
        var first: SnapshotBox? = try SnapshotBox(of: store)
        let before = try model(of: store)
        for round in 1..<10 {
            try fill(round)
            try store.compact(.everything)
        }
        var later: SnapshotBox? = try SnapshotBox(of: store)
        let held = directory.segmentPaths.count
        #expect(held > 20)
        #expect(try first?.contents() == before)
        first = nil
        try fill(10)
        try store.compact(.everything)
        // What only the first one needed is gone.
        #expect(directory.segmentPaths.count < held / 2)
        #expect(try later?.bytes(3)?.first == 9)
        later = nil
        try fill(11)
        try store.compact(.everything)
        #expect(directory.segmentPaths.count < 8)
        #expect(store.replacedSegments == 0)
    }

    /// When an entry can't be kept, the snapshots that need it say so; the writer and newer snapshots go on.
    @Test func aLostEntryIsTold() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        try store.put([1], forKey: 1)
        let box = try SnapshotBox(of: store)
        try store.put([2], forKey: 1)
        box.snapshot.view.setLost()
        try store.put([2], forKey: 2)
        // What was kept is right all the same.
        #expect(try box.bytes(1) == [1])
        #expect(throws: AlexStoreError.snapshotLost) { try box.bytes(2000) }
        #expect(throws: AlexStoreError.snapshotLost) { try box.contents() }
        let newer = try SnapshotBox(of: store)
        try store.put([3], forKey: 2)
        #expect(try newer.contents() == [1: [2], 2: [2]])
        #expect(throws: AlexStoreError.snapshotLost) { try box.contains(3) }
        #expect(try store.bytes(forKey: 2) == [3])
    }

    /// The body of a snapshot's scan may write, compact and open snapshots.
    @Test func bodyMayWrite() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        for key in 0..<300 as Range<Int64> { try store.put([UInt8(truncatingIfNeeded: key)], forKey: key) }
        let box = try SnapshotBox(of: store)
        var failure: (any Error)?
        var visited: [Int64] = []
        try box.snapshot.scan { key, value in
            visited.append(key)
            do {
                try store.put([7], forKey: 299 - key)
                try store.remove(key)
                try store.put([1], forKey: 1000 + key)
                if key % 100 == 50 {
                    try store.compact(.everything)
                    #expect(try SnapshotBox(of: store).contains(1000 + key))
                }
            } catch {
                failure = error
            }
            return Array(value) == [UInt8(truncatingIfNeeded: key)]
        }
        #expect(failure == nil, "\(String(describing: failure))")
        #expect(visited == Array(0..<300))
    }

    /// A snapshot keeps its memory and its maps when the store is dropped without a close.
    @Test func outlivesADroppedStore() throws {
        let directory = try ScratchDirectory()
        func snapshot() throws -> SnapshotBox {
            let store = try AlexStore(directory: directory.path, options: options())
            try store.put([1], forKey: 1)
            let box = try SnapshotBox(of: store)
            try store.put([2], forKey: 1)
            return box
        }
        let box = try snapshot()
        #expect(try box.contents() == [1: [1]])
    }

    /// Random operations with up to five snapshots at a time, each compared with a copy of the model.
    @Test(arguments: 1...6 as ClosedRange<UInt64>, [Durability.process, .power])
    func agreesWithCopies(seed: UInt64, durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(durability))
        var random = SeededGenerator(state: seed)
        var current: Model = [:]
        var held: [(box: SnapshotBox, model: Model, step: Int)] = []
        // Few keys, so that most change more than once, or many, so that views grow.
        let keys = seed % 2 == 0 ? 60 : 900 as Int64
        for step in 0..<1500 {
            try change(store, &current, keys, &random)
            if random.next() % 30 == 0 && held.count < 5 {
                held.append((try SnapshotBox(of: store), current, step))
            }
            if random.next() % 40 == 0, !held.isEmpty { held.remove(at: Int(random.next() % UInt64(held.count))) }
            if step % 25 != 0 { continue }
            for (box, model, opened) in held {
                let note = "seed \(seed), step \(step), snapshot of step \(opened)"
                let key = Int64(random.next() % UInt64(keys))
                #expect(try box.bytes(key) == model[key], "\(note)")
                let range = key...(key + Int64(random.next() % UInt64(keys)))
                let descending = random.next() % 2 == 0
                let found = try box.contents(in: range, descending: descending)
                #expect(found == model.filter { range.contains($0.key) }, "\(note), \(range), \(descending)")
                #expect(box.count == model.count, "\(note)")
            }
        }
        for (box, model, _) in held { #expect(try box.contents() == model) }
        #expect(try AlexStorageTests.model(of: store) == current)
        #expect(try store.verify().damage == nil)
        try store.close()
    }

    private func change(
        _ store: AlexStore, _ model: inout Model, _ keys: Int64, _ random: inout SeededGenerator
    ) throws {
        let key = Int64(random.next() % UInt64(keys))
        let value = (0..<Int(random.next() % 60)).map { UInt8(truncatingIfNeeded: $0) &+ UInt8(random.next() & 255) }
        switch random.next() % 100 {
        case 0...1: try store.compact(.everything)
        case 2: try store.compact(CompactionPolicy(garbageShareMin: 0.4))
        case 3: try store.checkpoint()
        case 4: try store.sync()
        case 5...30:
            #expect(try store.remove(key) == (model.removeValue(forKey: key) != nil))
        case 31...36:
            // A run of removals, so that stretches of the index are empty.
            for key in key..<min(key + 80, keys) {
                model[key] = nil
                try store.remove(key)
            }
        case 37...45:
            let pairs = (0..<9 as Range<Int64>).map { (key: (key + $0) % keys, value: value) }
            for pair in pairs { model[pair.key] = pair.value }
            try store.putBatch(pairs)
        default:
            model[key] = value
            try store.put(value, forKey: key)
        }
    }
}
