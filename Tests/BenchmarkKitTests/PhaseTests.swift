import Foundation
import Testing

@testable import BenchmarkKit

/// The phase tables from made-up results.
struct PhaseTests {
    private static let reports = ["phase-1", "phase-2", "phase-3", "roadmap"]
    private static let tables = [
        ("phase-1", ["P1.1", "P1.2", "P1.3", "P1.4", "P1.5", "P1.6", "P1.7"]),
        ("phase-2", ["P2.1", "P2.2", "P2.3", "P2.4", "P2.5", "P2.6"]),
        ("phase-3", ["P3.1", "P3.2", "P3.3", "P3.4", "P3.5", "P3.6", "P3.7"]), ("roadmap", ["R.1", "R.2", "R.3"]),
    ]

    @Test(arguments: [
        "phase-1.md", "phase-1.csv", "phase-2.md", "phase-3.md", "roadmap.md", "roadmap.csv", "targets.md",
        "phase-evolution.svg", "phase-growth.svg",
    ])
    func golden(name: String) throws {
        let files = PhaseReport.render(results: PhaseFixture.all)
        #expect(files == PhaseReport.render(results: PhaseFixture.all))
        try Golden.expect(try #require(files[name]), "phase-report-\(name)")
    }

    @Test func index() throws {
        let results = ["phase.json": PhaseFixture.phase(records: 100_000), "mixed.json": ReportFixture.result()]
        try Golden.expect(try #require(PhaseReport.render(results: results)["README.md"]), "phase-report-README.md")
    }

    @Test func everyTableIsThere() throws {
        for results in [PhaseFixture.all, [:]] {
            let files = PhaseReport.render(results: results)
            for (report, tables) in Self.tables {
                let text = try #require(files["\(report).md"])
                for table in tables { #expect(text.contains("\n## \(table): "), "\(table)") }
                let rows = try #require(files["\(report).csv"]).components(separatedBy: "\r\n").dropFirst()
                #expect(Set(rows.filter { !$0.isEmpty }.map { $0.prefix { $0 != "," } }) == Set(tables.map { $0[...] }))
            }
        }
    }

    /// Where nothing is missing no table asks for anything; where all is missing each names a command.
    @Test func missingDataNamesItsCommand() throws {
        for report in Self.reports {
            let whole = try #require(PhaseReport.render(results: PhaseFixture.all)["\(report).md"])
            let asked = whole.components(separatedBy: "\n").filter { $0.contains("This makes it:") }
            #expect(asked.allSatisfy { $0.contains("100m") || $0.contains("100M") }, "\(asked)")
            let empty = try #require(PhaseReport.render(results: [:])["\(report).md"])
            for section in empty.components(separatedBy: "\n## ").dropFirst() {
                #expect(section.contains("This makes it: ") && section.contains("alexbench "), "\(section.prefix(40))")
            }
        }
    }

    /// The two wrong lines of phase 1 and the one of phase 3 are called wrong, and no others.
    @Test func publishedArithmetic() throws {
        let text = PhaseReport.render(results: [:]).values.joined()
        #expect(text.contains("4220 | 1221 | wrong"))
        #expect(text.contains("7160 | 1663 | wrong"))
        #expect(text.contains("95 | 92.60 | wrong"))
        #expect(text.components(separatedBy: "| wrong").count - 1 == 3)
    }

    @Test func contradictionIsSaid() throws {
        let slow = PhaseFixture.phase(records: 100_000, slow: "alex-phase-foundation")
        let text = try #require(PhaseReport.render(results: ["r.json": slow])["phase-1.md"])
        #expect(text.contains("contradicted") && text.contains("it is the other way round"))
        let right = try #require(
            PhaseReport.render(results: ["r.json": PhaseFixture.phase(records: 100_000)])["phase-1.md"])
        #expect(!right.contains("contradicted"))
    }

    @Test func verdicts() {
        func verdict(_ published: Double, _ value: Double, _ lower: Double, _ upper: Double) -> String {
            var measured = PhaseSection.Measured(value)
            (measured.lower, measured.upper) = (lower, upper)
            return PhaseSection.verdict(published, measured).word
        }
        #expect(verdict(3.49, 3.5, 3.4, 3.6) == "reproduced")
        #expect(verdict(3.49, 5, 4, 6) == "larger ratio")
        #expect(verdict(3.49, 2, 1.5, 2.5) == "smaller ratio")
        #expect(verdict(3.49, 1.1, 0.9, 1.3) == "not reproduced")
        #expect(verdict(3.49, 0.5, 0.4, 0.6) == "contradicted")
        #expect(verdict(0.22, 0.5, 0.4, 0.6) == "larger ratio")
    }

    @Test func assertionBuildIsNotPublished() throws {
        let result = PhaseFixture.phase(records: 100_000, library: "RocksDB 7.8.3 (system library, assertions on)")
        let text = try #require(PhaseReport.render(results: ["r.json": result])["phase-1.md"])
        #expect(text.contains("no ratio for publishing"))
        #expect(ResultFormat.text.render(ReportFixture.result()).contains("not for publishing") == false)
    }

    /// Expected values come from the measured parts: 0.8 of 500 and 0.2 of 3 900, each disturbed by 2 %.
    @Test func expectedOfMeasuredParts() throws {
        let results = ["r.json": PhaseFixture.phase(records: 100_000)]
        let text = try #require(PhaseReport.render(results: results)["phase-1.md"])
        let line = try #require(
            text.components(separatedBy: "\n").first {
                $0.contains("expected: 0.8 × query") && $0.contains("foundation")
            })
        #expect(line.contains("| 4220 | 1204 |"), "\(line)")
    }

    @Test func newestOfEqualResultsCounts() throws {
        var old = PhaseFixture.phase(records: 100_000, slow: "rocksdb-alex")
        old.date = "2025-01-01T00:00:00Z"
        let data = PhaseData(["a.json": old, "b.json": PhaseFixture.phase(records: 100_000)])
        #expect(data.place("phase-query", 100_000, ["alex"])?.name == "b.json")
        #expect(data.place("phase-query", 100_000, ["nobody"]) == nil)
        #expect(data.place("phase-query", 5, ["alex"]) == nil)
    }

    @Test func readmeBlock() throws {
        let readme = "a\n\(PhaseReport.begin)\nstale-block\n\(PhaseReport.end)\nb\n"
        let once = try PhaseReport.rewrite(readme: readme, results: ["mixed.json": ReportFixture.result()])
        #expect(!once.contains("stale-block") && once.hasPrefix("a\n") && once.hasSuffix("b\n"))
        let lost = try #require(once.range(of: "alex lost")).lowerBound
        #expect(lost < (try #require(once.range(of: "alex ran"))).lowerBound)
        #expect(once == (try PhaseReport.rewrite(readme: once, results: ["mixed.json": ReportFixture.result()])))
        #expect(!once.contains("phase-growth.svg"))
        // 1M is told, neither a larger nor a smaller scale, and no result without a rival.
        var results = PhaseFixture.all
        results["load-100m.json"] = PhaseFixture.result([("load-100m", "alex", 200)], records: 100_000_000)
        let charted = try PhaseReport.rewrite(readme: readme, results: results)
        #expect(charted.contains("### insert-1M.json, 1M records"))
        #expect(!charted.contains("### insert-10M") && !charted.contains("100M records"))
        #expect(charted.contains("](Results/phase-growth.svg)"))
        #expect(throws: ReportError.self) { try PhaseReport.rewrite(readme: "none", results: [:]) }
    }
}
