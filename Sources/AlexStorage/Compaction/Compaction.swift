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
// 6. Each key of the output whose place in the index lies in an input segment gets its new place.
// 7. The inputs are unlinked and unmapped once no pin is left.
//
// A failure before 5 takes the outputs back; one in 5, from the renaming on, leaves open which manifest the disk has.
// Then memory stays with the old layout and both sets of files stay on the disk: each manifest finds all that it names.
// A crash: the next open reads one manifest or the other, and removes what it does not name.
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
// 5. A file is unlinked only when the manifest on the disk does not name it and no pin is left.
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
// Threads: one at a time, as for every method of the store; in class power with the group's lock held and no commit
// under way.

/// One compaction, from its inputs to its publication.
struct Compaction: ~Copyable {
    let state: UnsafeMutablePointer<AlexStore.State>
    let files: LogFiles
    let inputs: CompactionInputs
    var report = CompactionReport()
    var output: CompactionOutput
    private var tombstones: [Tombstone] = []
    /// Whether a manifest that names the outputs may be on the disk.
    private var isDoubtful = false

    /// A tombstone that has to be kept.
    private struct Tombstone {
        var key: Int64
        var sequence: UInt64
    }

    init(state: UnsafeMutablePointer<AlexStore.State>, inputs: CompactionInputs) {
        self.state = state
        self.inputs = inputs
        files = state.pointee.log.files
        output = CompactionOutput(files: files)
        report.segmentsTaken = inputs.logSegments.count + inputs.compactedSegments.count
        report.bytesTaken = inputs.bytes
        report.recordsTaken = inputs.records
    }

    /// All steps but the last. When it throws, the store is as before.
    mutating func run() throws(AlexStoreError) -> CompactionReport {
        do throws(AlexStoreError) {
            try state.pointee.log.makeDurableForCompaction()
            try gatherTombstones()
            try copy()
            try output.seal()
            try throwingStoreError { () throws(StorageIOError) in
                try files.fileSystem.syncDirectory(files.segmentsDirectory)
            }
            try output.map()
            try publish()
        } catch {
            output.abandon(keepsFiles: isDoubtful)
            throw error
        }
        moveIndex()
        return report
    }

    // MARK: 2. Tombstones

    private mutating func gatherTombstones() throws(AlexStoreError) {
        var found: [Tombstone] = []
        try inputs.forEachTombstone(files) { key, sequence in found.append(Tombstone(key: key, sequence: sequence)) }
        let oldestElsewhere = inputs.oldestSequenceElsewhere
        // Of a key's tombstones the newest stands for all: it comes last.
        found.sort { ($0.key, $0.sequence) < ($1.key, $1.sequence) }
        for (index, tombstone) in found.enumerated() {
            let isNewest = index + 1 == found.count || found[index + 1].key != tombstone.key
            let isNeeded =
                tombstone.sequence > oldestElsewhere && state.pointee.index.value(forKey: tombstone.key) == nil
            if isNewest && isNeeded { tombstones.append(tombstone) } else { report.tombstonesDropped += 1 }
        }
        report.tombstonesKept = UInt64(tombstones.count)
    }

    // MARK: 3. Copying

    /// How many records are looked up before they are copied, so that the misses on them overlap.
    private static let windowPairs = 256

    private mutating func copy() throws(AlexStoreError) {
        let window = UnsafeMutableBufferPointer<PairAhead>.allocate(capacity: Self.windowPairs)
        defer { window.deallocate() }
        let state = state
        let isInput = inputs.granules
        var next: Int64? = .min
        var tombstone = 0
        while let from = next {
            var found = 0
            next = nil
            state.pointee.index.forEach(in: from ... .max) { key, place in
                if isInput.contains(place) {
                    state.pointee.log.prefetchRecord(at: place)
                    window[found] = PairAhead(key: key, place: place)
                    found += 1
                }
                if found < Self.windowPairs { return true }
                next = key == .max ? nil : key + 1
                return false
            }
            for pair in window[..<found] {
                while tombstone < tombstones.count, tombstones[tombstone].key < pair.key {
                    try copyTombstone(tombstone)
                    tombstone += 1
                }
                let record = try state.pointee.log.checkedRecord(at: pair.place, key: pair.key)
                try output.add(pair.key, record.value, sequence: record.sequence, isDelete: false)
                report.recordsKept += 1
            }
        }
        for rest in tombstone..<tombstones.count { try copyTombstone(rest) }
        report.recordsSuperseded = inputs.garbage
        precondition(
            report.recordsTaken
                == report.recordsKept + report.recordsSuperseded + report.tombstonesKept + report.tombstonesDropped,
            "compaction loses or invents records")
    }

    private mutating func copyTombstone(_ number: Int) throws(AlexStoreError) {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try output.add(
            tombstones[number].key, nothing, sequence: tombstones[number].sequence, isDelete: true)
    }

    // MARK: 5. Publication

    private mutating func publish() throws(AlexStoreError) {
        let manifest = state.pointee.log.manifest(retiring: inputs, for: output.written.map(\.entry))
        var isDoubtful = false
        defer { self.isDoubtful = isDoubtful }
        do throws(AlexStoreError) {
            try StoreDirectory(path: files.directory, fileSystem: files.fileSystem).write(manifest) {
                isDoubtful = true
            }
        } catch {
            if isDoubtful { files.doubtfulManifest = manifest }
            throw error
        }
        isDoubtful = false
        files.manifest = manifest
        files.doubtfulManifest = nil
    }

    // MARK: 6. The index

    private mutating func moveIndex() {
        let written = output.handOver()
        report.segmentsWritten = written.count
        let isInput = inputs.granules
        for segment in written {
            report.bytesWritten += segment.entry.end
            files.compacted.append(segment)
            files.publishGranules(base: segment.base, mappedBytes: segment.entry.end, salt: segment.entry.salt)
            var moved: UInt64 = 0
            var place = segment.base + LogFormat.segmentHeaderBytes
            while place < segment.base + segment.entry.end {
                // Safe: the segment was just written and mapped, and each record begins where the one before ends.
                let record = UnsafeRawPointer(files.region.base + place)
                let key = record.load(as: Int64.self)
                if let old = state.pointee.index.value(forKey: key), isInput.contains(old) {
                    // Safe: overwriting never needs memory.
                    do { try state.pointee.index.updateValue(UInt64(place), forKey: key) } catch {
                        preconditionFailure("the index refuses to overwrite: \(error)")
                    }
                    moved += 1
                }
                place += LogFormat.recordBytes(valueBytes: Int(record.load(fromByteOffset: 8, as: UInt32.self)))
            }
            let (records, deletes) = (segment.entry.records, segment.entry.tombstones)
            precondition(moved + deletes == records, "a record was copied that the index does not have")
            files.setCounts(of: segment.base, bytes: segment.entry.end, garbage: 0, tombstones: deletes)
        }
        files.retire(log: inputs.logSegments, compacted: inputs.compactedSegments)
    }
}
