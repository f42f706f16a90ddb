import StorageBackends

// The figures of a row.
//
// metric                unit     pass, or what
// ops_per_second        ops/s    throughput
// ns_per_op             ns       throughput: mean of an operation; of `settle`: of a record loaded
// elapsed_ns            ns       throughput, whole; of `settle`: whole
// reader_ops_per_second ops/s    throughput with writers of their own: the threads that read
// writer_ops_per_second ops/s    throughput with writers of their own: the threads that write
// settle_ns             ns       settling after a load that is the only row, whole
// ns_per_pair           ns       throughput of a mix with scans, a pair returned
// scanned_pairs         count    throughput of a mix with scans
// dependent_ns_per_op   ns       dependent
// p50_ns … max_ns       ns       latency; a percentile with too few samples beyond it is left out
// response_p50_ns …     ns       open loop: from when an operation was due to its end
// asked_per_second      ops/s    open loop: the rate that the schedule asked for
// achieved_per_second   ops/s    open loop: the rate that came of it
// slo_ops_per_second    ops/s    the highest rate of the open loop at which the objective held
// remaps                count    throughput: what the engine counts of its own work, exact, under its own names
// hits, misses          count    all passes of the row, warm-up included
// checked_values        count    all passes of the row, warm-up included
// all_in_ops_per_second ops/s    load: records ÷ (its time and the settling's)
// disk_bytes            bytes    allocated under the store's folder at the row's end
// resident_bytes        bytes    growth of the process in the engine's own turns up to the row's end
extension StoreRun {
    func add(_ metric: String, _ value: Double, _ unit: String, row: String, _ contestant: Contestant) {
        guard isRecorded(row) else { return }
        recorder.add(
            metric, value, unit, row: row, backend: contestant.name, place: place(.throughput, row: row))
    }

    /// A load that is repeated for another number of threads is no further sample of the load.
    private func isRecorded(_ row: String) -> Bool {
        let isPhase = row != workload.load.row && row != workload.settleRow
        return isPhase || workload.phases.isEmpty || threads == plan.loop.threads[0]
    }

    func addThroughput(row: String) {
        for contestant in runners {
            let mean = contestant.nanosecondsPerOperation
            add("ops_per_second", 1e9 / mean, "ops/s", row: row, contestant)
            add("ns_per_op", mean, "ns", row: row, contestant)
            add("elapsed_ns", Double(contestant.nanoseconds), "ns", row: row, contestant)
            if let rate = contestant.reading.operationsPerSecond {
                add("reader_ops_per_second", rate, "ops/s", row: row, contestant)
            }
            if let rate = contestant.writing.operationsPerSecond {
                add("writer_ops_per_second", rate, "ops/s", row: row, contestant)
            }
            for (metric, count) in contestant.workOfPass {
                add(metric, Double(count), "count", row: row, contestant)
            }
            let pairs = contestant.tally.scannedPairs - contestant.pairsBefore
            guard pairs > 0 else { continue }
            add("ns_per_pair", Double(contestant.nanoseconds) / Double(pairs), "ns", row: row, contestant)
            add("scanned_pairs", Double(pairs), "count", row: row, contestant)
        }
    }

    func addDependent(row: String) {
        for contestant in runners {
            // On several threads each has a chain of its own: the time of one link is as many times longer.
            let mean = contestant.nanosecondsPerOperation * Double(threads)
            add("dependent_ns_per_op", mean, "ns", row: row, contestant)
        }
    }

    func addLatency(row: String) {
        for contestant in runners {
            for (metric, nanoseconds) in Percentiles(contestant.histogram).metrics {
                add(metric, Double(nanoseconds), "ns", row: row, contestant)
            }
            addHistogram(contestant.histogram, kind: "service", row: row, contestant)
        }
    }

    func addHistogram(_ histogram: LatencyHistogram, kind: String, row: String, _ contestant: Contestant) {
        guard !histogram.isEmpty, isRecorded(row) else { return }
        recorder.result.histograms.append(
            RunResult.Histogram(
                workload: row, backend: contestant.name, scale: workload.records,
                threads: threads(of: row), repeat: `repeat`, kind: kind, encoded: histogram.encoded))
    }

    /// The row over time. The two lists come from two passes and may differ in length.
    func addSeries(row: String, _ contestant: Contestant) {
        var series = RunResult.IntervalSeries(
            workload: row, backend: contestant.name, scale: workload.records, threads: threads(of: row),
            repeat: `repeat`,
            intervalMilliseconds: plan.loop.intervalNanoseconds / 1_000_000,
            operationsPerSecond: contestant.throughputSeries.operationsPerSecond,
            p99Nanoseconds: contestant.latencySeries.p99Nanoseconds)
        series.join(limit: RunTuning.intervalsLimit)
        if !series.operationsPerSecond.isEmpty, isRecorded(row) { recorder.result.intervals.append(series) }
    }

    func addSizes(row: String, _ contestant: Contestant) {
        let disk = FileSystemProbe.allocatedBytes(under: contestant.directory)
        add("disk_bytes", Double(disk), "bytes", row: row, contestant)
        add("resident_bytes", Double(max(contestant.residentBytes, 0)), "bytes", row: row, contestant)
    }

    /// Verifies the row, then adds what it counted.
    func endRow(_ row: String) throws(RunError) {
        try verifyAnswers(row: row)
        for contestant in runners {
            let tally = contestant.tally
            add("hits", Double(tally.hits), "count", row: row, contestant)
            add("misses", Double(tally.misses), "count", row: row, contestant)
            add("checked_values", Double(tally.checkedValues), "count", row: row, contestant)
            addSizes(row: row, contestant)
            addSeries(row: row, contestant)
            // Where the load is the only row its settling belongs to it.
            if !(workload.phases.isEmpty && row == workload.load.row) { observeRow(row, contestant) }
        }
    }

    func addReceipt() {
        let receipt = RunResult.StreamReceipt(
            workload: workload.name, scale: workload.records, repeat: `repeat`, seed: stream.seed,
            operations: stream.operations, streamHash: hexadecimal(stream.hash), stateDigest: stream.expected.text)
        if !recorder.result.streams.contains(receipt) { recorder.result.streams.append(receipt) }
    }

    /// Takes out the engines that can't run a phase. Where the phase changes the store they are out for good, and what
    /// they hold is verified now, while it still is what the stream says.
    func leaveThoseWithout(_ phase: Workload.Phase) throws(RunError) {
        for contestant in contestants {
            guard contestant.isRunning else {
                recorder.addUnavailable(
                    phase.name, contestant.name,
                    "it left at an earlier row that it can't run and that changes the store")
                continue
            }
            guard let reason = Self.lack(of: contestant.descriptor, for: phase) else { continue }
            recorder.addUnavailable(phase.name, contestant.name, reason)
            if phase.mix.changesStore {
                try verifyState(of: contestant)
                contestant.isRunning = false
            } else {
                contestant.isSkipping = true
            }
        }
    }

    static func lack(of descriptor: BackendDescriptor, for phase: Workload.Phase) -> String? {
        let needs: [(kind: Operation.Kind, capability: Capabilities, words: String)] = [
            (.update, .update, "it can't update a key"), (.remove, .remove, "it can't remove a key"),
            (.scan, .scan, "it can't scan in key order"), (.readModifyWrite, .update, "it can't update a key"),
        ]
        return needs.first { phase.mix[$0.kind] > 0 && !descriptor.capabilities.contains($0.capability) }?.words
    }
}
