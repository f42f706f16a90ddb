import StorageBackends

/// The one stream of operations that every backend runs, made slice by slice outside the measured time.
///
/// 1. The load inserts records 0 ..< records in the order of their numbers; the key order comes from `KeyMapping`.
/// 2. Each phase draws kinds from its mix and records from its distribution. It goes on where the last one ended:
///    warm-up and every pass continue the stream, and an operation sees all effects of those before it.
/// 3. Values to write lie in the slice, made in advance. What a read must find is in the operation itself.
///
/// Invariants:
/// 1. Workload and seed alone decide the operations and so `hash`: not the slices' lengths, not the backends.
/// 2. Records 0 ..< `count` were inserted; without removes all of them are there. Record numbers from
///    `KeyMapping.absentRecords` on are never inserted: they are the absent keys.
/// 3. `expected` is the digest of the pairs that the store holds after the last slice handed out.
///
/// A stream may be one shard of several: shard i of n inserts, reads and changes only the records whose number is i
/// modulo n, so that n threads run n streams over one store, each sure of its own records. `count` and the tables count
/// the shard's own records; operations carry the workload's numbers.
///
/// A stream may be recorded, and a recorded one replayed: then the operations of the phases come from the trace, and
/// all else (keys, versions, values, what a read must find) follows from them as it ever does.
///
/// A slice lives until the next is asked for. One thread.
final class OperationStream {
    let workload: Workload
    let keys: KeyMapping
    let pattern: ValuePattern
    /// Which of the workload's records are this stream's.
    let shard: StreamShard
    /// This stream's records inserted so far, removed ones included.
    private(set) var count: UInt64 = 0
    /// Operations handed out so far.
    private(set) var operations: UInt64 = 0
    /// Bytes of the keys and values of all inserts and updates handed out so far.
    private(set) var putBytes: UInt64 = 0
    /// Running hash of every operation handed out.
    private(set) var hash: UInt64 = 0x243F_6A88_85A3_08D3
    private(set) var expected = StateDigest()
    /// The hits and misses that the slice handed out last must give.
    private(set) var expectedHits: UInt64 = 0
    private(set) var expectedMisses: UInt64 = 0

    let seed: UInt64
    private let countLimit: UInt64
    private var random: SplitMix
    private var versions: RecordVersions?
    private var chooser: RecordChooser
    private var phase: Workload.Phase?
    private var buffer = SliceBuffer()
    private let valueLengths: LengthDrawer
    private var scanLengths = LengthDrawer(.fixed(1))
    /// What was recorded so far, where the stream is recorded.
    private(set) var recording: TraceWriter?
    /// The rest of the trace that is replayed.
    private var replay: TraceReader?

    /// - Parameters:
    ///   - countLimit: The most records that the stream, or all shards together, will have inserted at the end.
    ///   - shard: The share of the records that is this stream's; keys and values are those of the whole.
    ///   - trace: Where the phases' operations come from; `nil` draws them. Its workload and seed are the stream's.
    ///   - isRecorded: Whether `recorded()` will be asked for.
    init(
        _ workload: Workload, seed: UInt64, countLimit: UInt64, shard: StreamShard = .whole,
        trace: OperationTrace? = nil, isRecorded: Bool = false
    ) {
        replay = trace?.reader
        recording = isRecorded ? TraceWriter() : nil
        self.workload = workload
        self.shard = shard
        self.seed = seed
        // What every shard may have inserted, should all of the inserts fall to it.
        self.countLimit = shard.count(of: workload.records) + max(countLimit, workload.records) - workload.records
        keys = workload.keyMapping(seed: seed)
        pattern = ValuePattern(isText: workload.value == .text, repeatPercent: workload.compressiblePercent)
        if case .lengths(let lengths) = workload.value {
            valueLengths = LengthDrawer(lengths)
        } else {
            valueLengths = LengthDrawer(.fixed(UInt32(workload.valueBytes)))
        }
        random = SplitMix(seed: SplitMix.mix(seed ^ 0x5EED_0F57_4EA3) &+ shard.index &* 0x9E6C_63D0_676A_9A99)
        chooser = RecordChooser(.uniform, count: 1, countLimit: 1, seed: seed)
    }

    /// The next slice of up to `limit` inserts: the load, and its latency pass beyond the workload's records.
    func inserts(_ limit: Int) -> OperationSlice {
        makeSlice(limit) { $0.insert() }
    }

    /// Starts a phase: its mix and distribution hold for every slice until the next phase.
    func begin(_ phase: Workload.Phase) {
        self.phase = phase
        recording?.beginPhase()
        scanLengths = LengthDrawer(phase.scanLengths)
        random = SplitMix(seed: random.next())
        chooser = RecordChooser(phase.distribution, count: max(count, 1), countLimit: countLimit, seed: seed)
        if versions == nil, workload.phases.contains(where: { $0.mix.needsVersions }) {
            versions = RecordVersions(count: count, capacity: countLimit) {
                self.version(ofInserted: shard.number($0))
            }
        }
    }

    /// The next slice of `limit` operations of the phase.
    func slice(_ limit: Int) -> OperationSlice {
        guard let phase else { return inserts(limit) }
        return makeSlice(limit) { $0.replay == nil ? $0.draw(phase) : $0.nextOfTrace() }
    }

    private func makeSlice(_ limit: Int, _ operation: (OperationStream) -> Operation) -> OperationSlice {
        buffer.removeAll()
        expectedHits = 0
        expectedMisses = 0
        for _ in 0..<limit {
            let next = operation(self)
            absorb(next)
            recording?.append(next)
            buffer.append(next)
        }
        operations += UInt64(limit)
        return buffer.slice(pattern: pattern, keys: keys)
    }

    private func draw(_ phase: Workload.Phase) -> Operation {
        var point = UInt32(truncatingIfNeeded: random.below(Workload.Mix.whole))
        var kind = Operation.Kind.read
        for candidate in Operation.Kind.allCases {
            kind = candidate
            let share = phase.mix.parts[Int(candidate.rawValue)]
            if point < share { break }
            point -= share
        }
        switch kind {
        case .insert: return insert()
        case .readAbsent: return readAbsent(random.below(keys.absentNumbers(among: count)))
        case .scan:
            let record = liveRecord(.scan)
            return scan(record, pairs: scanLengths.draw(&random))
        default: return operation(kind, liveRecord(kind))
        }
    }

    private func nextOfTrace() -> Operation {
        guard let step = replay?.step() else {
            // The passes of a replay run what its trace has, and a trace that was read has it whole.
            preconditionFailure("a replay asks for more operations than its trace has")
        }
        return operation(step.kind, step.record, pairs: step.length)
    }

    /// - Parameters:
    ///   - record: The record, which is there; for an absent key its number from 0. An insert has none.
    ///   - pairs: Of a scan.
    private func operation(_ kind: Operation.Kind, _ record: UInt64, pairs: UInt32 = 0) -> Operation {
        switch kind {
        case .insert: insert()
        case .readAbsent: readAbsent(record)
        case .read: read(record)
        case .update: update(record)
        case .remove: remove(record)
        case .scan: scan(record, pairs: pairs)
        case .readModifyWrite: readModifyWrite(record)
        }
    }

    /// The number of a record that is there. After 64 draws of removed ones, the next that is there.
    private func liveRecord(_ kind: Operation.Kind) -> UInt64 {
        var record = chooser.choose(count: count, &random)
        if let phase, phase.writers > 0 { record = Self.record(near: record, forWriting: kind.isWrite, count: count) }
        guard let versions, versions.live < count else { return shard.number(record) }
        for _ in 0..<64 where versions.isRemoved(record) { record = chooser.choose(count: count, &random) }
        return shard.number(versions.live(from: record))
    }
}

extension OperationStream {
    /// Of two neighbours the one that writers have, of odd number, or the one that readers have. There are at least two
    /// records.
    static func record(near record: UInt64, forWriting: Bool, count: UInt64) -> UInt64 {
        guard forWriting else { return record & ~1 }
        return record | 1 < count ? record | 1 : record - 1
    }
}

extension Operation.Kind {
    /// Whether it changes the store.
    var isWrite: Bool {
        switch self {
        case .insert, .update, .remove, .readModifyWrite: true
        case .read, .readAbsent, .scan: false
        }
    }
}

// The kinds of operation: what each does to the state that the stream keeps.
extension OperationStream {
    private func insert() -> Operation {
        let record = shard.number(count)
        count += 1
        let version = version(ofInserted: record)
        versions?.append(version: version)
        let operation = write(.insert, record, version)
        expected.add(operation.key, buffer.value(of: operation))
        return operation
    }

    private func update(_ record: UInt64) -> Operation {
        // What goes to another store leaves this one as it is; where it is this one, the value is the same.
        if phase?.writersElsewhere == true { return write(.update, record, currentVersion(ofRecord: record)) }
        withOldValue(of: record) { expected.subtract($0, $1) }
        let operation = write(.update, record, versions?.advance(shard.place(record)) ?? 0)
        expected.add(operation.key, buffer.value(of: operation))
        return operation
    }

    private func remove(_ record: UInt64) -> Operation {
        withOldValue(of: record) { expected.subtract($0, $1) }
        versions?.remove(shard.place(record))
        return Operation(.remove, key: keys.key(ofRecord: record), record: record, version: 0, length: 0)
    }

    private func read(_ record: UInt64) -> Operation {
        expectedHits += 1
        let version = currentVersion(ofRecord: record)
        return Operation(
            .read, key: keys.key(ofRecord: record), record: record, version: version,
            length: valueBytes(record, version))
    }

    private func scan(_ record: UInt64, pairs: UInt32) -> Operation {
        Operation(.scan, key: keys.key(ofRecord: record), record: record, version: 0, length: pairs)
    }

    private func readAbsent(_ number: UInt64) -> Operation {
        expectedMisses += 1
        let record = KeyMapping.absentRecords + number
        return Operation(.readAbsent, key: keys.key(ofRecord: record), record: record, version: 0, length: 0)
    }

    private func readModifyWrite(_ record: UInt64) -> Operation {
        expectedHits += 1
        let old = valueBytes(record, currentVersion(ofRecord: record))
        withOldValue(of: record) { expected.subtract($0, $1) }
        let version = versions?.advance(shard.place(record)) ?? 0
        // The old length lies before the value: see `Operation.Kind.readModifyWrite`.
        let place = buffer.reserve(4)
        buffer.bytes(at: place, count: 4).storeBytes(of: old, as: UInt32.self)
        let operation = write(.readModifyWrite, record, version)
        expected.add(operation.key, buffer.value(of: operation))
        return operation
    }

    private func write(_ kind: Operation.Kind, _ record: UInt64, _ version: UInt32) -> Operation {
        let length = valueBytes(record, version)
        let place = buffer.reserve(Int(length))
        putBytes += 8 + UInt64(length)
        pattern.fill(buffer.bytes(at: place, count: Int(length)), record: record, version: version)
        return Operation(
            kind, key: keys.key(ofRecord: record), record: record, version: version, length: length,
            valueOffset: UInt32(place))
    }

    private func withOldValue(of record: UInt64, _ body: (Int64, UnsafeRawBufferPointer) -> Void) {
        let version = currentVersion(ofRecord: record)
        withUnsafeTemporaryAllocation(byteCount: Int(valueBytes(record, version)), alignment: 8) { bytes in
            pattern.fill(bytes, record: record, version: version)
            body(keys.key(ofRecord: record), UnsafeRawBufferPointer(bytes))
        }
    }

    /// The version that a record that is there has now.
    func currentVersion(ofRecord record: UInt64) -> UInt32 {
        versions?[shard.place(record)] ?? version(ofInserted: record)
    }

    func isRemoved(_ record: UInt64) -> Bool { versions?.isRemoved(shard.place(record)) ?? false }

    /// Text values know loaded records, version 0, from later ones.
    private func version(ofInserted record: UInt64) -> UInt32 {
        pattern.isText && record >= workload.records ? 1 : 0
    }

    func valueBytes(_ record: UInt64, _ version: UInt32) -> UInt32 {
        switch workload.value {
        case .bytes(let count): count
        case .text: UInt32(ValuePattern.textBytes(record: record, version: version))
        case .lengths: valueLengths.length(ofRecord: record, version: version, seed: seed)
        }
    }

    private func absorb(_ operation: Operation) {
        let rest =
            UInt64(operation.version) << 32 ^ UInt64(operation.length) << 3 ^ UInt64(operation.kind.rawValue)
        hash = (hash ^ UInt64(bitPattern: operation.key)) &* 0x9FB2_1C65_1E98_DF25
        hash = ((hash ^ (hash >> 32)) ^ rest) &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 29
    }
}
