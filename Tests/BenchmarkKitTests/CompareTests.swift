import Foundation
import Testing

@testable import BenchmarkKit

/// What `compare` says of known changes.
struct CompareTests {
    private func comparison(slowDown: Double, threshold: Double = 0.05, repeats: Int = 10) -> Comparison {
        Comparison(
            base: ReportFixture.result(repeats: repeats),
            candidate: ReportFixture.result(repeats: repeats, slowDown: slowDown), threshold: threshold)
    }

    @Test func plantedSlowDownIsFound() throws {
        let found = comparison(slowDown: 1.1)
        guard case .regression(let rows) = found.outcome else {
            Issue.record("\(found.outcome)")
            return
        }
        #expect(rows.contains("query alex ops_per_second"))
        #expect(rows.allSatisfy { $0.contains("alex") })
        #expect(found.outcome.exitCode(failsOnRegression: true) == 2)
        #expect(found.outcome.exitCode(failsOnRegression: false) == 0)
        try Golden.expect(found.render(.text), "compare.txt")
        try Golden.expect(found.render(.markdown), "compare.md")
        try Golden.expect(found.render(.csv), "compare.csv")
        #expect(found.render(.csv) == comparison(slowDown: 1.1).render(.csv))
        let json = try JSONSerialization.jsonObject(with: Data(found.render(.json).utf8)) as? [[String: Any]]
        #expect(json?.count == found.changes.count)
    }

    @Test func speedUpIsNoRegression() {
        let found = comparison(slowDown: 0.8)
        #expect(found.outcome == .fine)
        #expect(found.changes.contains { $0.verdict == .better })
        #expect(found.outcome.exitCode(failsOnRegression: true) == 0)
    }

    @Test func belowThresholdIsNoRegression() {
        let found = comparison(slowDown: 1.1, threshold: 0.2)
        #expect(found.outcome == .fine)
        #expect(found.changes.contains { $0.verdict == .within })
    }

    @Test func itselfIsEqual() {
        let found = comparison(slowDown: 1, threshold: 0)
        #expect(found.outcome == .fine)
        #expect(Set(found.changes.map(\.verdict)) == [.unclear, .equal])
    }

    /// Three repeats a side: no difference of any size can be told.
    @Test func threeRepeatsTellNothing() {
        #expect(comparison(slowDown: 3, repeats: 3).outcome == .fine)
        #expect(comparison(slowDown: 1.1, repeats: 3).render(.text).contains("3 repeats a side can never tell"))
        #expect(!comparison(slowDown: 1.1, repeats: 4).render(.text).contains("can never tell"))
    }

    @Test func countsAreExact() throws {
        var candidate = ReportFixture.result()
        for place in candidate.samples.indices where candidate.samples[place].metric == "hits" {
            candidate.samples[place].value -= 1
        }
        let found = Comparison(base: ReportFixture.result(), candidate: candidate)
        #expect(found.changes.filter { $0.metric == "hits" }.allSatisfy { $0.verdict == .unequal })
    }

    @Test(arguments: ["scale", "durability class", "value size", "workload", "backends"])
    func differentThingsAreRefused(what: String) {
        var other = ReportFixture.result()
        for place in other.samples.indices {
            switch what {
            case "scale": other.samples[place].scale = 7_000
            case "durability class": other.samples[place].durability = "power"
            case "value size": other.samples[place].valueBytes = 8
            case "workload": other.samples[place].workload = "other"
            default: other.samples[place].backend += "-x"
            }
        }
        if what == "backends" { other.backends = [] }
        let found = Comparison(base: ReportFixture.result(), candidate: other)
        guard case .notComparable(let differences) = found.outcome else {
            Issue.record("\(found.outcome)")
            return
        }
        #expect(differences.contains { $0.hasPrefix(what + ":") }, "\(differences)")
        #expect(found.outcome.exitCode(failsOnRegression: false) == 6)
        #expect(found.render(.text).contains(what))
    }

    @Test func otherOperationsWithTheSameSeedAreRefused() {
        var other = ReportFixture.result()
        other.streams[0].streamHash = "beef"
        let outcome = Comparison(base: ReportFixture.result(), candidate: other).outcome
        #expect(outcome.exitCode(failsOnRegression: false) == 6)
    }
}
