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
                #expect(section.contains("This makes it: make results ONLY="), "\(section.prefix(40))")
            }
        }
    }

    /// The two wrong lines of phase 1 and the one of phase 3 are called wrong, and no others.
    @Test func publishedArithmetic() throws {
        let text = PhaseReport.render(results: [:]).values.joined()
        #expect(text.contains("4220 | 1221 | wrong"))
        #expect(text.contains("7160 | 1663 | wrong"))
        #expect(text.contains("95 | 92.60 | wrong"))
        #expect(text.contains("3967 | 3950 | off by 0.4 %"))
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
        func measured(_ value: Double, _ lower: Double, _ upper: Double) -> PhaseSection.Measured {
            var measured = PhaseSection.Measured(value)
            (measured.lower, measured.upper) = (lower, upper)
            return measured
        }
        func verdict(_ published: Double, _ value: Double, _ lower: Double, _ upper: Double) -> String {
            PhaseSection.verdict(published, measured(value, lower, upper)).word
        }
        func share(_ published: Double, _ value: Double, _ lower: Double, _ upper: Double) -> String {
            PhaseSection.shareVerdict(published, measured(value, lower, upper)).word
        }
        #expect(verdict(3.49, 3.5, 3.4, 3.6) == "reproduced")
        #expect(verdict(3.49, 5, 4, 6) == "larger ratio")
        #expect(verdict(3.49, 2, 1.5, 2.5) == "smaller ratio")
        #expect(verdict(3.49, 1.1, 0.9, 1.3) == "not reproduced")
        #expect(verdict(3.49, 0.5, 0.4, 0.6) == "contradicted")
        #expect(verdict(0.22, 0.5, 0.4, 0.6) == "larger ratio")
        // Near enough is reproduced, unless it is the other way round or no difference at all.
        #expect(verdict(3.49, 3.6, 3.55, 3.7) == "reproduced")
        #expect(verdict(1.16, 1, 0.95, 1.05) == "not reproduced")
        #expect(verdict(1.02, 0.9, 0.85, 0.95) == "contradicted")
        // A wide interval is no merit: it holds what is a quarter larger or smaller as well.
        #expect(verdict(3.49, 5, 3.4, 7) == "can't be told")
        #expect(verdict(3.49, 2, 1.5, 3.6) == "can't be told")
        #expect(verdict(3.49, 3.5, 0, .infinity) == "can't be told")
        #expect(share(40, 41, 39, 43) == "reproduced")
        #expect(share(40, 41, 20, 60) == "can't be told")
        #expect(share(40, 20, 10, 30) == "smaller share")
        #expect(share(4, 20, 10, 30) == "larger share")
        #expect(share(40, 1, -1, 3) == "can't be told from nothing")
        // Of three repeats the median's interval covers 75 %: nothing is told by it.
        if let three = MedianInterval([39, 40, 41]) {
            #expect(PhaseSection.shareVerdict(40, .init(three)).word == "can't be told")
            #expect(PhaseSection.interval(.init(three), .percent) == "39.0 to 41.0 (75 %)")
            #expect(PhaseSection.spelt(.init(three), .percent) == "40.0 % (39.0 to 41.0, 75 %)")
        }
    }

    @Test func numbers() {
        #expect(PhaseSection.text(99.96, .percent) == "99.96")
        #expect(PhaseSection.text(99.9996, .percent) == "99.9996")
        #expect(PhaseSection.text(100, .percent) == "100.0")
        #expect(PhaseSection.text(-1.49, .times) == "−1.49")
        #expect(PhaseSection.quantity(3.29, .times) == "3.29×")
        #expect(PhaseSection.quantity(1.24e6, .nanoseconds) == "1.24 ms")
        #expect(PhaseSection.Measured(4).map { 1_000 / $0 }.value == 250)
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
        #expect(data.place("phase-query", 100_000)?.name == "b.json")
        #expect(data.place("phase-query", 100_000)?.interval("nobody") == nil)
        #expect(data.place("phase-query", 5) == nil)
    }

    /// No table mixes runs or sizes of values: the row's own result, else the one with the most engines.
    @Test func oneResultAnswersForARow() {
        func loads(_ engines: [String], _ date: String, valueBytes: UInt64 = 100, repeats: Int = 10) -> RunResult {
            var result = PhaseFixture.result(
                engines.map { ("load-random", $0, 250) }, records: 1_000_000, repeats: repeats, valueBytes: valueBytes)
            result.date = date
            return result
        }
        var results = [
            "checks-1000.json": loads(["alex", "sqlite", "lmdb"], "2027-03-01", valueBytes: 1_000, repeats: 30),
            "query-1M.json": loads(["alex", "sqlite"], "2027-01-01"),
            "insert-alex-1M.json": loads(["alex"], "2027-02-01"),
        ]
        #expect(PhaseData(results).place("load-random", 1_000_000)?.name == "query-1M.json")
        results["insert-1M.json"] = loads(["alex"], "2025-01-01", repeats: 3)
        #expect(PhaseData(results).place("load-random", 1_000_000)?.name == "insert-1M.json")
    }

    /// The commands are those of Sources/Setup/results.sh, to the letter.
    @Test func commands() {
        typealias Engines = PhaseEngines
        #expect(Engines.source(apart: Explanation.query, Engines.zeroCopy, 1_000_000) == "explain-query-zero-copy-1M")
        #expect(
            Engines.source(apart: Explanation.batch, Engines.foundation, 100_000) == "explain-insert-foundation-100K")
        #expect(Engines.source("phase-query", 100_000) == "phase")
        #expect(Engines.source("phase-query-10k", 10_000_000) == "phase-10m")
        #expect(Engines.source("scan-1000", 10_000_000) == "query-10M")
        #expect(Engines.source("load-sequential", 1_000_000) == "insert-1M")
        #expect(Engines.source(GateRows.filter, 1_000_000) == "gates")
        #expect(Engines.alone("rocksdb-alex", 1_000_000) == "insert-rocksdb-alex-1M")
    }

    @Test func rowsNameTheirOperations() {
        let data = PhaseData(PhaseFixture.all)
        func words(_ row: String) -> String { PhaseEngines.words(row, data.place(row, 1_000_000)) }
        #expect(words("phase-query") == "query, 1M operations")
        #expect(words("phase-mixed-10k") == "mixed 80/20, 10K operations")
        #expect(words("phase-load") == "bulk insert")
        #expect(PhaseEngines.words("phase-query-10k", nil) == "query, 10K operations")
    }

    /// The section of a table in a report.
    private func section(_ id: String, _ report: String, _ results: [String: RunResult]) throws -> String {
        let text = try #require(PhaseReport.render(results: results)[report])
        return try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("\(id):") })
    }

    /// Three repeats beside three allow no 95 %: the range stands there with what it covers, and no infinity.
    @Test func growthOfFewRepeats() throws {
        let results = [
            "phase-1m.json": PhaseFixture.phase(records: 1_000_000, repeats: 3),
            "phase-10m.json": PhaseFixture.phase(records: 10_000_000, repeats: 3),
        ]
        let text = try section("P3.5", "phase-3.md", results)
        #expect(text.contains("(90 %)") && !text.contains("∞"))
        var lone = results
        lone["phase-10m.json"] = PhaseFixture.phase(records: 10_000_000, repeats: 1)
        lone["phase-1m.json"] = PhaseFixture.phase(records: 1_000_000, repeats: 1)
        #expect(try section("P3.5", "phase-3.md", lone).contains("– (1 repeat)"))
    }

    /// Growth from one machine to another is no growth: the table says so, and the chart leaves the other machine out.
    @Test func growthIsOfOneMachine() throws {
        var results = [
            "phase.json": PhaseFixture.phase(records: 100_000), "phase-1m.json": PhaseFixture.phase(records: 1_000_000),
            "phase-10m.json": PhaseFixture.phase(records: 10_000_000),
        ]
        let one = try section("P3.5", "phase-3.md", results)
        #expect(one.contains("time at 1M ÷ time at 100K | alex |") && !one.contains("two machines"))
        let whole = try #require(PhaseReport.render(results: results)["phase-growth.svg"])
        #expect(whole.contains("100K"))
        results["phase.json"]?.environment.cpu = "Another processor"
        let two = try section("P3.5", "phase-3.md", results)
        #expect(two.contains("phase.json and phase-1m.json were measured on two machines"))
        #expect(two.contains("time at 10M ÷ time at 1M | alex |") && !two.contains("÷ time at 100K | alex |"))
        let part = try #require(PhaseReport.render(results: results)["phase-growth.svg"])
        #expect(part.contains("10M") && !part.contains("100K"))
    }

    @Test func memoryIsMeasuredAloneOrNotAtAll() throws {
        var results = PhaseFixture.all
        #expect(try section("R.2", "roadmap.md", results).contains("| % | 20–30 % | 33.3 | – | – | unmet |"))
        // With other engines beside it in the process it says nothing.
        results["insert-alex-1M.json"] = PhaseFixture.inserts(records: 1_000_000)
        let shared = try section("R.2", "roadmap.md", results)
        #expect(shared.contains("| 20–30 % | n/a |") && shared.contains("ONLY=insert-alex-1M"))
    }

    @Test func remapsAreCounted() throws {
        var results = PhaseFixture.all
        let counted = try section("P2.3", "phase-2.md", results)
        #expect(counted.contains("| 48 | – | – | as expected |"))
        #expect(counted.contains("3 new maps are expected, counted are 4."))
        results["phase-growth.json"]?.samples.removeAll { $0.metric == "remaps" }
        let uncounted = try section("P2.3", "phase-2.md", results)
        #expect(!uncounted.contains("as expected") && uncounted.contains("remaps of phase-growth. This makes it"))
    }

    /// 44.4 µs of the reconstruction are 31.7 times 1 400 ns; the walk over our own leaves is far from it.
    @Test func gaugeHasAConclusion() throws {
        let text = try section("P3.2", "phase-3.md", PhaseFixture.all)
        #expect(text.contains("published are 31.73×: reproduced"))
        #expect(text.contains("published are 29.23×: smaller ratio"))
    }

    @Test func readmeBlock() throws {
        let readme = "a\n\(PhaseReport.begin)\nstale-block\n\(PhaseReport.end)\nb\n"
        let once = try PhaseReport.rewrite(readme: readme, results: ["mixed.json": ReportFixture.result()])
        #expect(!once.contains("stale-block") && once.hasPrefix("a\n") && once.hasSuffix("b\n"))
        let lost = try #require(once.range(of: "alex lost")).lowerBound
        #expect(lost < (try #require(once.range(of: "alex ran"))).lowerBound)
        #expect(once == (try PhaseReport.rewrite(readme: once, results: ["mixed.json": ReportFixture.result()])))
        #expect(!once.contains(".svg") && once.contains("(Results/mixed.md)"))
        // 1M is told, neither a larger nor a smaller scale, and no result without a rival.
        var results = PhaseFixture.all
        results["load-100m.json"] = PhaseFixture.result([("load-100m", "alex", 200)], records: 100_000_000)
        results["scale.json"] = PhaseFixture.result([("query", "alex", 200)], records: 100_000_000)
        var threads = try #require(results["insert-1M.json"])
        threads.samples += threads.samples.map { sample in
            var other = sample
            other.threads = 2
            return other
        }
        results["insert-threads.json"] = threads
        let charted = try PhaseReport.rewrite(readme: readme, results: results)
        #expect(charted.contains("### insert-1M.json, 1M records"))
        #expect(!charted.contains("### insert-10M") && !charted.contains("100M records"))
        #expect(!charted.contains("insert-threads"))
        #expect(charted.contains("](Results/scale-scale.svg)") && !charted.contains("### scale.json, 1"))
        #expect(throws: ReportError.self) { try PhaseReport.rewrite(readme: "none", results: [:]) }
    }
}
