import Testing

@testable import BenchmarkKit

/// Success criteria judged on made-up results.
struct GateTests {
    private func gate(_ name: String, _ results: [String: RunResult]) throws -> Gate {
        try #require(Gates.all(results: results).first { $0.name == name })
    }

    @Test func withoutResultsNothingIsMet() {
        let gates = Gates.all(results: [:])
        #expect(gates.count == 13 && Set(gates.map(\.name)).count == 13)
        for gate in gates {
            #expect(!gate.verdict.isMet, "\(gate.name)")
            #expect(gate.measured == nil)
            #expect(gate.run.isEmpty, "\(gate.name)")
        }
    }

    @Test func metAndUnmet() throws {
        let all = PhaseFixture.all
        #expect(try gate("splits", all).measured?.value == 20)
        #expect(try gate("splits", all).verdict == .met)
        #expect(try gate("filter", all).verdict == .met)
        #expect(try gate("recovery", all).verdict == .met)
        #expect(abs((try gate("simd", all).measured?.value ?? 0) - 2.5) < 0.001)
        #expect(try gate("simd", all).verdict == .met)
        let compaction = try gate("compaction", all)
        #expect(abs((compaction.measured?.value ?? 0) - 30) < 0.1)
        #expect(compaction.verdict == .unmet)
        #expect(try gate("sequential", all).verdict == .met)
        #expect(try gate("append", all).verdict == .met)
        #expect(try gate("map-read", all).verdict == .met)
        // 400 ÷ 250 is no tenfold.
        #expect(try gate("batch", all).verdict == .unmet)
        #expect(try gate("overall", all).verdict == .met)
        #expect(try gate("100m-load", all).verdict == .notMeasured)
        #expect(try gate("100m-load", all).source == "load-100m")
    }

    @Test func aBoundInsideTheIntervalDecidesNothing() throws {
        var result = PhaseFixture.gates()
        for place in result.samples.indices where result.samples[place].workload == GateRows.recovery {
            result.samples[place].value = result.samples[place].repeat % 2 == 0 ? 0.9 : 1.1
        }
        #expect(try gate("recovery", ["g.json": result]).verdict == .undecided)
    }

    @Test func aFeatureThatIsNotThereIsNeverMet() throws {
        let layout = try gate("layout", PhaseFixture.all)
        #expect(layout.verdict == .noFeature && !layout.verdict.isMet && layout.measured == nil)
        #expect(layout.verdict.rawValue.hasPrefix("unmet"))
        // What was measured beside it stands in words, with its units.
        #expect(
            layout.remark.contains("100K last-level misses before") && layout.remark.contains("a query 3.20 misses"))
        let none = try gate("layout", [:])
        #expect(none.verdict == .noFeature && !none.remark.contains("misses before"))
    }

    /// Both rows come from one result, repeat by repeat, whatever other results have them.
    @Test func batchesAreComparedWithSingleInsertsOfTheSameRun() throws {
        var newer = PhaseFixture.result(
            [("load-random", "alex", 1), ("load-random", "sqlite", 1)], records: 1_000_000)
        newer.date = "2027-01-01T00:00:00Z"
        let gate = try gate("batch", ["insert-1M.json": PhaseFixture.inserts(records: 1_000_000), "z.json": newer])
        #expect(abs((gate.measured?.value ?? 0) - 1.6) < 1e-9 && gate.measured?.repeats == 10)
        // One repeat's disturbance is in both, so that the interval of the pairs has no width.
        #expect(abs((gate.measured?.upper ?? 0) - (gate.measured?.lower ?? 1)) < 1e-9)
        #expect(gate.run.hasPrefix("insert-1M.json, row insert-random"))
    }

    @Test(arguments: [ResultFormat.text, .markdown, .csv])
    func golden(format: ResultFormat) throws {
        let text = GateReport.render(Gates.all(results: PhaseFixture.all), format: format, width: 120)
        try Golden.expect(text, "gates.\(format.fileExtension)")
    }
}
