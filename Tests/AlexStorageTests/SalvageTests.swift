import StorageIO
import Testing

@testable import AlexStorage

@Suite struct SalvageTests {
    private static let valueBytes = 104
    /// 24 + 104 bytes.
    private static let recordBytes = 128
    /// Records of a segment of 12 KiB.
    private static let perSegment = 64

    /// 192 keys in three segments, one value each, closed; what it holds.
    private func filled(segmentBytes: Int = 12 << 10) throws -> (StoreImage, [Int64: [UInt8]]) {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: segmentBytes))
        var expected: [Int64: [UInt8]] = [:]
        for key in 0..<192 as Range<Int64> {
            let value = [UInt8](repeating: UInt8(key), count: Self.valueBytes)
            try store.put(value, forKey: key)
            expected[key] = value
        }
        try store.close()
        return (try StoreImage(directory.path), expected)
    }

    private func salvaged(_ image: StoreImage) throws -> (SalvageReport, [Int64: [UInt8]]) {
        let (source, target) = (try image.restore(), try ScratchDirectory())
        let before = try image.files.map { try readFile(source.path + "/" + $0.name) }
        var options = tinyOptions()
        // Without syncs, which would take most of the time.
        options.fileSystem = FaultFileSystem()
        let report = try AlexStore.salvage(directory: source.path, to: target.path, options: options)
        let after = try image.files.map { try readFile(source.path + "/" + $0.name) }
        #expect(after == before, "the source was changed")
        let store = try AlexStore(directory: target.path, options: options)
        #expect(try store.verify().isSound)
        let pairs = try store.contents()
        #expect(report.keys == pairs.count)
        try store.close()
        return (report, Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) }))
    }

    @Test func soundStore() throws {
        let (image, expected) = try filled()
        let (report, found) = try salvaged(image)
        #expect(found == expected)
        #expect(report.isSound && report.records == 192 && report.bytesDropped == 0, "\(report)")
        #expect(report.segments.count == 3 && report.segments.allSatisfy { $0.isUsable && $0.problem == nil })
    }

    /// One flipped bit costs the record that it is in, and nothing else.
    @Test func flippedBits() throws {
        let (image, expected) = try filled()
        let files = image.files.indices.filter { image.files[$0].name.hasPrefix("segments/") }
        for (number, file) in files.enumerated() {
            for at in stride(from: 4096 + number * 7, to: image.files[file].bytes.count, by: 509) {
                var damaged = image
                damaged.files[file].bytes[at] ^= 1 << UInt8(at % 8)
                let (report, found) = try salvaged(damaged)
                let key = Int64(number * Self.perSegment + (at - 4096) / Self.recordBytes)
                var left = expected
                left[key] = nil
                #expect(found == left, "byte \(at) of segment \(number)")
                let segment = report.segments[number]
                #expect(segment.gaps == 1 && segment.firstGap?.bytes == Self.recordBytes, "\(segment)")
                #expect(segment.firstGap?.offset == 4096 + (at - 4096) / Self.recordBytes * Self.recordBytes)
                #expect(!report.isSound)
            }
        }
    }

    /// Zeroed blocks cost the records that they touch.
    @Test(arguments: [512, 4096]) func zeroedBlocks(bytes: Int) throws {
        let (image, expected) = try filled()
        let file = try #require(image.files.firstIndex { $0.name.hasPrefix("segments/") })
        let count = image.files[file].bytes.count
        for start in stride(from: 4096, to: count, by: bytes) {
            var damaged = image
            let end = min(start + bytes, count)
            damaged.files[file].bytes.replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
            let (_, found) = try salvaged(damaged)
            var left = expected
            for key in (start - 4096) / Self.recordBytes...(end - 1 - 4096) / Self.recordBytes {
                left[Int64(key)] = nil
            }
            #expect(found == left, "block at \(start)")
        }
    }

    /// A file cut anywhere keeps the whole records before the cut; other segments keep all.
    @Test func cutFiles() throws {
        let (image, expected) = try filled()
        let files = image.files.indices.filter { image.files[$0].name.hasPrefix("segments/") }
        for (number, file) in files.enumerated() {
            for length in stride(from: 0, through: image.files[file].bytes.count, by: 701) {
                var damaged = image
                damaged.files[file].bytes.removeLast(image.files[file].bytes.count - length)
                let (_, found) = try salvaged(damaged)
                let kept = max(length - 4096, 0) / Self.recordBytes
                let left = expected.filter { $0.key / 64 != Int64(number) || $0.key % 64 < Int64(kept) }
                #expect(found == left, "segment \(number) cut to \(length)")
            }
        }
    }

    /// A damaged header costs nothing as long as its salt is right, and the whole segment where it is not: said so.
    @Test func damagedHeaders() throws {
        let (image, expected) = try filled()
        let file = try #require(image.files.firstIndex { $0.name.hasPrefix("segments/") })
        for at in [0, 8, 9, 12, 17, 33, 49, 57, 76, 80, 3000, 4088, 4095] {
            var damaged = image
            damaged.files[file].bytes[at] ^= 0x10
            let (report, found) = try salvaged(damaged)
            #expect(found == expected, "byte \(at)")
            if at < 4092 {
                #expect(report.segments[0].problem?.contains("still fits") == true, "byte \(at): \(report)")
            }
        }
        for at in 40..<48 {
            var damaged = image
            damaged.files[file].bytes[at] ^= 1
            let (report, found) = try salvaged(damaged)
            #expect(found == expected.filter { $0.key >= 64 })
            #expect(!report.segments[0].isUsable)
            #expect(report.segments[0].problem?.contains("nothing can be saved") == true, "\(report.segments[0])")
        }
    }

    /// The manifest and whole segments may be missing.
    @Test func missingFiles() throws {
        let (image, expected) = try filled()
        var damaged = image
        damaged.files.removeAll { $0.name == "MANIFEST" }
        var (report, found) = try salvaged(damaged)
        #expect(found == expected && report.remarks.count == 1 && !report.isSound)
        damaged = image
        damaged.files[0].bytes[60] ^= 1
        (report, found) = try salvaged(damaged)
        #expect(found == expected && report.remarks.count == 1)
        for (number, name) in image.files.map(\.name).filter({ $0.hasPrefix("segments/") }).enumerated() {
            damaged = image
            damaged.files.removeAll { $0.name == name }
            (report, found) = try salvaged(damaged)
            #expect(found == expected.filter { $0.key / 64 != Int64(number) })
        }
    }

    /// The newest record of a key wins, deletes are honoured, batches are kept.
    @Test func overwritesAndDeletes() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 8192))
        var expected: [Int64: [UInt8]] = [:]
        var random = SeededGenerator(state: 5)
        for number in 0..<400 {
            let key = Int64(random.next() % 50)
            switch random.next() % 4 {
            case 0: if try store.remove(key) { expected[key] = nil }
            case 1:
                let pairs = (0..<3).map { (key: key + $0, value: [UInt8](repeating: UInt8(number % 256), count: 9)) }
                try store.putBatch(pairs)
                for pair in pairs { expected[pair.key] = pair.value }
            default:
                expected[key] = [UInt8](repeating: UInt8(number % 256), count: Int(random.next() % 300))
                try store.put(expected[key, default: []], forKey: key)
            }
            if number % 90 == 0 { try store.sync() }
        }
        try store.close()
        let (report, found) = try salvaged(try StoreImage(directory.path))
        #expect(found == expected)
        #expect(report.isSound && report.superseded > 100 && report.deleted > 0, "\(report)")
    }

    /// Compacted segments, beside a log that goes on: damage of either costs what it hits.
    @Test func compactedSegments() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 8192))
        var expected: [Int64: [UInt8]] = [:]
        for key in (0..<100 as Range<Int64>).reversed() {
            expected[key] = [UInt8](repeating: UInt8(key), count: Self.valueBytes)
            try store.put(expected[key, default: []], forKey: key)
        }
        for key in 40..<60 as Range<Int64> {
            try store.remove(key)
            expected[key] = nil
        }
        try store.compact(.everything)
        for key in 95..<130 as Range<Int64> {
            expected[key] = [UInt8](repeating: 1, count: Self.valueBytes)
            try store.put(expected[key, default: []], forKey: key)
        }
        try store.close()
        let image = try StoreImage(directory.path)
        let (report, found) = try salvaged(image)
        #expect(found == expected && report.isSound, "\(report)")
        let compacted = image.files.indices.filter { image.files[$0].name.hasSuffix(".compacted") }
        #expect(!compacted.isEmpty)
        for file in compacted {
            for at in stride(from: 4096 + 11, to: image.files[file].bytes.count, by: 777) {
                var damaged = image
                damaged.files[file].bytes[at] ^= 2
                let (_, found) = try salvaged(damaged)
                let lost = expected.keys.filter { found[$0] != expected[$0] }
                // A record that a later one has superseded may be the one that is hit.
                #expect(lost.count <= 1 && found.count + lost.count == expected.count, "byte \(at)")
            }
        }
        // Without the manifest the same is found, as nothing was left behind.
        var damaged = image
        damaged.files.removeAll { $0.name == "MANIFEST" }
        #expect(try salvaged(damaged).1 == expected)
        // A segment that the manifest does not name is a leftover.
        let name = "segments/00000000000000ff.compacted"
        damaged = image
        damaged.files.append((name, image.files[try #require(compacted.first)].bytes))
        let (other, foundBeside) = try salvaged(damaged)
        #expect(foundBeside == expected && other.leftovers == ["00000000000000ff.compacted"])
    }

    /// A batch without its end is no commit at the end of the log; elsewhere its records are saved, and it is said.
    @Test func brokenBatches() throws {
        func image(_ last: Bool) throws -> StoreImage {
            let directory = try ScratchDirectory()
            try withCrashingStore(directory.path, tinyOptions()) { store in
                try store.put([1], forKey: 1)
                try store.putBatch([(key: 2, value: [2]), (key: 3, value: [3]), (key: 4, value: [4])])
                if !last { try store.put([5], forKey: 5) }
            }
            return try StoreImage(directory.path)
        }
        for (isLast, at, kept, broken, torn) in [
            // The batch's last record, its middle one and its first, damaged where it ends the log.
            (true, 3, [1], 0, 2), (true, 2, [1, 2, 4], 2, 0), (true, 1, [1, 3, 4], 2, 0),
            (false, 3, [1, 2, 3, 5], 2, 0), (false, 2, [1, 2, 4, 5], 2, 0), (false, 1, [1, 3, 4, 5], 2, 0),
        ] as [(Bool, Int, [Int64], UInt64, UInt64)] {
            var damaged = try image(isLast)
            damaged.files[1].bytes[4096 + at * 32 + 24] ^= 1
            let (report, found) = try salvaged(damaged)
            #expect(found.keys.sorted() == kept, "last \(isLast), record \(at)")
            #expect(report.recordsOfBrokenCommits == broken && report.recordsOfTornCommit == torn, "\(report)")
        }
    }

    /// What a crash cut off, and later openers have left out, does not come back.
    @Test func cutTailsStayAway() throws {
        let directory = try ScratchDirectory()
        try withCrashingStore(directory.path, tinyOptions()) { store in
            for key in 0..<4 as Range<Int64> { try store.put([1], forKey: key) }
        }
        // The third record is torn; the fourth is whole and was cut off with it.
        let path = directory.segmentPaths[0]
        var bytes = try readFile(path)
        bytes[4096 + 2 * 32 + 24] ^= 1
        try writeFile(path, bytes)
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        #expect(store.count == 2)
        try store.put([2], forKey: 10)
        try store.close()
        let (report, found) = try salvaged(try StoreImage(directory.path))
        #expect(found == [0: [1], 1: [1], 10: [2]])
        #expect(report.isSound, "\(report)")
        // Without the successor's header its sequence numbers are not known: then the fourth is saved.
        var image = try StoreImage(directory.path)
        let last = image.files.count - 1
        for at in 40..<80 { image.files[last].bytes[at] ^= 0x55 }
        #expect(try salvaged(image).1 == [0: [1], 1: [1], 3: [1]])
    }

    /// Values that hold images of records are values.
    @Test func valuesThatImitateRecords() throws {
        let (image, _) = try filled()
        let segment = try #require(image.files.first { $0.name.hasPrefix("segments/") }).bytes
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 1 << 20))
        try store.put(segment, forKey: 1)
        // Headers that look right and have the longest value that fits: each would be worth a checksum.
        var imitation: [UInt8] = []
        for _ in 0..<20_000 {
            for word in [UInt64(7), 1 << 32 | 200_000, 2 << 8 | 13] {
                withUnsafeBytes(of: word) { imitation += $0 }
            }
        }
        try store.put(imitation, forKey: 2)
        try store.put([3], forKey: 3)
        try store.close()
        var damaged = try StoreImage(directory.path)
        let (_, whole) = try salvaged(damaged)
        #expect(whole == [1: segment, 2: imitation, 3: [3]])
        damaged.files[1].bytes[4096 + 9] ^= 0x20
        #expect(try salvaged(damaged).1 == [2: imitation, 3: [3]])
        damaged.files[1].bytes[4096 + (24 + segment.count) + 1] ^= 0x20
        #expect(try salvaged(damaged).1 == [3: [3]])
    }

    /// A damaged version of the only segment is damage, as the manifest shows.
    @Test func damagedVersion() throws {
        let (image, expected) = try filled(segmentBytes: 1 << 20)
        var damaged = image
        damaged.files[1].bytes[9] ^= 4
        #expect(try salvaged(damaged).1 == expected)
    }

    /// Nothing that a file holds ends the process.
    @Test func hostileFiles() throws {
        let (image, _) = try filled(segmentBytes: 1 << 20)
        var random = SeededGenerator(state: 99)
        let file = try #require(image.files.firstIndex { $0.name.hasPrefix("segments/") })
        for round in 0..<150 {
            var damaged = image
            for _ in 0..<(1 + random.next() % 40) {
                let which = random.next() % 5 == 0 ? 0 : file
                let at = Int(random.next() % UInt64(damaged.files[which].bytes.count))
                switch random.next() % 3 {
                case 0: damaged.files[which].bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: damaged.files[which].bytes[at] = 0xFF
                default:
                    let end = min(at + Int(random.next() % 64), damaged.files[which].bytes.count)
                    for place in at..<end {
                        damaged.files[which].bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    }
                }
            }
            let report: SalvageReport
            let found: [Int64: [UInt8]]
            do { (report, found) = try salvaged(damaged) } catch let error as AlexStoreError {
                // Manifest and version of the only segment both hit: it looks like a newer format.
                #expect(error.description.contains("newer format"), "round \(round): \(error)")
                continue
            }
            #expect(found.count <= 192 && report.keys == found.count, "round \(round)")
            #expect(found.allSatisfy { $0.value == [UInt8](repeating: UInt8($0.key), count: Self.valueBytes) })
        }
    }

    /// A disk that can't read a block costs what lies in that block.
    @Test func unreadableBlock() throws {
        let (image, expected) = try filled(segmentBytes: 1 << 20)
        let (source, target) = (try image.restore(), try ScratchDirectory())
        var options = tinyOptions()
        options.fileSystem = BadBlocks(offset: 8192)
        let report = try AlexStore.salvage(directory: source.path, to: target.path, options: options)
        #expect(report.segments[0].problem == "1 blocks of 4 KiB can't be read from the disk")
        let store = try AlexStore(directory: target.path, options: tinyOptions())
        let lost = Set((8192 - 4096) / 128..<(12288 - 4096) / 128)
        #expect(try store.contents().map(\.key) == expected.keys.filter { !lost.contains(Int($0)) }.sorted())
    }

    /// A salvage that fails after the new store has made a checkpoint leaves no file behind, and the
    /// target is good for another one.
    @Test func failureBehindACheckpoint() throws {
        let (image, expected) = try filled(segmentBytes: 1 << 20)
        let (source, target) = (try image.restore(), try ScratchDirectory())
        var options = tinyOptions()
        let faults = FaultFileSystem()
        options.fileSystem = faults
        options.checkpointOnCloseBytesMin = 0
        let path = target.path + "/checkpoint"
        // The first manifest is the new store's; the second follows on the checkpoint that its close makes.
        faults.arm(at: 1, code: 5, isForGood: true, only: "rename", onPath: "MANIFEST")
        #expect(throws: AlexStoreError.self) {
            try AlexStore.salvage(directory: source.path, to: target.path, options: options)
        }
        #expect(faults.calls == 2)
        faults.disarm()
        for folder in [target.path, target.segmentsPath, path] {
            let names = try SystemFileSystem.shared.list(folder).filter { $0 != "segments" && $0 != "checkpoint" }
            #expect(names == [], "\(folder)")
        }
        let report = try AlexStore.salvage(directory: source.path, to: target.path, options: options)
        #expect(report.isSound && report.keys == expected.count)
        // What is not empty is refused still.
        let other = try ScratchDirectory()
        try SystemFileSystem.shared.makeDirectory(other.path + "/checkpoint")
        try writeFile(other.path + "/checkpoint/letter", [1])
        let error = try #require(throws: AlexStoreError.self) {
            try AlexStore.salvage(directory: source.path, to: other.path, options: options)
        }
        #expect(error.description.contains("letter"))
    }

    @Test func refusals() throws {
        let (image, _) = try filled()
        let (source, target) = (try image.restore(), try ScratchDirectory())
        func error(_ directory: String, _ target: String) throws -> AlexStoreError {
            try #require(throws: AlexStoreError.self) {
                try AlexStore.salvage(directory: directory, to: target, options: tinyOptions())
            }
        }
        #expect(try error(target.path, source.path + "/x").description.contains("it is no store"))
        #expect(try error(source.path, source.path).description.contains("name an empty or a new directory"))
        #expect(try error(source.path + "/nowhere", target.path).description.contains("opendir"))
        let store = try AlexStore(directory: source.path, options: tinyOptions())
        #expect(try error(source.path, target.path) == .locked(directory: source.path))
        try store.close()
        var newer = image
        for index in newer.files.indices { newer.files[index].bytes[8] = 9 }
        let other = try newer.restore()
        #expect(try error(other.path, target.path).description.contains("newer format"))
        #expect(throws: AlexStoreError.cancelled) {
            try AlexStore.salvage(directory: source.path, to: target.path, options: tinyOptions()) { _ in false }
        }
        #expect(target.segmentPaths.isEmpty)
    }
}

/// The system's files, with reads of segments failing where they touch one block.
private final class BadBlocks: FileSystem {
    let offset: Int
    init(offset: Int) { self.offset = offset }
    private let system = SystemFileSystem.shared

    func open(_ path: String, _ mode: FileMode) throws(StorageIOError) -> any StorageFile {
        let file = try system.open(path, mode)
        return mode == .read && path.hasSuffix(".segment") ? BadFile(file, offset) : file
    }

    func makeDirectory(_ path: String) throws(StorageIOError) { try system.makeDirectory(path) }
    func list(_ path: String) throws(StorageIOError) -> [String] { try system.list(path) }
    func rename(_ from: String, to path: String) throws(StorageIOError) { try system.rename(from, to: path) }
    func remove(_ path: String) throws(StorageIOError) { try system.remove(path) }
    func syncDirectory(_ path: String) throws(StorageIOError) { try system.syncDirectory(path) }

    private final class BadFile: StorageFile {
        let file: any StorageFile
        let offset: Int
        init(_ file: any StorageFile, _ offset: Int) { (self.file, self.offset) = (file, offset) }
        var path: String { file.path }
        func size() throws(StorageIOError) -> Int { try file.size() }
        func identity() throws(StorageIOError) -> FileIdentity { try file.identity() }
        func read(into buffer: UnsafeMutableRawBufferPointer, at start: Int) throws(StorageIOError) -> Int {
            if start < offset + 4096, start + buffer.count > offset {
                throw StorageIOError(call: "pread", name: path, code: 5)
            }
            return try file.read(into: buffer, at: start)
        }
        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageIOError) {
            try file.write(bytes, at: offset)
        }
        func allocate(from start: Int, to end: Int) throws(StorageIOError) { try file.allocate(from: start, to: end) }
        func truncate(to size: Int) throws(StorageIOError) { try file.truncate(to: size) }
        func syncData() throws(StorageIOError) { try file.syncData() }
        func tryLock() throws(StorageIOError) -> Bool { try file.tryLock() }
        func map(
            _ range: Range<Int>, into region: AddressRegion, at regionOffset: Int, access: MapAccess
        ) throws(StorageIOError) { try file.map(range, into: region, at: regionOffset, access: access) }
        func close() { file.close() }
    }
}
