import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads of one reader beside the store, step by step; what threads meet is in `ReaderStressTests`.
@Suite struct StoreReaderTests {
    private func options(_ durability: Durability = .process, checks: Bool = true) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        options.checksOnRead = checks
        options.fileSystem = FaultFileSystem()
        return options
    }

    private func value(_ key: Int64, _ round: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: key &+ Int64(round)), count: 20 + Int(key & 127))
    }

    private func expect(_ reader: StoreReader, _ model: Model, _ note: String) throws {
        let keys = Array(-3...130 as ClosedRange<Int64>) + [.min, .max]
        for key in keys {
            #expect(try reader.bytes(forKey: key) == model[key], "\(note), key \(key)")
            #expect(try reader.contains(key) == (model[key] != nil), "\(note), key \(key)")
        }
        var batch: [[UInt8]?] = []
        try keys.withUnsafeBufferPointer { keys in
            try reader.forEachValue(forKeys: keys) { at, value in
                #expect(at == batch.count)
                batch.append(value.map { Array($0) })
            }
        }
        #expect(batch == keys.map { model[$0] }, "\(note)")
        try expectScans(reader, model, note)
    }

    private func expectScans(_ reader: StoreReader, _ model: Model, _ note: String) throws {
        for range in [.min ... .max, 5...90, 17...17, 200...300] as [ClosedRange<Int64>] {
            for (descending, limit) in [(false, Int.max), (true, .max), (false, 7), (true, 7), (false, 0), (true, 65)] {
                var found: [(key: Int64, value: [UInt8])] = []
                let visited = try reader.scan(in: range, descending: descending, limit: limit) { key, value in
                    found.append((key, Array(value)))
                    return true
                }
                var keys = model.keys.filter(range.contains).sorted()
                if descending { keys.reverse() }
                keys = Array(keys.prefix(limit))
                #expect(visited == keys.count, "\(note), \(range)")
                #expect(found.map(\.key) == keys, "\(note), \(range)")
                #expect(found.allSatisfy { model[$0.key] == $0.value }, "\(note), \(range)")
            }
        }
        var visits = 0
        let visited = try reader.scan { _, _ in
            visits += 1
            return visits < 3
        }
        #expect(visited == min(3, model.count) && visited == visits)
    }

    /// Every way to read gives what the store holds after each kind of change.
    @Test(arguments: Durability.allCases, [true, false])
    func agreesWithTheStore(durability: Durability, checks: Bool) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(durability, checks: checks))
        var model: Model = [:]
        let reader = store.reader()
        try expect(reader, model, "empty")
        for round in 0..<3 {
            for key in stride(from: 0, to: 128, by: round + 1) as StrideTo<Int64> {
                model[key] = value(key, round)
                try store.put(value(key, round), forKey: key)
            }
            for key in [.min, .max, 3, 4, 5] as [Int64] {
                model[key] = round == 1 ? nil : value(key, round)
                if round == 1 { try store.remove(key) } else { try store.put(value(key, round), forKey: key) }
            }
            try expect(reader, model, "round \(round)")
            if durability != .power { try store.sync() }
            try store.checkpoint()
            try store.compact(.everything)
            try expect(reader, model, "round \(round), compacted")
        }
        #expect(try store.verify().damage == nil)
        try store.close()
        #expect(throws: AlexStoreError.closed) { try reader.bytes(forKey: 3) }
        #expect(throws: AlexStoreError.closed) { try reader.contains(3) }
        #expect(throws: AlexStoreError.closed) { try reader.scan { _, _ in true } }
        // The index of a checkpoint, and readers of it.
        let reopened = try AlexStore(directory: directory.path, options: options(durability, checks: checks))
        let again = reopened.reader()
        try expect(again, model, "reopened")
        try reopened.put([1], forKey: 1)
        model[1] = [1]
        try expect(again, model, "reopened and changed")
        try reopened.close()
    }

    /// The store's own batched read.
    @Test func batchedReadOfTheStore() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        var model: Model = [:]
        for key in 0..<100 as Range<Int64> where key % 3 != 0 {
            model[key] = value(key, 0)
            try store.put(value(key, 0), forKey: key)
        }
        let keys = (0..<100 as Range<Int64>).map { $0 * 37 % 101 }
        var found: [[UInt8]?] = []
        try keys.withUnsafeBufferPointer { keys in
            try store.forEachValue(forKeys: keys) { at, value in
                #expect(at == found.count)
                #expect(throws: AlexStoreError.scanInProgress) { try store.put([1], forKey: 500) }
                found.append(value.map { Array($0) })
            }
        }
        #expect(found == keys.map { model[$0] })
        try store.close()
        #expect(throws: AlexStoreError.closed) {
            try keys.withUnsafeBufferPointer { try store.forEachValue(forKeys: $0) { _, _ in } }
        }
    }

    /// A reader outlives a store that was not closed: its maps and its index stay. The lock does not: the directory can
    /// be opened again.
    @Test func outlivesTheStore() throws {
        let directory = try ScratchDirectory()
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options())
        try store?.put(value(7, 1), forKey: 7)
        let reader = try #require(store?.reader())
        store = nil
        #expect(try reader.bytes(forKey: 7) == value(7, 1))
        let again = try AlexStore(directory: directory.path, options: options())
        #expect(try again.bytes(forKey: 7) == value(7, 1))
        try again.close()
    }

    /// A slice of a pin stays as it is while its key is overwritten and the store compacted, and beyond a close.
    @Test func pinnedSliceOutlivesCompactionAndClose() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        for key in 0..<100 as Range<Int64> { try store.put(value(key, 0), forKey: key) }
        let reader = store.reader()
        func hold() throws {
            let pin = reader.pin()
            guard let span = try pin.value(forKey: 50) else {
                Issue.record("key 50 is not there")
                return
            }
            for round in 1..<6 {
                for key in 0..<100 as Range<Int64> { try store.put(value(key, round), forKey: key) }
                try store.compact(.everything)
            }
            let held = directory.segmentPaths.count
            let kept = bytes(span)
            #expect(kept == value(50, 0))
            if let newer = try pin.value(forKey: 50) {
                let found = bytes(newer)
                #expect(found == value(50, 5))
            }
            let (present, absent) = (try pin.contains(50), try pin.contains(1000))
            #expect(present && !absent)
            try store.close()
            let keptAfterwards = bytes(span)
            #expect(keptAfterwards == value(50, 0))
            #expect(throws: AlexStoreError.closed) { try reader.contains(50) }
            #expect(held > 12)
        }
        try hold()
        // What the pin kept goes with the next open.
        let reopened = try AlexStore(directory: directory.path, options: options())
        #expect(directory.segmentPaths.count < 8)
        #expect(try reopened.bytes(forKey: 50) == value(50, 5))
        try reopened.close()
    }

    /// What a reader kept goes with the next compaction after it has left.
    @Test func replacedSegmentsGoAfterTheReader() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        let reader = store.reader()
        func fill(_ round: Int) throws {
            for key in 0..<100 as Range<Int64> { try store.put(value(key, round), forKey: key) }
        }
        try fill(0)
        func hold() throws {
            let pin = reader.pin()
            try fill(1)
            try store.compact(.everything)
            #expect(store.replacedSegments > 0)
            let isThere = try pin.contains(1)
            #expect(isThere)
        }
        try hold()
        try fill(2)
        try store.compact(.everything)
        #expect(store.replacedSegments == 0)
        #expect(directory.segmentPaths.count < 8)
        try store.close()
    }

    /// In class power a reader shows a commit once it is durable, not before; after a failed sync it reads on.
    @Test func showsWhatIsDurableAndReadsOnAfterAFailedSync() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = options(.power)
        options.fileSystem = faults
        let store = try AlexStore(directory: directory.path, options: options)
        let reader = store.committer().reader()
        try store.put([1], forKey: 1)
        #expect(try reader.bytes(forKey: 1) == [1])
        let sequence = try store.putWithoutWaiting([2], forKey: 1)
        #expect(try reader.bytes(forKey: 1) == [1])
        try store.waitUntilDurable(sequence)
        #expect(try reader.bytes(forKey: 1) == [2])
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncData")
        #expect(throws: AlexStoreError.self) { try store.put([3], forKey: 1) }
        #expect(throws: AlexStoreError.poisoned) { try store.put([4], forKey: 2) }
        #expect(try reader.bytes(forKey: 1) == [2])
        #expect(try reader.scan { key, value in key == 1 && Array(value) == [2] } == 1)
        #expect(try SnapshotBox(of: store).contents() == [1: [2]])
    }

    /// Damage is told with the segment's name and the record's offset, never handed out.
    @Test func damageIsTold() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options())
        try store.put(value(1, 1), forKey: 1)
        try store.put(value(2, 1), forKey: 2)
        let reader = store.reader()
        let path = try #require(directory.segmentPaths.first)
        let file = try SystemFileSystem.shared.open(path, .readWrite)
        defer { file.close() }
        for offset in [0, 8, 12, 24] {
            let at = LogFormat.segmentHeaderBytes + offset
            var byte: [UInt8] = [0]
            _ = try byte.withUnsafeMutableBytes { try file.read(into: $0, at: at) }
            let changed = [byte[0] ^ 0x41]
            try changed.withUnsafeBytes { try file.write($0, at: at) }
            #expect {
                try reader.bytes(forKey: 1)
            } throws: { error in
                guard case AlexStoreError.damaged(let name, let place, _) = error else { return false }
                return path.hasSuffix(name) && place == LogFormat.segmentHeaderBytes
            }
            #expect(throws: AlexStoreError.self) { try reader.scan { _, _ in true } }
            #expect(try reader.bytes(forKey: 2) == value(2, 1))
            try byte.withUnsafeBytes { try file.write($0, at: at) }
            #expect(try reader.bytes(forKey: 1) == value(1, 1))
        }
    }

    /// Row 21: readers on other threads hold slices through a thousand compactions; their bytes do not change.
    @Test func slicesStayThroughAThousandCompactions() throws {
        let directory = try ScratchDirectory()
        var options = options()
        options.addressSpaceBytes = 1 << 40
        let store = try AlexStore(directory: directory.path, options: options)
        let keys = 0..<12 as Range<Int64>
        for key in keys { try store.put(VersionOracle.value(key, 1), forKey: key) }
        let reader = store.reader()
        let findings = Findings()
        let threads = BackgroundThreads(2) { number in
            var random = SeededGenerator(state: UInt64(number))
            while !findings.isDone {
                let key = Int64.random(in: keys, using: &random)
                findings.run("key \(key)") {
                    let pin = reader.pin()
                    guard let span = try pin.value(forKey: key) else { return findings.report("key \(key) is missing") }
                    let first = span.withUnsafeBytes { Self.hash($0) }
                    let isWhole = span.withUnsafeBytes { bytes in
                        bytes.elementsEqual(
                            VersionOracle.value(key, bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
                    }
                    if !isWhole { findings.report("key \(key) has other bytes than were written") }
                    // Some slices are held for long, most for a moment.
                    for _ in 0..<(random.next() % 16 == 0 ? 200 : 3) {
                        sched_yield()
                        if span.withUnsafeBytes({ Self.hash($0) }) != first {
                            findings.report("the bytes of key \(key) have changed under a pin")
                        }
                    }
                    findings.countRead()
                }
            }
        }
        defer {
            findings.end()
            threads.join()
            #expect(findings.all.isEmpty, "\(findings.all)")
            #expect(findings.reads > 100)
        }
        for round in 2..<1002 as Range<UInt64> {
            for key in keys where (UInt64(key) &+ round) % 3 == 0 {
                // No removals: each slice must be found.
                try store.put(VersionOracle.value(key, round * 5 + 1), forKey: key)
            }
            #expect(try store.compact(.everything).segmentsTaken > 0)
            if findings.isDone { break }
        }
        #expect(try store.verify().damage == nil)
    }

    /// FNV-1a.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
