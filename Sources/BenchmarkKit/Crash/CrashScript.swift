import StorageBackends

/// What a writer does to a store until it is killed, commit by commit: a pure function of a seed and a commit's stamp,
/// so that the writer and its judge need to share nothing else.
///
/// The first stamps load the records, in batches. Later ones are single puts of old and new records, removes and
/// batches, in a seeded order. Every value bears its commit's stamp, so that each is unlike every other.
public struct CrashScript: Sendable {
    public let seed: UInt64
    /// Records that are loaded first.
    public let records: UInt64
    public let valueBytes: Int

    /// Records of a batch of the load.
    static let loadBatch: UInt64 = 1000
    /// A value holds its stamp and four bytes more at least.
    public static let valueBytesMin = 8
    /// Records of a later batch at most.
    private static let batchMax: UInt64 = 16

    public init(seed: UInt64, records: UInt64, valueBytes: Int) {
        self.seed = seed
        self.records = records
        self.valueBytes = max(valueBytes, Self.valueBytesMin)
    }

    /// One commit. No record is in it twice.
    struct Commit: Hashable {
        /// Records that get the commit's value: one, or a batch.
        var puts: [UInt64] = []
        var removed: UInt64?
        var isBatch = false
    }

    /// Stamps 1 to this are the load.
    public var loadCommits: UInt32 { UInt32((records + Self.loadBatch - 1) / Self.loadBatch) }

    /// Records that the script ever puts: a quarter more than are loaded.
    var recordsEver: UInt64 { records + max(records / 4, 16) }

    var keys: KeyMapping { KeyMapping(seed: seed, ordered: false) }
    private var pattern: ValuePattern { ValuePattern(isText: false) }

    /// The stamp of the load's commit that puts a record; `nil` for one that is not loaded.
    func loadStamp(of record: UInt64) -> UInt32? {
        record < records ? UInt32(record / Self.loadBatch) + 1 : nil
    }

    /// The commit with this stamp. O(its records).
    func commit(_ stamp: UInt32) -> Commit {
        if stamp <= loadCommits {
            let first = UInt64(stamp - 1) * Self.loadBatch
            return Commit(puts: Array(first..<min(first + Self.loadBatch, records)), isBatch: true)
        }
        var random = SplitMix(seed: SplitMix.mix(seed) ^ UInt64(stamp) &* 0x9E37_79B9_7F4A_7C15)
        switch random.below(10) {
        case 0..<5: return Commit(puts: [random.below(recordsEver)])
        case 5..<7: return Commit(removed: random.below(recordsEver))
        default:
            var chosen: Set<UInt64> = []
            let wanted = 2 + random.below(Self.batchMax - 1)
            while chosen.count < Int(min(wanted, recordsEver)) { chosen.insert(random.below(recordsEver)) }
            return Commit(puts: chosen.sorted(), isBatch: true)
        }
    }

    /// Writes the value of a record as the commit with this stamp puts it.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, record: UInt64, stamp: UInt32) {
        buffer.storeBytes(of: stamp.littleEndian, as: UInt32.self)
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[4...])
        pattern.fill(rest, record: record, version: stamp)
    }

    /// The stamp of a record's value; `nil` when the bytes are no value of the record, each byte looked at.
    func stamp(of bytes: UnsafeRawBufferPointer, record: UInt64) -> UInt32? {
        guard bytes.count == valueBytes else { return nil }
        let stamp = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        let rest = UnsafeRawBufferPointer(rebasing: bytes[4...])
        return stamp > 0 && pattern.matches(rest, record: record, version: stamp) ? stamp : nil
    }
}
