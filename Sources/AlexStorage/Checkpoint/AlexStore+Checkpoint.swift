extension AlexStore {
    /// Makes everything durable and writes an image of the index, so that the next open reads only what is written
    /// after this call. O(keys): some 25 bytes of file for each.
    ///
    /// A store makes one by itself when it is closed (``AlexStoreOptions/checkpointsOnClose``). What it does is write
    /// time and disk space for time to open after a crash: 10 million keys take 250 MB. The checkpoint before is kept
    /// until the new one is durable. Nothing is done when nothing was written since.
    ///
    /// - Throws: `io`, with `ENOSPC` on a full disk: then the checkpoint before counts still, and writes go on;
    ///   `poisoned` after a failed sync of the log; `scanInProgress`; `unsupported` while a compaction is under way;
    ///   `closed`.
    public func checkpoint() throws(AlexStoreError) {
        if let group { return try group.checkpoint() }
        settleCompaction()
        let state = state
        try state.pointee.log.checkpoint(of: state.pointee.index)
    }

    /// Returns once nothing is under way that the store has begun by itself and that takes a processor's time: the
    /// checkpoint that is being made, if there is one, is in force, and the log's next stretch is ready. Beside a
    /// compaction the checkpoint is over, and whether it comes into force is decided when the compaction ends. It
    /// begins nothing, and what is durable is durable as before. Commits on other threads wait meanwhile, at most as
    /// long as a checkpoint takes, O(bytes of log since the last one) + O(keys).
    ///
    /// For who wants to measure, or to stop the machine, after a load.
    ///
    /// - Throws: `io` when a sync failed that the checkpoint needed, then the store is poisoned; `closed`.
    public func finishOwnWork() throws(AlexStoreError) {
        if let group { return try group.finishOwnWork() }
        try state.pointee.log.finishOwnWork()
    }
}
