import StorageIO

// Looking for whole records in a segment of which anything may be damaged.
//
// 1. Records are read one behind the other from the header on, as recovery does.
// 2. Where there is none, the next is looked for at every multiple of 8. A place is worth a checksum only when its
//    flags, length and sequence number can be; a value that imitates records so costs no more than a fixed multiple of
//    the segment's length.
// 3. What was passed over is a gap, told with its bytes that are not zero.
//
// A record is taken by its own checksum, which knows the segment's salt and the record's offset: bytes of another
// segment, of another place or of a value never pass. Whether the commits are whole is told apart from that.

/// One pass over an image of a segment.
struct SegmentSalvage {
    /// A record that is whole by its checksum.
    struct Record {
        var key: Int64
        var offset: Int
        var valueBytes: Int
        var sequence: UInt64
        var flags: UInt64
        /// Whether something is missing between this record and the one before it.
        var followsGap: Bool
    }

    private let scanner: SegmentScanner
    /// Whether sequence numbers ascend, as in the log; compacted segments are in the order of their keys.
    private let ascends: Bool
    private let sequences: ClosedRange<UInt64>
    private let bound: Int
    /// Bytes that may still be checksummed in vain.
    private var budget: Int

    private(set) var gaps = 0
    private(set) var firstGap: SalvageReport.Gap?
    private(set) var bytesDropped = 0

    /// Without a budget only values up to this are looked for: 256 bytes.
    private static let cheapValueBytes = 256

    /// - Parameters:
    ///   - bound: Records are looked for below this offset, which is at most the image's length.
    ///   - sequences: What sequence numbers may be.
    init(start: UnsafeRawPointer, bound: Int, salt: UInt64, sequences: ClosedRange<UInt64>, ascends: Bool) {
        scanner = SegmentScanner(start: start, base: 0, bound: bound, salt: salt, sequence: 0)
        self.bound = bound
        self.sequences = sequences
        self.ascends = ascends
        budget = 16 * bound + (64 << 20)
    }

    /// Hands on every whole record. O(bytes).
    mutating func run(_ body: (Record) -> Void) {
        var offset = LogFormat.segmentHeaderBytes
        var gapStart: Int?
        var least = sequences.lowerBound
        while bound - offset >= LogFormat.recordHeaderBytes {
            if isPlausible(at: offset, least: least), case .success(let found) = scanner.record(at: offset) {
                let followsGap = gapStart != nil
                if let start = gapStart { note(start..<offset, isTail: false) }
                gapStart = nil
                body(
                    Record(
                        key: found.key, offset: offset, valueBytes: found.valueBytes, sequence: found.sequence,
                        flags: found.flags, followsGap: followsGap))
                if ascends { least = found.sequence + 1 }
                offset += found.bytes
            } else {
                if gapStart == nil { gapStart = offset }
                offset += 8
            }
        }
        if let start = gapStart ?? (offset < bound ? offset : nil) { note(start..<bound, isTail: true) }
    }

    /// Whether a record may begin here, without its checksum.
    private mutating func isPlausible(at offset: Int, least: UInt64) -> Bool {
        // Safe: 24 bytes from `offset` on lie below the bound; offsets are multiples of 8.
        let record = scanner.start + offset
        let word = record.load(fromByteOffset: 16, as: UInt64.self)
        let sequence = word >> 8
        guard record.load(fromByteOffset: 12, as: UInt32.self) != 0, SegmentScanner.isPossible(word & 0xFF),
            sequence >= least, sequence <= sequences.upperBound
        else { return false }
        let valueBytes = Int(record.load(fromByteOffset: 8, as: UInt32.self))
        guard valueBytes <= bound - offset - LogFormat.recordHeaderBytes else { return false }
        if valueBytes <= Self.cheapValueBytes { return true }
        budget -= valueBytes
        // What is taken costs nothing in the end: `run` moves behind it. It is charged here all the same, once.
        return budget > 0
    }

    /// Notes a stretch without a record. Behind the last record it counts up to its last byte that is not zero.
    private mutating func note(_ range: Range<Int>, isTail: Bool) {
        // Safe: the range lies below the bound.
        let bytes = UnsafeRawBufferPointer(start: scanner.start + range.lowerBound, count: range.count)
        let written = isTail ? (bytes.lastIndex { $0 != 0 } ?? -1) + 1 : range.count
        if written == 0 { return }
        gaps += 1
        bytesDropped += written
        guard firstGap == nil else { return }
        let reason: String
        switch scanner.record(at: range.lowerBound) {
        case .failure(let fault): reason = fault.reason
        case .success: reason = "a record's sequence number or flags can't be"
        }
        firstGap = SalvageReport.Gap(offset: range.lowerBound, bytes: written, reason: reason)
    }
}
