import StorageIO

/// The segments that a compaction replaces, and what is known of them.
struct CompactionInputs {
    private(set) var logSegments: Set<UInt64> = []
    private(set) var compactedSegments: Set<UInt64> = []
    private(set) var granules: GranuleSet
    private(set) var bytes = 0
    private(set) var records: UInt64 = 0
    private var taken: [SegmentCounts] = []
    /// The least sequence number of a record in a segment that is no input.
    private(set) var oldestSequenceElsewhere = UInt64.max

    var isEmpty: Bool { logSegments.isEmpty && compactedSegments.isEmpty }

    /// Chooses among the sealed segments, the worst first.
    init(_ policy: CompactionPolicy, among segments: [SegmentCounts], granuleCount: Int) {
        granules = GranuleSet(count: granuleCount)
        let sealed = segments.filter { !$0.isTail }
        var chosen = sealed.filter { $0.garbageShare >= policy.garbageShareMin }
        // Nothing is out of order and nothing is to be dropped.
        if chosen.allSatisfy({ $0.isCompacted && $0.garbage == 0 && $0.tombstones == 0 }) { chosen = [] }
        chosen.sort { ($0.garbageShare, $1.place) > ($1.garbageShare, $0.place) }
        for segment in chosen where isEmpty || bytes + segment.end <= policy.inputBytesMax { take(segment) }
        for segment in segments where !isTaken(segment) {
            oldestSequenceElsewhere = min(oldestSequenceElsewhere, segment.oldestSequence)
        }
    }

    private mutating func take(_ segment: SegmentCounts) {
        if segment.isCompacted { compactedSegments.insert(segment.id) } else { logSegments.insert(segment.id) }
        granules.insert(base: segment.place, bytes: segment.end)
        bytes += segment.end
        records += segment.records
        taken.append(segment)
    }

    private func isTaken(_ segment: SegmentCounts) -> Bool {
        segment.isCompacted ? compactedSegments.contains(segment.id) : logSegments.contains(segment.id)
    }

    /// Bytes of the records that count, as in `SegmentCounts.estimatedBytes`.
    var liveBytes: Int { taken.reduce(0) { $0 + $1.recordBytes - $1.estimatedBytes($1.garbage) } }

    /// The garbage that is counted in the inputs by now.
    func garbageNow(_ files: LogFiles) -> UInt64 {
        taken.reduce(0) { $0 + files.counts(of: $1.place, bytes: $1.end).garbage }
    }

    /// Reads the segments that hold tombstones. O(their bytes).
    func forEachTombstone(_ files: LogFiles, _ body: (Int64, UInt64) -> Void) throws(AlexStoreError) {
        for segment in taken where segment.tombstones > 0 {
            let start = UnsafeRawPointer(files.region.base + segment.place)
            var found: UInt64 = 0
            func handOn(_ record: ReplayedRecord) {
                if !record.isDelete { return }
                found += 1
                body(record.key, record.sequence)
            }
            func damaged(_ offset: Int, _ reason: String) -> AlexStoreError {
                .damaged(file: files.path(of: segment.name), offset: offset, reason: reason)
            }
            if let entry = segment.entry {
                let scanner = CompactedScanner(
                    start: start, base: segment.place, entry: entry, ahead: files.memory.pages.pass())
                do { try scanner.scan(handOn) } catch { throw damaged(error.offset, error.reason) }
            } else {
                var scanner = SegmentScanner(
                    start: start, base: segment.place, bound: segment.end, salt: segment.salt,
                    sequence: segment.oldestSequence, checksSequence: files.options.defences.checksSequence)
                scanner.ahead = files.memory.pages.pass()
                if let fault = scanner.scan(handOn) { throw damaged(scanner.offset, fault.reason) }
            }
            // They were counted as they were written, or come from a checkpoint.
            guard found == segment.tombstones else {
                throw damaged(0, "it holds \(found) tombstones where \(segment.tombstones) were counted")
            }
        }
    }
}

/// Granules of the address region, for asking whether a place lies in one of some segments.
struct GranuleSet {
    private var isMember: [Bool]

    init(count: Int) { isMember = [Bool](repeating: false, count: count) }

    mutating func insert(base: Int, bytes: Int) {
        let first = base >> LogFormat.granuleShift
        for granule in first...((base + max(bytes, 1) - 1) >> LogFormat.granuleShift) { isMember[granule] = true }
    }

    func contains(_ place: UInt64) -> Bool { isMember[Int(place >> UInt64(LogFormat.granuleShift))] }
}

/// What a segment holds, as it is counted in memory.
struct SegmentCounts {
    var id: UInt64
    var name: String
    var isTail = false
    /// The manifest's entry of a compacted segment.
    var entry: Manifest.Compacted?
    /// The place of its first byte in the region, its salt, and where its records end.
    var place: Int
    var salt: UInt64
    var end: Int
    var records: UInt64
    var garbage: UInt64
    var tombstones: UInt64
    var oldestSequence: UInt64

    var isCompacted: Bool { entry != nil }
    var live: UInt64 { records - min(records, garbage + tombstones) }
    var garbageShare: Double { records == 0 ? 1 : Double(garbage) / Double(records) }
    /// Bytes of its records.
    var recordBytes: Int { end - LogFormat.segmentHeaderBytes }
    /// The bytes of so many of its records, as if all were of one length.
    func estimatedBytes(_ count: UInt64) -> Int {
        records == 0 ? 0 : Int(Double(recordBytes) * (Double(count) / Double(records)))
    }
}
