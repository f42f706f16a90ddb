public import CIntrinsics

// The loop over batches of reads. Specialised inside each adapter's module, as the other measured loops are.

extension StorageBackend {
    /// Reads the slice in batches of `batch` keys, every answer checked. A lock is held for the length of each batch.
    ///
    /// The keys of a batch are gathered first, for whoever reads many at once has them in a list: half a nanosecond a
    /// key, the same for every engine.
    @inlinable
    func readBatches(
        _ slice: OperationSlice, batch: Int, lock: OperationLock?, tally: inout Tally
    ) throws(BackendError) {
        let operations = slice.operations
        var failure: BackendError?
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: min(batch, operations.count)) { keys in
            do throws(BackendError) {
                var start = 0
                while start < operations.count {
                    let count = min(batch, operations.count &- start)
                    // Safe: there are as many places as a batch has keys, and as many operations left.
                    for number in 0..<count { keys.initializeElement(at: number, to: operations[start &+ number].key) }
                    lock?.lock()
                    defer { lock?.unlock() }
                    try readBatch(slice, from: start, UnsafeBufferPointer(rebasing: keys[..<count]), tally: &tally)
                    start &+= count
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// One batch of at least one key: the answers must come in the order of the keys, one for each.
    @inlinable @inline(__always)
    func readBatch(
        _ slice: OperationSlice, from start: Int, _ keys: UnsafeBufferPointer<Int64>, tally: inout Tally
    ) throws(BackendError) {
        var answered = 0
        var isInTurn = true
        try getBatch(keys) { number, bytes in
            guard number == answered, number < keys.count else {
                isInTurn = false
                return
            }
            answered &+= 1
            let operation = slice.operations[start &+ number]
            tally.count(bytes.map { slice.answer($0, to: operation) }, to: operation, isChecked: slice.checksValues)
        }
        if !isInTurn || answered < keys.count { tally.mismatch(keys[0]) }
    }
}

extension OperationSlice {
    /// Whether the first operation, and so all of a batched slice, reads one key.
    @inlinable
    var isReads: Bool {
        guard let kind = operations.first?.kind else { return false }
        return kind == .read || kind == .readAbsent
    }

    /// What a read found: a word of the value, and whether the value is the one that `operation` must find.
    @inlinable @inline(__always)
    func answer(_ bytes: UnsafeRawBufferPointer, to operation: Operation) -> (word: UInt64, isRight: Bool) {
        // The last bytes, so that a lazily loaded value is loaded whole even when it is not checked.
        let word =
            bytes.count >= 8
            ? bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
            : UInt64(bytes.last ?? 0)
        guard checksValues else { return (word, true) }
        // The operation's length, so that the check's loops need not wait for the engine's word on it: the fewer
        // instructions wait for a value, the sooner begins the next read. Hidden, as the compiler takes equals for each
        // other.
        let length = Int(truncatingIfNeeded: intrinsics_unknown(UInt64(operation.length)))
        guard bytes.count == Int(operation.length) else { return (word, false) }
        let expected = UnsafeRawBufferPointer(start: bytes.baseAddress, count: length)
        return (word, pattern.matches(expected, record: operation.record, version: operation.version))
    }
}

extension Tally {
    /// Counts what a read found, `nil` for nothing.
    @inlinable @inline(__always)
    mutating func count(_ answer: (word: UInt64, isRight: Bool)?, to operation: Operation, isChecked: Bool) {
        guard let answer else {
            misses &+= 1
            if operation.kind == .read { mismatch(operation.key) }
            return
        }
        hits &+= 1
        if isChecked { checkedValues &+= 1 }
        if !answer.isRight || operation.kind == .readAbsent { mismatch(operation.key) }
        readSum &+= answer.word
    }
}
