import StorageIO

// A manifest as bytes: a fixed part, the compacted segments, the retired ranges, the checksum. `FileFormat.md` has the
// table. The counts stand in the fixed part, and the length must be what they say.

extension Manifest {
    static let fixedBytes = 112
    static let entryBytes = Compacted.bytes
    static let trailerBytes = 8
    /// A longer file is no manifest: 64 MiB, a million entries.
    static let bytesMax = 64 << 20

    var encodedBytes: Int {
        Self.fixedBytes + (compacted.count + retired.count) * Self.entryBytes + Self.trailerBytes
    }

    func encoded() -> [UInt8] {
        var writer = FormatWriter(magic: LogFormat.manifestMagic, count: encodedBytes)
        writer.put([store.low, store.high, firstSegment, mark.segment, UInt64(mark.offset), markSequence])
        writer.put([isOpen ? 1 : 0, layoutGeneration, checkpoint, nextCompacted])
        writer.put([UInt64(compacted.count), UInt64(retired.count)])
        writer.put(compacted)
        writer.put(retired)
        writer.putChecksum()
        writer.put(zerosUpTo: encodedBytes)
        return writer.bytes
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
        let entries = (bytes.count - fixedBytes - trailerBytes) / entryBytes
        let end = fixedBytes + entries * entryBytes
        // The length first: the checksum lies where the counts say.
        var counts = FormatReader(bytes, at: fixedBytes - 16)
        let (compacted, retired) = (counts.word(), counts.word())
        guard bytes.count == end + trailerBytes, compacted <= UInt64(entries), retired == UInt64(entries) - compacted
        else { throw .damaged("it is not as long as its counts of segments say") }
        var trailer = FormatReader(bytes, at: end)
        guard trailer.endsInChecksum() else { throw .damaged("its checksum does not match") }
        var reader = FormatReader(bytes)
        var manifest = Manifest(
            store: StoreIdentity(low: reader.word(), high: reader.word()), firstSegment: reader.word(),
            mark: LogPlace(segment: reader.word(), offset: reader.number()), markSequence: reader.word(),
            isOpen: reader.word() != 0, layoutGeneration: reader.word(), checkpoint: reader.word(),
            nextCompacted: reader.word())
        var list = FormatReader(bytes, at: fixedBytes)
        manifest.compacted = list.entries(Int(compacted))
        manifest.retired = list.entries(Int(retired))
        try manifest.checkEntries()
        return manifest
    }

    /// What whoever writes a manifest sees to, and whoever reads the entries relies on.
    private func checkEntries() throws(FormatFault) {
        let numbers = [mark.segment, layoutGeneration, checkpoint, nextCompacted, firstSegment]
        guard firstSegment > 0, numbers.allSatisfy({ $0 <= LogFormat.fileNumberMax }), markSequence > 0,
            markSequence <= LogFormat.sequenceMax, mark.offset <= Self.segmentBytesMax
        else { throw .damaged("its numbers can't be") }
        var id: UInt64 = 0
        for segment in compacted {
            guard segment.id > id, segment.id < nextCompacted, segment.end >= LogFormat.segmentHeaderBytes,
                segment.end <= Self.segmentBytesMax, segment.records > 0, segment.records < UInt64(segment.end),
                segment.tombstones <= segment.records,
                segment.oldestSequence > 0, segment.oldestSequence <= segment.newestSequence,
                segment.newestSequence <= LogFormat.sequenceMax
            else { throw .damaged("its entry of a compacted segment can't be") }
            id = segment.id
        }
        // A retired range ends before the next begins, with a segment between them.
        var free = firstSegment
        for range in retired {
            guard range.first >= free, range.last >= range.first, range.last <= LogFormat.fileNumberMax,
                range.baseSequence <= range.nextSequence, range.nextSequence <= LogFormat.sequenceMax,
                range.previousEnd <= Self.segmentBytesMax, range.lastEnd <= Self.segmentBytesMax
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

extension Manifest.Compacted: FormatEntry {
    var words: [UInt64] {
        [id, salt, UInt64(end), records, tombstones, oldestSequence, newestSequence, 0]
    }

    init(_ words: [UInt64]) {
        self.init(
            id: words[0], salt: words[1], end: Int(clamping: words[2]), records: words[3], tombstones: words[4],
            oldestSequence: words[5], newestSequence: words[6])
    }
}

extension Manifest.Retired: FormatEntry {
    var words: [UInt64] {
        [
            first, last, baseSequence, nextSequence, UInt64(previousEnd), UInt64(previousChecksum), UInt64(lastEnd),
            UInt64(lastChecksum),
        ]
    }

    init(_ words: [UInt64]) {
        self.init(
            first: words[0], last: words[1], baseSequence: words[2], nextSequence: words[3],
            previousEnd: Int(clamping: words[4]), previousChecksum: UInt32(truncatingIfNeeded: words[5]),
            lastEnd: Int(clamping: words[6]), lastChecksum: UInt32(truncatingIfNeeded: words[7]))
    }
}
