import Testing

@testable import BenchmarkKit

@Suite struct RateSearchTests {
    /// Runs a search of 12 steps against a rule.
    private func search(_ closed: Double, isHopeless: Bool = false, _ holds: (Double, Int) -> Bool) -> (
        Double?, [Double]
    ) {
        var search = RateSearch(closedLoopRate: closed, steps: 12, isHopeless: isHopeless)
        var tried: [Double] = []
        for step in 0..<12 {
            tried.append(search.candidate)
            search.note(holds: holds(search.candidate, step))
        }
        return (search.answer, tried)
    }

    @Test(arguments: [0.0626, 0.1, 0.3, 0.5, 0.66, 0.8, 0.95, 1.05]) func theLimitIsFound(_ share: Double) throws {
        let limit = 200_000 * share
        let (answer, tried) = search(200_000) { rate, _ in rate <= limit }
        let found = try #require(answer)
        #expect(found <= limit, "never a rate that does not hold")
        // Going down to a low limit leaves fewer steps for halving.
        #expect(found > limit * (share < 0.3 ? 0.75 : 0.97), "\(found) of \(limit)")
        #expect(tried.allSatisfy { $0 >= 200_000 / 16 && $0 <= 200_000 * 1.1 })
    }

    @Test func whatNeverHoldsHasNoAnswer() {
        #expect(search(1_000) { _, _ in false }.0 == nil)
        #expect(search(1_000) { rate, _ in rate < 10 }.0 == nil)
        let (answer, tried) = search(1_000, isHopeless: true) { _, _ in true }
        #expect(answer == nil && tried.allSatisfy { $0 == 1_000 }, "no slow steps for nothing")
    }

    /// What held once by luck, and not when it is checked, is not told.
    @Test func theAnswerIsChecked() throws {
        let (answer, tried) = search(1_000) { rate, step in step < 8 ? rate < 900 : rate < 700 }
        #expect(answer == nil || (answer ?? 0) < 700)
        #expect(tried.suffix(3).first ?? 0 > 700, "the check began where the search had ended")
        let (late, _) = search(1_000) { rate, step in step < 9 ? rate < 900 : rate < 820 }
        let found = try #require(late)
        #expect(found < 820 && found > 700)
    }

    @Test func aRunFindsARateForEachEngine() throws {
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")], repeats: 1)
        plan.loop.objective = try LatencyObjective("p50<10s")
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        let warned = outcome.result.warnings.filter { $0.text.contains("held at no rate") }
        for row in ["mixed", "scan-10", "churn"] {
            for backend in ["one", "two"] {
                let rate = outcome.result.samples.first {
                    $0.workload == row && $0.backend == backend && $0.metric == "slo_ops_per_second"
                }
                // A busy machine may fail the last check, and then the run says so.
                let isWarned = warned.contains { $0.text.hasPrefix("\(backend) in \(row)") }
                #expect((rate != nil) != isWarned)
                if let rate { #expect(rate.value > 0) }
            }
        }
        #expect(outcome.result.samples.contains { $0.metric == "slo_ops_per_second" })
    }

    @Test func whatCanNotBeHeldIsWarnedOf() throws {
        var plan = RunnerTests.plan([Models.model("one")], repeats: 1)
        plan.loop.objective = try LatencyObjective("p99<1ns")
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil)
        #expect(!outcome.result.samples.contains { $0.metric == "slo_ops_per_second" })
        #expect(
            outcome.result.warnings.contains {
                $0.text == "one in mixed: p99<1ns held at no rate that was tried, in repeat 1"
            })
    }

    @Test func objectivesAreRead() throws {
        let usual = try LatencyObjective("p99<1ms")
        #expect(usual.share == 0.99 && usual.nanosecondsLimit == 1_000_000)
        let fine = try LatencyObjective("p99.9<500us")
        #expect(abs(fine.share - 0.999) < 1e-12 && fine.nanosecondsLimit == 500_000)
        #expect(try LatencyObjective("p50<1.5s").nanosecondsLimit == 1_500_000_000)
        let wrong = [
            ("p99", "has no single '<'"), ("p99<<1ms", "has no single '<'"), ("99<1ms", "has the percentile '99'"),
            ("p100<1ms", "has the percentile 'p100'"), ("p<1ms", "has the percentile 'p'"),
            ("p99.999<1ms", "has the percentile"), ("p-5<1ms", "has the percentile"), ("p99<1", "has the bound '1'"),
            ("p99<0ms", "has the bound '0ms'"), ("p99<ms", "has the bound 'ms'"), ("p99<1e9s", "has the bound"),
            ("p99<99999h", "has the bound"), ("", "has no single '<'"), ("pnan<1ms", "has the percentile"),
        ]
        for (text, words) in wrong {
            let error = #expect(throws: RunError.self, "\(text)") { try LatencyObjective(text) }
            #expect(error?.message.contains(words) == true, "\(text): \(error?.message ?? "")")
        }
    }

    @Test func aDurationDecidesTheOperationsOnceForAll() throws {
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")])
        plan.loop.durationNanoseconds = 20_000_000
        let result = try RunnerTests.run(plan).result
        let operations = Set(result.streams.map(\.operations))
        #expect(operations.count == 1, "the same number in every repeat")
        let row = try #require(result.rows.first { $0.workload == "mixed" })
        #expect(row.summary.contains(" operations, from the duration asked for"))
        // Ten times the time, more operations: by how many the machine decides.
        plan.loop.durationNanoseconds = 200_000_000
        let longer = try RunnerTests.run(plan).result
        #expect(try #require(longer.streams.first).operations > #require(operations.first))
    }

    @Test func anOpenLoopsDurationIsItsRate() throws {
        var plan = RunnerTests.plan([Models.model("one")], repeats: 1)
        plan.loop.durationNanoseconds = 20_000_000
        plan.loop.rate = 50_000
        let result = try RunnerTests.run(plan).result
        let histogram = try #require(result.histograms.first { $0.workload == "mixed" })
        #expect(try LatencyHistogram(encoded: histogram.encoded).count == 1_000)
    }

    @Test func demandsThatContradictAreRefused() throws {
        var plan = RunnerTests.plan([Models.model("one")])
        plan.loop.objective = try LatencyObjective("p99<1ms")
        plan.loop.rate = 5
        #expect(throws: RunError(.usage, "--slo finds the rate that --rate sets: give one of the two")) {
            try Runner(plan)
        }
        plan.loop.rate = nil
        plan.loop.durationNanoseconds = 5
        let error = #expect(throws: RunError.self) { try Runner(plan) }
        #expect(error?.exitCode == 64)
    }

    /// Fifty operations of a dictionary are over in far less than 100 ms.
    @Test func shortStepsAreWarnedOf() throws {
        var plan = RunnerTests.plan([Models.model("one")], repeats: 1)
        plan.loop.objective = try LatencyObjective("p50<10s")
        var told: Set<String> = []
        var warnings: [RunResult.Warning] = []
        // A machine that is busy with other things may keep no rate at all in steps so short.
        for _ in 0..<20 where told.isEmpty {
            let result = try RunnerTests.run(plan).result
            told = Set(result.samples.filter { $0.metric == "slo_ops_per_second" }.map(\.workload))
            warnings = result.warnings
        }
        #expect(!told.isEmpty)
        for row in told {
            #expect(warnings.contains { $0.text.hasPrefix("one in \(row): a step of the search for p50<10s") })
        }
    }
}
