import LearnedIndex
import StorageIO

// Making a checkpoint. The order is what keeps it from being ahead of the log:
//
// 1. The log is synced up to its end, the position.
// 2. The checkpoint's file is written under another name, synced, renamed; the folder is synced.
// 3. A manifest that names it is written, with the position as its durable mark.
// 4. The checkpoint before is removed.
//
// A crash before step 3 is done leaves the old checkpoint in force, or none; the new file is removed at the next open.

extension ValueLog {
    /// The end of the log.
    var position: LogPlace { LogPlace(segment: files.segments[files.tail].id, offset: end - segmentBase) }

    /// Whether there is a checkpoint of all that the log holds.
    private var isCheckpointed: Bool {
        guard let (position, layoutGeneration) = files.checkpointed else { return false }
        return position == self.position && layoutGeneration == files.manifest.layoutGeneration
    }

    /// Makes a checkpoint of the index, which holds what the log does. Steps 1 to 4.
    ///
    /// - Throws: `io`, then the checkpoint before counts still; `poisoned`, `scanInProgress`, `closed`;
    ///   `unsupported` while a compaction is under way.
    mutating func checkpoint(of index: borrowing AlexIndex) throws(AlexStoreError) {
        index.complete()
        if files.state == .closed { throw closedError }
        if files.state == .poisoned { throw .poisoned }
        if files.frozenDepth > 0 { throw .scanInProgress }
        // The index may be half moved to the new segments.
        if files.isCompacting { throw files.compactingError }
        try adoptCheckpointJob()
        files.dropCheckpointJob()
        checkNothingWaits()
        let position = position
        if isCheckpointed || nextSequence == 1 { return }
        if files.options.defences.syncsBeforeCheckpoint { try syncSegments() }
        files.durableSequence = nextSequence - 1
        var manifest = files.manifest
        manifest.checkpoint = try writeCheckpoint(of: index)
        // Behind the mark nothing is written before the manifest says that it is open.
        manifest.isOpen = manifest.isOpen || position != manifest.mark
        manifest.mark = position
        manifest.markSequence = nextSequence
        try files.replaceManifest(manifest)
        adoptCheckpoint(position)
    }

    /// Whether a close should make one.
    var wantsCheckpoint: Bool {
        let options = files.options
        guard options.checkpointsOnClose, nextSequence > 1, !isCheckpointed, !files.isCompacting else { return false }
        // Compaction takes away the checkpoint that was there.
        let covered = files.manifest.checkpoint == 0 ? 0 : files.checkpointedBytes
        return logBytes - covered >= options.checkpointOnCloseBytesMin
    }

    /// Step 2. Returns its number. The log is durable up to its end.
    func writeCheckpoint(of index: borrowing AlexIndex) throws(AlexStoreError) -> UInt64 {
        // Not the number of one that a manifest may name though its replacement was not acknowledged.
        files.checkpointNumber = max(files.checkpointNumber, files.manifest.checkpoint) + 1
        let (log, id) = (files, files.checkpointNumber)
        let (compacted, segments) = checkpointSegments()
        let (position, sequence, checksum) = (position, nextSequence, lastChecksum)
        let written = index.withImage { image, bytes in
            Result { () throws(StorageIOError) in
                log.writtenImageBytes = bytes.count
                let checkpoint = Checkpoint(
                    store: log.manifest.store, id: id, layoutGeneration: log.manifest.layoutGeneration,
                    position: position, sequence: sequence, lastChecksum: checksum, compacted: compacted,
                    segments: segments, image: image)
                try CheckpointFile.write(checkpoint, bytes, log.fileSystem, in: log.directory)
            }
        }
        try throwingStoreError { () throws(StorageIOError) in try written.get() }
        return id
    }

    /// The segments as a checkpoint of the log's end names them.
    func checkpointSegments() -> (compacted: [Checkpoint.Segment], log: [Checkpoint.Segment]) {
        let counts = segmentCounts()
        func entry(_ segment: SegmentCounts) -> Checkpoint.Segment {
            Checkpoint.Segment(
                id: segment.id, base: segment.place, end: segment.end, salt: segment.salt,
                baseSequence: segment.oldestSequence, records: segment.records, tombstones: segment.tombstones,
                garbage: segment.garbage)
        }
        return (counts.filter { $0.entry != nil }.map(entry), counts.filter { $0.entry == nil }.map(entry))
    }

    /// Step 4, and what is known of it from now on. The manifest that names it is durable.
    func adoptCheckpoint(_ position: LogPlace) {
        files.checkpointed = (position, files.manifest.layoutGeneration)
        files.checkpointedBytes = logBytes
        files.checkpointedImageBytes = files.writtenImageBytes
        CheckpointFile.removeOthers(than: files.manifest.checkpoint, files.fileSystem, in: files.directory)
    }
}
