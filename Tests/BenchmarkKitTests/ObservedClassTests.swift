import StorageBackends
import Testing

@testable import BenchmarkKit

/// Engines that were seen in another class than the run's are shown and not ranked.
@Suite struct ObservedClassTests {
    /// Three engines, ten repeats, the second ten times as fast as the first, the third in between.
    private static func result(durability: String, syncs: [String: Double]) -> RunResult {
        var result = RunResult(
            command: "alexbench query", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: ReportFixture.environment)
        for (name, rate) in [("alex", 1.0), ("sqlite", 10), ("lmdb", 5)] {
            for number in 1...10 {
                result.samples.append(
                    RunResult.Sample(
                        workload: "query", backend: name, durability: durability, scale: 10, valueBytes: 10, threads: 1,
                        repeat: number, metric: Metric.operationsPerSecond,
                        value: rate * (100 + Double(number % 3)), unit: "ops/s"))
            }
        }
        result.observations = syncs.sorted { $0.key < $1.key }.map {
            RunResult.Observation(
                workload: "", backend: $0.key, scale: 0, metric: ObservedMetric.syncsPerCommit, value: $0.value,
                unit: "syncs/commit", source: "test")
        }
        return result
    }

    @Test func oneWithoutSyncsIsNoRivalInClassPower() {
        let result = Self.result(durability: "power", syncs: ["alex": 1, "sqlite": 0.02, "lmdb": 2])
        #expect(ObservedClasses(result).mismatched == ["sqlite"])
        #expect(result.verdicts.count == 1)
        #expect(result.verdicts[0].contains("lmdb ran"), "\(result.verdicts)")
        let index = SampleIndex(result)
        let ranking = Ranking(index, metric: Metric.operationsPerSecond)
        #expect(!ranking.isBest("sqlite", in: index.rows[0]))
        #expect(ranking.isBest("lmdb", in: index.rows[0]))
        let text = ResultFormat.text.render(result)
        #expect(text.contains("process, not ranked"), "\(text)")
    }

    @Test func oneThatSyncsIsNoRivalInClassProcess() {
        let result = Self.result(durability: "process", syncs: ["alex": 0, "sqlite": 1, "lmdb": 0])
        #expect(ObservedClasses(result).mismatched == ["sqlite"])
        #expect(result.verdicts[0].contains("lmdb ran"), "\(result.verdicts)")
    }

    @Test func whatWasNotObservedIsRankedAsConfigured() {
        let result = Self.result(durability: "power", syncs: [:])
        #expect(ObservedClasses(result).mismatched == [])
        #expect(result.verdicts[0].contains("sqlite ran"), "\(result.verdicts)")
    }

    @Test func aMismatchIsWarnedOf() {
        #expect(ObservedClasses.warning("x", syncsPerCommit: 1, configured: .power) == nil)
        #expect(ObservedClasses.warning("x", syncsPerCommit: 0.5, configured: .memory) == nil)
        let warning = ObservedClasses.warning("x", syncsPerCommit: 0.5, configured: .power)
        #expect(warning?.text.contains("x was observed in class process, not power") == true)
        #expect(ObservedClasses.warning("x", syncsPerCommit: 1, configured: .memory)?.text.contains("power") == true)
    }
}
