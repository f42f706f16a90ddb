import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the store asks of the system where its log is larger than memory, and that every read stays right.
@Suite struct ReadAheadTests {
    private static let page = 4096

    private func options(_ readAhead: ReadAhead, segmentBytes: Int = 64 << 10) -> AlexStoreOptions {
        var options = tinyOptions(segmentBytes: segmentBytes)
        options.readAhead = readAhead
        options.automaticCompaction = nil
        options.checkpointOnCloseBytesMin = 0
        // With a page of memory every log is too large.
        options.memoryBytes = Self.page
        return options
    }

    private func isAdvised(_ store: AlexStore) -> Bool { store.state.pointee.log.files.isAdvised }
    private func requests(_ store: AlexStore) -> UInt64 { store.state.pointee.log.pages.requests }

    // MARK: What is read

    /// Values of none to three pages.
    private func value(_ key: Int64, _ step: Int) -> [UInt8] {
        let lengths = [0, 7, 100, 900, 4100, 12_000]
        return [UInt8](repeating: UInt8(truncatingIfNeeded: key &+ Int64(step)), count: lengths[step % lengths.count])
    }

    /// In each mode and class, by every way to read, before and after growth, compaction, a close and a crash.
    @Test(arguments: ReadAhead.allCases, Durability.allCases)
    func everyReadIsRight(readAhead: ReadAhead, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var options = options(readAhead)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        var random = SeededGenerator(state: 5)
        var expected: Model = [:]
        var open: AlexStore?
        for round in 0..<4 {
            open = nil
            open = try AlexStore(directory: directory.path, options: options)
            let store = try #require(open)
            #expect(isAdvised(store) == (readAhead != .system), "round \(round)")
            #expect(try store.statistics().readAhead == (readAhead == .system ? .system : .none))
            try compare(store, expected, "round \(round)")
            for step in 0..<150 {
                let key = Int64.random(in: -60...60, using: &random)
                if step % 5 == 4 {
                    try store.remove(key)
                    expected[key] = nil
                } else {
                    try store.put(value(key, step), forKey: key)
                    expected[key] = value(key, step)
                }
            }
            if round >= 1 { try compare(store, expected, "round \(round), written") }
            if round == 1 { try store.checkpoint() }
            if round >= 2 { try store.compact(.everything) }
            try compare(store, expected, "round \(round), compacted")
            #expect(try store.verify().damage == nil)
            #expect((requests(store) > 0) == (readAhead != .system))
            if round % 2 == 0 { try store.close() }
        }
        try open?.close()
    }

    private func compare(_ store: AlexStore, _ expected: Model, _ note: String) throws {
        let reader = store.reader()
        let snapshot = try store.snapshot()
        let keys = expected.keys.sorted()
        let ranges: [ClosedRange<Int64>] = [.min ... .max, -20...20, 7...7]
        for range in ranges {
            for isDescending in [false, true] {
                for limit in [17, Int.max] {
                    let inRange = keys.filter(range.contains)
                    let wanted = Array((isDescending ? inRange.reversed() : inRange).prefix(limit))
                    var found: [[Int64]] = [[], [], []]
                    var isRight = true
                    func take(_ way: Int, _ key: Int64, _ value: UnsafeRawBufferPointer) -> Bool {
                        found[way].append(key)
                        if expected[key] != Array(value) { isRight = false }
                        return true
                    }
                    try store.scan(in: range, descending: isDescending, limit: limit) { take(0, $0, $1) }
                    try reader.scan(in: range, descending: isDescending, limit: limit) { take(1, $0, $1) }
                    try snapshot.scan(in: range, descending: isDescending, limit: limit) { take(2, $0, $1) }
                    #expect(
                        isRight && found == [wanted, wanted, wanted], "\(note), \(range), \(isDescending), \(limit)")
                }
            }
        }
        try compareKeys(store, reader, expected, note)
    }

    private func compareKeys(
        _ store: AlexStore, _ reader: StoreReader, _ expected: Model, _ note: String
    ) throws {
        let asked = Array(-65...65 as ClosedRange<Int64>) + [3, 3, .min, .max]
        var (own, beside): ([[UInt8]?], [[UInt8]?]) = ([], [])
        try asked.withUnsafeBufferPointer { asked in
            try store.forEachValue(forKeys: asked) { own.append($1.map { Array($0) }) }
            try reader.forEachValue(forKeys: asked) { beside.append($1.map { Array($0) }) }
        }
        let wanted = asked.map { expected[$0] }
        #expect(own == wanted && beside == wanted, "\(note)")
        #expect(try asked.map { try store.bytes(forKey: $0) } == wanted, "\(note)")
        #expect(try asked.map { try reader.bytes(forKey: $0) } == wanted, "\(note)")
    }

    // MARK: What is advised

    /// A map of a segment's file: its name in the directory, its addresses, whether it is advised.
    private struct Map {
        var name: String
        var addresses: Range<Int>
        var isAdvised = false
    }

    /// The maps of this process that are of the directory's segments: proc_pid_smaps(5).
    private func maps(_ directory: ScratchDirectory) throws -> [Map] {
        let file = try SystemFileSystem.shared.open("/proc/self/smaps", .read)
        defer { file.close() }
        var bytes = [UInt8](repeating: 0, count: 8 << 20)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        #expect(count < bytes.count, "the list is longer than was read")
        var maps: [Map] = []
        var isOurs = false
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
            if let addresses = Self.addresses(line) {
                let path = line.split(separator: " ").last ?? ""
                isOurs = path.hasPrefix(directory.segmentsPath)
                if isOurs {
                    maps.append(Map(name: String(path.dropFirst(directory.segmentsPath.count)), addresses: addresses))
                }
            } else if isOurs, line.hasPrefix("VmFlags:") {
                maps[maps.count - 1].isAdvised = line.split(separator: " ").contains("rr")
            }
        }
        return maps
    }

    /// The addresses at the begin of a line that begins a map.
    private static func addresses(_ line: Substring) -> Range<Int>? {
        let ends = line.prefix { $0 != " " }.split(separator: "-").map { Int($0, radix: 16) }
        guard ends.count == 2, let first = ends[0], let last = ends[1] else { return nil }
        return first..<last
    }

    /// Of each segment's file that is mapped whether its maps are advised: `true`, `false` or both.
    private func advice(_ directory: ScratchDirectory) throws -> [String: Set<Bool>] {
        try maps(directory).reduce(into: [:]) { $0[$1.name, default: []].insert($1.isAdvised) }
    }

    private func advisedRanges(_ directory: ScratchDirectory) throws -> [Range<Int>] {
        try maps(directory).filter(\.isAdvised).map(\.addresses)
    }

    private func fill(_ store: AlexStore, _ keys: Range<Int64>, bytes: Int = 1000) throws {
        for key in keys { try store.put([UInt8](repeating: UInt8(truncatingIfNeeded: key), count: bytes), forKey: key) }
    }

    /// All maps of all segments: at once, grown, in further segments, compacted, opened again, in every class.
    @Test(arguments: [ReadAhead.system, .none], Durability.allCases)
    func everyMapIsAdvised(readAhead: ReadAhead, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var options = options(readAhead)
        options.durability = durability
        options.fileSystem = FaultFileSystem()
        let wanted: Set<Bool> = [readAhead == .none]
        func check(_ note: String, segments: Int) throws {
            let advice = try advice(directory)
            #expect(advice.count >= segments && advice.values.allSatisfy { $0 == wanted }, "\(note): \(advice)")
        }
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        try check("new", segments: 1)
        try fill(store!, 0..<40)
        try check("grown", segments: 1)
        try fill(store!, 0..<200)
        try check("more segments", segments: 3)
        let snapshot = try store!.snapshot()
        try store!.compact(.everything)
        // The snapshot keeps what was replaced.
        try check("compacted", segments: 7)
        snapshot.close()
        try fill(store!, 200..<210)
        try check("grown behind", segments: 3)
        try store!.close()
        store = nil
        store = try AlexStore(directory: directory.path, options: options)
        try check("opened after a close", segments: 4)
        try fill(store!, 300..<340)
        try check("grown after that", segments: 4)
        store = nil
        store = try AlexStore(directory: directory.path, options: options)
        try check("opened after a crash", segments: 4)
        try store!.close()
    }

    /// Steps and segments that a thread has made ahead are advised once they are the log's.
    @Test func preparedGrowthIsAdvised() throws {
        let directory = try ScratchDirectory()
        var options = options(.none, segmentBytes: 8 << 20)
        options.growsInBackground = true
        options.growthStepBytes = 2 << 20
        let store = try AlexStore(directory: directory.path, options: options)
        for round in 0..<10 as Range<Int64> {
            try fill(store, round * 20..<round * 20 + 20, bytes: 100_000)
            store.state.pointee.log.files.growth.worker?.wait()
        }
        let files = store.state.pointee.log.files
        #expect(files.segments.count > 2)
        // What lies behind the tail's adopted end is not the log's yet, nor what was ready when a segment was sealed.
        let advised = try advisedRanges(directory)
        for segment in files.segments {
            let isTail = segment.id == files.segments.last?.id
            let end = isTail ? store.state.pointee.log.end : segment.base + segment.end
            let first = Int(bitPattern: files.region.base) + segment.base
            let last = Int(bitPattern: files.region.base) + end - 1
            #expect(advised.contains { $0.contains(first) && $0.contains(last) }, "\(segment.name)")
        }
        try store.close()
    }

    /// A log that outgrows three quarters of memory is advised from then on, old segments included; one that compaction
    /// has made shorter is not any more.
    @Test func automaticFollowsTheLog() throws {
        let directory = try ScratchDirectory()
        var options = options(.automatic)
        options.memoryBytes = 1 << 20
        let limit = (1 << 20) / 4 * 3
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var flips = 0
        var was = false
        for round in 0..<24 as Range<Int64> {
            // About 48 KiB each, the same keys again and again.
            try fill(store!, 0..<48)
            let bytes = store!.state.pointee.log.files.segments.reduce(0) { $0 + max($1.allocated, $1.end) }
            #expect(isAdvised(store!) == (bytes > limit), "round \(round), \(bytes) bytes")
            #expect(try advice(directory).values.allSatisfy { $0 == [bytes > limit] })
            if isAdvised(store!) != was { flips += 1 }
            was = isAdvised(store!)
        }
        #expect(flips == 1 && was)
        try store!.compact(.everything)
        #expect(!isAdvised(store!))
        #expect(try advice(directory).values.allSatisfy { $0 == [false] })
        let before = requests(store!)
        #expect(try store!.contents().count == 48)
        #expect(requests(store!) == before)
        try store!.close()
        store = nil
        options.memoryBytes = 48 << 10
        store = try AlexStore(directory: directory.path, options: options)
        #expect(isAdvised(store!))
        #expect(try advice(directory).values.allSatisfy { $0 == [true] })
        try store!.close()
    }

    /// A small log is not held against what the system says.
    @Test func smallLogsAskNobody() throws {
        let directory = try ScratchDirectory()
        var options = options(.automatic)
        options.memoryBytes = nil
        let store = try AlexStore(directory: directory.path, options: options)
        try fill(store, 0..<50)
        #expect(!isAdvised(store))
        #expect(AlexStoreOptions().readAhead == .automatic && AlexStoreOptions().memoryBytes == nil)
        try store.close()
    }

    // MARK: What is asked for

    /// Records of 128 bytes, 32 a page, in the order of their keys: a scan of the log asks once a page; of compacted
    /// segments, a few times.
    @Test func scansAskOnceAPage() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(.none, segmentBytes: 1 << 20))
        try fill(store, 0..<1024, bytes: 100)
        let reader = store.reader()
        func asked(_ body: () throws -> Void) throws -> UInt64 {
            let before = requests(store)
            try body()
            return requests(store) - before
        }
        for isDescending in [false, true] {
            for range in [.min ... .max, 320...639] as [ClosedRange<Int64>] {
                let (pages, pairs) = range.contains(0) ? (32 as UInt64, 1024) : (10, 320)
                var found = 0
                let own = try asked { found = try store.scan(in: range, descending: isDescending) { _, _ in true } }
                #expect(own == pages && found == pairs)
                let beside = try asked { try reader.scan(in: range, descending: isDescending) { _, _ in true } }
                #expect(beside == pages)
                let snapshot = try store.snapshot()
                let before = requests(store)
                try snapshot.scan(in: range, descending: isDescending) { _, _ in true }
                #expect(requests(store) - before == pages)
            }
        }
        let same = [Int64](repeating: 500, count: 40) + [501, 499]
        let own = try asked { try same.withUnsafeBufferPointer { try store.forEachValue(forKeys: $0) { _, _ in } } }
        let beside = try asked { try same.withUnsafeBufferPointer { try reader.forEachValue(forKeys: $0) { _, _ in } } }
        let single = try asked { _ = try store.bytes(forKey: 7) }
        #expect(own == 1 && beside == 1 && single == 0)
        try store.compact(.everything)
        for isDescending in [false, true] {
            let whole = try asked { try store.scan(descending: isDescending) { _, _ in true } }
            #expect(whole >= 2 && whole <= 6)
            let few = try asked { try store.scan(descending: isDescending, limit: 3) { _, _ in true } }
            #expect(few == 1)
        }
        try store.close()
    }

    /// A value of several pages is asked for whole, up to the end of its segment and not beyond.
    @Test func longValues() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: options(.none, segmentBytes: 4 << 20))
        try fill(store, 0..<4, bytes: 400_000)
        _ = try store.bytes(forKey: 0)
        let before = requests(store)
        try [Int64(2)].withUnsafeBufferPointer { try store.forEachValue(forKeys: $0) { #expect($1?.count == 400_000) } }
        // 400,024 bytes are three requests of 128 KiB and one of the rest.
        #expect(requests(store) - before == 4)
        try store.close()
    }

    // MARK: What becomes of it

    /// Pages of a file that are in memory; asks a map of its own, which brings none in.
    private func residentPages(_ path: String) throws -> Int {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, Int32(SEEK_END)))
        let map = try #require(mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0))
        defer { munmap(map, size) }
        var pages = [UInt8](repeating: 0, count: (size + Self.page - 1) / Self.page)
        #expect(mincore(map, size, &pages) == 0)
        return pages.count { $0 & 1 != 0 }
    }

    /// Takes those of a file's pages out of memory that nobody has mapped. Returns how many stay.
    private func evict(_ path: String) throws -> Int {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        #expect(posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED)) == 0)
        return try residentPages(path)
    }

    /// A get reads one page, where the system would read its neighbours, too.
    @Test func aGetReadsOnePage() throws {
        let directory = try ScratchDirectory()
        var options = options(.none, segmentBytes: 8 << 20)
        options.fileSystem = SystemFileSystem.shared
        let keys = 0..<40_000 as Range<Int64>
        var filled: AlexStore? = try AlexStore(directory: directory.path, options: options)
        try fill(filled!, keys, bytes: 100)
        try filled!.close()
        // What is mapped stays in memory.
        filled = nil
        let path = try #require(directory.segmentPaths.first)
        for readAhead in [ReadAhead.none, .system] {
            // A file system that lives in memory has nowhere to read it from.
            guard try evict(path) == 0 else { return }
            options.readAhead = readAhead
            let store = try AlexStore(directory: directory.path, options: options)
            #expect(store.recovery.checkpoint == .used)
            // Opening has looked at the header, and the system has read its neighbours.
            let before = try evict(path)
            #expect(before < 200, "opening has read the log")
            #expect(try store.bytes(forKey: 20_000)?.count == 100)
            let read = try residentPages(path) - before
            if readAhead == .none { #expect(read == 1) } else { #expect(read >= 1) }
            try store.close()
        }
    }
}
