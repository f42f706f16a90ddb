import StorageIO

// A manifest as bytes: a fixed part, the compacted segments, the retired ranges, the checksum. `FileFormat.md` has the
// table. The counts stand in the fixed part, and the length must be what they say.

extension Manifest {
    static let fixedBytes = 112
    static let entryBytes = 64
    static let trailerBytes = 8
    /// A longer file is no manifest: 64 MiB, a million entries.
    static let bytesMax = 64 << 20

    var encodedBytes: Int {
        Self.fixedBytes + (compacted.count + retired.count) * Self.entryBytes + Self.trailerBytes
    }

    func encoded() -> [UInt8] {
        var array = [UInt8](repeating: 0, count: encodedBytes)
        array.withUnsafeMutableBytes { bytes in
            func put(_ values: [UInt64], at offset: Int) {
                for (index, value) in values.enumerated() {
                    bytes.storeBytes(of: value, toByteOffset: offset + 8 * index, as: UInt64.self)
                }
            }
            bytes.storeBytes(of: LogFormat.manifestMagic, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: LogFormat.version, toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: LogFormat.byteOrderMark, toByteOffset: 12, as: UInt32.self)
            put(
                [
                    self.store.low, self.store.high, firstSegment, mark.segment, UInt64(mark.offset), markSequence,
                    isOpen ? 1 : 0, layoutGeneration, checkpoint, nextCompacted, UInt64(compacted.count),
                    UInt64(retired.count),
                ], at: 16)
            var offset = Self.fixedBytes
            for words in compacted.map(\.words) + retired.map(\.words) {
                put(words, at: offset)
                offset += Self.entryBytes
            }
            let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<offset]))
            bytes.storeBytes(of: checksum, toByteOffset: offset, as: UInt32.self)
        }
        return array
    }

    static func decoded(_ array: [UInt8]) throws(FormatFault) -> Manifest {
        guard array.count >= 16 else { throw .damaged("it holds \(array.count) bytes, fewer than a manifest has") }
        // A closure can't pass a typed error through withUnsafeBytes of an array, hence the result.
        return try array.withUnsafeBytes { bytes -> Result<Manifest, FormatFault> in
            Result { () throws(FormatFault) in try read(bytes) }
        }.get()
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(FormatFault) -> Manifest {
        try FormatFault.checkPrefix(bytes, magic: LogFormat.manifestMagic, kind: "store")
        guard bytes.count >= fixedBytes + trailerBytes, bytes.count <= bytesMax else {
            throw .damaged("it holds \(bytes.count) bytes, which no manifest does")
        }
        func word(_ offset: Int) -> UInt64 { bytes.load(fromByteOffset: offset, as: UInt64.self) }
        let entries = (bytes.count - fixedBytes - trailerBytes) / entryBytes
        let end = fixedBytes + entries * entryBytes
        // The length first: the checksum lies where the counts say.
        guard bytes.count == end + trailerBytes, word(96) <= UInt64(entries), word(104) == UInt64(entries) - word(96)
        else { throw .damaged("it is not as long as its counts of segments say") }
        guard
            bytes.load(fromByteOffset: end, as: UInt32.self)
                == Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        else { throw .damaged("its checksum does not match") }
        var manifest = Manifest(
            store: StoreIdentity(low: word(16), high: word(24)), firstSegment: word(32),
            mark: LogPlace(segment: word(40), offset: Int(clamping: word(48))), markSequence: word(56),
            isOpen: word(64) != 0, layoutGeneration: word(72), checkpoint: word(80), nextCompacted: word(88))
        for entry in 0..<entries {
            let words = (0..<8).map { word(fixedBytes + entry * entryBytes + 8 * $0) }
            if entry < Int(word(96)) {
                manifest.compacted.append(Compacted(words))
            } else {
                manifest.retired.append(Retired(words))
            }
        }
        try manifest.checkEntries()
        return manifest
    }

    /// What whoever writes a manifest sees to, and whoever reads the entries relies on.
    private func checkEntries() throws(FormatFault) {
        var id: UInt64 = 0
        for segment in compacted {
            guard segment.id > id, segment.id < nextCompacted, segment.end >= LogFormat.segmentHeaderBytes,
                segment.end <= Self.segmentBytesMax, segment.records > 0, segment.tombstones <= segment.records,
                segment.oldestSequence <= segment.newestSequence
            else { throw .damaged("its entry of a compacted segment can't be") }
            id = segment.id
        }
        // A retired range ends before the next begins, with a segment between them.
        var free = firstSegment
        for range in retired {
            guard range.first >= free, range.last >= range.first, range.last < UInt64.max - 2,
                range.baseSequence <= range.nextSequence
            else { throw .damaged("its entry of retired segments can't be") }
            free = range.last + 2
        }
        // Whoever retires segments marks the log as durable behind them.
        guard retired.last.map({ $0.last < mark.segment }) ?? true else {
            throw .damaged("its durable mark lies before a retired segment")
        }
    }

    /// No segment is longer: a commit's most bytes, a header, and what rounds it up.
    static let segmentBytesMax = LogFormat.commitBytesMax + (1 << 20)
}

extension Manifest.Compacted {
    fileprivate var words: [UInt64] {
        [id, salt, UInt64(end), records, tombstones, oldestSequence, newestSequence, 0]
    }

    fileprivate init(_ words: [UInt64]) {
        self.init(
            id: words[0], salt: words[1], end: Int(clamping: words[2]), records: words[3], tombstones: words[4],
            oldestSequence: words[5], newestSequence: words[6])
    }
}

extension Manifest.Retired {
    fileprivate var words: [UInt64] {
        [
            first, last, baseSequence, nextSequence, UInt64(previousEnd), UInt64(previousChecksum), UInt64(lastEnd),
            UInt64(lastChecksum),
        ]
    }

    fileprivate init(_ words: [UInt64]) {
        self.init(
            first: words[0], last: words[1], baseSequence: words[2], nextSequence: words[3],
            previousEnd: Int(clamping: words[4]), previousChecksum: UInt32(truncatingIfNeeded: words[5]),
            lastEnd: Int(clamping: words[6]), lastChecksum: UInt32(truncatingIfNeeded: words[7]))
    }
}
