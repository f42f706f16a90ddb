import CIntrinsics

// The loops of one thread among several, and of the open loop. Specialised inside each adapter's module, as the
// measured loops of one thread are.

extension StorageBackend {
    @inlinable
    public func makeSession() throws(BackendError) -> (any StorageBackend)? { nil }

    /// Runs a thread's share of a slice. With a lock, it is held for the length of each operation or batch, and the
    /// time spent waiting for it counts.
    @inlinable
    public func run(
        _ slice: OperationSlice, as loop: OperationLoop, lock: OperationLock?, tally: inout Tally
    ) throws(BackendError) {
        switch loop {
        case .throughput(let batch):
            guard let lock else { return try load(slice, batch: batch, tally: &tally) }
            try load(slice, batch: batch, lock: lock, tally: &tally)
        case .dependent:
            guard let lock else { return try runDependent(slice, tally: &tally) }
            try runDependent(slice, lock: lock, tally: &tally)
        case .timed(let nanoseconds):
            guard let lock else { return try runTimed(slice, nanoseconds: nanoseconds, tally: &tally) }
            try runTimed(slice, nanoseconds: nanoseconds, clock: SystemPacingClock(), lock: lock, tally: &tally)
        case .paced(let pacing):
            try runPaced(slice, pacing, clock: SystemPacingClock(), lock: lock, tally: &tally)
        }
    }

    /// Runs each operation when it is due, or at once if that is past, and stores the time from when it was due to its
    /// end. A stall so is charged to every operation that it delays, not only to the one that stalled.
    @inlinable
    public func runPaced(
        _ slice: OperationSlice, _ pacing: Pacing, clock: some PacingClock, lock: OperationLock?, tally: inout Tally
    ) throws(BackendError) {
        var index = 0
        for operation in slice.operations {
            let due = pacing.due[index]
            clock.wait(until: due)
            lock?.lock()
            defer { lock?.unlock() }
            _ = try perform(operation, of: slice, tally: &tally)
            pacing.responses[index] = clock.now() &- due
            index &+= 1
        }
    }

    /// The closed loop with a clock of the caller's: each operation is timed from its own beginning.
    @inlinable
    public func runTimed(
        _ slice: OperationSlice, nanoseconds: UnsafeMutableBufferPointer<UInt64>, clock: some PacingClock,
        lock: OperationLock?, tally: inout Tally
    ) throws(BackendError) {
        var index = 0
        for operation in slice.operations {
            let begin = clock.now()
            lock?.lock()
            defer { lock?.unlock() }
            _ = try perform(operation, of: slice, tally: &tally)
            nanoseconds[index] = clock.now() &- begin
            index &+= 1
        }
    }

    @inlinable
    func load(
        _ slice: OperationSlice, batch: Int, lock: OperationLock, tally: inout Tally
    ) throws(BackendError) {
        if batch > 1, slice.isReads { return try readBatches(slice, batch: batch, lock: lock, tally: &tally) }
        var start = 0
        while start < slice.operations.count {
            let end = min(start &+ max(batch, 1), slice.operations.count)
            lock.lock()
            defer { lock.unlock() }
            if batch > 1 {
                try putBatch(PutBatch(slice[start..<end]))
            } else {
                _ = try perform(slice.operations[start], of: slice, tally: &tally)
            }
            start = end
        }
    }

    @inlinable
    func runDependent(_ slice: OperationSlice, lock: OperationLock, tally: inout Tally) throws(BackendError) {
        var carried: UInt64 = 0
        for var operation in slice.operations {
            operation.key ^= Int64(bitPattern: carried)
            lock.lock()
            defer { lock.unlock() }
            let word = try perform(operation, of: slice, tally: &tally)
            if word != 0 { carried = intrinsics_opaque_zero(word) }
        }
    }
}
