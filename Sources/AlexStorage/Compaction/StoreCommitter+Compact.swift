import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension StoreCommitter {
    /// Compacts in steps, with other threads' reads and writes in between. It returns when it is done: call it on a
    /// thread that has nothing else to do.
    ///
    /// Nobody waits for longer than one step: to look at 4,096 keys of the index and copy 256 records, to give 1,024
    /// records their new place, or, once, to replace the manifest (two syncs of small files). Copying goes no faster
    /// than `bytesPerSecond`. All else is as for ``AlexStore/compact(_:)``.
    ///
    /// - Throws: as `compact` does, and `unsupported` while another compaction is under way. `closed` when the store is
    ///   closed meanwhile: the next open finds the old files or the new ones, whole.
    @discardableResult
    public func compactInBackground(
        _ policy: CompactionPolicy = CompactionPolicy(), bytesPerSecond: Int = 64 << 20
    ) throws(AlexStoreError) -> CompactionReport {
        guard bytesPerSecond > 0 else {
            throw .unsupported("bytesPerSecond \(bytesPerSecond) is no rate; use 1 or more")
        }
        try policy.check()
        guard let inputs = try begin(policy) else { return CompactionReport() }
        var compaction = Compaction(state: store.state, inputs: inputs)
        do throws(AlexStoreError) {
            try compaction.gatherTombstones()
            let start = ContinuousClock.now
            while try !copySome(&compaction) {
                try sleep(compaction.bytesCopied, since: start, bytesPerSecond)
            }
            try compaction.seal()
            try publish(&compaction, try makeDurable())
        } catch {
            monitor.lock()
            defer { monitor.unlock() }
            compaction.abandon()
            files.isCompacting = false
            throw error
        }
        while try !moveSome(&compaction) { sched_yield() }
        try retire(&compaction)
        return compaction.report
    }

    private var files: LogFiles { store.state.pointee.log.files }

    /// Returns when the bytes that were copied are due. The lock is anyone's in the meantime, also where they are.
    private func sleep(
        _ bytes: Int, since start: ContinuousClock.Instant, _ bytesPerSecond: Int
    ) throws(AlexStoreError) {
        sched_yield()
        while let pause = CompactionPace.pause(
            bytes: bytes, bytesPerSecond: bytesPerSecond, elapsed: ContinuousClock.now - start)
        {
            usleep(pause)
            // A close does not wait for hours.
            try locked { () throws(AlexStoreError) in try checkOpen() }
        }
    }

    // MARK: Steps, each with the lock for as long as it says

    private func begin(_ policy: CompactionPolicy) throws(AlexStoreError) -> CompactionInputs? {
        if let group = store.group {
            return try group.exclusively { () throws(AlexStoreError) in try store.beginCompaction(policy) }
        }
        return try locked { () throws(AlexStoreError) in try store.beginCompaction(policy) }
    }

    private func copySome(_ compaction: inout Compaction) throws(AlexStoreError) -> Bool {
        monitor.lock()
        defer { monitor.unlock() }
        try checkOpen()
        return try compaction.copySome(visitsMax: 4096)
    }

    /// Makes everything durable that the index shows by now, without the lock.
    private func makeDurable() throws(AlexStoreError) -> DurablePlace {
        let (paths, durable) = try locked { () throws(AlexStoreError) -> ([String], DurablePlace) in
            try checkOpen()
            return try store.state.pointee.log.unsyncedForCompaction()
        }
        do throws(StorageIOError) {
            try Compaction.sync(paths, files.segmentsDirectory, files.fileSystem, files.syncs)
        } catch {
            let error = AlexStoreError.io(error)
            monitor.lock()
            defer { monitor.unlock() }
            if !error.isOfOpening { store.state.pointee.log.poison() }
            throw error
        }
        return durable
    }

    private func publish(_ compaction: inout Compaction, _ durable: DurablePlace) throws(AlexStoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        try checkOpen()
        store.state.pointee.log.noteDurable(durable)
        try compaction.publish(durable)
    }

    private func moveSome(_ compaction: inout Compaction) throws(AlexStoreError) -> Bool {
        monitor.lock()
        defer { monitor.unlock() }
        try checkReadable()
        return try compaction.moveSome(recordsMax: 1024)
    }

    /// Unlinking and unmapping take their time: without the lock. Readers under way are waited for a little.
    private func retire(_ compaction: inout Compaction) throws(AlexStoreError) {
        do {
            monitor.lock()
            defer { monitor.unlock() }
            try checkReadable()
            compaction.retireInputs()
        }
        for attempt in 0..<Self.dismissalsMax {
            if attempt > 0 { usleep(100) }
            monitor.lock()
            let going = store.takeReplaced()
            let isLast = files.leaving.isEmpty || attempt == Self.dismissalsMax - 1
            monitor.unlock()
            let gone = files.dismiss(going)
            monitor.lock()
            files.giveBack(going, gone: gone)
            if isLast { files.isCompacting = false }
            monitor.unlock()
            if isLast { break }
        }
    }

    /// How often it is tried to remove what was replaced, 100 µs apart; the rest goes with the next compaction.
    private static let dismissalsMax = 16

    /// After a close the index is empty: there is nothing to move, and what was replaced is the next open's to remove.
    private func checkReadable() throws(AlexStoreError) {
        if files.state == .closed { throw files.unreadable ?? .closed }
    }

    private func checkOpen() throws(AlexStoreError) {
        switch files.state {
        case .closed: throw .closed
        case .poisoned: throw .poisoned
        case .open: break
        }
    }
}
