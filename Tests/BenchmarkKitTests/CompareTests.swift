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
        // Holm over the six figures that differ leaves 0.0083: four repeats a side give 2/70 at the least, five 2/252.
        #expect(comparison(slowDown: 1.1, repeats: 3).render(.text).contains("3 repeats a side can never tell"))
        #expect(comparison(slowDown: 1.1, repeats: 4).render(.text).contains("4 repeats a side can never tell"))
        #expect(!comparison(slowDown: 1.1, repeats: 5).render(.text).contains("can never tell"))
    }

    @Test func countsAreExact() throws {
        var candidate = ReportFixture.result()
        for place in candidate.samples.indices where candidate.samples[place].metric == "hits" {
            candidate.samples[place].value -= 1
        }
        let found = Comparison(base: ReportFixture.result(), candidate: candidate)
        #expect(found.changes.filter { $0.metric == "hits" }.allSatisfy { $0.verdict == .unequal })
        // No threshold forgives a count.
        let wide = Comparison(
            base: ReportFixture.result(), candidate: candidate,
            settings: .init(threshold: 10, thresholdNanoseconds: 1e9))
        guard case .regression(let names) = wide.outcome else {
            Issue.record("\(wide.outcome)")
            return
        }
        #expect(names.contains("query alex hits"))
        // Another seed has other operations: its counts are not held against these.
        for place in candidate.streams.indices { candidate.streams[place].seed += 100 }
        for place in candidate.streams.indices { candidate.streams[place].streamHash += "f" }
        let other = Comparison(base: ReportFixture.result(), candidate: candidate)
        #expect(!other.changes.contains { $0.metric == "hits" })
    }

    /// 10 % of the query's 100 ns are 10 ns: below 15 ns nothing counts, above 5 ns it does.
    @Test func theAbsoluteThresholdHolds() {
        func names(_ nanoseconds: Double) -> [String] {
            let found = Comparison(
                base: ReportFixture.result(), candidate: ReportFixture.result(slowDown: 1.1),
                settings: .init(threshold: 0.05, thresholdNanoseconds: nanoseconds))
            guard case .regression(let names) = found.outcome else { return [] }
            return names
        }
        #expect(names(5).contains("query alex ops_per_second"))
        #expect(!names(15).contains("query alex ops_per_second"))
        #expect(names(15).contains("mixed alex ops_per_second"))
        #expect(names(1e6).isEmpty)
    }

    /// Pairs that share their noise tell what unpaired samples can't.
    @Test func pairsAreSharper() throws {
        var random = SeededRandom(seed: 9)
        var (old, new) = (ReportFixture.result(repeats: 14), ReportFixture.result(repeats: 14))
        for number in 1...14 {
            let shared = exp(random.normal() * 0.5)
            for side in [true, false] {
                let factor = shared * (side ? 1 : 0.95) * exp(random.normal() * 0.005)
                let places = old.samples.indices.filter {
                    old.samples[$0].repeat == number && old.samples[$0].metric == "ops_per_second"
                }
                for place in places {
                    if side { old.samples[place].value *= factor } else { new.samples[place].value *= factor }
                }
            }
        }
        let unpaired = Comparison(base: old, candidate: new, settings: .init())
        let paired = Comparison(base: old, candidate: new, settings: .init(isPaired: true))
        #expect(unpaired.told == [])
        #expect(paired.toldWorse.contains("query alex ops_per_second"))
        let change = try #require(paired.changes.first { $0.name == "query alex ops_per_second" })
        #expect(try #require(change.lower) < 0.95 && #require(change.upper) > 0.95)
        #expect(paired.render(.text).contains("Wilcoxon's signed rank on pairs"))
        #expect(unpaired.render(.text).contains("Mann–Whitney, unpaired"))
    }

    @Test func aFreshRunConfirmsOrNot() {
        let first = comparison(slowDown: 1.1)
        #expect(first.confirmed(by: comparison(slowDown: 1.2)).outcome == first.outcome)
        let unconfirmed = first.confirmed(by: comparison(slowDown: 1))
        #expect(unconfirmed.outcome == .fine)
        #expect(unconfirmed.render(.text).contains("Not seen again on a fresh run, so no regression: query alex"))
        #expect(first.confirmed(by: first).render(.text).contains("Regression, confirmed on a fresh run: query alex"))
        #expect(first.render(.text).contains("files can't run again"))
    }

    @Test func gitHubSummary() throws {
        let text = comparison(slowDown: 1.1).render(.github)
        #expect(text.contains("regressions") && text.contains("<details>") && text.contains("All "))
        try Golden.expect(text, "compare-github.md")
        #expect(comparison(slowDown: 1).render(.github).contains("no regression"))
    }

    @Test(arguments: ["CPU", "cores", "cache", "file system", "build"])
    func otherMachinesAreRefused(what: String) {
        var other = ReportFixture.result()
        switch what {
        case "CPU": other.environment.cpu = "Another CPU"
        case "cores": other.environment.cores = 64
        case "cache": other.environment.lastLevelCacheBytes = 1 << 20
        case "file system": other.environment.fileSystem = "tmpfs"
        default: other.environment.build = "debug"
        }
        let outcome = Comparison(base: ReportFixture.result(), candidate: other).outcome
        guard case .notComparable(let differences) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(differences.count == 1 && differences[0].contains("\(what): the base has"), "\(differences)")
        #expect(differences[0].contains("--exec OLD NEW"))
        #expect(outcome.exitCode(failsOnRegression: false) == 6)
    }

    @Test func rowsWithoutPartnerAreNamed() {
        var candidate = ReportFixture.result()
        candidate.samples.removeAll { $0.workload == "mixed" }
        let text = Comparison(base: ReportFixture.result(), candidate: candidate).render(.markdown)
        #expect(text.contains("Only in the base, so not compared: mixed."))
    }

    /// Old and new take turns at going first, and become repeats of one result each.
    @Test func pairedRunsAlternate() throws {
        #expect(
            (1...4).map { PairedRuns.order(pair: $0) } == [[.old, .new], [.new, .old], [.old, .new], [.new, .old]])
        var runs = PairedRuns()
        #expect(runs.comparison(.init()) == nil)
        for number in 1...6 {
            for side in PairedRuns.order(pair: number) {
                runs.add(ReportFixture.result(repeats: 1, slowDown: side == .old ? 1 : 1.3), side, pair: number)
            }
        }
        let comparison = try #require(runs.comparison(.init(threshold: 0.05)))
        #expect(Set(comparison.base.samples.map(\.repeat)) == Set(1...6))
        #expect(comparison.candidate.streams.map(\.repeat) == Array(1...6))
        #expect(comparison.toldWorse.contains("query alex ops_per_second") == false)
        // Six pairs give 2/64 at the least: too much for Holm over six figures, and it says so.
        #expect(comparison.render(.text).contains("6 repeats a side can never tell"))
        for number in 7...14 {
            for side in PairedRuns.order(pair: number) {
                runs.add(ReportFixture.result(repeats: 1, slowDown: side == .old ? 1 : 1.3), side, pair: number)
            }
        }
        #expect(try #require(runs.comparison(.init())).toldWorse.contains("query alex ops_per_second"))
    }

    /// A run of several repeats counts as one: the median of each time, and the counts and operations of the first.
    @Test func aRunCountsOnce() throws {
        var runs = PairedRuns()
        for side in PairedRuns.Side.allCases {
            var result = ReportFixture.result(repeats: 3)
            for place in result.samples.indices where result.samples[place].metric == "ops_per_second" {
                result.samples[place].value = [10, 1000, 30][result.samples[place].repeat - 1]
            }
            for place in result.samples.indices where result.samples[place].metric == "hits" {
                result.samples[place].value = [7, 5, 6][result.samples[place].repeat - 1]
            }
            runs.add(result, side, pair: 4)
        }
        let base = try #require(runs.comparison(.init())).base
        #expect(Set(base.samples.map(\.repeat)) == [4] && base.streams.allSatisfy { $0.repeat == 4 })
        let rates = base.samples.filter { $0.metric == "ops_per_second" }
        let counts = base.samples.filter { $0.metric == "hits" }
        #expect(!rates.isEmpty && rates.allSatisfy { $0.value == 30 })
        #expect(!counts.isEmpty && counts.allSatisfy { $0.value == 7 })
        #expect(Set(rates.map { "\($0.workload) \($0.backend)" }).count == rates.count)
    }

    /// A figure that is the same on both sides throughout does not count among those that Holm corrects for.
    @Test func constantFiguresAreNotTested() throws {
        func needed(_ change: (Int, Int) -> Double) throws -> String {
            var runs = PairedRuns()
            for number in 1...6 {
                for (place, side) in PairedRuns.Side.allCases.enumerated() {
                    var result = ReportFixture.result(repeats: 1)
                    for sample in result.samples.indices { result.samples[sample].value = 100 }
                    if let at = result.samples.firstIndex(where: { $0.metric == "ops_per_second" }) {
                        result.samples[at].value = change(number, place)
                    }
                    runs.add(result, side, pair: number)
                }
            }
            return try #require(runs.comparison(.init())).render(.text)
        }
        #expect(try needed { _, _ in 100 }.contains("Holm over 0 figures"))
        #expect(try needed { number, side in Double(100 + number + 9 * side) }.contains("Holm over 1 figures"))
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
