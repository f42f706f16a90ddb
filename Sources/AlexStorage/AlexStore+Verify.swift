import LearnedIndex
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Reading a whole store again and holding it against itself. Steps:
//
// 1. The manifest on disk names this store.
// 2. Each segment's file is as long as its records; its header is whole, names this store and this segment, and follows
//    on the segment before.
// 3. Each record has its checksum, sequence number and flags, and batches are whole, to where the log is known to end.
//    Compacted segments come first and must be what the manifest says.
// 4. An index built anew from those records equals the store's, and so does the garbage that was counted.
// 5. The checkpoint that the manifest names is whole, and, if it was made for the log's end, says the same.
//
// The first thing that is wrong ends it: what comes behind a broken chain can't be judged.

/// What ``AlexStore/verify()`` has read, up to the first damage.
public struct VerificationReport: Sendable, Hashable {
    /// Segments that were read to their end.
    public internal(set) var segments = 0
    /// Puts and deletes.
    public internal(set) var records: UInt64 = 0
    /// Of them deletes.
    public internal(set) var deletes: UInt64 = 0
    /// Commits: batches, and records that stand alone, durable marks not counted.
    public internal(set) var commits: UInt64 = 0
    /// Bytes of log, segment headers included.
    public internal(set) var bytes = 0
    /// Keys that the log holds; 0 when it was not read to its end.
    public internal(set) var keys = 0
    /// The first thing that is not as it was written.
    public internal(set) var damage: Damage?

    /// Whether everything is as it was written.
    public var isSound: Bool { damage == nil }

    /// Something that is not as it was written.
    public struct Damage: Error, Sendable, Hashable {
        public let file: String
        /// The offset in the file of the first record that can't be taken; 0 for a header or the file as a whole.
        public let offset: Int
        public let reason: String
    }
}

extension AlexStore {
    /// Reads the whole log again and checks everything in it, and that the index and the checkpoint say the same.
    /// O(bytes of log), and memory for two more indexes. A damaged checkpoint loses nothing: the next one takes its
    /// place. Changes nothing, but makes waiting commits of class power durable first.
    ///
    /// What is read comes from the page cache where the system holds it there. No other thread may be inside a
    /// committer. A file that is too short for its records is damage, not the end of the process, unless it is cut
    /// while it is read.
    ///
    /// - Throws: `io` when a file can't be read; `closed`; `poisoned`; `index` when memory is used up. Damage is no
    ///   error: it is in the report.
    public func verify() throws(AlexStoreError) -> VerificationReport { try verify { _ in true } }

    /// The same, told how far it is: see ``verify()``.
    ///
    /// - Parameter progress: Called now and then with the share of bytes that were read, 0 to 1; returning false stops
    ///   it, at the latest at the end of a segment.
    /// - Throws: as `verify()` does, and `cancelled`.
    public func verify(progress: (Double) -> Bool) throws(AlexStoreError) -> VerificationReport {
        state.pointee.index.complete()
        guard state.pointee.log.isOpen else { throw state.pointee.log.closedError }
        if let group { try group.wait(through: .max) }
        settleCompaction()
        var check = Verification(files: state.pointee.log.files)
        var index: AlexIndex
        do { index = try AlexIndex() } catch { throw .index(error) }
        try check.readManifest()
        let log = LogTail(
            offset: state.pointee.log.end - state.pointee.log.segmentBase, sequence: state.pointee.log.nextSequence,
            checksum: state.pointee.log.lastChecksum)
        try check.readSegments(to: log, into: &index, progress)
        if check.report.isSound { compare(index, &check.report) }
        if check.report.isSound { check.readCheckpoint(against: index, end: state.pointee.log.position) }
        return check.report
    }

    /// Step 4.
    private func compare(_ rebuilt: borrowing AlexIndex, _ report: inout VerificationReport) {
        report.keys = rebuilt.count
        var wrong: Int64?
        state.pointee.index.forEach(in: .min ... .max) { key, place in
            if rebuilt.value(forKey: key) != place { wrong = key }
            return wrong == nil
        }
        if let wrong {
            report.damage = .init(
                file: "index in memory", offset: 0, reason: "key \(wrong) has another place than in the log")
        } else if count != rebuilt.count {
            report.damage = .init(
                file: "index in memory", offset: 0, reason: "it has \(count) keys, the log \(rebuilt.count)")
        } else {
            compareCounts(rebuilt, &report)
        }
    }

    /// Holds the garbage that was counted as it arose against what the index leaves over.
    private func compareCounts(_ rebuilt: borrowing AlexIndex, _ report: inout VerificationReport) {
        let segments = state.pointee.log.segmentCounts()
        var live = [UInt64](repeating: 0, count: state.pointee.log.files.granuleCount)
        rebuilt.forEach(in: .min ... .max) { _, place in
            live[Int(place >> UInt64(LogFormat.granuleShift))] += 1
            return true
        }
        for segment in segments {
            let granules =
                segment.place >> LogFormat.granuleShift...(segment.place + segment.end - 1) >> LogFormat.granuleShift
            let found = live[granules].reduce(0, +)
            if found + segment.garbage + segment.tombstones == segment.records { continue }
            report.damage = .init(
                file: segment.name, offset: 0,
                reason: "of \(segment.records) records \(found) are live, \(segment.tombstones) are tombstones, but "
                    + "\(segment.garbage) were counted as garbage")
            return
        }
    }
}

/// Where the log ends, as the store knows.
struct LogTail {
    var offset: Int
    var sequence: UInt64
    var checksum: UInt32
}

/// How far a verification has come.
private struct VerificationShare {
    private let total: Double
    private var before = 0
    private var records = 0
    private(set) var isStopped = false

    init(files: LogFiles, tail: LogTail) {
        let sealed = files.segments.dropLast().reduce(0) { $0 + $1.end }
        total = Double(max(files.compacted.reduce(sealed + tail.offset) { $0 + $1.entry.end }, 1))
    }

    /// Tells once in 4,096 records, and at the first.
    mutating func pass(_ record: ReplayedRecord, in base: Int, _ progress: (Double) -> Bool) {
        defer { records += 1 }
        guard records % 4096 == 0, !isStopped else { return }
        isStopped = !progress(Double(before + Int(record.place) - base) / total)
    }

    /// A segment was read to its end.
    mutating func finish(bytes: Int) { before += bytes }
}

/// Steps 1 to 3.
struct Verification {
    let files: LogFiles
    var report = VerificationReport()
    private var sequence: UInt64?
    private var before: (id: UInt64, end: Int, checksum: UInt32)?

    init(files: LogFiles) { self.files = files }

    mutating func readManifest() throws(AlexStoreError) {
        let path = files.directory + "/" + Manifest.name
        do throws(AlexStoreError) {
            let found = try StoreDirectory(path: files.directory, fileSystem: files.fileSystem).readManifest()
            let isKnown = found.map { $0 == files.manifest || files.doubtfulManifests.contains($0) } ?? false
            if !isKnown {
                report.damage = .init(
                    file: path, offset: 0, reason: found == nil ? "it is missing" : "it is another than was written")
            }
        } catch {
            switch error {
            case .damaged(let file, let offset, let reason):
                report.damage = .init(file: file, offset: offset, reason: reason)
            case .incompatible(let file, let reason): report.damage = .init(file: file, offset: 0, reason: reason)
            default: throw error
            }
        }
    }

    mutating func readSegments(
        to tail: LogTail, into index: inout AlexIndex, _ progress: (Double) -> Bool
    ) throws(AlexStoreError) {
        var batch = ReplayBatch()
        defer { batch.release() }
        var share = VerificationShare(files: files, tail: tail)
        for segment in files.compacted {
            let damage = try read(segment) { record in
                batch.add(record, to: &index)
                share.pass(record, in: segment.base, progress)
            }
            if share.isStopped { throw .cancelled }
            if let damage {
                report.damage = damage
                return
            }
            share.finish(bytes: segment.entry.end)
        }
        for number in 0..<files.segments.count {
            if report.damage != nil { return }
            var segment = files.segments[number]
            if number == files.tail { segment.end = tail.offset }
            report.damage = try read(segment) { record in
                batch.add(record, to: &index)
                share.pass(record, in: segment.base, progress)
            }
            if share.isStopped { throw .cancelled }
            share.finish(bytes: segment.end)
        }
        guard report.isSound else { return }
        if sequence != tail.sequence || before?.checksum != tail.checksum {
            report.damage = .init(
                file: files.path(of: files.segments[files.tail].name), offset: tail.offset,
                reason: "the log ends in another record than was written last")
        }
        do { try batch.finish(into: &index) } catch { throw .index(error) }
    }

    /// Reads one compacted segment. Returns what is wrong with it.
    private mutating func read(
        _ segment: LogFiles.CompactedSegment, _ body: (ReplayedRecord) -> Void
    ) throws(AlexStoreError) -> VerificationReport.Damage? {
        let path = files.path(of: segment.name)
        guard let size = try fileSize(path) else {
            return .init(file: path, offset: 0, reason: "the segment is missing")
        }
        guard size == segment.entry.end else {
            return .init(file: path, offset: min(size, segment.entry.end), reason: "the file has another length")
        }
        let scanner = CompactedScanner(
            start: files.region.base + segment.base, base: segment.base, entry: segment.entry,
            ahead: files.memory.pages.pass())
        do {
            try scanner.checkHeader(store: files.manifest.store)
            try scanner.scan(body)
        } catch {
            return .init(file: path, offset: error.offset, reason: error.reason)
        }
        report.records += segment.entry.records
        report.deletes += segment.entry.tombstones
        report.commits += segment.entry.records
        report.bytes += segment.entry.end
        report.segments += 1
        return nil
    }

    /// A file's size; `nil` when it is not there.
    private func fileSize(_ path: String) throws(AlexStoreError) -> Int? {
        do throws(StorageIOError) {
            let file = try files.fileSystem.open(path, .read)
            defer { file.close() }
            return try file.size()
        } catch {
            guard error.isMissing else { throw .io(error) }
            return nil
        }
    }

    /// Reads one segment to its end. Returns what is wrong with it.
    private mutating func read(
        _ segment: LogFiles.Segment, _ body: (ReplayedRecord) -> Void
    ) throws(AlexStoreError) -> VerificationReport.Damage? {
        let path = files.path(of: segment.name)
        func damage(_ offset: Int, _ reason: String) -> VerificationReport.Damage {
            .init(file: path, offset: offset, reason: reason)
        }
        guard let size = try fileSize(path) else { return damage(0, "the segment is missing") }
        guard size >= segment.end else { return damage(size, "the file is shorter than its records") }
        // Safe: the file is mapped from the segment's base to at least its end, which is at least a header.
        let start = UnsafeRawPointer(files.region.base + segment.base)
        let header: SegmentHeader
        do {
            header = try SegmentHeader.read(UnsafeRawBufferPointer(start: start, count: segment.end))
        } catch {
            switch error {
            case .damaged(let reason), .torn(let reason), .incompatible(let reason): return damage(0, reason)
            }
        }
        guard header.store == files.manifest.store, header.id == segment.id, header.kind == .log else {
            return damage(0, "the header names another segment or store")
        }
        if let gap = files.manifest.retired(before: segment.id) {
            sequence = gap.nextSequence
            before = (gap.last, gap.lastEnd, gap.lastChecksum)
        }
        if let before, let sequence {
            guard header.baseSequence == sequence, header.previousID == before.id,
                header.previousEnd == UInt64(before.end), header.previousChecksum == before.checksum
            else { return damage(0, "the segment does not follow on the one before it") }
        }
        var scanner = SegmentScanner(
            start: start, base: segment.base, bound: segment.end, salt: header.salt, sequence: header.baseSequence)
        scanner.ahead = files.memory.pages.pass()
        var deletes: UInt64 = 0
        let fault = scanner.scan { record in
            if record.isDelete { deletes += 1 }
            body(record)
        }
        report.records += scanner.records
        report.deletes += deletes
        report.commits += scanner.commits
        report.bytes += scanner.offset
        if let fault { return damage(scanner.offset, fault.reason) }
        if let gap = files.manifest.retired(from: segment.id + 1),
            gap.baseSequence != scanner.sequence || gap.previousChecksum != scanner.lastChecksum
        {
            return damage(scanner.offset, "it ends in another record than the manifest says")
        }
        report.segments += 1
        sequence = scanner.sequence
        before = (segment.id, segment.end, scanner.lastChecksum)
        return nil
    }
}
