import Testing

@testable import BenchmarkKit

@Suite struct IntervalTests {
    @Test func stretchesAreSharedOut() {
        var recorder = IntervalRecorder(length: 100)
        recorder.add(operations: 50, nanoseconds: 50)
        recorder.add(operations: 100, nanoseconds: 100)
        recorder.add(operations: 10, nanoseconds: 100)
        #expect(recorder.elapsed == 250)
        // 100 in the first 100 ns; 50 and 5 in the second; 5 in the half that is left.
        #expect(recorder.operationsPerSecond == [1e9, 0.55e9, 0.1e9])
        recorder.add(operations: 0, nanoseconds: 60)
        #expect(recorder.operationsPerSecond.count == 3, "a rest below half an interval is left out")
    }

    @Test func aShortRunHasOneValue() {
        var recorder = IntervalRecorder(length: 1_000_000)
        #expect(recorder.operationsPerSecond == [] && recorder.p99Nanoseconds == [])
        recorder.add(operations: 10, nanoseconds: 100)
        #expect(recorder.operationsPerSecond == [1e8])
    }

    @Test func percentilesBelongToTheirInterval() {
        var recorder = IntervalRecorder(length: 1_000)
        for index in 0..<2_000 { recorder.record(index < 1_000 ? 50 : 100, at: UInt64(index) / 2) }
        for index in 0..<1_000 { recorder.record(70, at: 2_000 + UInt64(index)) }
        #expect(recorder.p99Nanoseconds == [100, 0, 70], "no value in the second, so nothing to tell")
        recorder.record(5, at: 3_500)
        #expect(recorder.p99Nanoseconds == [100, 0, 70, 0], "too few values in the last")
    }

    @Test func longSeriesAreJoined() {
        var series = RunResult.IntervalSeries(
            workload: "w", backend: "b", scale: 1, threads: 1, repeat: 1, intervalMilliseconds: 100,
            operationsPerSecond: [1, 3, 5, 7, 9], p99Nanoseconds: [1, 9, 2])
        series.join(limit: 5)
        #expect(series.operationsPerSecond.count == 5 && series.intervalMilliseconds == 100)
        series.join(limit: 3)
        #expect(series.operationsPerSecond == [2, 6, 9])
        #expect(series.p99Nanoseconds == [9, 2])
        #expect(series.intervalMilliseconds == 200)
    }

    @Test func aRunFillsHistogramsAndIntervals() throws {
        let outcome = try RunnerTests.run(RunnerTests.plan([Models.model("one"), Models.model("two")]))
        let result = outcome.result
        #expect(outcome.failure == nil)
        let histograms = result.histograms.filter { $0.workload == "mixed" }
        #expect(
            histograms.map { "\($0.backend) \($0.repeat) \($0.kind)" } == [
                "one 1 service", "two 1 service", "one 2 service", "two 2 service",
            ])
        for one in histograms {
            let histogram = try LatencyHistogram(encoded: one.encoded)
            #expect(histogram.count == 1_000)
            let p50 = result.samples.first {
                $0.workload == "mixed" && $0.backend == one.backend && $0.repeat == one.repeat && $0.metric == "p50_ns"
            }
            #expect(p50?.value == Double(histogram.percentile(0.5)))
        }
        let series = try #require(result.intervals.first { $0.workload == "mixed" && $0.backend == "two" })
        #expect(!series.operationsPerSecond.isEmpty && series.operationsPerSecond.allSatisfy { $0 > 0 })
        #expect(!series.p99Nanoseconds.isEmpty)
        #expect(result.intervals.contains { $0.workload == "load-random" })
    }
}
