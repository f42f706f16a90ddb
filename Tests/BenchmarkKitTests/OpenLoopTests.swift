import StorageBackends
import Testing

@testable import BenchmarkKit

/// A clock that moves when somebody waits or works.
final class FakeClock: PacingClock {
    private(set) var time: UInt64 = 1_000_000
    func now() -> UInt64 { time }
    func wait(until due: UInt64) { time = max(time, due) }
    func pass(_ nanoseconds: UInt64) { time += nanoseconds }
}

/// Takes 1 µs an operation by the fake clock, and once stalls.
final class StallingBackend: StorageBackend {
    let clock: FakeClock
    private var gets = 0

    init(_ clock: FakeClock) { self.clock = clock }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) { clock.pass(1_000) }
    func putBatch(_ batch: PutBatch) throws(BackendError) {}
    func get<Result>(_ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result) throws(BackendError) -> Result? {
        gets += 1
        clock.pass(gets == 5_000 ? 100_000_000 : 1_000)
        return nil
    }
    func remove(_ key: Int64) throws(BackendError) -> Bool { true }
    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int { 0 }
    func close() throws(BackendError) {}
}

@Suite struct OpenLoopTests {
    private static let operations = 10_000

    /// The latencies of 10 000 operations of 1 µs, one of which stalls for 100 ms.
    private func latencies(isOpen: Bool, lock: OperationLock? = nil) throws -> LatencyHistogram {
        let clock = FakeClock()
        let backend = StallingBackend(clock)
        let all = (0..<Self.operations).map {
            Operation(.readAbsent, key: Int64($0), record: UInt64($0), version: 0, length: 0)
        }
        var times = [UInt64](repeating: 0, count: all.count)
        // Due every 10 µs: ten times slower than the engine is.
        let due = all.indices.map { clock.now() + UInt64($0 + 1) * 10_000 }
        var tally = Tally()
        try all.withUnsafeBufferPointer { operations in
            let slice = OperationSlice(
                operations: operations, values: UnsafeRawBufferPointer(start: nil, count: 0),
                pattern: ValuePattern(isText: false), keys: KeyMapping(seed: 1, ordered: true), checksValues: true)
            try times.withUnsafeMutableBufferPointer { times in
                try due.withUnsafeBufferPointer { due in
                    if isOpen {
                        let pacing = Pacing(due: due, responses: times)
                        try backend.runPaced(slice, pacing, clock: clock, lock: lock, tally: &tally)
                    } else {
                        try backend.runTimed(slice, nanoseconds: times, clock: clock, lock: lock, tally: &tally)
                    }
                }
            }
        }
        #expect(tally.misses == UInt64(Self.operations))
        let histogram = LatencyHistogram()
        for time in times { histogram.record(time) }
        return histogram
    }

    /// Coordinated omission: the closed loop waits out the stall and so asks for nothing meanwhile. Ten thousand
    /// operations were due in those 100 ms, and the open loop charges each with its wait.
    @Test func theOpenLoopShowsAStallThatTheClosedLoopHides() throws {
        let closed = try latencies(isOpen: false)
        #expect(closed.percentile(0.999) <= 1_010)
        #expect(closed.count(above: 2_000) == 1)
        #expect(closed.greatest == 100_000_000)

        let open = try latencies(isOpen: true)
        #expect(open.least == 1_000)
        // 5 001 operations are due from the stall on, the last of them 50 ms after it began; nine of ten µs of each
        // distance catch up.
        #expect(open.count(above: 2_000) > 4_900)
        #expect(open.percentile(0.6) > 50_000_000)
        #expect(open.percentile(0.99) > 90_000_000)
        #expect(open.greatest == 100_000_000)
    }

    @Test func aLockChangesNothingForOneThread() throws {
        let lock = OperationLock()
        #expect(try latencies(isOpen: true, lock: lock).encoded == latencies(isOpen: true).encoded)
        #expect(try latencies(isOpen: false, lock: lock).encoded == latencies(isOpen: false).encoded)
    }

    @Test func arrivalsKeepTheirRateAndAreSeeded() {
        var fixed = ArrivalTimes(.fixed, seed: 1)
        #expect((0..<3).map { _ in fixed.next() } == [1, 2, 3])
        var poisson = ArrivalTimes(.poisson, seed: 5)
        var again = ArrivalTimes(.poisson, seed: 5)
        var other = ArrivalTimes(.poisson, seed: 6)
        var gaps: [Double] = []
        var last = 0.0
        for _ in 0..<20_000 {
            let time = poisson.next()
            #expect(time == again.next() && time >= last)
            gaps.append(time - last)
            last = time
        }
        #expect(other.next() != gaps[0])
        // Exponential with mean 1: its mean and its deviation are 1, and e^-2 of it lies above 2. Six sigma.
        let mean = gaps.reduce(0, +) / 20_000
        let square = gaps.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(abs(mean - 1) < 0.043 && abs(square - 2) < 0.19)
        #expect(abs(Double(gaps.count { $0 > 2 }) / 20_000 - 0.1353) < 0.0146)
    }

    @Test(arguments: [[1], [2]]) func anOpenLoopIsMeasured(_ threads: [Int]) throws {
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")], repeats: 1)
        plan.loop.rate = 100_000
        plan.loop.arrival = .poisson
        plan.loop.threads = threads
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil)
        let mixed = outcome.result.samples.filter { $0.workload == "mixed" && $0.backend == "two" }
        let metrics = Set(mixed.map(\.metric))
        #expect(
            metrics.isSuperset(of: [
                "response_p50_ns", "response_p99_ns", "response_max_ns", "asked_per_second", "achieved_per_second",
                "hits",
            ]))
        #expect(metrics.isDisjoint(with: ["ops_per_second", "p50_ns", "dependent_ns_per_op"]))
        #expect(mixed.first { $0.metric == "asked_per_second" }?.value == 100_000)
        let histogram = try #require(outcome.result.histograms.first { $0.workload == "mixed" })
        #expect(histogram.kind == "response" && histogram.threads == threads[0])
        #expect(try LatencyHistogram(encoded: histogram.encoded).count == 1_000)
        let series = try #require(outcome.result.intervals.first { $0.workload == "mixed" })
        #expect(series.operationsPerSecond.count == series.p99Nanoseconds.count)
    }

    /// Nobody does ten operations a nanosecond.
    @Test func aSaturatedEngineIsNamed() throws {
        var plan = RunnerTests.plan([Models.model("one")], repeats: 1)
        plan.loop.rate = 1_000_000_000
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil)
        #expect(outcome.result.warnings.contains { $0.text.hasPrefix("one in mixed: saturated") })
    }
}
