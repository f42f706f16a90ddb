import LearnedIndex
import StorageIO

// Compaction: the live records of some segments are written anew, in the order of the keys, and the segments go.
//
// 1. The log is synced to its end, so that whatever takes the place of a record that is dropped is durable.
// 2. The tombstones of the input segments are gathered, those that are still needed (rule T).
// 3. The index is walked in the order of the keys. Each record whose place lies in an input segment is checked and
//    written to the output, tombstones between them; sequence numbers stay, checksums are made anew.
// 4. Each output file is sealed with its header and synced, then the directory, and the files are mapped.
// 5. One replacement of the manifest names the outputs and retires the inputs. This is the moment.
// 6. Each key of the output whose place in the index lies in an input segment gets its new place, once its record has
//    been held against its checksum.
// 7. The inputs are unlinked and unmapped once nobody can read them: no pin of the store's thread, no reader that
//    entered before the end of 6, no snapshot that was opened before.
//
// A failure before 5 takes the outputs back; one in 5, from the renaming on, leaves open which manifest the disk has.
// Then memory stays with the old layout and both sets of files stay on the disk: each manifest finds all that it names.
// A crash: the next open reads one manifest or the other, and removes what it does not name.
// A record of the output that is not what was written stops 6 where it is: the inputs stay, mapped and on the disk, so
// that every read is right, and nothing compacts any more. The next open finds the damage.
//
// Invariants
// 1. Inputs are sealed: a place in one is that of a record that was there when the compaction began. So an index entry
//    that points into an input in step 6 points to the very record that was copied.
// 2. For each key, the newest record that is durable is in a file that the manifest names, unless it is a tombstone
//    that nothing needs. Step 1 makes the index's record durable before 5; step 3 copies it.
// 3. Compactions follow one on the other, and an output record is the newest of its key at its time. So among compacted
//    segments the one with the greater number never holds the older record of a key; and every sequence number in one
//    is below those of commits that were made after its publication, whatever a crash has cut.
// 4. Records taken = kept + superseded + tombstones kept + tombstones dropped. Superseded is what the writer has
//    counted, the rest what was found: a release build stops when they differ.
// 5. A file is unlinked only when the manifest on the disk does not name it and nobody can read it (step 7).
//
// Rule T: a tombstone of key k with sequence number s is dropped when
//   (a) the index has k: a newer put is there, and by invariant 2 its record, or a newer one, stays; or
//   (b) every record of the segments that are no inputs is newer than s (their least sequence number is above s).
// Otherwise it is kept. Proof that no old value comes back: recovery takes the newest record of k that it finds.
// Assume a put of k with sequence number p is taken although a newer delete d > p was durable. All tombstones of k
// newer than p are gone, among them the newest, dropped by some compaction C under (a) or (b). Under (a) a put newer
// than d was durable at C; recovery finds it or a newer record, not p. Under (b) p was in no segment but C's inputs;
// the index did not have k, so C did not copy it, and the manifest that was published with C names no file that holds
// it. Before that publication the tombstone was still there; after it p is in no file that is read. Segments are only
// ever added with records that are newer (the log) or copies of what the index has (compaction), so p is in none
// later. qed
//
// Threads: `AlexStore.compact` holds the store for all of it. `StoreCommitter.compactInBackground` holds the lock for a
// window of step 3, for step 5 and for a part of step 6 at a time; writes come in between. They change nothing in the
// inputs, so all above holds, with the log synced after step 3 instead of before step 2: whatever step 3 left out has a
// successor that was written before that sync. A record that is overwritten after it was copied is garbage in the
// output from the start.

/// One compaction, from its inputs to the retiring of them, in steps.
struct Compaction: ~Copyable {
    let state: UnsafeMutablePointer<AlexStore.State>
    let files: LogFiles
    let inputs: CompactionInputs
    /// The index for a thread beside the writer; `nil` where the caller has the store for itself.
    private let reader: SharedIndex?
    private(set) var report = CompactionReport()
    private var output: CompactionOutput
    /// Whether a manifest that names the outputs may be on the disk.
    private(set) var isDoubtful = false
    // Steps 2 and 3: the tombstones of the inputs, the next of them, and the key to go on from.
    private var tombstones: [Tombstone] = []
    private var nextTombstone = 0
    private var nextKey: Int64? = .min
    // Step 6: the new segments, the place of the next record, and how many of its segment's have got their new place.
    private var segments: [LogFiles.CompactedSegment] = []
    private var movingSegment = 0
    private var movingPlace = 0
    private var moved: UInt64 = 0
    /// What is asked for ahead of step 3, and of step 6 in its segment.
    private var ahead: PagesAhead
    private var movingAhead = PassAhead()

    /// The newest tombstone of a key in the inputs.
    private struct Tombstone {
        var key: Int64
        var sequence: UInt64
    }

    init(state: UnsafeMutablePointer<AlexStore.State>, inputs: CompactionInputs, reader: SharedIndex? = nil) {
        self.state = state
        self.inputs = inputs
        self.reader = reader
        files = state.pointee.log.files
        output = CompactionOutput(files: files)
        ahead = PagesAhead(files.memory.pages, lengthGuess: files.lengthGuess, order: .ascending)
        report.segmentsTaken = inputs.logSegments.count + inputs.compactedSegments.count
        report.bytesTaken = inputs.bytes
        report.recordsTaken = inputs.records
    }

    /// Takes everything back. The store is as before. Of a closed one the files may be another opener's by now: they
    /// stay.
    mutating func abandon() { output.abandon(keepsFiles: isDoubtful || files.state == .closed) }

    // MARK: 2. Tombstones

    /// Reads the inputs' tombstones. Needs no lock: inputs do not change.
    mutating func gatherTombstones() throws(AlexStoreError) {
        var found: [Tombstone] = []
        try inputs.forEachTombstone(files) { key, sequence in found.append(Tombstone(key: key, sequence: sequence)) }
        // Of a key's tombstones the newest stands for all: it comes last.
        found.sort { ($0.key, $0.sequence) < ($1.key, $1.sequence) }
        for (index, tombstone) in found.enumerated() {
            let isNewest = index + 1 == found.count || found[index + 1].key != tombstone.key
            if isNewest { tombstones.append(tombstone) } else { report.tombstonesDropped += 1 }
        }
    }

    // MARK: 3. Copying

    var bytesCopied: Int { output.bytes }

    /// How many records are looked up before they are copied, so that the misses on them overlap.
    private static let windowPairs = 256

    /// Goes on through the index for at most `visitsMax` keys and copies up to 256 records. Returns whether it is done.
    mutating func copySome(visitsMax: Int) throws(AlexStoreError) -> Bool {
        guard let from = nextKey else { return true }
        let found = try copyWindow(from: from, visitsMax: visitsMax)
        nextKey = found
        if found != nil { return false }
        try copyTombstones(below: nil)
        return true
    }

    /// Copies a window of records. Returns the key to go on from.
    private mutating func copyWindow(from: Int64, visitsMax: Int) throws(AlexStoreError) -> Int64? {
        let window = UnsafeMutableBufferPointer<PairAhead>.allocate(capacity: Self.windowPairs)
        defer { window.deallocate() }
        let (state, isInput) = (state, inputs.granules)
        var ahead = ahead
        defer { self.ahead = ahead }
        var next: Int64?
        var (found, visits) = (0, 0)
        forEachPair(from: from) { key, place in
            visits += 1
            if isInput.contains(place) {
                if ahead.isOn { ahead.ask(place) }
                state.pointee.log.prefetchRecord(at: place)
                window[found] = PairAhead(key: key, place: place)
                found += 1
            }
            if found < Self.windowPairs && visits < visitsMax { return true }
            next = key == .max ? nil : key + 1
            return false
        }
        for pair in window[..<found] {
            try copyTombstones(below: pair.key)
            let record = try state.pointee.log.checkedRecord(at: pair.place, key: pair.key)
            try output.add(pair.key, record.value, sequence: record.sequence, isDelete: false)
        }
        return next
    }

    private func forEachPair(from: Int64, _ body: (Int64, UInt64) -> Bool) {
        if let reader { return reader.reader.forEach(in: from ... .max, body) }
        state.pointee.index.forEach(in: from ... .max, body)
    }

    private func isInIndex(_ key: Int64) -> Bool {
        if let reader { return reader.reader.value(forKey: key) != nil }
        return state.pointee.index.value(forKey: key) != nil
    }

    /// Copies the tombstones of the keys below `key` that are needed: rule T.
    private mutating func copyTombstones(below key: Int64?) throws(AlexStoreError) {
        while nextTombstone < tombstones.count {
            let tombstone = tombstones[nextTombstone]
            if let key, tombstone.key >= key { return }
            nextTombstone += 1
            let isNeeded =
                tombstone.sequence > inputs.oldestSequenceElsewhere
                && !isInIndex(tombstone.key)
            if isNeeded {
                let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
                try output.add(tombstone.key, nothing, sequence: tombstone.sequence, isDelete: true)
                report.tombstonesKept += 1
            } else {
                report.tombstonesDropped += 1
            }
        }
    }

    // MARK: 4. Sealing

    /// Seals and syncs the outputs and their names. Needs no lock.
    mutating func seal() throws(AlexStoreError) {
        try output.seal()
        let files = files
        try throwingStoreError { () throws(StorageIOError) in
            try files.fileSystem.syncDirectory(files.segmentsDirectory)
        }
    }

    // MARK: 5. Publication

    /// - Parameter durable: A place of the log behind every input, before which all is durable.
    mutating func publish(_ durable: DurablePlace) throws(AlexStoreError) {
        let manifest = try prepareManifest(durable)
        do throws(AlexStoreError) { try write(manifest) } catch {
            if isDoubtful { files.doubt(manifest) }
            throw error
        }
        adopt(manifest)
    }

    /// Maps the outputs and makes the manifest that names them.
    mutating func prepareManifest(_ durable: DurablePlace) throws(AlexStoreError) -> Manifest {
        try output.map()
        return state.pointee.log.manifest(retiring: inputs, for: output.written.map(\.entry), durable: durable)
    }

    /// Replaces the manifest on the disk. Needs no lock, as long as nobody else does.
    mutating func write(_ manifest: Manifest) throws(AlexStoreError) {
        var isDoubtful = false
        defer { self.isDoubtful = isDoubtful }
        try StoreDirectory(path: files.directory, fileSystem: files.fileSystem).write(manifest) { isDoubtful = true }
        isDoubtful = false
    }

    /// Takes over the manifest that was written.
    mutating func adopt(_ manifest: Manifest) {
        files.adopt(manifest)
        beginMoving()
    }

    /// Makes segments and their names durable. Needs no lock: a failure is told to whoever syncs next, too.
    static func sync(
        _ paths: [String], _ directory: String, _ fileSystem: any FileSystem, _ syncs: LogSyncs
    ) throws(StorageIOError) {
        for path in paths { try syncs.sync(path, fileSystem) }
        try syncs.syncDirectory(directory, fileSystem)
    }

    // MARK: 6. The index

    private mutating func beginMoving() {
        segments = output.handOver()
        report.segmentsWritten = segments.count
        for segment in segments {
            report.bytesWritten += segment.entry.end
            files.compacted.append(segment)
            files.publishGranules(
                base: segment.base, mappedBytes: segment.entry.end, salt: segment.entry.salt, isCompacted: true)
            files.setCounts(
                of: segment.base, bytes: segment.entry.end, garbage: 0, tombstones: segment.entry.tombstones)
        }
        movingPlace = (segments.first?.base ?? 0) + LogFormat.segmentHeaderBytes
    }

    /// Gives up to `recordsMax` records their new place in the index, and not many more than `bytesMax` bytes of them.
    /// Returns whether it is done.
    ///
    /// - Throws: `damaged` when a record is not what was written. Then it is not to be called again.
    mutating func moveSome(recordsMax: Int, bytesMax: Int = .max) throws(AlexStoreError) -> Bool {
        guard movingSegment < segments.count else { return true }
        let segment = segments[movingSegment]
        let end = segment.base + segment.entry.end
        let pause = bytesMax < end - movingPlace ? movingPlace + bytesMax : end
        let isInput = inputs.granules
        let start = UnsafeRawPointer(files.region.base + segment.base)
        if movingPlace == segment.base + LogFormat.segmentHeaderBytes { movingAhead = files.memory.pages.pass() }
        var records = 0
        while movingPlace < pause && records < recordsMax {
            movingAhead.come(to: movingPlace - segment.base, start, segment.entry.end)
            guard let record = state.pointee.log.wholeRecord(at: movingPlace) else {
                throw stopMoving(segment, "a record is not what was written")
            }
            let key = record.key
            if let old = state.pointee.index.value(forKey: key), isInput.contains(old) {
                // Safe: overwriting never needs memory.
                do { try state.pointee.index.updateValue(UInt64(movingPlace), forKey: key) } catch {
                    preconditionFailure("the index refuses to overwrite: \(error)")
                }
                moved += 1
            }
            movingPlace += LogFormat.recordBytes(valueBytes: record.value.count)
            records += 1
        }
        if movingPlace < end { return false }
        guard movingPlace == end, moved + segment.entry.tombstones <= segment.entry.records else {
            throw stopMoving(segment, "it holds other records than were written")
        }
        finishMoving(segment)
        return movingSegment == segments.count
    }

    /// Ends it between the layouts.
    private func stopMoving(_ segment: LogFiles.CompactedSegment, _ reason: String) -> AlexStoreError {
        let error = AlexStoreError.damaged(
            file: files.path(of: segment.name), offset: movingPlace - segment.base, reason: reason)
        files.moveFailure = error
        return error
    }

    /// What was overwritten or removed since it was copied is garbage in the new segment.
    private mutating func finishMoving(_ segment: LogFiles.CompactedSegment) {
        let stale = segment.entry.records - segment.entry.tombstones - moved
        files.addGarbage(stale, of: segment.base)
        report.recordsKept += moved
        moved = 0
        movingSegment += 1
        if movingSegment < segments.count {
            movingPlace = segments[movingSegment].base + LogFormat.segmentHeaderBytes
        }
    }

    /// Takes the inputs out of use: nothing in the index refers to them any more.
    mutating func retireInputs() {
        precondition(movingSegment == segments.count, "inputs are retired before everything has moved")
        report.recordsSuperseded = inputs.garbageNow(files)
        precondition(
            report.recordsTaken
                == report.recordsKept + report.recordsSuperseded + report.tombstonesKept + report.tombstonesDropped,
            "compaction loses or invents records")
        files.retire(
            log: inputs.logSegments, compacted: inputs.compactedSegments, hold: state.pointee.holdOnTaken())
        files.decideReadAhead()
    }
}
