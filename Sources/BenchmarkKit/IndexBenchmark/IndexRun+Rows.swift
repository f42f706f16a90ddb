import CSystemTrace
import StorageBackends

extension IndexRun {
    // MARK: - After a bulk load

    /// The rows that start from loaded indexes.
    func runLoaded(_ group: [IndexDescriptor], _ rows: [IndexRow]) throws(RunError) {
        guard !rows.isEmpty else { return }
        let contestants = try fresh(group)
        try load(contestants, isReported: rows.contains(.bulkLoad))
        for row in rows where row != .bulkLoad {
            let able = able(row, contestants)
            switch row {
            case .scan: try scan(able)
            case .remove: try remove(able)
            default: try lookUp(row, able)
            }
            recorder.endRow()
        }
    }

    /// The row whose lookups run beside a writer: on fresh indexes, because it changes them.
    func runReaders(_ group: [IndexDescriptor]) throws(RunError) {
        let row = IndexRow.lookupBesideWriter
        let contestants = able(row, try fresh(group))
        try load(contestants, isReported: false)
        // The reader's keys stay, the writer's come and go.
        let (mine, others) = queries.halves()
        let rounds = 2 * IndexTuning.readerTurns
        for contestant in contestants {
            var alone = IndexReading()
            var beside = IndexReading()
            for round in 0..<rounds {
                try recorder.checkCancelled()
                let asked = queries.draw(from: mine, max(1, lookups / rounds))
                note(asked[...])
                let reading = try read(contestant, asked, beside: round % 2 == 0 ? [] : others)
                if round % 2 == 0 { alone += reading } else { beside += reading }
            }
            try walk([contestant], row, keys)
            addReadings(contestant, alone, beside, lookupsOfEach: max(1, lookups / rounds) * IndexTuning.readerTurns)
        }
        recorder.endRow()
    }

    private func read(
        _ contestant: Contestant, _ asked: [Int64], beside others: [Int64]
    ) throws(RunError) -> IndexReading {
        let row = IndexRow.lookupBesideWriter
        let reading: IndexReading
        do throws(BackendError) {
            reading = try asked.withUnsafeBufferPointer { asked throws(BackendError) in
                try others.withUnsafeBufferPointer { others throws(BackendError) in
                    try contestant.index.lookUpByReader(asked, beside: others)
                }
            }
        } catch {
            throw RunError(error, backend: contestant.descriptor.name, row: plan.name(row, source))
        }
        try check(reading.tally, IndexTally.expected(asked[...], hit: true), contestant, row, "lookups by a reader")
        return reading
    }

    private func addReadings(
        _ contestant: Contestant, _ alone: IndexReading, _ beside: IndexReading, lookupsOfEach count: Int
    ) {
        let row = IndexRow.lookupBesideWriter
        contestant.nanoseconds = beside.nanoseconds
        contestant.operations = UInt64(count)
        addRate(contestant, row)
        add("checked_values", Double(alone.tally.hits + beside.tally.hits), "count", contestant, row)
        add("alone_ns_per_op", Double(max(alone.nanoseconds, 1)) / Double(count), "ns", contestant, row)
        let share = Double(max(alone.nanoseconds, 1)) / Double(max(beside.nanoseconds, 1))
        add("share_of_alone", share, "ratio", contestant, row)
        let writerRate = Double(beside.writes) * 1e9 / Double(max(beside.nanoseconds, 1))
        add("writer_ops_per_second", writerRate, "ops/s", contestant, row)
    }

    private func fresh(_ group: [IndexDescriptor]) throws(RunError) -> [Contestant] {
        // Each begins with memory that the system must give anew, not with what another index has let go of.
        system_release_heap()
        var contestants: [Contestant] = []
        for descriptor in group { contestants.append(try Contestant(descriptor)) }
        return contestants
    }

    private func load(_ contestants: [Contestant], isReported: Bool) throws(RunError) {
        try pass(.bulkLoad, "load", contestants, keys, sliceLength: keys.count, expecting: nil) {
            contestant, keys throws(BackendError) in
            try contestant.index.load(keys)
            return IndexTally()
        }
        try walk(contestants, .bulkLoad, keys)
        guard isReported else { return }
        let segments = Double(KeySetHardness.segments(of: keys)) * 1e6 / Double(keys.count)
        for contestant in contestants {
            addRate(contestant, .bulkLoad)
            addState(contestant, .bulkLoad)
            add("segments_per_million_keys", segments, "count", contestant, .bulkLoad)
        }
        recorder.endRow()
    }

    private var lookups: Int { Int(plan.operations ?? IndexTuning.lookups) }

    private func lookUp(_ row: IndexRow, _ contestants: [Contestant]) throws(RunError) {
        let hit = row != .lookupMiss
        let expecting: Expectation = { IndexTally.expected($0, hit: hit) }
        let loop: Loop =
            row == .lookupBatched ? { $0.index.lookUpBatched($1) } : { $0.index.lookUp($1) }
        let warmUp = min(lookups / 10, Int(RunTuning.warmUpLimit))
        try pass(row, "warm-up", contestants, queries.next(row, warmUp), expecting: expecting, loop)
        try pass(row, "throughput", contestants, queries.next(row, lookups), expecting: expecting, loop)
        for contestant in contestants {
            addRate(contestant, row)
            let hits = Double(contestant.tally.hits)
            add("hits", hits, "count", contestant, row)
            add("misses", Double(contestant.operations) - hits, "count", contestant, row)
            add("checked_values", hits, "count", contestant, row)
        }
        guard row != .lookupBatched else { return }
        let dependent = max(1, lookups / Int(IndexTuning.dependentShare))
        try pass(row, "dependent", contestants, queries.next(row, dependent), expecting: expecting) {
            $0.index.lookUpDependent($1)
        }
        for contestant in contestants {
            add(Metric.dependent, contestant.nanosecondsPerOperation, "ns", contestant, row)
        }
    }

    private func scan(_ contestants: [Contestant]) throws(RunError) {
        let scans = max(1, lookups / Int(IndexTuning.lookupsPerScan))
        // Shorter slices, for each operation is a hundred pairs.
        try pass(
            .scan, "throughput", contestants, queries.next(.scan, scans),
            sliceLength: RunTuning.sliceOperations / IndexRow.scanLength, expecting: nil
        ) { $0.index.scan(from: $1, length: IndexRow.scanLength) }
        for contestant in contestants {
            addRate(contestant, .scan)
            add("scanned_pairs", Double(contestant.tally.pairs), "count", contestant, .scan)
            add("checked_values", Double(contestant.tally.pairs), "count", contestant, .scan)
        }
    }

    private func remove(_ contestants: [Contestant]) throws(RunError) {
        let half = queries.half()
        let all: Expectation = {
            var tally = IndexTally()
            tally.hits = UInt64($0.count)
            return tally
        }
        try pass(.remove, "throughput", contestants, half, expecting: all) { $0.index.remove($1) }
        let removed = Set(half)
        let left = keys.filter { !removed.contains($0) }
        try walk(contestants, .remove, left)
        for contestant in contestants {
            addRate(contestant, .remove)
            addState(contestant, .remove)
        }
    }

    // MARK: - Into an empty index

    func runInserts(_ group: [IndexDescriptor], _ row: IndexRow) throws(RunError) {
        guard let insertOrder = row.insertOrder else { return }
        let arranged = insertOrder.arranged(keys, of: source.set, seed: seed)
        let contestants = able(row, try fresh(group))
        let none: Expectation = { _ in IndexTally() }
        try pass(row, "throughput", contestants, arranged, expecting: none) { contestant, keys throws(BackendError) in
            if row != .insertBatch { return try contestant.index.insert(keys) }
            try contestant.index.insertBatched(keys)
            return IndexTally()
        }
        for contestant in contestants { addRate(contestant, row) }
        try walk(contestants, row, keys)
        for contestant in contestants { addState(contestant, row) }
        let found: Expectation = { IndexTally.expected($0, hit: true) }
        try pass(row, "lookups after", contestants, queries.next(.lookup, lookups), expecting: found) {
            $0.index.lookUp($1)
        }
        for contestant in contestants {
            add("lookup_ns_per_op", contestant.nanosecondsPerOperation, "ns", contestant, row)
        }
        // A batch has no single insert to time.
        if row != .insertBatch { try timeInserts(contestants, row, arranged) }
        recorder.endRow()
    }

    /// Once more into empty indexes, with a clock around each insert.
    private func timeInserts(_ contestants: [Contestant], _ row: IndexRow, _ arranged: [Int64]) throws(RunError) {
        for contestant in contestants { contestant.index = try Contestant.empty(contestant.descriptor) }
        system_release_heap()
        for contestant in contestants {
            contestant.latencies = [UInt64](repeating: 0, count: arranged.count)
        }
        let none: Expectation = { _ in IndexTally() }
        try pass(row, "latency", contestants, arranged, expecting: none) { contestant, keys throws(BackendError) in
            let start = Int(contestant.operations)
            return try contestant.latencies.withUnsafeMutableBufferPointer { clocks throws(BackendError) in
                // Safe: there are as many clocks as keys in all slices.
                try contestant.index.insert(keys, nanoseconds: clocks.baseAddress.unsafelyUnwrapped + start)
            }
        }
        for contestant in contestants { addLatencies(contestant, row) }
    }

    /// One reading of the thread's clock, before each repeat: what stands in every latency.
    func measureClock() {
        let readings = 10_000
        let begin = monotonicNanoseconds()
        for _ in 0..<readings { _ = threadNanoseconds() }
        recorder.result.samples.append(
            RunResult.Sample(
                workload: Workload.harnessRow, backend: "null", durability: DurabilityClass.memory.rawValue,
                scale: UInt64(keys.count), valueBytes: 8, threads: 1, repeat: `repeat`, metric: "thread_timer_ns",
                value: Double(monotonicNanoseconds() - begin) / Double(readings), unit: "ns"))
    }

    // MARK: - Figures

    /// Walks all pairs: they are the payloads of these keys, in order where the index keeps one.
    private func walk(_ contestants: [Contestant], _ row: IndexRow, _ keys: [Int64]) throws(RunError) {
        var expected = IndexTally.expected(keys[...], hit: true)
        expected.pairs = expected.hits
        expected.hits = 0
        for contestant in contestants {
            try recorder.checkCancelled()
            let count = contestant.index.count
            guard count == keys.count else {
                throw RunError(
                    .verificationFailed,
                    "\(contestant.descriptor.name), \(plan.name(row, source)), repeat \(`repeat`): it counts \(count) "
                        + "keys, \(keys.count) are right; run it again with --seed \(plan.seed) and report it")
            }
            try check(contestant.index.walk(), expected, contestant, row, "the walk over all pairs")
        }
    }

    private func add(
        _ metric: String, _ value: Double, _ unit: String, _ contestant: Contestant, _ row: IndexRow
    ) {
        recorder.add(metric, value, unit, place(row), contestant.descriptor.name)
    }

    private func addRate(_ contestant: Contestant, _ row: IndexRow) {
        let nanoseconds = contestant.nanosecondsPerOperation
        add(Metric.operationsPerSecond, 1e9 / nanoseconds, "ops/s", contestant, row)
        add(Metric.nanosecondsPerOperation, nanoseconds, "ns", contestant, row)
    }

    /// Memory and structure as the row left them.
    private func addState(_ contestant: Contestant, _ row: IndexRow) {
        let count = max(contestant.index.count, 1)
        add(Metric.bytesPerKey, Double(contestant.index.allocatedBytes) / Double(count), "B", contestant, row)
        for figure in contestant.index.structure { add(figure.metric, figure.value, figure.unit, contestant, row) }
    }

    /// Exact percentiles of the thread's processor time; those with too few samples beyond them are left out.
    private func addLatencies(_ contestant: Contestant, _ row: IndexRow) {
        contestant.latencies.sort()
        let sorted = contestant.latencies
        let ranks: [(metric: String, share: Double)] = [
            ("p50_ns", 0.5), ("p99_ns", 0.99), ("p999_ns", 0.999), ("p9999_ns", 0.9999),
        ]
        for (metric, share) in ranks {
            let rank = Int((Double(sorted.count) * share).rounded(.up))
            guard sorted.count - rank >= RunTuning.samplesBeyondPercentile else { continue }
            add(metric, Double(sorted[rank - 1]), "ns", contestant, row)
        }
        if let worst = sorted.last { add("max_ns", Double(worst), "ns", contestant, row) }
        contestant.latencies = []
    }
}
