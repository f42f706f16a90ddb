import Foundation
import Testing

@testable import BenchmarkKit

/// Steady state, budget, A/A floor, Holm.
struct SamplingTests {
    /// By hand: sorted p × what is left, made monotonic upwards.
    @Test func holmByHand() {
        let adjusted = Statistics.holm([0.01, 0.04, 0.03, 0.005])
        for (value, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(value - expected) < 1e-12) }
        #expect(Statistics.holm([]).isEmpty)
        #expect(Statistics.holm([0.9, 0.8]) == [1, 1])
    }

    /// Kendall's table: n = 5, all rising, 2 of 120 orders; n = 4, score 4: P(S ≥ 4) = 4/24.
    @Test func kendallByHand() {
        #expect(abs(Unsteadiness.kendallProbability(score: 10, count: 5) - 2.0 / 120) < 1e-12)
        #expect(abs(Unsteadiness.kendallProbability(score: -4, count: 4) - 8.0 / 24) < 1e-12)
        #expect(Unsteadiness.kendallProbability(score: 0, count: 6) == 1)
        let exact = Unsteadiness.kendallProbability(score: 200, count: 40)
        let pairs = 40.0 * 39 / 2
        let normal = NormalCurve.twoSided(distance: 199, deviation: (pairs * 85 / 9).squareRoot())
        #expect(abs(exact - normal) < 0.001)
    }

    @Test func driftIsFoundAndNoiseIsNot() throws {
        var random = SeededRandom(seed: 5)
        let calm = (0..<12).map { _ in 1e6 * exp(random.normal() * 0.03) }
        let drift = calm.enumerated().map { $1 * exp(-0.02 * Double($0)) }
        let trend = try #require(Unsteadiness.trend(drift))
        #expect(trend.probability < 0.01)
        #expect((0.7...0.9).contains(trend.ratio), "\(trend.ratio)")
        #expect(try #require(Unsteadiness.trend(calm)).probability > 0.05)
        #expect(Unsteadiness.trend([1, 2, 3, 4]) == nil)
        #expect(Unsteadiness.trend([3, 3, 3, 3, 3])?.probability == 1)
        // Found with the probability that the test claims when nothing drifts.
        var alarms = 0
        for _ in 0..<1_000 {
            let series = (0..<10).map { _ in exp(random.normal() * 0.03) }
            if try #require(Unsteadiness.trend(series)).probability < 0.05 { alarms += 1 }
        }
        #expect((20...65).contains(alarms), "\(alarms) of 1000")
    }

    @Test func changePointIsFound() throws {
        var random = SeededRandom(seed: 6)
        let series = (0..<60).map { exp(random.normal() * 0.05) * ($0 < 20 ? 1.5 : 1) }
        let change = try #require(Unsteadiness.change(series))
        #expect(change.probability < 0.001)
        #expect((18...22).contains(change.place), "\(change.place)")
        #expect(abs(change.ratio - 1 / 1.5) < 0.05)
        let flat = (0..<60).map { _ in exp(random.normal() * 0.05) }
        #expect(try #require(Unsteadiness.change(flat)).probability > 0.05)
    }

    @Test func aDriftingResultIsWarnedOf() {
        var result = ReportFixture.result(repeats: 12)
        #expect(!ReportDocumentText.of(result).contains("not in steady state"))
        for place in result.samples.indices where result.samples[place].metric == "ops_per_second" {
            guard result.samples[place].backend == "alex", result.samples[place].workload == "query" else { continue }
            result.samples[place].value *= exp(-0.02 * Double(result.samples[place].repeat))
        }
        let text = ReportDocumentText.of(result)
        #expect(text.contains("not in steady state: alex in query drifts by -"), "\(text)")
    }

    /// One sentence for a row whose repeats change alike, with what they have in common.
    @Test func changesOfOneRowAreToldTogether() throws {
        var result = ReportFixture.result(repeats: 12)
        for (row, changing) in [("query", 3), ("load-random", 4)] {
            for number in 1...4 {
                let step = number <= changing ? 200 + number : 0
                let rates = (0..<60).map { (place: Int) -> Int in
                    let noise = (place + 1) % 7
                    return 1_000 + noise - (place >= 20 ? step : 0)
                }
                let text = """
                    {"workload": "\(row)", "backend": "alex", "scale": 1000, "threads": 1, "repeat": \(number),
                     "interval_ms": 100, "ops_per_second": \(rates), "p99_ns": []}
                    """
                result.intervals.append(
                    try JSONDecoder().decode(RunResult.IntervalSeries.self, from: Data(text.utf8)))
            }
        }
        let lines = ReportDocumentText.of(result).split(separator: "\n").filter { $0.contains("not in steady state") }
        #expect(lines.count == 2, "\(lines)")
        #expect(
            lines.contains { $0.contains("alex in query the rate changes in 3 of 4 repeats, by -20 %, at 2000 ms") },
            "\(lines)")
        #expect(lines.contains { $0.contains("load-random the rate changes in 4 of 4 repeats") })
        #expect(lines.filter { $0.contains("slows as it grows") }.count == 1, "only of a load: \(lines)")
    }

    /// Repeats go to the widest that still fits; when nothing fits, none.
    @Test func budgetGoesToTheWidest() {
        var budget = RepeatBudget(seconds: 10, workloads: 3, begin: 0)
        for workload in 0..<3 { budget.ran(workload, nanoseconds: [1, 2, 4][workload] * 1_000_000_000) }
        #expect(budget.next(widths: [0.01, 0.05, 0.2], now: 5_000_000_000) == 2)
        #expect(budget.next(widths: [0.01, 0.05, 0.2], now: 6_500_000_000) == 1)
        #expect(budget.next(widths: [0.01, 0.05, 0.2], now: 8_500_000_000) == 0)
        #expect(budget.next(widths: [0.01, 0.05, 0.2], now: 9_500_000_000) == nil)
        budget.ran(0, nanoseconds: 1)
        #expect(budget.next(widths: [0.1, 0.1, 0], now: 0) == 1)
    }

    @Test func budgetAddsRepeatsAndAtLeastTheMinimum() throws {
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")], repeats: 2)
        plan.budgetSeconds = 0.000_001
        #expect(try Set(RunnerTests.run(plan).result.samples.map(\.repeat)) == [1, 2])
        plan.budgetSeconds = 100_000
        let cancellation = CancellationFlag()
        let outcome = try Runner(plan).run(
            cancellation: cancellation,
            onRepeat: { if Set($0.samples.map(\.repeat)).count == 5 { cancellation.cancel() } })
        #expect(outcome.failure?.kind == .cancelled)
        let result = outcome.result
        #expect(Set(result.samples.map(\.repeat)).isSuperset(of: [1, 2, 3, 4, 5]))
        #expect(Set(result.streams.map(\.repeat)) == [1, 2, 3, 4, 5])
    }

    @Test func theTwinBecomesAFloor() throws {
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")], repeats: 5)
        plan.measuresNoiseFloor = true
        let log = CallLog()
        plan.backends[0] = Models.model("one", log: log)
        var partial: [RunResult] = []
        let outcome = try Runner(plan).run(onRepeat: { partial.append($0) })
        #expect(outcome.failure == nil)
        for result in partial + [outcome.result] {
            #expect(Set(result.samples.map(\.backend)) == ["one", "two", "null"])
            #expect(result.backends.map(\.name).contains("one"))
            #expect(!result.backends.contains { $0.name.hasPrefix("one ") })
        }
        let floors = outcome.result.noiseFloors
        #expect(Set(floors.map(\.workload)).isSuperset(of: ["load-random", "mixed", "scan-10", "churn"]))
        #expect(floors.allSatisfy { $0.backend == "one" && $0.pairs == 5 && $0.low <= $0.ratio && $0.ratio <= $0.high })
        let copy = try RunResult.read(from: Data(ResultFormat.json.render(outcome.result).utf8), name: "copy")
        #expect(copy.noiseFloors == floors)
        #expect(ResultFormat.markdown.render(copy).contains("A/A floor, one against itself"))
    }

    @Test func aDifferenceUnderTheFloorIsNone() throws {
        var result = ReportFixture.result()
        let before = result.verdicts
        #expect(before.contains { $0.hasPrefix("alex ran 15") })
        result.noiseFloors = [
            RunResult.NoiseFloor(
                workload: "load-random", backend: "alex", scale: 100_000, pairs: 10, ratio: 1, low: 0.7, high: 1.2)
        ]
        let after = result.verdicts
        #expect(before.contains { $0.hasPrefix("alex lost") && $0.contains("load-random") })
        #expect(!after.contains { $0.hasPrefix("alex lost") && $0.contains("load-random") })
        #expect(after.contains { $0.contains("under the machine's own noise of 43 %") }, "\(after)")
    }
}

/// A result's text, for looking things up in it.
enum ReportDocumentText {
    static func of(_ result: RunResult) -> String { ResultFormat.markdown.render(result) }
}
