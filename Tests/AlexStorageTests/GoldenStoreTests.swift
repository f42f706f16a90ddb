import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Stores that were written by the first version with this format, and are read by every later one.
///
/// `UPDATE_GOLDEN=1` writes those that are missing, never one that is there: a format that can't read them any more has
/// a new number, and stores of its own.
@Suite struct GoldenStoreTests {
    /// What was done to each store; the names of their files under `Golden`.
    enum Kind: String, CaseIterable {
        /// Closed, with a batch, tombstones, a mark, several segments and a checkpoint.
        case closed
        /// The same compacted in between: compacted segments and retired ones.
        case compacted
        /// Of class power, not closed: records that say that all before them is durable.
        case power
        /// Of class process, not closed, cut in the middle of the last record.
        case torn

        var options: AlexStoreOptions {
            var options = tinyOptions(segmentBytes: 8 << 10)
            options.durability = self == .power ? .power : .process
            options.checkpointOnCloseBytesMin = 0
            options.checkpointsOnClose = self == .closed || self == .compacted
            return options
        }
    }

    private static func value(_ number: Int) -> [UInt8] {
        (0..<(number % 7 == 0 ? 0 : 30 + number % 90)).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
    }

    /// Writes a store, and says what it holds.
    private func fill(_ store: AlexStore, _ kind: Kind) throws -> [Int64: [UInt8]] {
        var model: [Int64: [UInt8]] = [:]
        for number in 0..<150 {
            let key = Int64(number % 60) * 1_000_000_007 - 20_000_000_000
            model[key] = Self.value(number)
            try store.put(Self.value(number), forKey: key)
            if number == 70 {
                try store.sync()
                if kind == .compacted { try store.compact(CompactionPolicy(garbageShareMin: 0.05)) }
            }
        }
        let batch = ([.min, .max, 0, -1] as [Int64]).map { (key: $0, value: Self.value(Int($0 & 63))) }
        try store.putBatch(batch)
        for pair in batch { model[pair.key] = pair.value }
        for number in 0..<12 {
            let key = Int64(number) * 1_000_000_007 - 20_000_000_000
            model[key] = nil
            try store.remove(key)
        }
        if kind == .compacted {
            for number in 200..<330 {
                model[Int64(number)] = Self.value(number)
                try store.put(Self.value(number), forKey: Int64(number))
            }
            try store.compact(.everything)
            for number in 200..<230 {
                model[Int64(number)] = [9]
                try store.put([9], forKey: Int64(number))
            }
        }
        try store.put([1, 2, 3], forKey: 7)
        model[7] = [1, 2, 3]
        return model
    }

    private func model(_ kind: Kind) throws -> [Int64: [UInt8]] {
        let directory = try ScratchDirectory()
        return try fill(try AlexStore(directory: directory.path, options: kind.options), kind)
    }

    private func path(_ kind: Kind) -> String {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return "/\(folder)/Golden/format-1-\(kind.rawValue).txt"
    }

    private func golden(_ kind: Kind) throws -> GoldenStore {
        if access(path(kind), F_OK) != 0 && getenv("UPDATE_GOLDEN") != nil { try make(kind) }
        return try GoldenStore(text: String(decoding: try readFile(path(kind)), as: UTF8.self))
    }

    private func make(_ kind: Kind) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: kind.options)
        _ = try fill(store, kind)
        if kind == .torn { try store.put([UInt8](repeating: 9, count: 200), forKey: 8) }
        if kind.options.checkpointsOnClose { try store.close() }
        var golden = try GoldenStore(directory: directory.path)
        if kind == .torn {
            let last = golden.files.count - 1
            let end = try #require(golden.files[last].bytes.lastIndex { $0 != 0 })
            for at in (end - 60)...end { golden.files[last].bytes[at] = 0 }
        }
        try writeFile(path(kind), Array(golden.text.utf8))
    }

    /// It opens, holds what was written, is sound, takes writes, and is the same store after another close.
    @Test(arguments: Kind.allCases) func opens(_ kind: Kind) throws {
        let golden = try golden(kind)
        #expect(try readFile(path(kind)).count < 64 << 10)
        var model = try model(kind)
        let directory = try golden.restore()
        func expectContents(_ store: AlexStore, _ note: String) throws {
            let found = Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
            #expect(found == model, "\(kind) \(note)")
            let report = try store.verify()
            #expect(report.isSound, "\(kind) \(note): \(report)")
        }
        let store = try AlexStore(directory: directory.path, options: kind.options)
        #expect(store.recovery.wasClean == kind.options.checkpointsOnClose)
        #expect((store.recovery.cut != nil) == (kind == .torn))
        if kind.options.checkpointsOnClose { #expect(store.recovery.checkpoint != .none) }
        try expectContents(store, "as it was")
        try store.put([4], forKey: 44)
        model[44] = [4]
        try store.close()
        let reopened = try AlexStore(directory: directory.path, options: kind.options)
        try expectContents(reopened, "written to")
        try reopened.compact(.everything)
        try expectContents(reopened, "compacted")
    }

    /// What the stores are there for is in them.
    @Test func theyHoldWhatTheyShould() throws {
        func names(_ kind: Kind) throws -> [String] { try golden(kind).files.map(\.name) }
        #expect(try names(.closed).filter { $0.hasSuffix(".segment") }.count > 1)
        #expect(try names(.closed).last?.hasSuffix(".image") ?? false)
        #expect(try names(.compacted).contains { $0.hasSuffix(".compacted") })
        let manifest = try Manifest.decoded(try golden(.compacted).files[0].bytes)
        #expect(!manifest.retired.isEmpty && manifest.checkpoint > 0 && manifest.compacted.count > 1)
        #expect(try names(.power).allSatisfy { !$0.hasSuffix(".image") })
    }

    /// A closed store that is opened and closed again without a write is the same, byte by byte.
    @Test(arguments: [Kind.closed, .compacted]) func lookingChangesNothing(_ kind: Kind) throws {
        let golden = try golden(kind)
        let directory = try golden.restore()
        let store = try AlexStore(directory: directory.path, options: kind.options)
        let isUsed = store.recovery.checkpoint == .used
        _ = try store.contents()
        try store.close()
        // A later version may have put a checkpoint of its own in the place of one that it can't use.
        if isUsed { #expect(try GoldenStore(directory: directory.path).text == golden.text) }
    }

    /// A store without its checkpoints, and all that is left of it when it is saved.
    @Test(arguments: Kind.allCases) func isRebuiltAndSaved(_ kind: Kind) throws {
        var golden = try golden(kind)
        let model = try model(kind)
        golden.files.removeAll { $0.name.hasSuffix(".image") }
        let directory = try golden.restore()
        let store = try AlexStore(directory: directory.path, options: kind.options)
        #expect(Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) }) == model)
        try store.close()
        let copy = try ScratchDirectory()
        let source = try golden.restore()
        let target = copy.path + "/saved"
        _ = try AlexStore.salvage(directory: source.path, to: target, options: kind.options)
        let saved = try AlexStore(directory: target, options: kind.options)
        #expect(Dictionary(uniqueKeysWithValues: try saved.contents().map { ($0.key, $0.value) }) == model)
    }

    // MARK: Headers

    /// Each kind of file with a header that is none of this program's: refused, and no file is touched. A checkpoint is
    /// left aside instead: the log says the same.
    @Test(arguments: ["MANIFEST", ".segment", ".compacted", ".image"])
    func headersOfOthers(file: String) throws {
        let golden = try golden(.compacted)
        let model = try model(.compacted)
        let changes: [(what: String, isIncompatible: Bool, change: (inout [UInt8]) -> Void)] = [
            ("foreign magic", true, { $0.replaceSubrange(0..<8, with: Array("SQLite f".utf8)) }),
            ("a newer format", true, { $0[8] = 2 }),
            ("a much newer format", true, { $0.replaceSubrange(8..<12, with: [255, 255, 255, 255]) }),
            ("the other endianness", true, { $0.replaceSubrange(8..<16, with: [0, 0, 0, 1, 1, 2, 3, 4]) }),
            ("no format at all", false, { $0[8] = 0 }),
            ("a wrong byte order mark", false, { $0[13] = 7 }),
            ("another store", true, { $0[16] ^= 1 }),
        ]
        for (what, isIncompatible, change) in changes {
            var changed = golden
            let number = try #require(changed.files.lastIndex { $0.name.hasSuffix(file) })
            change(&changed.files[number].bytes)
            let directory = try changed.restore()
            do {
                let store = try AlexStore(directory: directory.path, options: Kind.compacted.options)
                guard file == ".image", case .ignored = store.recovery.checkpoint else {
                    Issue.record("\(what) in \(file): opened")
                    continue
                }
                let found = Dictionary(uniqueKeysWithValues: try store.contents().map { ($0.key, $0.value) })
                #expect(found == model, "\(what)")
                continue
            } catch let error as AlexStoreError {
                switch error {
                case .incompatible(let name, _), .damaged(let name, _, _):
                    #expect(name.hasSuffix(changed.files[number].name), "\(what) in \(file): \(error)")
                default: Issue.record("\(what) in \(file): \(error)")
                }
                // Without its checksum another store's identity is damage, as any wrong byte there.
                if what != "another store", case .incompatible = error { #expect(isIncompatible, "\(what): \(error)") }
                // The manifest says what a compacted segment is: any other is damage.
                if isIncompatible, what != "another store", file != ".compacted", case .damaged = error {
                    Issue.record("\(what) in \(file) is called damage: \(error)")
                }
            }
            #expect(try GoldenStore(directory: directory.path).text == changed.text, "\(what) in \(file): touched")
        }
    }
}
