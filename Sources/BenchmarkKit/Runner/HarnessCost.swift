import StorageBackends

/// The harness's own cost: what stands in every figure and is subtracted from none.
struct HarnessCost {
    /// The run loop over backend `null`, a slice in the proportions of `mixed`.
    let nanosecondsPerOperation: Double
    /// The comparison of one value with what it must be, where the value is in the first-level cache: whoever reads a
    /// value brings it there, so that is the engine's time and not the check's.
    let checkNanosecondsPerValue: Double
    /// One reading of the clock.
    let timerNanoseconds: Double

    /// - Parameter run: The workload that the cost stands beside: a short run gets a short measurement.
    init(_ null: any StorageBackend, beside run: Workload, sliceOperations: Int) throws(BackendError) {
        let longest = run.phases.map(\.operations).max() ?? run.records
        var workload = Workload(
            name: "harness",
            records: min(max(longest, RunTuning.harnessOperationsMin), RunTuning.harnessOperations), value: run.value,
            load: Workload.Load(row: "harness", batch: 1))
        let affordable = RunTuning.harnessBytesLimit / max(workload.valueBytesLargest, 1)
        workload.records = min(workload.records, affordable)
        let operations = Int(workload.records)
        workload.phases = [
            Workload.Phase(
                name: "harness", operations: workload.records, mix: Workload.Mix([.read: 80, .insert: 20]))
        ]
        let sliceOperations = Int(workload.sliceOperations(UInt64(sliceOperations), batch: 1))
        let stream = OperationStream(workload, seed: 1, countLimit: UInt64(operations) * 2)
        var checked: UInt64 = 0
        var right = true
        let bytes = workload.valueBytesLargest + UInt64(MemoryLayout<StorageBackends.Operation>.stride)
        let near = max(Int(RunTuning.harnessNearBytes / bytes), 1)
        while stream.count < workload.records {
            let slice = stream.inserts(min(sliceOperations, near, Int(workload.records - stream.count)))
            let begin = monotonicNanoseconds()
            right = Self.check(slice) && right
            checked += monotonicNanoseconds() - begin
        }
        guard right else { throw BackendError(.invalid, "the value check refuses the stream's own values") }
        stream.begin(workload.phases[0])
        var tally = Tally()
        var ran: UInt64 = 0
        var rest = operations
        while rest > 0 {
            let slice = stream.slice(min(sliceOperations, rest))
            rest -= slice.operations.count
            let begin = monotonicNanoseconds()
            try null.run(slice, tally: &tally)
            ran += monotonicNanoseconds() - begin
        }
        nanosecondsPerOperation = Double(ran) / Double(operations)
        checkNanosecondsPerValue = Double(checked) / Double(operations)
        timerNanoseconds = Self.timer(readings: operations)
    }

    private static func check(_ slice: OperationSlice) -> Bool {
        var right = true
        for operation in slice.operations {
            right =
                slice.pattern.matches(
                    slice.value(of: operation), record: operation.record, version: operation.version) && right
        }
        return right
    }

    private static func timer(readings: Int) -> Double {
        let begin = monotonicNanoseconds()
        var last = begin
        for _ in 0..<readings { last = monotonicNanoseconds() }
        return Double(last - begin) / Double(readings)
    }
}
