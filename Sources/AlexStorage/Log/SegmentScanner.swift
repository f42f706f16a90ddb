import StorageIO

// Reading a segment from its header to the end of its records.
//
// A record is taken when its length fits, its flags are possible, its sequence number follows on the last and its
// checksum, seeded with salt and offset, matches. The first that is not taken ends the scan. Records of a batch are
// handed on only once its last one is there.

/// What replaying the log hands on: one record that counts.
package struct ReplayedRecord {
    package let key: Int64
    /// The record's place in the region.
    package let place: UInt64
    /// A tombstone.
    package let isDelete: Bool
    /// The record's sequence number.
    package let sequence: UInt64
    /// Whether it lies in a compacted segment: those come in no order of sequence numbers.
    let isCompacted: Bool
    /// The first byte of the region that the place is in.
    let region: UnsafeRawPointer?

    init(
        key: Int64, place: UInt64, isDelete: Bool, sequence: UInt64 = .max, isCompacted: Bool = false,
        region: UnsafeRawPointer? = nil
    ) {
        self.key = key
        self.place = place
        self.isDelete = isDelete
        self.sequence = sequence
        self.isCompacted = isCompacted
        self.region = region
    }
}

/// One pass over the records of a mapped segment.
struct SegmentScanner {
    /// The segment's first byte.
    let start: UnsafeRawPointer
    /// The place of that byte in the region.
    let base: Int
    /// Records are looked for below this offset.
    let bound: Int
    let salt: UInt64
    let checksSequence: Bool
    /// What is asked for ahead of the pass.
    var ahead = PassAhead()

    /// Where the next record is looked for: behind the last whole commit once the scan is over.
    private(set) var offset = LogFormat.segmentHeaderBytes
    private(set) var sequence: UInt64
    private(set) var lastChecksum: UInt32 = 0
    private(set) var records: UInt64 = 0
    /// Of them tombstones.
    private(set) var tombstones: UInt64 = 0
    /// Whole commits, durable marks not counted.
    private(set) var commits: UInt64 = 0
    /// Everything before this offset was durable once, by the last mark that was passed.
    private(set) var durableEnd: Int?

    init(start: UnsafeRawPointer, base: Int, bound: Int, salt: UInt64, sequence: UInt64, checksSequence: Bool = true) {
        self.start = start
        self.base = base
        self.bound = bound
        self.salt = salt
        self.sequence = sequence
        self.checksSequence = checksSequence
    }

    /// Begins behind the header's end: at a record that is known to begin there, and what came before it.
    mutating func resume(_ resumption: LogRecovery.Resumption) {
        offset = resumption.position.offset
        sequence = resumption.sequence
        lastChecksum = resumption.lastChecksum
        tombstones = resumption.tombstones
    }

    /// A record as it was found.
    struct Found {
        var key: Int64
        var valueBytes: Int
        var checksum: UInt32
        var sequence: UInt64
        var flags: UInt64
        var bytes: Int { LogFormat.recordBytes(valueBytes: valueBytes) }
    }

    /// The record at `offset`, or what is wrong with it. Its sequence number is not looked at.
    func record(at offset: Int) -> Result<Found, Fault> {
        guard bound - offset >= LogFormat.recordHeaderBytes else { return .failure(Fault("a record is cut off")) }
        // Safe: 24 bytes from `offset` on lie below the bound, which is mapped; offsets are multiples of 8.
        let record = start + offset
        let valueBytes = Int(record.load(fromByteOffset: 8, as: UInt32.self))
        let checksum = record.load(fromByteOffset: 12, as: UInt32.self)
        let word = record.load(fromByteOffset: 16, as: UInt64.self)
        guard checksum != 0 else { return .failure(Fault("there is no record")) }
        guard valueBytes <= LogFormat.valueBytesMax,
            LogFormat.recordBytes(valueBytes: valueBytes) <= bound - offset
        else { return .failure(Fault("a record's length reaches beyond the written part")) }
        let seed = Checksum.seed(salt: salt, offset: UInt64(offset))
        guard Checksum.record(seed: seed, at: record, valueBytes: valueBytes) == checksum else {
            return .failure(Fault("a record's checksum does not match"))
        }
        return .success(
            Found(
                key: record.load(as: Int64.self), valueBytes: valueBytes, checksum: checksum,
                sequence: word >> 8, flags: word & 0xFF))
    }

    /// Why the scan ended before its bound.
    struct Fault: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// Goes on where a checkpoint was made.
    mutating func resume(_ checkpoint: Checkpoint) {
        guard let last = checkpoint.segments.last else { return }
        (offset, sequence) = (checkpoint.position.offset, checkpoint.sequence)
        (lastChecksum, tombstones) = (checkpoint.lastChecksum, last.tombstones)
    }

    /// Reads on to the bound or to the first record that can't be taken, and says why there. Begins no commit at or
    /// behind the offset `limit`.
    mutating func scan(upTo limit: Int = .max, _ body: (ReplayedRecord) -> Void) -> Fault? {
        while offset < min(bound, limit) {
            ahead.come(to: offset, start, bound)
            switch record(at: offset) {
            case .failure(let fault): return fault
            case .success(let found):
                if let fault = take(found, body) { return fault }
            }
        }
        return nil
    }

    /// Takes a commit that begins with `first`.
    private mutating func take(_ first: Found, _ body: (ReplayedRecord) -> Void) -> Fault? {
        guard follows(first, after: 0) else { return Fault("a record's sequence number does not follow") }
        guard first.flags & LogFormat.batchBeginFlag != 0, Self.isPossible(first.flags) else {
            return Fault("a record's flags are impossible")
        }
        if first.flags & LogFormat.batchEndFlag != 0 {
            handOn(first, at: offset, body)
            advance(past: first, at: offset)
            return nil
        }
        return takeBatch(first, body)
    }

    private mutating func takeBatch(_ first: Found, _ body: (ReplayedRecord) -> Void) -> Fault? {
        var members = [(found: first, offset: offset)]
        var next = offset + first.bytes
        while members[members.count - 1].found.flags & LogFormat.batchEndFlag == 0 {
            guard case .success(let found) = record(at: next),
                follows(found, after: members.count), Self.isPossible(found.flags),
                found.flags & LogFormat.batchBeginFlag == 0
            else { return Fault("a batch is not whole") }
            members.append((found, next))
            next += found.bytes
        }
        for member in members {
            handOn(member.found, at: member.offset, body)
            advance(past: member.found, at: member.offset)
        }
        return nil
    }

    /// Whether a record's sequence number follows on the last commit's and `members` records more.
    private func follows(_ found: Found, after members: Int) -> Bool {
        !checksSequence || found.sequence == sequence + UInt64(members)
    }

    private func handOn(_ found: Found, at offset: Int, _ body: (ReplayedRecord) -> Void) {
        if found.flags & LogFormat.durableMarkFlag != 0 { return }
        body(
            ReplayedRecord(
                key: found.key, place: UInt64(base + offset), isDelete: found.flags & LogFormat.deleteFlag != 0,
                sequence: found.sequence, region: start - base))
    }

    private mutating func count(_ found: Found) {
        records += 1
        if found.flags & LogFormat.deleteFlag != 0 { tombstones += 1 }
        if found.flags & LogFormat.batchEndFlag != 0 { commits += 1 }
    }

    private mutating func advance(past found: Found, at offset: Int) {
        self.offset = offset + found.bytes
        sequence += 1
        lastChecksum = found.checksum
        if found.flags & LogFormat.durableBeforeFlag != 0 { durableEnd = offset }
        if found.flags & LogFormat.durableMarkFlag != 0 { durableEnd = self.offset } else { count(found) }
    }

    /// One kind, and nothing but kinds, batch flags and, at the beginning of a commit, that what comes before is
    /// durable; a mark stands alone.
    static func isPossible(_ flags: UInt64) -> Bool {
        let saysDurableBefore = flags & LogFormat.durableBeforeFlag != 0
        if saysDurableBefore && flags & LogFormat.batchBeginFlag == 0 { return false }
        return switch flags & ~(LogFormat.wholeCommitFlags | LogFormat.durableBeforeFlag) {
        case LogFormat.putFlag, LogFormat.deleteFlag: true
        case LogFormat.durableMarkFlag: flags & LogFormat.wholeCommitFlags == LogFormat.wholeCommitFlags
        default: false
        }
    }

    /// Whether a durable mark, or a commit that says so of all before it, lies at or behind `from`: then what comes
    /// before was durable, and a fault there is no torn tail. O(bytes), done only once a fault was found.
    ///
    /// - Parameter isFault: Whether `from` is where the scan ended. A commit there says nothing about itself.
    func holdsMark(from: Int, isFault: Bool) -> Bool {
        var at = from
        while bound - at >= LogFormat.recordHeaderBytes {
            // Safe: as in `record(at:)`.
            let word = (start + at).load(fromByteOffset: 16, as: UInt64.self)
            // A sequence number that can't be spares the checksum of all but a few places.
            let most = sequence + UInt64(bound - from)
            let isOwn = isFault && at == from && word & LogFormat.durableMarkFlag == 0
            let isMark = !isOwn && Self.isMark(word & 0xFF) && word >> 8 >= sequence && word >> 8 <= most
            if isMark, case .success = record(at: at) { return true }
            at += 8
        }
        return false
    }

    /// Flags that say that everything before the record is durable.
    private static func isMark(_ flags: UInt64) -> Bool {
        isPossible(flags) && flags & (LogFormat.durableMarkFlag | LogFormat.durableBeforeFlag) != 0
    }

    /// How many bytes from `from` on were written to: up to the last that is not zero.
    func writtenBytes(from: Int) -> Int {
        var end = bound & ~7
        // Safe: below the bound, which is mapped, and at multiples of 8.
        while end > from, (start + (end - 8)).load(as: UInt64.self) == 0 { end -= 8 }
        return max(end - from, 0)
    }
}
