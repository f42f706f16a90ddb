import StorageBackends

extension StoreRun {
    /// The engines that take part in the current row.
    var runners: [Contestant] { contestants.filter { $0.isRunning && !$0.isSkipping } }

    func place(_ pass: Pass, row: String) -> RunRecorder.Place {
        RunRecorder.Place(
            workload: workload, row: row, pass: pass.rawValue, repeat: `repeat`, threads: threads(of: row))
    }

    /// The load and the settling are one thread's.
    func threads(of row: String) -> Int {
        row == workload.load.row || row == workload.settleRow ? 1 : threads
    }

    func beginRow() {
        expectedHits = 0
        expectedMisses = 0
        putBytesBefore = stream.putBytes
        for contestant in contestants { contestant.beginRow() }
    }

    /// Runs a pass: slices of the stream, each run by every engine in its turn.
    func run(
        _ pass: Pass, row: String, operations: UInt64, batch: UInt64, _ makeSlice: (Int) -> OperationSlice
    ) throws(RunError) {
        let runners = runners
        for contestant in runners { contestant.beginPass() }
        let sliceLength = sliceLength(pass, batch: min(batch, operations))
        var arrivals = pass.isOpen ? makeArrivals() : nil
        if let rate = plan.loop.rate {
            for contestant in runners { contestant.nanosecondsPerUnit = 1e9 / Double(rate) }
        }
        var rest = operations
        while rest > 0 {
            plan.turns?.passOn()
            let slice = makeSlice(Int(min(rest, sliceLength)))
            rest -= UInt64(slice.operations.count)
            if runners.contains(where: { $0.crew != nil }) { shares.deal(slice, arrivals: &arrivals) }
            expectedHits += stream.expectedHits
            expectedMisses += stream.expectedMisses
            for index in order.next(runners.count) {
                try recorder.checkCancelled()
                try turn(runners[index], pass, row: row, slice, batch: Int(min(batch, operations)))
            }
        }
        scheduledUnits = arrivals?.time ?? 0
    }

    /// Whole batches, as many as the usual slice holds or its bytes allow, at least one.
    private func sliceLength(_ pass: Pass, batch: UInt64) -> UInt64 {
        var usual = UInt64(plan.sliceOperations)
        if pass == .open, let rate = plan.loop.rate { usual = min(usual, max(rate * RunTuning.openTurnSeconds, 1)) }
        return workload.sliceOperations(usual, batch: batch)
    }

    private func turn(
        _ contestant: Contestant, _ pass: Pass, row: String, _ slice: OperationSlice, batch: Int
    ) throws(RunError) {
        if contestant.crew != nil { return try turnOfCrew(contestant, pass, row: row, slice, batch: batch) }
        let count = slice.operations.count
        let clocks = UnsafeMutableBufferPointer(rebasing: clockBuffer[..<min(count, clockBuffer.count)])
        try turn(contestant, pass, row: row, operations: count) { backend, tally throws(BackendError) -> UInt64? in
            switch pass {
            case .dependent: try backend.runDependent(slice, tally: &tally)
            case .latency: try backend.runTimed(slice, nanoseconds: clocks, tally: &tally)
            case .throughput, .load: try runInChunks(contestant, slice, batch: batch, tally: &tally)
            default: try backend.load(slice, batch: batch, tally: &tally)
            }
            return nil
        }
        if pass == .latency { contestant.addServiceTimes(clocks) }
    }

    /// The slice in stretches with a look at the clock after each, for the series over time.
    private func runInChunks(
        _ contestant: Contestant, _ slice: OperationSlice, batch: Int, tally: inout Tally
    ) throws(BackendError) {
        let count = slice.operations.count
        var start = 0
        var begin = monotonicNanoseconds()
        while start < count {
            let end = min(start + max(contestant.chunkOperations / batch, 1) * batch, count)
            try contestant.backend.load(slice[start..<end], batch: batch, tally: &tally)
            let now = monotonicNanoseconds()
            contestant.addChunk(operations: end - start, nanoseconds: now - begin)
            begin = now
            start = end
        }
    }

    /// One timed turn of one engine.
    /// - Parameter body: Returns its own measure of the time where it has a better one, else `nil`.
    func turn(
        _ contestant: Contestant, _ pass: Pass, row: String, operations: Int,
        _ body: (any StorageBackend, inout Tally) throws(BackendError) -> UInt64?
    ) throws(RunError) {
        let residentBefore = memory.bytes()
        let useBefore = resources.reading()
        let elapsed: UInt64
        do throws(BackendError) {
            let begin = monotonicNanoseconds()
            let measured = try body(contestant.backend, &contestant.tally)
            elapsed = measured ?? (monotonicNanoseconds() - begin)
        } catch {
            throw RunError(error, backend: contestant.name, row: row)
        }
        let use = resources.reading() - useBefore
        contestant.residentBytes += memory.bytes() - residentBefore
        contestant.observed.add(use, operations: operations, resident: contestant.residentBytes)
        contestant.nanoseconds += elapsed
        contestant.operations += UInt64(operations)
        recorder.turn(place(pass, row: row), contestant.name, operations: operations, nanoseconds: elapsed)
    }

    /// Each engine does its debt. Where the load is the only row that is a figure of this row, `settle_ns`; else it is
    /// a row of its own, whose `ns_per_op` is for each record loaded.
    func settle() throws(RunError) {
        for index in order.next(contestants.count) {
            try recorder.checkCancelled()
            let contestant = contestants[index]
            contestant.beginPass()
            try turn(contestant, .settle, row: workload.settleRow, operations: 0) {
                backend, _ throws(BackendError) -> UInt64? in
                try backend.settle()
                return nil
            }
        }
        for contestant in contestants {
            addAllIn(contestant, settleNanoseconds: contestant.nanoseconds)
            observeRow(workload.phases.isEmpty ? workload.load.row : workload.settleRow, contestant)
            if workload.phases.isEmpty {
                add("settle_ns", Double(contestant.nanoseconds), "ns", row: workload.load.row, contestant)
            } else {
                contestant.operations = workload.records
                add("elapsed_ns", Double(contestant.nanoseconds), "ns", row: workload.settleRow, contestant)
                add("ns_per_op", contestant.nanosecondsPerOperation, "ns", row: workload.settleRow, contestant)
                addSizes(row: workload.settleRow, contestant)
            }
        }
    }
}
