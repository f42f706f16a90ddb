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
}
