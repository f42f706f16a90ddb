import LearnedIndex
import StorageIO

extension ValueLog {
    /// What each segment holds: the compacted ones, then the log's, the tail last. O(segments).
    func segmentCounts() -> [SegmentCounts] {
        var all: [SegmentCounts] = []
        all.reserveCapacity(segmentCount)
        for segment in files.compacted {
            let counts = files.counts(of: segment.base, bytes: segment.entry.end)
            all.append(
                SegmentCounts(
                    id: segment.entry.id, name: segment.name, entry: segment.entry, place: segment.base,
                    salt: segment.entry.salt, end: segment.entry.end, records: segment.entry.records,
                    garbage: counts.garbage, tombstones: counts.tombstones,
                    oldestSequence: segment.entry.oldestSequence))
        }
        for (index, segment) in files.segments.enumerated() {
            let isTail = index == files.tail
            let bytes = isTail ? end - segmentBase : segment.end
            let counts = files.counts(of: segment.base, bytes: bytes)
            let endSequence = isTail ? nextSequence : segment.endSequence
            all.append(
                SegmentCounts(
                    id: segment.id, name: segment.name, isTail: isTail, place: segment.base,
                    salt: granules[segment.base >> LogFormat.granuleShift].salt, end: bytes,
                    records: endSequence - segment.baseSequence, garbage: counts.garbage,
                    tombstones: counts.tombstones, oldestSequence: segment.baseSequence))
        }
        return all
    }

    /// Whether nothing was written since the checkpoint that opening went on from, so that its counts hold.
    var hasCheckpointedCounts: Bool {
        files.recovery.checkpoint == .used && files.checkpointedSequence == nextSequence
    }

    /// Counts the garbage of each segment anew: what is no tombstone and not in the index. O(keys), at open.
    func countGarbage(_ index: borrowing AlexIndex) {
        let granules = granules
        for segment in segmentCounts() {
            files.setCounts(of: segment.place, bytes: segment.end, garbage: 0, tombstones: 0)
        }
        // First the live ones are counted where the garbage will be.
        index.forEach(in: .min ... .max) { _, place in
            // Safe: places in the index lie in segments.
            granules[Int(place >> UInt64(LogFormat.granuleShift))].garbage += 1
            return true
        }
        let tombstonesOfLog = Dictionary(uniqueKeysWithValues: files.segments.map { ($0.id, $0.tombstones) })
        for segment in segmentCounts() {
            let (counted, tombstones) = (segment.garbage, segment.entry?.tombstones ?? tombstonesOfLog[segment.id] ?? 0)
            precondition(tombstones <= segment.records, "more records are tombstones than there are")
            // More only where a checkpoint lies, whose content may not end the process.
            let live = min(counted, segment.records - tombstones)
            files.setCounts(
                of: segment.place, bytes: segment.end, garbage: segment.records - live - tombstones,
                tombstones: tombstones)
        }
    }

    /// Makes everything durable that the index shows, before a compaction drops what it has superseded. In class power
    /// it is, and only the tail's name may not be.
    mutating func makeDurableForCompaction() throws(AlexStoreError) -> DurablePlace {
        if files.isMapped {
            if files.options.defences.syncsBeforeCompaction { try syncSegments() }
            files.durableSequence = nextSequence - 1
            return endOfLog
        }
        try syncNames()
        return startOfTail
    }

    /// The files that a sync has yet to make durable, and the place before which all is once that and the directory
    /// are synced: for doing so elsewhere.
    mutating func unsyncedForCompaction() throws(AlexStoreError) -> (paths: [String], durable: DurablePlace) {
        guard files.isMapped else { return ([], startOfTail) }
        if !files.options.defences.syncsBeforeCompaction { return ([], endOfLog) }
        if files.suspect != nil { _ = try makeDurableForCompaction() }
        return (files.segments[files.firstUnsynced...].map { files.path(of: $0.name) }, endOfLog)
    }

    /// Notes what was made durable elsewhere.
    func noteDurable(_ durable: DurablePlace) {
        files.durableSequence = max(files.durableSequence, durable.sequence - 1)
        files.noteSynced(before: durable.place.segment)
    }

    /// The end of the log.
    var endOfLog: DurablePlace {
        DurablePlace(
            place: LogPlace(segment: files.segments[files.tail].id, offset: end - segmentBase), sequence: nextSequence)
    }

    /// The tail's first record. In class power everything before it is durable, and so is its header.
    var startOfTail: DurablePlace {
        let tail = files.segments[files.tail]
        return DurablePlace(
            place: LogPlace(segment: tail.id, offset: LogFormat.segmentHeaderBytes), sequence: tail.baseSequence)
    }

    /// Makes the tail's name durable.
    private mutating func syncNames() throws(AlexStoreError) {
        if files.isDirectorySynced { return }
        do throws(AlexStoreError) {
            try throwingStoreError { () throws(StorageIOError) in
                try files.syncs.syncDirectory(files.segmentsDirectory, files.fileSystem)
            }
        } catch {
            // The tail's own name may be lost: a sync of the log has failed.
            if !error.isOfOpening { poison() }
            throw error
        }
        files.isDirectorySynced = true
    }

    /// The record at `place`, compared with its checksum whatever the options say.
    func checkedRecord(
        at place: UInt64, key: Int64
    ) throws(AlexStoreError) -> (value: UnsafeRawBufferPointer, sequence: UInt64) {
        guard let record = wholeRecord(at: Int(place)), record.key == key else {
            throw damage(at: Int(place), key: key)
        }
        return (record.value, record.sequence)
    }

    /// The record at a place of a segment; `nil` when its length does not fit or its checksum does not match.
    func wholeRecord(at place: Int) -> (key: Int64, value: UnsafeRawBufferPointer, sequence: UInt64)? {
        let granule = granules[place >> LogFormat.granuleShift]
        guard granule.end - place >= LogFormat.recordHeaderBytes else { return nil }
        // Safe: a header's bytes lie below the segment's end, which is mapped.
        let record = UnsafeRawPointer(base + place)
        let valueBytes = Int(record.load(fromByteOffset: 8, as: UInt32.self))
        let seed = Checksum.seed(salt: granule.salt, offset: UInt64(place - granule.base))
        guard valueBytes <= granule.end - place - LogFormat.recordHeaderBytes,
            Checksum.record(seed: seed, at: record, valueBytes: valueBytes)
                == record.load(fromByteOffset: 12, as: UInt32.self)
        else { return nil }
        return (
            record.load(as: Int64.self),
            UnsafeRawBufferPointer(start: record + LogFormat.recordHeaderBytes, count: valueBytes),
            record.load(fromByteOffset: 16, as: UInt64.self) >> 8
        )
    }

    /// The manifest that names `outputs` and retires `inputs`, which lie before `durable`.
    func manifest(
        retiring inputs: CompactionInputs, for outputs: [Manifest.Compacted], durable: DurablePlace
    ) -> Manifest {
        var manifest = files.manifest
        manifest.layoutGeneration += 1
        manifest.checkpoint = 0
        manifest.nextCompacted = files.nextCompacted
        manifest.compacted.removeAll { inputs.compactedSegments.contains($0.id) }
        manifest.compacted += outputs
        for (index, segment) in files.segments.enumerated() where inputs.logSegments.contains(segment.id) {
            manifest.retire(retiredEntry(of: index))
        }
        precondition(
            inputs.logSegments.allSatisfy { $0 < durable.place.segment }, "a segment is retired that is not durable")
        if manifest.mark < durable.place {
            (manifest.mark, manifest.markSequence, manifest.isOpen) = (durable.place, durable.sequence, true)
        }
        return manifest
    }

    /// What the chain of headers says of a sealed segment: its own header, its successor's or what replaces that.
    private func retiredEntry(of index: Int) -> Manifest.Retired {
        let segment = files.segments[index]
        let own = header(of: segment)
        let last: (end: UInt64, checksum: UInt32)
        if let gap = files.manifest.retired(from: segment.id + 1) {
            last = (UInt64(gap.previousEnd), gap.previousChecksum)
        } else {
            let next = header(of: files.segments[index + 1])
            last = (next.previousEnd, next.previousChecksum)
        }
        precondition(last.end == UInt64(segment.end), "a segment ends elsewhere than its successor says")
        return Manifest.Retired(
            first: segment.id, last: segment.id, baseSequence: segment.baseSequence,
            nextSequence: segment.endSequence, previousEnd: Int(own.previousEnd),
            previousChecksum: own.previousChecksum, lastEnd: segment.end, lastChecksum: last.checksum)
    }

    private func header(of segment: LogFiles.Segment) -> (previousEnd: UInt64, previousChecksum: UInt32) {
        // Safe: a segment is mapped from its base on, at least its header, which was checked when it was read or made.
        let page = UnsafeRawPointer(files.region.base + segment.base)
        return (page.load(fromByteOffset: 64, as: UInt64.self), page.load(fromByteOffset: 72, as: UInt32.self))
    }
}

/// A place of the log before which everything is durable, and the sequence number of the record there.
struct DurablePlace {
    var place: LogPlace
    var sequence: UInt64
}

extension Manifest {
    /// Adds a retired segment, joined with the ranges that it borders on.
    mutating func retire(_ segment: Retired) {
        var joined = segment
        if let index = retired.firstIndex(where: { $0.last + 1 == joined.first }) {
            let before = retired.remove(at: index)
            (joined.first, joined.baseSequence) = (before.first, before.baseSequence)
            (joined.previousEnd, joined.previousChecksum) = (before.previousEnd, before.previousChecksum)
        }
        if let index = retired.firstIndex(where: { $0.first == joined.last + 1 }) {
            let after = retired.remove(at: index)
            (joined.last, joined.nextSequence) = (after.last, after.nextSequence)
            (joined.lastEnd, joined.lastChecksum) = (after.lastEnd, after.lastChecksum)
        }
        let index = retired.firstIndex { $0.first > joined.last } ?? retired.count
        retired.insert(joined, at: index)
    }
}
