extension StoreCommitter {
    /// Makes a checkpoint with everything in it that was committed before the call, while other threads go on: see
    /// ``AlexStore/checkpoint()``. It returns when it is durable: call it on a thread that has nothing else to do.
    ///
    /// Nobody waits but for one replacement of the manifest (two syncs of small files). In class power the commits that
    /// wait are made durable first. It takes as much memory as the index, and O(bytes of log since the last checkpoint)
    /// + O(keys).
    ///
    /// - Throws: `io`, then the checkpoint before counts still; when a sync of the log has failed the store is
    ///   poisoned. `unsupported` while a compaction is under way, or when one has ended meanwhile; `poisoned`;
    ///   `closed`; `index` without memory.
    public func checkpoint() throws(AlexStoreError) {
        if let group = store.group { try group.wait(through: .max) }
        while true {
            let (job, isNew) = try locked { () throws(AlexStoreError) in try beginCheckpoint() }
            if isNew {
                job.run()
                return try locked { () throws(AlexStoreError) in try endCheckpoint(job) }
            }
            // One that was begun earlier has not everything in it.
            job.wait()
        }
    }

    private func beginCheckpoint() throws(AlexStoreError) -> (job: CheckpointJob, isNew: Bool) {
        let files = store.state.pointee.log.files
        switch files.state {
        case .closed: throw .closed
        case .poisoned: throw .poisoned
        case .open: break
        }
        if files.isCompacting { throw files.compactingError }
        try store.state.pointee.log.adoptCheckpointJob()
        if let job = files.checkpointJob { return (job, false) }
        let job = store.state.pointee.log.checkpointJob()
        files.checkpointJob = job
        return (job, true)
    }

    private func endCheckpoint(_ job: CheckpointJob) throws(AlexStoreError) {
        // Somebody else may have put it into force.
        if store.state.pointee.log.files.checkpointJob === job { try store.state.pointee.log.adoptCheckpointJob() }
        switch job.result {
        case .failed(let error): throw error
        case .poisons(let error): throw .io(error)
        case .made where !job.isAdopted, .dropped where job.wasCancelled:
            throw job.failure ?? .unsupported("the checkpoint was not put into force; the one before counts")
        default: return
        }
    }
}
