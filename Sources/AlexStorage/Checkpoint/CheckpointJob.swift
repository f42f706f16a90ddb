import LearnedIndex
import StorageIO
import Synchronization

// A checkpoint made beside the store, which goes on meanwhile. It does not look at the store's index: it makes one of
// its own, of the checkpoint before and of what the log holds behind it.
//
// 1. Under the store's lock: what is needed is copied out, the log's end among it (`ValueLog.checkpointJob`).
// 2. The last checkpoint's image is read, or an empty index taken; the log's records from there to the end enter it.
//    Records never change, and what compaction replaces meanwhile stays mapped as long as the job runs.
// 3. The log is synced. A failure poisons the store, when it is told; no other sync succeeds until then
//    (LogSyncs.swift).
// 4. The file is written under another name, synced, renamed; the folder is synced.
// 5. Under the store's lock again: a manifest that names it (`ValueLog.adoptCheckpointJob`). If compaction has put
//    other files in the place of some, the checkpoint is of no use, and is left for the next open to remove.
//
// A crash before step 5 is done leaves the old checkpoint in force. Steps 2 to 4 take as much memory as the index does,
// and nobody waits for them.
//
// In class power records of a group that is just being written may be met: such a record is taken when it is whole, and
// the sync of step 3 makes it durable; one that is not ends the scan, as it would after a crash.
//
// Threads: `run` on any one; all else on any, with a lock of its own.

final class CheckpointJob: @unchecked Sendable {
    // Safe to share: what `run` works on is touched by it alone; `outcome` and `refusal` only with the monitor held.
    let manifest: Manifest
    let id: UInt64
    /// Bytes of log up to the end.
    let logBytes: Int
    private let fileSystem: any FileSystem
    private let directory: String
    private let memory: SegmentMemory
    private let defences: Defences
    /// Whether the manifest's checkpoint is known to be good.
    private let goesOn: Bool
    private let syncs: LogSyncs
    private let unsynced: [String]
    private let suspects: [SuspectTail]
    private var compacted: [Checkpoint.Segment]
    private var segments: [Checkpoint.Segment]
    private var sequence: UInt64 = 0
    private var lastChecksum: UInt32 = 0
    private let isCancelled = Atomic(false)
    private let adoption = Atomic(false)
    private let monitor = Monitor()
    private var outcome: Outcome?
    private var refusal: AlexStoreError?

    /// What became of it.
    enum Outcome {
        /// It is on disk, durable, and waits for a manifest that names it.
        case made(position: LogPlace, sequence: UInt64, imageBytes: Int)
        /// Nothing was done that counts.
        case failed(AlexStoreError)
        /// A sync of the log failed: what was written may be lost.
        case poisons(StorageIOError)
        /// It is not wanted any more, or there was nothing to do.
        case dropped
    }

    private enum Stop: Error {
        case dropped
        case sync(StorageIOError)
        case failed(AlexStoreError)
    }

    /// - Parameters:
    ///   - segments: Those of the log, the tail last; its end is where the log ended.
    ///   - goesOn: Whether the manifest's checkpoint may be built on.
    init(
        files: LogFiles, id: UInt64, compacted: [Checkpoint.Segment], segments: [Checkpoint.Segment], goesOn: Bool,
        logBytes: Int
    ) {
        manifest = files.manifest
        self.id = id
        self.logBytes = logBytes
        fileSystem = files.fileSystem
        directory = files.directory
        memory = files.memory
        defences = files.options.defences
        self.goesOn = goesOn
        syncs = files.syncs
        unsynced = files.segments[files.firstUnsynced...].map { files.path(of: $0.name) }
        suspects = files.suspectTails
        self.compacted = compacted
        self.segments = segments
    }

    /// Whether it will rewrite the tail that an earlier opener may not have synced.
    var rewritesSuspects: Bool { !suspects.isEmpty }

    /// Has `run` come to an end soon.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// What became of it, once it is over.
    var result: Outcome? {
        monitor.lock()
        defer { monitor.unlock() }
        return outcome
    }

    /// Returns once it is over.
    func wait() {
        monitor.lock()
        defer { monitor.unlock() }
        while outcome == nil { monitor.wait() }
    }

    /// Whether nobody wanted it any more before it was over.
    var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

    /// Notes that a manifest names it.
    func adopted() { adoption.store(true, ordering: .relaxed) }

    /// Notes why no manifest names it.
    func refused(_ error: AlexStoreError) {
        monitor.lock()
        refusal = error
        monitor.unlock()
    }

    /// Why it was made and no manifest names it, if it is for a failure.
    var failure: AlexStoreError? {
        monitor.lock()
        defer { monitor.unlock() }
        return refusal
    }

    /// Whether a manifest names it.
    var isAdopted: Bool { adoption.load(ordering: .relaxed) }

    /// Steps 2 to 4.
    func run() {
        let outcome: Outcome
        do throws(Stop) { outcome = try make() } catch {
            switch error {
            case .dropped: outcome = .dropped
            case .sync(let error): outcome = .poisons(error)
            case .failed(let error): outcome = .failed(error)
            }
        }
        monitor.lock()
        self.outcome = outcome
        monitor.wakeAll()
        monitor.unlock()
    }

    private func checkWanted() throws(Stop) { if wasCancelled { throw .dropped } }

    private func make() throws(Stop) -> Outcome {
        var previous: Checkpoint?
        var index = try emptyIndex()
        if goesOn {
            // One that can't be read any more is no worse than none.
            do throws(CheckpointRefusal) {
                let reader = try CheckpointReader.open(manifest, fileSystem, in: directory)
                defer { reader.close() }
                index = try reader.load()
                previous = reader.checkpoint
            } catch {}
        }
        try checkWanted()
        var batch = ReplayBatch(growsWithIndex: false)
        defer { batch.release() }
        if previous == nil { try scanCompacted(&batch, &index) }
        for number in segments.indices { try scan(number, behind: previous, &batch, &index) }
        do { try batch.finish(into: &index) } catch { throw .failed(.index(error)) }
        if let previous, previous.position == position { throw .dropped }
        if defences.syncsBeforeCheckpoint { try syncLog() }
        countGarbage(index)
        return try write(index)
    }

    private func emptyIndex() throws(Stop) -> AlexIndex {
        do { return try AlexIndex() } catch { throw .failed(.index(error)) }
    }

    private var position: LogPlace {
        LogPlace(segment: segments[segments.count - 1].id, offset: segments[segments.count - 1].end)
    }

    // MARK: 2. The index

    private func scanCompacted(_ batch: inout ReplayBatch, _ index: inout AlexIndex) throws(Stop) {
        for (segment, entry) in zip(compacted, manifest.compacted) {
            try checkWanted()
            let scanner = CompactedScanner(
                start: memory.region.base + segment.base, base: segment.base, entry: entry, ahead: memory.pages.pass())
            do { try scanner.scan { batch.add($0, to: &index) } } catch {
                throw .failed(
                    .damaged(file: LogFiles.compactedName(segment.id), offset: error.offset, reason: error.reason))
            }
        }
    }

    private func scan(
        _ number: Int, behind previous: Checkpoint?, _ batch: inout ReplayBatch, _ index: inout AlexIndex
    ) throws(Stop) {
        let segment = segments[number]
        var scanner = SegmentScanner(
            start: memory.region.base + segment.base, base: segment.base, bound: segment.end, salt: segment.salt,
            sequence: segment.baseSequence, checksSequence: defences.checksSequence)
        if let previous, segment.id <= previous.position.segment {
            guard let before = previous.segments.first(where: { $0.id == segment.id }) else { throw .dropped }
            if segment.id < previous.position.segment {
                segments[number].tombstones = before.tombstones
                return
            }
            scanner.resume(previous)
        }
        scanner.ahead = memory.pages.pass()
        var fault: SegmentScanner.Fault?
        while scanner.offset < segment.end, fault == nil {
            try checkWanted()
            fault = scanner.scan(upTo: scanner.offset + (1 << 20)) { batch.add($0, to: &index) }
        }
        if let fault, number < segments.count - 1 {
            throw .failed(
                .damaged(file: LogFiles.segmentName(segment.id), offset: scanner.offset, reason: fault.reason))
        }
        segments[number].tombstones = scanner.tombstones
        segments[number].end = scanner.offset
        segments[number].records = scanner.sequence - segment.baseSequence
        (sequence, lastChecksum) = (scanner.sequence, scanner.lastChecksum)
    }

    /// As `ValueLog.countGarbage`: what is neither in the index nor a tombstone.
    private func countGarbage(_ index: borrowing AlexIndex) {
        let granules = ((compacted + segments).map { $0.base + $0.end }.max() ?? 0) >> LogFormat.granuleShift + 1
        var live = [UInt32](repeating: 0, count: granules)
        live.withUnsafeMutableBufferPointer { live in
            index.forEach(in: .min ... .max) { _, place in
                // Safe: the index holds places of the segments' records, or of an image whose values were checked.
                live[Int(place >> UInt64(LogFormat.granuleShift))] += 1
                return true
            }
        }
        func garbage(of segment: Checkpoint.Segment) -> UInt64 {
            let used = segment.tombstones + live[segment.granules].reduce(UInt64(0)) { $0 + UInt64($1) }
            return segment.records - min(segment.records, used)
        }
        for number in compacted.indices { compacted[number].garbage = garbage(of: compacted[number]) }
        for number in segments.indices { segments[number].garbage = garbage(of: segments[number]) }
    }

    // MARK: 3. The log

    private func syncLog() throws(Stop) {
        do throws(StorageIOError) {
            for tail in suspects { try tail.rewrite(fileSystem, memory.region) }
            for path in unsynced { try syncs.sync(path, fileSystem) }
            try syncs.syncDirectory(directory + "/segments", fileSystem)
        } catch {
            // Compaction has replaced it: then the checkpoint is of no use.
            if error.isMissing { throw .dropped }
            if error.isOfOpening { throw .failed(.io(error)) }
            throw .sync(error)
        }
    }

    // MARK: 4. The file

    private func write(_ index: borrowing AlexIndex) throws(Stop) -> Outcome {
        try checkWanted()
        let position = position
        var imageBytes = 0
        let written = index.withImage { image, bytes in
            Result { () throws(StorageIOError) in
                imageBytes = bytes.count
                let checkpoint = Checkpoint(
                    store: manifest.store, id: id, layoutGeneration: manifest.layoutGeneration, position: position,
                    sequence: sequence, lastChecksum: lastChecksum, compacted: compacted, segments: segments,
                    image: image)
                try CheckpointFile.write(checkpoint, bytes, fileSystem, in: directory)
            }
        }
        if case .failure(let error) = written { throw .failed(.io(error)) }
        return .made(position: position, sequence: sequence, imageBytes: imageBytes)
    }
}
