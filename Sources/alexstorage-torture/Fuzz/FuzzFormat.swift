import StorageIO

// What fuzzing knows of the files of a store (`FileFormat.md`): where numbers stand, and which checksums cover them. It
// is written after the specification and not with the engine's own code, so that both are held against each other:
// mending a file that nobody has changed must change nothing.

/// A file's bytes, with numbers read and written where they lie. What lies outside reads as 0 and is not written.
struct FuzzFile {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func word(_ offset: Int) -> UInt64 {
        guard offset >= 0, offset + 8 <= count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }

    func half(_ offset: Int) -> UInt32 {
        guard offset >= 0, offset + 4 <= count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    mutating func set<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        guard offset >= 0, offset + MemoryLayout<Number>.size <= count else { return }
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: number, toByteOffset: offset, as: Number.self) }
    }

    func checksum(_ range: Range<Int>) -> UInt32 {
        bytes.withUnsafeBytes { Checksum.standard(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    // MARK: Manifest

    static let manifestFixedBytes = 112
    static let entryBytes = 64

    /// Entries of compacted segments and of retired ranges.
    var manifestEntries: Int { max(count - Self.manifestFixedBytes - 8, 0) / Self.entryBytes }

    mutating func mendManifest() {
        let end = Self.manifestFixedBytes + manifestEntries * Self.entryBytes
        if count == end + 8 { set(checksum(0..<end), at: end) }
    }

    // MARK: Segment

    static let segmentHeaderBytes = 4096
    static let recordHeaderBytes = 24

    mutating func mendSegmentHeader() {
        if count >= Self.segmentHeaderBytes { set(checksum(0..<4088), at: 4088) }
    }

    var salt: UInt64 { word(40) }

    /// Where records begin, up to the first that is none.
    var records: [Int] {
        var offsets: [Int] = []
        var at = Self.segmentHeaderBytes
        while at + Self.recordHeaderBytes <= count, half(at + 12) != 0, half(at + 12) == recordChecksum(at) {
            offsets.append(at)
            at += recordBytes(at)
        }
        return offsets
    }

    func recordBytes(_ at: Int) -> Int { (Int(half(at + 8)) + Self.recordHeaderBytes + 7) & ~7 }

    /// The checksum that the record at `at` has to have; `nil` when it reaches beyond the file.
    private func recordChecksum(_ at: Int) -> UInt32? {
        let valueBytes = Int(half(at + 8))
        guard at % 8 == 0, at + Self.recordHeaderBytes + valueBytes <= count else { return nil }
        let seed = Checksum.seed(salt: salt, offset: UInt64(at))
        return bytes.withUnsafeBytes { bytes in
            // Safe: the record lies within the array, as the guard has seen to.
            Checksum.record(seed: seed, at: bytes.baseAddress! + at, valueBytes: valueBytes)
        }
    }

    mutating func mendRecord(_ at: Int) {
        if let checksum = recordChecksum(at) { set(checksum, at: at + 12) }
    }

    // MARK: Checkpoint

    static let checkpointFixedBytes = 192
    static let blockBytes = 64 << 10

    var frontBytes: Int {
        let front = Int(clamping: word(96))
        return front >= 4096 && front <= count && front % 4096 == 0 ? front : 0
    }

    private var checkpointEntries: Int { Int(clamping: (word(80) & 0xFFFF) + (word(184) & 0xFFFF)) }

    /// Where the words of the front that mean something end.
    var checkpointWordsEnd: Int { Self.checkpointFixedBytes + checkpointEntries * Self.entryBytes }

    /// The checksums of blocks, then that of the front.
    mutating func mendCheckpoint() {
        let front = frontBytes
        guard front > 0 else { return }
        var (block, at) = (0, front)
        while at < count, checkpointWordsEnd + 4 * block + 4 <= front - 4 {
            let range = at..<min(at + Self.blockBytes, count)
            let seed = Checksum.seed(salt: blockBinding, offset: UInt64(block))
            let checksum = bytes.withUnsafeBytes {
                Checksum.seeded(seed, UnsafeRawBufferPointer(rebasing: $0[range]))
            }
            if block < Int(clamping: word(88)) { set(checksum, at: checkpointWordsEnd + 4 * block) }
            (block, at) = (block + 1, range.upperBound)
        }
        set(checksum(0..<(front - 4)), at: front - 4)
    }

    /// What binds the blocks to the checkpoint.
    private var blockBinding: UInt64 {
        let lastSalt = checkpointEntries == 0 ? 0 : word(checkpointWordsEnd - Self.entryBytes + 24)
        let words = [
            word(16), word(24), word(32), word(40), word(48), word(56), word(64), word(72) & 0xFFFF_FFFF, lastSalt,
        ]
        var mixed: UInt64 = 0
        for word in words {
            mixed = (mixed ^ word) &* 0x9E37_79B9_7F4A_7C15
            mixed ^= mixed >> 29
        }
        return mixed
    }
}

/// The kinds of files, by where they lie.
enum FuzzFileKind: String {
    case manifest, segment, compacted, checkpoint, other

    init(path: String) {
        if path.hasSuffix("/MANIFEST") {
            self = .manifest
        } else if path.hasSuffix(".segment") {
            self = .segment
        } else if path.hasSuffix(".compacted") {
            self = .compacted
        } else if path.hasSuffix(".image") {
            self = .checkpoint
        } else {
            self = .other
        }
    }
}

extension FuzzFile {
    /// Mends everything in it that has a checksum.
    mutating func mend(_ kind: FuzzFileKind) {
        switch kind {
        case .manifest: mendManifest()
        case .checkpoint: mendCheckpoint()
        case .segment, .compacted:
            for record in records { mendRecord(record) }
            mendSegmentHeader()
        case .other: break
        }
    }
}
