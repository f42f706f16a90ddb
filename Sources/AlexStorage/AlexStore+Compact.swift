import LearnedIndex

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension AlexStore {
    /// Writes the live records of segments with much garbage anew, in the order of the keys, and gives the space of
    /// those segments back. O(keys + bytes of the segments taken); it returns when it is done.
    ///
    /// A crash at any point leaves the store with the same content, in the old files or in the new. Slices that a
    /// ``ReadPin`` has handed out stay as they are: the old files go when no pin is left. Everything written before is
    /// durable afterwards, in every class. The same holds for what readers on other threads and snapshots see.
    ///
    /// ```swift
    /// let report = try store.compact(.everything)
    /// ```
    ///
    /// - Throws: `io`, with `ENOSPC` when there is no room for the new files: then nothing has changed. When a sync
    ///   of the log itself fails the store is poisoned. `damaged` when a record can't be read: salvage it. If it is one
    ///   that was just written, reads go on in the old files: copy what there is before the store is closed.
    ///   `scanInProgress` inside the body of a scan or of ``withValue(forKey:_:)``; `addressSpaceExhausted`;
    ///   `unsupported` for a policy that can't be; `poisoned`; `closed`.
    @discardableResult
    public func compact(_ policy: CompactionPolicy = CompactionPolicy()) throws(AlexStoreError) -> CompactionReport {
        try compact(policy) { _ in true }
    }

    /// The same, told how far it is: see ``compact(_:)``.
    ///
    /// - Parameter progress: Called after each 256 records with the share of what is to be copied, 0 to 1; returning
    ///   false takes everything back.
    /// - Throws: as `compact(_:)` does, and `cancelled`: then nothing has changed.
    @discardableResult
    public func compact(
        _ policy: CompactionPolicy = CompactionPolicy(), progress: (Double) -> Bool
    ) throws(AlexStoreError) -> CompactionReport {
        try policy.check()
        if let group {
            return try group.exclusively { () throws(AlexStoreError) in try compactAlone(policy, progress) }
        }
        return try compactAlone(policy, progress)
    }

    /// The same with nobody else in the store.
    private func compactAlone(
        _ policy: CompactionPolicy, _ progress: (Double) -> Bool
    ) throws(AlexStoreError) -> CompactionReport {
        guard let inputs = try beginCompaction(policy) else { return CompactionReport() }
        defer { state.pointee.log.files.isCompacting = false }
        var compaction = Compaction(state: state, inputs: inputs)
        do throws(AlexStoreError) {
            let durable = try state.pointee.log.makeDurableForCompaction()
            try compaction.gatherTombstones()
            let bytes = Double(max(inputs.liveBytes, 1))
            var isDone = false
            while !isDone {
                if !progress(min(Double(compaction.bytesCopied) / bytes, 1)) { throw .cancelled }
                isDone = try compaction.copySome(visitsMax: .max)
            }
            try compaction.seal()
            try compaction.publish(durable)
        } catch {
            compaction.abandon()
            throw error
        }
        while try !compaction.moveSome(recordsMax: .max) {}
        compaction.retireInputs()
        dismissReplaced()
        // A reader on another thread mostly has what it needs in a moment.
        for _ in 0..<64 where !state.pointee.log.files.leaving.isEmpty {
            sched_yield()
            dismissReplaced()
        }
        return compaction.report
    }

    /// Chooses the inputs; `nil` when there is nothing to do. From then on the store is compacting.
    func beginCompaction(_ policy: CompactionPolicy) throws(AlexStoreError) -> CompactionInputs? {
        let files = state.pointee.log.files
        // What is not in it would be dropped.
        state.pointee.index.complete()
        if let unreadable = files.unreadable { throw unreadable }
        switch files.state {
        case .closed: throw .closed
        case .poisoned: throw .poisoned
        case .open: break
        }
        if files.frozenDepth > 0 { throw files.frozenError }
        if state.pointee.borrows > 0 { throw .scanInProgress }
        endCompaction()
        if files.isCompacting { throw files.compactingError }
        dismissReplaced()
        if policy.sealsTail, let tail = state.pointee.log.segmentCounts().last, tail.records > 0,
            tail.garbageShare >= policy.garbageShareMin
        {
            try state.pointee.log.sealTail()
        }
        let inputs = CompactionInputs(
            policy, among: state.pointee.log.segmentCounts(), granuleCount: files.granuleCount)
        if inputs.isEmpty { return nil }
        // It would be of other files; and the log's length is another one afterwards.
        files.checkpointJob?.cancel()
        files.checkpointRetryBytes = 0
        files.isCompacting = true
        return inputs
    }

    /// Unlinks and unmaps segments that compaction has replaced, unless a slice of them may still be read.
    func dismissReplaced() {
        if state.pointee.log.files.leaving.isEmpty || !mayDismiss { return }
        state.pointee.log.files.dismissLeaving(state.pointee.reach())
    }

    /// The same in part: what may be unlinked and unmapped now, by whoever took it.
    func takeReplaced() -> [LogFiles.LeavingSegment] {
        mayDismiss ? state.pointee.log.files.takeLeaving(state.pointee.reach()) : []
    }

    /// Whether nobody on the store's own thread holds a slice.
    private var mayDismiss: Bool {
        state.pointee.pins == 0 && state.pointee.borrows == 0 && state.pointee.log.isOpen
    }

    /// Ends a pin.
    func unpin() {
        state.pointee.pins -= 1
        if state.pointee.pins == 0 { dismissReplaced() }
    }
}
