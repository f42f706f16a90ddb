import StorageIO

// Checkpoints made while the store is used, from its side: when one is due, what it is made of, and how it comes into
// force. All of it runs where the log is grown, on the store's thread or with its lock: every few MiB of log.

extension ValueLog {
    /// Puts a checkpoint into force that is ready, and has the next one made when enough was written.
    ///
    /// - Throws: `io` when the sync of the log has failed that the checkpoint needed; then the log is poisoned.
    mutating func tendCheckpoint() throws(AlexStoreError) {
        if files.checkpointJob != nil { try adoptCheckpointJob() }
        guard isCheckpointDue else { return }
        let job = checkpointJob()
        files.checkpointJob = job
        if files.options.checkpointsOnThread, let worker = files.checkpointThread() {
            worker.submit { job.run() }
        } else {
            job.run()
        }
    }

    private var isCheckpointDue: Bool {
        let every = files.options.checkpointBytes
        guard every > 0, files.checkpointJob == nil, files.state == .open, !files.isCompacting else { return false }
        let bytes = logBytes
        // Of a large index the image is large, too: no more of images is written than of log.
        let covered = files.manifest.checkpoint == 0 ? 0 : files.checkpointedBytes
        return bytes - covered >= max(every, files.checkpointedImageBytes) && bytes >= files.checkpointRetryBytes
    }

    /// Copies out what a checkpoint of the log's present end is made of. O(segments).
    func checkpointJob() -> CheckpointJob {
        files.checkpointNumber = max(files.checkpointNumber, files.manifest.checkpoint) + 1
        let (compacted, segments) = checkpointSegments()
        let goesOn =
            files.manifest.checkpoint != 0 && files.checkpointed?.layoutGeneration == files.manifest.layoutGeneration
        return CheckpointJob(
            files: files, id: files.checkpointNumber, compacted: compacted, segments: segments, goesOn: goesOn,
            logBytes: logBytes)
    }

    /// Puts the checkpoint of a job that is over into force: one replacement of the manifest. Nothing is done while it
    /// runs, nor while a compaction may replace the manifest.
    ///
    /// - Throws: as `tendCheckpoint` does.
    mutating func adoptCheckpointJob() throws(AlexStoreError) {
        guard let job = files.checkpointJob, let outcome = job.result else { return }
        // A compaction's thread may be writing a manifest. Its end shows whether this one is of use.
        if case .made = outcome, files.isCompacting { return }
        files.checkpointJob = nil
        switch outcome {
        case .made(let position, let sequence, let imageBytes):
            adopt(job, position, sequence, imageBytes)
        case .poisons(let error):
            poison()
            throw .io(error)
        case .failed: putOffCheckpoint()
        case .dropped: break
        }
    }

    private mutating func adopt(_ job: CheckpointJob, _ position: LogPlace, _ sequence: UInt64, _ imageBytes: Int) {
        let isOfUse = job.manifest.layoutGeneration == files.manifest.layoutGeneration
        guard files.state == .open else { return }
        files.noteSynced(before: position.segment)
        if job.rewritesSuspects { files.suspect = nil }
        guard isOfUse else { return removeCheckpoints(through: job.id) }
        // In class power a group may be on its way that is in it.
        if files.isMapped { files.durableSequence = max(files.durableSequence, sequence - 1) }
        var manifest = files.manifest
        manifest.checkpoint = job.id
        if manifest.mark < position {
            (manifest.mark, manifest.markSequence, manifest.isOpen) = (position, sequence, true)
        }
        do throws(AlexStoreError) { try files.replaceManifest(manifest) } catch {
            job.refused(error)
            return putOffCheckpoint()
        }
        files.checkpointed = (position, manifest.layoutGeneration)
        files.checkpointedBytes = job.logBytes
        files.checkpointedImageBytes = imageBytes
        job.adopted()
        removeCheckpoints(through: job.id)
    }

    /// Waits for those who work for the store beside it: see ``AlexStore/finishOwnWork()``.
    mutating func finishOwnWork() throws(AlexStoreError) {
        guard isOpen else { throw closedError }
        files.growth.worker?.wait()
        files.checkpointJob?.wait()
        try adoptCheckpointJob()
        files.checkpointWorker?.wait()
    }

    /// A failure is no reason to try again at once: a full disk stays full for a while.
    private func putOffCheckpoint() {
        // With the largest number there is, none is made by itself.
        let (bytes, isBeyond) = logBytes.addingReportingOverflow(files.options.checkpointBytes)
        files.checkpointRetryBytes = isBeyond ? .max : bytes
    }

    /// Removes the one that was replaced, those that compactions have made void, and those that came too late. Freeing
    /// the blocks of a long file takes its time: on the thread that has made the new one.
    private func removeCheckpoints(through id: UInt64) {
        let (fileSystem, directory, kept) = (files.fileSystem, files.directory, files.manifest.checkpoint)
        if let worker = files.checkpointWorker {
            worker.wait()
            worker.submit { CheckpointFile.remove(through: id, keeping: kept, fileSystem, in: directory) }
        } else {
            CheckpointFile.remove(through: id, keeping: kept, fileSystem, in: directory)
        }
    }
}

extension LogFiles {
    /// The thread that makes checkpoints, with nothing to do; `nil` when the system has none to give. Nobody waits for
    /// it, so that it leaves the processors to who writes and to who makes room.
    func checkpointThread() -> GrowthWorker? {
        if checkpointWorker == nil { checkpointWorker = GrowthWorker(yields: true) }
        checkpointWorker?.wait()
        return checkpointWorker
    }

    /// Has a checkpoint that is being made come to nothing. Returns once nobody works on one.
    func dropCheckpointJob() {
        checkpointJob?.cancel()
        checkpointJob?.wait()
        checkpointJob = nil
        checkpointWorker?.wait()
    }

    /// Whether somebody may still read segments that compaction has replaced.
    var isCheckpointUnderWay: Bool { checkpointJob.map { $0.result == nil } ?? false }
}
