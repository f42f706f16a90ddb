import LearnedIndex
import StorageIO

// Opening with a checkpoint: what lies before its position is not read again.
//
// 1. Segments are put where the checkpoint's places mean them, as long as that can be.
// 2. What the checkpoint says of them is held against their files and headers: all are there, none is another, none is
//    shorter, each header follows on the segment before it. The record at the position, if there is one, is the next.
// 3. The image becomes the index. Then the scan begins at the position.
//
// If anything is not so, the checkpoint is left aside, and the scan begins at the first segment: it finds out what is
// wrong with the log, if it is the log.

extension LogRecovery {
    /// Where the scan of a segment begins when not behind its header.
    struct Resumption {
        var index: Int
        var position: LogPlace
        var sequence: UInt64
        var lastChecksum: UInt32
        /// Of the segment, before the position.
        var tombstones: UInt64
    }

    /// Step 1: where the checkpoint wants the segments, unless they have come too near to each other: the log's in the
    /// lower half of the region, the compacted ones in the upper, or where segments of the log have been before.
    mutating func adoptPlacement(of checkpoint: Checkpoint) {
        let half = files.granuleCount / 2 * LogFormat.granuleBytes
        guard checkpoint.logEnd <= half, checkpoint.regionEnd <= files.ceiling,
            checkpoint.compacted.allSatisfy({ $0.base >= half || $0.base < checkpoint.logEnd }),
            checkpoint.compacted.map(\.id) == files.manifest.compacted.map(\.id),
            zip(checkpoint.compacted, files.manifest.compacted).allSatisfy({ $0.end == $1.end && $0.salt == $1.salt })
        else { return }
        for segment in checkpoint.segments { placement[segment.id] = segment.base }
        var free = files.ceiling
        for segment in checkpoint.compacted.sorted(by: { $0.base > $1.base }) {
            compactedPlacement[segment.id] = segment.base
            if segment.base < half { continue }
            let end = segment.base + LogFiles.wholeGranules(segment.end)
            if end < free { files.freeRanges.append(end..<free) }
            free = segment.base
        }
        files.ceiling = free
    }

    /// Steps 2 and 3. Returns where the scan begins; `nil` when the checkpoint is left aside.
    mutating func resume(
        _ reader: CheckpointReader, _ end: inout End, _ takeImage: (CheckpointReader) -> String?
    ) -> Resumption? {
        let checkpoint = reader.checkpoint
        if let reason = mismatch(checkpoint) ?? takeImage(reader) {
            files.recovery.checkpoint = .ignored(reason: reason)
            return nil
        }
        let last = checkpoint.segments.count - 1
        guard let header = headers[last] else { preconditionFailure("a header that was compared is not there") }
        for index in 0..<last { adopt(checkpoint.segments[index], index) }
        end.sequence = header.baseSequence
        end.lastChecksum = header.previousChecksum
        end.durable = checkpoint.position
        files.recovery.checkpoint = .used
        files.checkpointed = (checkpoint.position, checkpoint.layoutGeneration)
        files.checkpointedSequence = checkpoint.sequence
        files.checkpointedImageBytes = checkpoint.image.arenaBytes
        for entry in checkpoint.compacted + checkpoint.segments {
            files.setCounts(
                of: entry.base, bytes: entry.end, garbage: entry.garbage, tombstones: entry.tombstones)
        }
        files.checkpointedBytes = files.recovery.bytesKept + checkpoint.position.offset
        return Resumption(
            index: last, position: checkpoint.position, sequence: checkpoint.sequence,
            lastChecksum: checkpoint.lastChecksum, tombstones: checkpoint.segments[last].tombstones)
    }

    /// Enters a segment that is not scanned.
    private func adopt(_ entry: Checkpoint.Segment, _ index: Int) {
        files.segments[index].end = entry.end
        files.segments[index].baseSequence = entry.baseSequence
        files.segments[index].endSequence = entry.baseSequence + entry.records
        files.segments[index].tombstones = entry.tombstones
        let segment = files.segments[index]
        files.publishGranules(base: segment.base, mappedBytes: segment.allocated, salt: entry.salt)
        files.recovery.bytesKept += entry.end
    }

    /// What does not fit between a checkpoint and the log that was found.
    private func mismatch(_ checkpoint: Checkpoint) -> String? {
        guard checkpoint.compacted.map(\.base) == files.compacted.map(\.base),
            checkpoint.compacted.map(\.id) == files.compacted.map(\.entry.id),
            checkpoint.compacted.map(\.end) == files.compacted.map(\.entry.end)
        else { return "its places are not those of the compacted segments" }
        let mapped =
            files.compacted.map { $0.base..<($0.base + $0.mappedBytes) }
            + files.segments.map { $0.base..<($0.base + $0.allocated) }
        let ascending = mapped.sorted { $0.lowerBound < $1.lowerBound }
        guard zip(ascending, ascending.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else {
            return "segments have grown over each other's places"
        }
        guard checkpoint.segments.count <= files.segments.count else { return "it is ahead of the log" }
        for (index, entry) in checkpoint.segments.enumerated() {
            let segment = files.segments[index]
            guard segment.id == entry.id, let header = headers[index], header.salt == entry.salt,
                header.baseSequence == entry.baseSequence
            else { return "\(segment.name) is not the segment that it was made for" }
            guard segment.base == entry.base else { return "its places lie too far up in the address space" }
            guard segment.end >= entry.end else { return "it is ahead of the log" }
        }
        return chainFault(checkpoint) ?? recordFault(checkpoint)
    }

    /// Whether each segment up to the position's, and the one behind it, follows on what is before.
    private func chainFault(_ checkpoint: Checkpoint) -> String? {
        for index in 1..<max(min(checkpoint.segments.count + 1, headers.count), 1) {
            guard let header = headers[index] else { continue }
            let before = checkpoint.segments[index - 1]
            if let gap = files.manifest.retired(before: header.id) {
                // The manifest stands in for the headers of what is retired.
                guard gap.first == before.id + 1, gap.previousEnd == before.end, header.previousID == gap.last else {
                    return "the log ends elsewhere than it says"
                }
                continue
            }
            let isSealed = index < checkpoint.segments.count
            let fits = isSealed ? header.previousEnd == before.end : header.previousEnd >= before.end
            guard header.previousID == before.id, fits else { return "the log ends elsewhere than it says" }
        }
        return nil
    }

    /// Whether the record at the position, if there is one, is another than the next.
    private func recordFault(_ checkpoint: Checkpoint) -> String? {
        let segment = files.segments[checkpoint.segments.count - 1]
        let entry = checkpoint.segments[checkpoint.segments.count - 1]
        let scanner = SegmentScanner(
            start: files.region.base + segment.base, base: segment.base, bound: segment.end, salt: entry.salt,
            sequence: checkpoint.sequence)
        guard case .success(let found) = scanner.record(at: entry.end) else { return nil }
        return found.sequence == checkpoint.sequence ? nil : "the log goes on otherwise than it says"
    }
}
