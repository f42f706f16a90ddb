import StorageBackends
import Testing

@testable import BenchmarkKit

/// Parts of operations from made-up results.
struct BreakdownTests {
    static let querySteps: [(name: String, time: Double)] = [
        ("step-0-loop", 4), ("step-1-index-lookup", 64), ("step-2-map-read", 94), ("step-3-header", 99),
        ("step-4-check", 101), ("step-5-allocation", 121), ("step-6-copy", 141), ("step-7-wrapping", 150),
    ]
    static let insertSteps: [(name: String, time: Double)] = [
        ("step-0-loop", 4), ("step-1-file-write", 1_000), ("step-2-flush", 1_001), ("step-3-open", 3_000),
        ("step-4-map", 6_000), ("step-5-unmap", 8_000), ("step-6-index-insert", 8_100), ("step-7-touch", 8_900),
    ]

    /// Repeats with a disturbance that hits all runs of a repeat alike.
    static func result(
        rows: [String], steps: [(name: String, time: Double)], whole: String, time: Double, records: UInt64 = 100_000,
        repeats: Int = 10
    ) -> RunResult {
        var result = RunResult(
            command: "alexbench explain query", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: ReportFixture.environment)
        let runs = steps + [(name: whole, time: time)]
        result.backends = runs.map {
            RunResult.BackendReceipt(
                name: $0.name, library: "rung of phases 1 to 3", configuration: [], durabilitySettings: "",
                readBack: [])
        }
        for row in rows {
            for number in 1...repeats {
                for run in runs {
                    let time = run.time * (1 + 0.01 * Double(number % 5))
                    result.samples.append(
                        RunResult.Sample(
                            workload: row, backend: run.name, durability: "process", scale: records, valueBytes: 11,
                            threads: 1, repeat: number, metric: "ns_per_op", value: time, unit: "ns"))
                }
            }
        }
        return result
    }

    static func query(time: Double = 151) -> RunResult {
        result(
            rows: [Explanation.query, Explanation.queryInOrder], steps: querySteps, whole: "alex-phase-foundation",
            time: time)
    }

    @Test func theLoadIsNoOperationTakenApart() {
        let result = Self.result(
            rows: [Explanation.load, Explanation.query], steps: Self.querySteps, whole: "alex-phase-foundation",
            time: 151)
        #expect(Breakdown.all(of: result).map(\.row) == [Explanation.query])
    }

    @Test func partsAreDifferences() throws {
        let breakdown = try #require(Breakdown.all(of: Self.query()).first)
        #expect(breakdown.parts.map(\.name).prefix(3) == ["loop", "index-lookup", "map-read"])
        // The median repeat is disturbed by 2 %.
        #expect(abs(try #require(breakdown.part("index-lookup")).interval.median - 60 * 1.02) < 1e-9)
        #expect(abs(breakdown.sum.median - 153) < 1e-9)
        #expect(breakdown.isComplete && breakdown.agrees)
        let overhead = try #require(breakdown.combined(["header", "check", "allocation", "copy", "wrapping"]))
        #expect(abs(overhead.median - 56 * 1.02) < 1e-9)
        #expect(breakdown.combined(["header", "nonsense"]) == nil)
    }

    @Test func aSumThatDoesNotAgreeIsSaid() throws {
        let right = try #require(Breakdown.all(of: Self.query()).first)
        #expect(right.sentences.joined().contains("they agree within the interval"))
        let above = try #require(Breakdown.all(of: Self.query(time: 250)).first)
        #expect(!above.agrees)
        #expect(above.sentences.joined().contains("they do not agree, 102 ns are in no step."))
        let below = try #require(Breakdown.all(of: Self.query(time: 100)).first)
        #expect(
            below.sentences.joined().contains("they do not agree, 51.0 ns more are in the steps than in the whole."))
    }

    @Test func whatGoesBeyondIsNotInTheSum() throws {
        let result = Self.result(
            rows: [Explanation.insert, Explanation.batch], steps: Self.insertSteps, whole: "alex-phase-foundation",
            time: 8_120)
        let all = Breakdown.all(of: result)
        #expect(all.map(\.row) == [Explanation.insert, Explanation.batch])
        let breakdown = all[0]
        #expect(abs(breakdown.sum.median - 8_100 * 1.02) < 1e-6)
        #expect(breakdown.beyond.map(\.name) == ["touch"])
        #expect(abs((breakdown.part("touch")?.interval.median ?? 0) - 800 * 1.02) < 1e-6)
    }

    @Test func ofOtherEnginesTheRestIsALine() throws {
        let result = Self.result(
            rows: [Explanation.query], steps: Array(Self.querySteps.prefix(2)), whole: "rocksdb-alex", time: 2_000)
        let breakdown = try #require(Breakdown.all(of: result).first)
        #expect(!breakdown.isComplete)
        #expect(abs(breakdown.rest.median - 1_936 * 1.02) < 1e-6)
        #expect(ResultFormat.text.render(result).contains("the rest"))
    }

    @Test func aRepeatThatIsNotWholeIsLeftOut() throws {
        var result = Self.query()
        result.samples.removeAll { $0.repeat == 10 && $0.backend == "step-3-header" }
        #expect(try #require(Breakdown.all(of: result).first).whole.count == 9)
    }

    @Test func otherResultsHaveNone() {
        #expect(Breakdown.all(of: ReportFixture.result()).isEmpty)
        #expect(Breakdown.render(ReportFixture.result(), format: .text, colour: false, width: 100) == nil)
    }

    @Test func golden() throws {
        try Golden.expect(ResultFormat.text.render(Self.query(), width: 120), "explain.txt")
        try Golden.expect(ResultFormat.markdown.render(Self.query(time: 250)), "explain.md")
    }
}
