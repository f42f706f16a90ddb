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

    /// Repeats with a disturbance that hits all runs of a repeat alike, and one of the whole alone: `jitter`, a share.
    static func result(
        rows: [String], steps: [(name: String, time: Double)], whole: String, time: Double, records: UInt64 = 100_000,
        repeats: Int = 10, jitter: Double = 0
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
                    let own = run.name == whole ? jitter * Double(number % 3 - 1) : 0
                    let time = run.time * (1 + 0.01 * Double(number % 5) + own)
                    result.samples.append(
                        RunResult.Sample(
                            workload: row, backend: run.name, durability: "process", scale: records, valueBytes: 11,
                            threads: 1, repeat: number, metric: "ns_per_op", value: time, unit: "ns"))
                }
            }
        }
        return result
    }

    static func query(time: Double = 151, jitter: Double = 0) -> RunResult {
        result(
            rows: [Explanation.query, Explanation.queryInOrder], steps: querySteps, whole: "alex-phase-foundation",
            time: time, jitter: jitter)
    }

    @Test func theLoadIsNoOperationTakenApart() {
        let result = Self.result(
            rows: [Explanation.load, Explanation.query], steps: Self.querySteps, whole: "alex-phase-foundation",
            time: 151)
        #expect(Breakdown.all(of: result).map(\.row) == [Explanation.query])
    }

    @Test func partsAreDifferences() throws {
        let breakdown = try #require(Breakdown.all(of: Self.query(jitter: 0.02)).first)
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
        let right = try #require(Breakdown.all(of: Self.query(jitter: 0.02)).first)
        #expect(right.sentences.joined().contains("they agree, for the interval holds 0."))
        let above = try #require(Breakdown.all(of: Self.query(time: 250)).first)
        #expect(!above.agrees)
        #expect(
            above.sentences.joined().contains("is 102 ns (100 to 104): they do not agree, so much is in no step."))
        let below = try #require(Breakdown.all(of: Self.query(time: 100)).first)
        #expect(
            below.sentences.joined().contains("is −51.0 ns (−52.0 to −50.0): they do not agree, so much more is in"))
    }

    /// The paired difference decides, not whether one median lies in the other's interval: a disturbance that hits both
    /// alike widens the whole's interval and hides nothing.
    @Test func theDifferenceIsJudgedRepeatByRepeat() throws {
        let near = try #require(Breakdown.all(of: Self.query(time: 150.5)).first)
        #expect((near.whole.lower...near.whole.upper).contains(near.sum.median))
        #expect(!near.agrees)
        let wide = try #require(Breakdown.all(of: Self.query(time: 165, jitter: 0.2)).first)
        #expect(wide.agrees)
        let lone = Self.result(
            rows: [Explanation.query], steps: Self.querySteps, whole: "alex-phase-foundation", time: 151, repeats: 1)
        #expect(try #require(Breakdown.all(of: lone).first).sentences.joined().contains("one repeat does not tell"))
    }

    /// A step that came out below 0 by noise has no time and no share.
    @Test func aNegativeStepIsNoTime() throws {
        var result = Self.query()
        for place in result.samples.indices where result.samples[place].backend == "step-4-check" {
            let number = result.samples[place].repeat
            // The step before it takes 99 ns.
            result.samples[place].value = 99 * (1 + 0.01 * Double(number % 5)) + (number % 2 == 0 ? 1 : -2)
        }
        let check = try #require(Breakdown.all(of: result).first?.part("check"))
        #expect(check.interval.median < 0 && check.interval.upper > 0)
        let lines = ResultFormat.text.render(result, width: 160).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("bounds checks") })
        #expect(line.contains("can't be told from nothing  ") && line.hasSuffix("–"), "\(line)")
        // One that is below 0 for certain is shown: something is wrong with it.
        for place in result.samples.indices where result.samples[place].backend == "step-4-check" {
            result.samples[place].value -= 10
        }
        #expect(ResultFormat.text.render(result, width: 160).contains("−10."))
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
        try Golden.expect(ResultFormat.text.render(Self.query(jitter: 0.02), width: 120), "explain.txt")
        try Golden.expect(ResultFormat.markdown.render(Self.query(time: 250)), "explain.md")
    }
}
