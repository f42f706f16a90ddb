import LearnedIndex
import StorageIO

// A checkpoint whose image is brought in while the store is used (LearnedIndex/LateImage.swift). Its file stays open
// until that is done.
//
// 1. A block is read and held against its checksum when the index needs it.
// 2. When all are there, the entries are counted against what the checkpoint says of each segment.
// 3. When a block is not what was written, or the counts are not right, the checkpoint is left aside, as at open: the
//    index is built from the log up to the checkpoint's position, where the index was, and the report says why.
//
// What comes behind the position is entered by whoever needed the whole index. Before anything is appended the index is
// complete (`LogFiles.completeIndex`), so that counts made anew in step 3 are of the log as it was opened.
//
// Threads: those of the store, one at a time.

final class LateCheckpoint: ImageSource {
    private let reader: CheckpointReader
    private let files: LogFiles
    private var checkpoint: Checkpoint { reader.checkpoint }
    private var failure: StorageIOError?
    /// The store, once it is there.
    var store: UnsafeMutablePointer<AlexStore.State>?

    let blockBytes = Checkpoint.blockBytes

    init(_ reader: CheckpointReader, _ files: LogFiles) {
        self.reader = reader
        self.files = files
    }

    deinit { reader.close() }

    /// The index of the checkpoint; smaller ones are brought in at once.
    func index() throws(CheckpointRefusal) -> AlexIndex {
        do throws(InvariantViolation) {
            let index = try AlexIndex(
                image: checkpoint.image, bounds: checkpoint.valueBounds,
                atOnce: checkpoint.image.arenaBytes <= files.options.imageBytesReadAtOnce, source: self)
            if index.isLate {
                let handle = index.handle
                files.completeIndex = { handle.complete() }
                files.lateCheckpoint = self
            }
            return index
        } catch {
            throw CheckpointRefusal(failure?.description ?? error.description)
        }
    }

    // MARK: What the index asks for

    func fill(_ memory: UnsafeMutableRawBufferPointer, block: Int) -> Bool {
        do throws(StorageIOError) { return try reader.read(block, into: memory) } catch {
            failure = error
            return false
        }
    }

    func accepts(liveCounts: [UInt32]) -> Bool {
        (checkpoint.compacted + checkpoint.segments).allSatisfy { segment in
            let live = liveCounts[segment.granules].reduce(UInt64(0)) { $0 + UInt64($1) }
            return live + segment.garbage + segment.tombstones == segment.records
        }
    }

    func replacement(reason: String) -> AlexIndex? {
        files.recovery.checkpoint = .ignored(reason: failure?.description ?? reason)
        files.checkpointed = nil
        files.completeIndex = nil
        do throws(AlexStoreError) {
            let index = try rebuilt()
            store?.pointee.log.countGarbage(index)
            return index
        } catch {
            // Neither the checkpoint nor the log: no answer would be right any more.
            files.unreadable = error
            files.state = .closed
            return nil
        }
    }

    /// An index made of the log up to the position.
    private func rebuilt() throws(AlexStoreError) -> AlexIndex {
        var index: AlexIndex
        do { index = try AlexIndex() } catch { throw .index(error) }
        var batch = ReplayBatch()
        defer { batch.release() }
        for segment in files.compacted {
            let scanner = CompactedScanner(
                start: files.region.base + segment.base, base: segment.base, entry: segment.entry,
                ahead: files.memory.pages.pass())
            do { try scanner.scan { batch.add($0, to: &index) } } catch {
                throw .damaged(file: files.path(of: segment.name), offset: error.offset, reason: error.reason)
            }
        }
        for segment in checkpoint.segments {
            var scanner = SegmentScanner(
                start: files.region.base + segment.base, base: segment.base, bound: segment.end, salt: segment.salt,
                sequence: segment.baseSequence, checksSequence: files.options.defences.checksSequence)
            scanner.ahead = files.memory.pages.pass()
            let fault = scanner.scan { batch.add($0, to: &index) }
            if let fault {
                throw .damaged(
                    file: files.path(of: LogFiles.segmentName(segment.id)), offset: scanner.offset,
                    reason: fault.reason)
            }
            for number in files.segments.indices where files.segments[number].id == segment.id {
                // Recovery may have counted more behind the position, or is about to.
                let behind = max(files.segments[number].tombstones, segment.tombstones) - segment.tombstones
                files.segments[number].tombstones = scanner.tombstones + behind
            }
        }
        do { try batch.finish(into: &index) } catch { throw .index(error) }
        return index
    }
}
