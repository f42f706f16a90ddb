import CIntrinsics

// The measured loops. Specialised inside each adapter's module: see `StorageBackend`.

extension StorageBackend {
    /// Puts or reads the slice in batches of `batch` operations; 1 does each on its own. A batched slice is of puts
    /// alone or of reads alone.
    @inlinable
    public func load(_ slice: OperationSlice, batch: Int, tally: inout Tally) throws(BackendError) {
        guard batch > 1 else { return try run(slice, tally: &tally) }
        if slice.isReads { return try readBatches(slice, batch: batch, lock: nil, tally: &tally) }
        var start = 0
        while start < slice.operations.count {
            let end = min(start &+ batch, slice.operations.count)
            try putBatch(PutBatch(slice[start..<end]))
            start = end
        }
    }

    /// Runs the slice, each operation independent of the last: throughput.
    @inlinable
    public func run(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        for operation in slice.operations {
            _ = try perform(operation, of: slice, tally: &tally)
        }
    }

    /// Runs the slice, each key computed from the value that was read last: an operation can't begin before the last
    /// one has ended.
    @inlinable
    public func runDependent(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        // `carried` is always zero, which the processor can't know before the value has arrived.
        var carried: UInt64 = 0
        for var operation in slice.operations {
            operation.key ^= Int64(bitPattern: carried)
            let word = try perform(operation, of: slice, tally: &tally)
            // A write gives no word: the next operation depends on the last read all the same.
            if word != 0 { carried = intrinsics_opaque_zero(word) }
        }
    }

    /// Runs the slice with a clock around each operation and stores its nanoseconds: latency, never throughput.
    @inlinable
    public func runTimed(
        _ slice: OperationSlice, nanoseconds: UnsafeMutableBufferPointer<UInt64>, tally: inout Tally
    ) throws(BackendError) {
        var index = 0
        for operation in slice.operations {
            let begin = intrinsics_monotonic_nanoseconds()
            _ = try perform(operation, of: slice, tally: &tally)
            nanoseconds[index] = UInt64(truncatingIfNeeded: intrinsics_monotonic_nanoseconds() &- begin)
            index &+= 1
        }
    }

    /// One operation, its answer checked. Returns a word of the value that was read, 0 if there was none.
    @inlinable @inline(__always)
    func perform(
        _ operation: Operation, of slice: OperationSlice, tally: inout Tally
    ) throws(BackendError) -> UInt64 {
        switch operation.kind {
        case .read, .readAbsent:
            return try read(operation, of: slice, tally: &tally)
        case .insert, .update:
            try put(operation.key, slice.value(of: operation))
        case .remove:
            if try !remove(operation.key) { tally.mismatch(operation.key) }
        case .scan:
            try scan(operation, of: slice, tally: &tally)
        case .readModifyWrite:
            return try readModifyWrite(operation, of: slice, tally: &tally)
        }
        return 0
    }

    /// Not inlined: the loop's common operations are small because this one is elsewhere.
    @inlinable @inline(never)
    func readModifyWrite(
        _ operation: Operation, of slice: OperationSlice, tally: inout Tally
    ) throws(BackendError) -> UInt64 {
        let old = Operation(
            .read, key: operation.key, record: operation.record, version: operation.version &- 1,
            length: slice.oldLength(of: operation))
        let word = try read(old, of: slice, tally: &tally)
        try put(operation.key, slice.value(of: operation))
        return word
    }

    @inlinable @inline(__always)
    func read(
        _ operation: Operation, of slice: OperationSlice, tally: inout Tally
    ) throws(BackendError) -> UInt64 {
        let answer = try get(operation.key) { slice.answer($0, to: operation) }
        tally.count(answer, to: operation, isChecked: slice.checksValues)
        return answer?.word ?? 0
    }

    /// The first pair must be the key asked for, keys must ascend, and each value must be one of its key's.
    @inlinable
    func scan(
        _ operation: Operation, of slice: OperationSlice, tally: inout Tally
    ) throws(BackendError) {
        var last = operation.key
        var isFirst = true
        var wrong = 0
        var sum: UInt64 = 0
        var rank: UInt64 = 0
        let count = try scan(from: operation.key, limit: Int(operation.length)) { key, bytes in
            if isFirst ? key != last : key <= last { wrong &+= 1 }
            isFirst = false
            last = key
            if slice.checksValues {
                if !slice.pattern.matchesAnyVersion(bytes, record: slice.keys.record(ofKey: key, near: &rank)) {
                    wrong &+= 1
                }
            }
            sum &+= UInt64(bytes.last ?? 0)
        }
        if count == 0 || wrong > 0 { tally.mismatch(operation.key) }
        if slice.checksValues { tally.checkedValues &+= UInt64(count) }
        tally.scannedPairs &+= UInt64(count)
        tally.readSum &+= sum
    }
}
