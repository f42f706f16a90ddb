import PowerLoss
import StorageIO

// What is done to a store's files. Damage is blind: bits, blocks, lengths, names; no checksum is mended, so that
// everything that was durable must be found as it was written, or the damage must be told. Forgery knows the format:
// numbers are changed and the checksums over them mended, so that whatever believes them is reached. What a forged
// store answers is anybody's guess; it must only not end the process, hang, or take memory without bounds.

struct FuzzChange {
    private(set) var image: DiskImage
    let isForged: Bool
    /// What was done, in words.
    private(set) var words: [String] = []
    /// Which kinds of files were touched.
    private(set) var kinds: Set<FuzzFileKind> = []
    private var random: SplitMix
    private var hasRemoved = false

    init(of image: DiskImage, forged: Bool, seed: UInt64) {
        self.image = image
        isForged = forged
        random = SplitMix(state: seed)
        for _ in 0..<(1 + random.below(forged ? 4 : 3)) {
            guard let path = image.files.keys.filter({ !$0.hasSuffix("/LOCK") }).sorted().randomElement(using: &random)
            else { return }
            guard let bytes = self.image.files[path] else { continue }
            kinds.insert(FuzzFileKind(path: path))
            if forged { forge(path, bytes) } else { damage(path, bytes) }
        }
        if forged && random.below(4) > 0 { mendChain() }
        if forged && random.below(3) == 0 { forgetCheckpoint() }
    }

    private mutating func put(_ path: String, _ file: FuzzFile, _ what: String) {
        image.files[path] = file.bytes
        words.append("\(path): \(what)")
    }

    // MARK: Damage

    private mutating func damage(_ path: String, _ bytes: [UInt8]) {
        var file = FuzzFile(bytes)
        let at = random.below(max(file.count, 1))
        switch random.below(11) {
        case 0...2 where file.count > 0:
            file.bytes[at] ^= 1 << UInt8(random.below(8))
            put(path, file, "a bit of byte \(at) flipped")
        case 3 where file.count > 0:
            let end = min(at + 1 + random.below(64), file.count)
            for place in at..<end { file.bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
            put(path, file, "\(at)..<\(end) random")
        case 4 where file.count > 0:
            let end = min(at + 1 + random.below(600), file.count)
            for place in at..<end { file.bytes[place] = 0 }
            put(path, file, "\(at)..<\(end) zero")
        case 5:
            file.bytes.removeSubrange(at..<file.count)
            put(path, file, "cut to \(at) bytes")
        case 6:
            let isZero = random.below(2) == 0
            for _ in 0..<(1 + random.below(9000)) { file.bytes.append(isZero ? 0 : UInt8(random.below(256))) }
            put(path, file, "extended to \(file.count) bytes")
        case 7: copyBlock(path, file)
        case 8 where file.count >= 16:
            let offset = random.below(min(file.count, random.below(2) == 0 ? 256 : file.count) / 8) * 8
            let value = number(instead: file.word(offset), in: file)
            file.set(value, at: offset)
            put(path, file, "the word at \(offset) is \(value)")
        case 9 where !hasRemoved:
            hasRemoved = true
            image.files[path] = nil
            words.append("\(path) removed")
        default: misname(path, bytes)
        }
    }

    /// Puts a block where another was, of this file or of one beside it.
    private mutating func copyBlock(_ path: String, _ file: FuzzFile) {
        var file = file
        let bytes = random.below(2) == 0 ? 512 : 4096
        let donor = image.files.keys.sorted().randomElement(using: &random) ?? path
        let source = random.below(2) == 0 ? file.bytes : image.files[donor] ?? []
        guard source.count >= bytes, file.count >= bytes else { return }
        let from = random.below(source.count / bytes) * bytes
        let to = random.below(2) == 0 && from + bytes <= file.count ? from : random.below(file.count / bytes) * bytes
        file.bytes.replaceSubrange(to..<to + bytes, with: source[from..<from + bytes])
        put(path, file, "the block of \(bytes) bytes at \(to) is that at \(from) of \(donor) or its own")
    }

    /// Gives a file another's name, swaps two, or adds one.
    private mutating func misname(_ path: String, _ bytes: [UInt8]) {
        guard let other = image.files.keys.filter({ !$0.hasSuffix("/LOCK") }).sorted().randomElement(using: &random)
        else { return }
        switch random.below(3) {
        case 0:
            kinds.insert(FuzzFileKind(path: other))
            (image.files[path], image.files[other]) = (image.files[other], bytes)
            words.append("\(path) and \(other) swapped")
        case 1:
            kinds.insert(FuzzFileKind(path: other))
            image.files[other] = bytes
            words.append("\(path) in the place of \(other)")
        default:
            let digits = String(random.below(2) == 0 ? UInt64(random.below(12)) : random.next(), radix: 16)
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            guard let dot = path.lastIndex(of: ".") else { return }
            let name = folder + "/" + String(repeating: "0", count: 16 - digits.count) + digits + path[dot...]
            if image.files[name] != nil { return }
            kinds.insert(FuzzFileKind(path: name))
            image.files[name] = bytes
            words.append("\(path) once more as \(name)")
        }
    }

    // MARK: Forgery

    private mutating func forge(_ path: String, _ bytes: [UInt8]) {
        var file = FuzzFile(bytes)
        switch FuzzFileKind(path: path) {
        case .manifest: forgeManifest(path, &file)
        case .checkpoint: forgeCheckpoint(path, &file)
        case .segment, .compacted:
            if random.below(4) == 0 { forgeHeader(path, &file) } else { forgeRecords(path, &file) }
        case .other: damage(path, bytes)
        }
    }

    private mutating func forgeManifest(_ path: String, _ file: inout FuzzFile) {
        switch random.below(6) {
        case 0:
            // One entry more or less, and counts that say so, mostly.
            let entries = file.manifestEntries
            let from = FuzzFile.manifestFixedBytes + random.below(entries + 1) * FuzzFile.entryBytes
            if random.below(2) == 0, entries > 0, from + FuzzFile.entryBytes + 8 <= file.count {
                file.bytes.removeSubrange(from..<from + FuzzFile.entryBytes)
            } else if from + FuzzFile.entryBytes + 8 <= file.count {
                file.bytes.insert(contentsOf: file.bytes[from..<from + FuzzFile.entryBytes], at: from)
            } else {
                file.bytes.insert(contentsOf: [UInt8](repeating: 1, count: FuzzFile.entryBytes), at: from)
            }
            let compacted = min(file.word(96), UInt64(file.manifestEntries))
            file.set(compacted, at: 96)
            file.set(UInt64(file.manifestEntries) - compacted, at: 104)
            file.mendManifest()
            put(path, file, "\(file.manifestEntries) entries, forged")
        default:
            let offset = 8 + random.below(max(file.count / 8 - 2, 1)) * 8
            let value = number(instead: file.word(offset), in: file)
            file.set(value, at: offset)
            file.mendManifest()
            put(path, file, "the word at \(offset) is \(value), forged")
        }
    }

    private mutating func forgeHeader(_ path: String, _ file: inout FuzzFile) {
        let offset = 8 + random.below(9) * 8
        let records = file.records
        let value = number(instead: file.word(offset), in: file)
        file.set(value, at: offset)
        // Under another salt every record has another checksum.
        for record in records { file.mendRecord(record) }
        file.mendSegmentHeader()
        put(path, file, "the header's word at \(offset) is \(value), forged")
    }

    private mutating func forgeRecords(_ path: String, _ file: inout FuzzFile) {
        let records = file.records
        guard let record = records.randomElement(using: &random) else { return forgeHeader(path, &file) }
        let bytes = file.recordBytes(record)
        switch random.below(7) {
        case 0:
            let value = number(instead: file.word(record), in: file)
            file.set(value, at: record)
            put(path, mended(file, record), "the key of the record at \(record) is \(Int64(bitPattern: value))")
        case 1:
            let length = UInt32(truncatingIfNeeded: number(instead: UInt64(file.half(record + 8)), in: file))
            file.set(length, at: record + 8)
            put(path, mended(file, record), "the length of the record at \(record) is \(length)")
        case 2:
            let value = number(instead: file.word(record + 16), in: file)
            file.set(value, at: record + 16)
            put(path, mended(file, record), "sequence and flags of the record at \(record) are \(value)")
        case 3:
            let flags = file.word(record + 16) & ~0xFF | UInt64(random.below(64))
            file.set(flags, at: record + 16)
            put(path, mended(file, record), "the flags of the record at \(record) are \(flags & 0xFF)")
        case 4:
            // Another record in its place.
            guard let other = records.randomElement(using: &random) else { return }
            let copy = Array(file.bytes[other..<min(other + file.recordBytes(other), file.count)])
            guard record + copy.count <= file.count else { return }
            file.bytes.replaceSubrange(record..<record + copy.count, with: copy)
            put(path, mended(file, record), "the record at \(record) is that at \(other)")
        case 5:
            // One record less: those behind it move up.
            guard record + bytes <= file.count else { return }
            file.bytes.removeSubrange(record..<record + bytes)
            for other in records where other > record { file.mendRecord(other - bytes) }
            put(path, file, "the record at \(record) taken out")
        default:
            // One more behind the last.
            let end = records.last.map { $0 + file.recordBytes($0) } ?? FuzzFile.segmentHeaderBytes
            let sequence = file.word((records.last ?? 0) + 16) >> 8 + UInt64(random.below(3))
            while file.count < end + 64 { file.bytes.append(0) }
            file.set(random.next(), at: end)
            file.set(UInt32(random.below(41)), at: end + 8)
            file.set(sequence << 8 | UInt64([13, 13, 14, 28, 5, 45].randomElement(using: &random) ?? 13), at: end + 16)
            put(path, mended(file, end), "a record added at \(end)")
        }
    }

    private func mended(_ file: FuzzFile, _ record: Int) -> FuzzFile {
        var file = file
        file.mendRecord(record)
        return file
    }

    private mutating func forgeCheckpoint(_ path: String, _ file: inout FuzzFile) {
        let front = file.frontBytes
        for _ in 0..<(1 + random.below(3)) {
            let isImage = random.below(3) > 0 && front > 0 && file.count > front + 8
            // Nodes are 4-byte numbers, keys and places.
            let offset =
                isImage
                ? front + random.below((file.count - front - 8) / 4) * 4
                : 16 + random.below(max(min(file.checkpointWordsEnd, file.count) - 24, 4) / 4) * 4
            if random.below(2) == 0 {
                file.set(number(instead: file.word(offset), in: file), at: offset)
            } else {
                let value = number(instead: UInt64(file.half(offset)), in: file)
                file.set(UInt32(truncatingIfNeeded: value), at: offset)
            }
            words.append("\(path): the word at \(offset) is \(file.word(offset)), forged")
        }
        file.mendCheckpoint()
        image.files[path] = file.bytes
    }

    /// Has each segment of the log follow on the one before, so that the records are looked at.
    private mutating func mendChain() {
        var before: FuzzFile?
        for path in image.files.keys.sorted() where FuzzFileKind(path: path) == .segment {
            guard let bytes = image.files[path] else { continue }
            var file = FuzzFile(bytes)
            let records = before?.records ?? []
            if let before, let last = records.last {
                file.set(UInt64(last + before.recordBytes(last)), at: 64)
                file.set(before.half(last + 12), at: 72)
                file.mendSegmentHeader()
                image.files[path] = file.bytes
            }
            before = file
        }
    }

    /// Has the manifest name no checkpoint, so that the log is read from its beginning.
    private mutating func forgetCheckpoint() {
        guard let path = image.files.keys.first(where: { FuzzFileKind(path: $0) == .manifest }),
            let bytes = image.files[path]
        else { return }
        var file = FuzzFile(bytes)
        file.set(UInt64(0), at: 80)
        file.mendManifest()
        put(path, file, "names no checkpoint")
    }

    // MARK: Numbers

    /// A number that code may not have thought of, or one near to the old one.
    private mutating func number(instead old: UInt64, in file: FuzzFile) -> UInt64 {
        switch random.below(6) {
        case 0: return old &+ UInt64(1 + random.below(16))
        case 1: return old &- UInt64(1 + random.below(16))
        case 2: return old ^ 1 << UInt64(random.below(64))
        case 3: return file.word(random.below(max(file.count / 8, 1)) * 8)
        case 4:
            let power = UInt64(1) << UInt64(random.below(64))
            return [power, power &- 1, power &+ 1, ~power][random.below(4)]
        default: return [0, 1, 7, 24, 4096, 0xFFFF_FFFF, .max, UInt64(Int64.max)][random.below(8)]
        }
    }
}
