import LearnedIndex
import StorageIO

// A checkpoint is a file: first what it was made for (the store, the place in the log, the segments and where their
// places begin), the checksums of the image's blocks and a checksum of all that; then the image of the index.
// `FileFormat.md` has the table.
//
// It is an aid, never the truth: whatever is wrong with it, the index is built from the log.

/// The front of a checkpoint file.
struct Checkpoint: Sendable, Hashable {
    var store: StoreIdentity
    var id: UInt64
    /// The manifest's when it was made: places in the image hold for no other.
    var layoutGeneration: UInt64
    /// Every record of the log before this place is in the image, none behind it. Durable before the checkpoint was.
    var position: LogPlace
    /// The sequence number of the next record there.
    var sequence: UInt64
    /// The checksum field of the last record of the position's segment; 0 if it has none.
    var lastChecksum: UInt32
    /// The compacted segments, and the segments of the log up to the position's that are not retired.
    var compacted: [Segment] = []
    var segments: [Segment]
    var image: IndexImage
    /// One for each block of the image.
    var blockChecksums: [UInt32] = []

    /// A segment as the image's places mean it.
    struct Segment: Sendable, Hashable {
        var id: UInt64
        /// The place of its first byte in the region.
        var base: Int
        /// Where its records end; in the last one of the log, the position.
        var end: Int
        var salt: UInt64
        /// The least sequence number of its records, how many there are to its end, and how many of them are
        /// tombstones and garbage.
        var baseSequence: UInt64
        var records: UInt64
        var tombstones: UInt64
        var garbage: UInt64

        /// Those of the region that its records lie in.
        var granules: ClosedRange<Int> {
            base >> LogFormat.granuleShift...(base + end - 1) >> LogFormat.granuleShift
        }
    }

    /// Bytes of the image that one checksum covers: 64 KiB.
    static let blockBytes = 64 << 10
    static let magic: UInt64 = 0x5450_4B43_5845_4C41  // "ALEXCKPT", little-endian
    private static let fixedBytes = 192
    /// Where the words of the image stand.
    private static let imageOffset = 104
    /// A longer front is none: 64 MiB, for an image of a tebibyte.
    static let frontBytesMax = 64 << 20

    var blocks: Int { (image.arenaBytes + Self.blockBytes - 1) / Self.blockBytes }

    /// Bytes before the image: whole pages.
    var frontBytes: Int {
        (Self.fixedBytes + (compacted.count + segments.count) * Segment.bytes + blocks * 4 + 4 + 4095) & ~4095
    }

    /// What the checksum of a block begins with: it binds the block to the checkpoint, that to the log, and the block
    /// to its number.
    func blockSeed(_ block: Int) -> UInt32 { Checksum.seed(salt: binding, offset: UInt64(block)) }

    private var binding: UInt64 {
        var mixed: UInt64 = 0
        let words = [
            store.low, store.high, id, layoutGeneration, position.segment, UInt64(position.offset), sequence,
            UInt64(lastChecksum), segments.last?.salt ?? 0,
        ]
        for word in words {
            mixed = (mixed ^ word) &* 0x9E37_79B9_7F4A_7C15
            mixed ^= mixed >> 29
        }
        return mixed
    }

    func encoded() -> [UInt8] {
        var writer = FormatWriter(magic: Self.magic, count: frontBytes)
        writer.put([store.low, store.high, id, layoutGeneration, position.segment, UInt64(position.offset), sequence])
        writer.put([UInt64(lastChecksum), UInt64(segments.count), UInt64(blocks), UInt64(frontBytes)])
        var words = [UInt8](repeating: 0, count: IndexImage.encodedBytes)
        words.withUnsafeMutableBytes { image.encode(into: $0) }
        writer.put(bytes: words)
        writer.put(UInt64(compacted.count))
        writer.put(compacted)
        writer.put(segments)
        for checksum in blockChecksums { writer.put(checksum) }
        writer.put(zerosUpTo: frontBytes - 4)
        writer.putChecksum()
        return writer.bytes
    }

    /// How many bytes the front has, by its first page.
    static func frontBytes(ofPage bytes: UnsafeRawBufferPointer) throws(FormatFault) -> Int {
        guard bytes.count >= 4096 else { throw .damaged("it is shorter than a page") }
        try FormatFault.checkPrefix(bytes, magic: magic, kind: "checkpoint")
        var reader = FormatReader(bytes, at: 96)
        let count = reader.word()
        guard count >= 4096, count <= UInt64(frontBytesMax), count % 4096 == 0 else {
            throw .damaged("its front can't have \(count) bytes")
        }
        return Int(count)
    }

    /// Reads a front back, all of it.
    static func decoded(_ bytes: UnsafeRawBufferPointer) throws(FormatFault) -> Checkpoint {
        let size = try frontBytes(ofPage: bytes)
        var trailer = FormatReader(bytes, at: size - 4)
        guard bytes.count == size, trailer.endsInChecksum() else {
            throw .damaged("the checksum of its front does not match")
        }
        let image = imageOffset..<(imageOffset + IndexImage.encodedBytes)
        var reader = FormatReader(bytes)
        var checkpoint = Checkpoint(
            store: StoreIdentity(low: reader.word(), high: reader.word()), id: reader.word(),
            layoutGeneration: reader.word(),
            position: LogPlace(segment: reader.word(), offset: reader.number()), sequence: reader.word(),
            lastChecksum: UInt32(truncatingIfNeeded: reader.word()), segments: [],
            image: IndexImage(decoding: UnsafeRawBufferPointer(rebasing: bytes[image])))
        let (segments, blocks) = (reader.number(), reader.number())
        var list = FormatReader(bytes, at: image.upperBound)
        let compacted = list.number()
        // Each on its own first: their sum must not overflow.
        guard max(segments, compacted) <= size / Segment.bytes, checkpoint.image.arenaBytes <= 1 << 40,
            checkpoint.blocks == blocks,
            list.offset + (segments + compacted) * Segment.bytes + blocks * 4 <= size - 4
        else { throw .damaged("its counts can't be") }
        checkpoint.compacted = list.entries(compacted)
        checkpoint.segments = list.entries(segments)
        checkpoint.blockChecksums = (0..<blocks).map { _ in list.half() }
        guard checkpoint.frontBytes == size else { throw .damaged("it is not as long as its counts say") }
        try checkpoint.check()
        return checkpoint
    }

    /// What whoever writes a checkpoint sees to, and whoever uses the numbers relies on: the log's segments ascend in
    /// the region, and no two segments overlap.
    private func check() throws(FormatFault) {
        var free = 0
        for segment in (segments + compacted).sorted(by: { $0.base < $1.base }) {
            guard segment.base >= free, segment.base % LogFormat.granuleBytes == 0, segment.base < 1 << 46,
                segment.end >= LogFormat.segmentHeaderBytes, segment.end <= 1 << 40, segment.end % 8 == 0,
                segment.records <= min(UInt64(segment.end), UInt64(UInt32.max)), segment.tombstones <= segment.records,
                segment.garbage <= segment.records - segment.tombstones,
                segment.baseSequence <= LogFormat.sequenceMax
            else { throw .damaged("its entry of segment \(segment.id) can't be") }
            free = segment.base + segment.end
        }
        guard zip(segments, segments.dropFirst()).allSatisfy({ $0.id < $1.id && $0.base < $1.base }) else {
            throw .damaged("its segments do not ascend")
        }
        guard let last = segments.last, last.id == position.segment, last.end == position.offset,
            last.baseSequence + last.records == sequence
        else { throw .damaged("its place in the log is not in its segments") }
    }

    /// The place behind the last byte of the region that it needs, and of that part that the log has.
    var regionEnd: Int { (compacted + segments).map { $0.base + $0.end }.max() ?? 0 }
    var logEnd: Int { segments.last.map { $0.base + $0.end } ?? 0 }

    /// Which values the image's entries may have: places of records below the position.
    var valueBounds: ImageValueBounds {
        var ends = [UInt64](repeating: 0, count: regionEnd >> LogFormat.granuleShift + 1)
        for segment in compacted + segments {
            let end = segment.base + segment.end
            for granule in segment.granules {
                ends[granule] = UInt64(end - LogFormat.recordHeaderBytes + 1)
            }
        }
        return ImageValueBounds(shift: LogFormat.granuleShift, ends: ends)
    }
}

extension Checkpoint.Segment: FormatEntry {
    var words: [UInt64] {
        [id, UInt64(base), UInt64(end), salt, baseSequence, records, tombstones, garbage]
    }

    init(_ words: [UInt64]) {
        self.init(
            id: words[0], base: Int(clamping: words[1]), end: Int(clamping: words[2]), salt: words[3],
            baseSequence: words[4], records: words[5], tombstones: words[6], garbage: words[7])
    }
}
