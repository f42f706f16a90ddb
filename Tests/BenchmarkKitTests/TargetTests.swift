import Testing

@testable import BenchmarkKit

/// The targets judged on made-up results.
struct TargetTests {
    /// Ten repeats of one row at 1M with these times, each repeat a little slower than the last for all engines.
    private func result(
        _ row: String, _ nanoseconds: [String: Double], library: String = "RocksDB 7.8.3 (release build)",
        durability: String = "process", threads: Int = 1
    ) -> RunResult {
        var result = RunResult(
            command: "alexbench", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: ReportFixture.environment, backends: ReportFixture.backends)
        result.backends[1].library = library
        for number in 1...10 {
            for (backend, time) in nanoseconds.sorted(by: { $0.key < $1.key }) {
                let time = time * (1 + 0.01 * Double(number))
                for (metric, value, unit) in [("ns_per_op", time, "ns"), ("ops_per_second", 1e9 / time, "1/s")] {
                    result.samples.append(
                        RunResult.Sample(
                            workload: row, backend: backend, durability: durability, scale: 1_000_000, valueBytes: 100,
                            threads: threads, repeat: number, metric: metric, value: value, unit: unit))
                }
            }
        }
        return result
    }

    private func lines(_ result: RunResult, _ id: String) -> [TargetTable.Line] {
        TargetTable(["r.json": result]).lines().filter { $0.cells[0].hasPrefix(id) }
    }

    @Test func metAndShort() throws {
        let lines = lines(result("query-miss", ["alex": 100, "lmdb-tuned": 900, "rocksdb-tuned": 250]), "E3")
        #expect(lines.map(\.outcome) == [.short, .met])
        #expect(lines.map { $0.cells.last } == ["short: 2.50 of 3", "met"])
    }

    @Test func metAtTheFloor() throws {
        let times = ["alex": 120.0, "lmdb-tuned": 240, "rocksdb-tuned": 2_400, "hash-log": 100]
        let lines = lines(result("ycsb-a", times), "E9")
        #expect(lines.map(\.outcome) == [.metAtFloor, .met])
        #expect(lines[0].cells.last == "met at the floor: 1.20 times the time of hash-log")
        let slower = self.lines(result("ycsb-a", times.merging(["alex": 130]) { $1 }), "E9")
        #expect(slower.map(\.outcome) == [.short, .met])
    }

    /// Of two results with the engines of a clause the one with the floor counts, whatever their names.
    @Test func theResultWithTheFloorCounts() throws {
        let times = ["alex": 120.0, "lmdb-tuned": 240, "rocksdb-tuned": 2_400]
        let (without, with) = (result("ycsb-a", times), result("ycsb-a", times.merging(["hash-log": 100]) { $1 }))
        for names in [("a.json", "b.json"), ("b.json", "a.json")] {
            let lines = TargetTable([names.0: without, names.1: with]).lines().filter { $0.cells[0].hasPrefix("E9") }
            #expect(lines.map(\.outcome) == [.metAtFloor, .met])
        }
    }

    @Test func theFasterOfTwoConfigurationsCounts() throws {
        let result = result("load-sequential", ["alex": 100, "sqlite": 900, "sqlite-tuned": 500])
        let lines = lines(result, "E7 batch load, sequential")
        let judged = try #require(lines.first { $0.cells[4].contains("sqlite") })
        #expect(judged.cells[4] == "528 ns (sqlite-tuned)" && judged.cells.last == "short: 5.00 of 7")
        let append = self.result("load-sequential", ["alex": 100, "lmdb": 140, "lmdb-tuned": 300])
        let held = try #require(self.lines(append, "E7 batch load, sequential").first)
        #expect(held.cells[4].contains("(lmdb)") && held.cells.last == "short: 1.40 of 1.5")
    }

    @Test func assertionBuildIsNotJudged() throws {
        let result = result(
            "query-miss", ["alex": 100, "rocksdb-tuned": 900],
            library: "RocksDB 7.8.3 (system library, assertions on)")
        let line = try #require(lines(result, "E3").first { $0.cells[2].contains("rocksdb") })
        #expect(line.outcome == .missing && line.cells.last?.contains("make rivals") == true)
    }

    @Test func anEngineIsHeldAgainstItself() throws {
        var power = result("commit", ["alex": 1_000], durability: "power")
        power.samples += result("commit", ["alex": 110], durability: "power", threads: 64).samples
        let short = try #require(lines(power, "E11 64").first)
        #expect(short.outcome == .short && short.cells.last == "short: 9.09 of 10")
        #expect(short.cells[2] == "≥ 10 times its own rate with 1 thread")
        power = result("commit", ["alex": 1_000], durability: "power")
        power.samples += result("commit", ["alex": 90], durability: "power", threads: 64).samples
        #expect(lines(power, "E11 64").map(\.outcome) == [.met])
        // Class process says nothing about class power.
        #expect(lines(result("commit", ["alex": 90], threads: 64), "E11 64").map(\.outcome) == [.missing])
    }

    @Test func longTimesHaveTheirUnit() throws {
        let times = [
            "alex": 120_000.0, "rocksdb": 150_000, "rocksdb-tuned": 150_000, "sqlite": 140_000, "lmdb-tuned": 2e5,
        ]
        let line = try #require(lines(result("commit", times, durability: "power"), "E11 commit").first)
        #expect(line.cells[3] == "127 µs" && line.cells[4] == "148 µs (sqlite)")
    }

    @Test func aTimeHasItsOwnLimit() throws {
        var large = result("query-100m", ["alex": 400])
        for place in large.samples.indices { large.samples[place].scale = 100_000_000 }
        let line = try #require(lines(large, "E17 100M records of 16 bytes, query").first { $0.outcome != .missing })
        #expect(line.outcome == .met && line.cells[3] == "422 ns")
        #expect(lines(result("query-100m", ["alex": 400]), "E17").allSatisfy { $0.outcome == .missing })
    }

    /// X7 is judged at 10M records by dependent reads, beside the floor of two reads.
    @Test func aGetIsHeldAgainstTwoReads() throws {
        func verdict(_ alex: Double, scale: UInt64 = 10_000_000) throws -> TargetTable.Line {
            var large = result("query", ["alex": alex, "two-reads": 100])
            for place in large.samples.indices {
                large.samples[place].scale = scale
                if large.samples[place].metric == "ns_per_op" { large.samples[place].metric = Metric.dependent }
            }
            return try #require(lines(large, "X7").first)
        }
        #expect(try verdict(114).outcome == .met)
        let short = try verdict(117)
        #expect(short.outcome == .short && short.cells.last == "short: 1.17 of 1.15")
        #expect(short.cells[2] == "≤ 1.15 times the time of two-reads, dependent reads")
        let missing = try verdict(114, scale: 1_000_000)
        #expect(missing.outcome == .missing)
        let command = "alexbench query --scale 10M --backend alex,two-reads --format json"
        #expect(missing.cells.last?.hasSuffix(command) == true, "\(missing.cells)")
    }

    @Test func aBatchedGetHasItsOwnLimit() throws {
        func outcome(_ time: Double) throws -> TargetTable.Outcome {
            var large = result("multi-get-64", ["alex": time])
            for place in large.samples.indices { large.samples[place].scale = 10_000_000 }
            return try #require(lines(large, "X6").first).outcome
        }
        // The middle of ten repeats is 1.055 times the time.
        #expect(try outcome(85) == .met)
        #expect(try outcome(86) == .short)
    }

    @Test func whatIsJudgedElsewhereIsNamed() {
        #expect(TargetTable([:]).markdown.contains("E14 and E15") && !TargetTable([:]).markdown.contains("| E14"))
    }

    @Test func compactionIsHeldAgainstTheSameEngineWithout() throws {
        let lines = lines(result("mixed", ["alex": 110, "alex-no-compaction": 100]), "E13")
        #expect(lines.map { $0.cells.last } == [lines[0].cells.last, "met"])
        #expect(lines[0].cells.last?.hasPrefix("not measured") == true)
    }

    @Test func aTargetMayBeOfAnotherConfiguration() throws {
        let lines = lines(result("scan-100", ["alex": 600, "alex-compacted": 300, "lmdb-tuned": 900]), "E8")
        #expect(lines.map { $0.cells.last } == ["short: 1.50 of 2", "met"])
        #expect(lines[1].cells[0] == "E8 scan of 100, compacted" && lines[1].cells[3] == "316 ns")
    }

    /// The harness is of the program that measured last, with the values that the target speaks of.
    @Test func theLastRunSpeaksForTheHarness() throws {
        func run(_ nanoseconds: Double, day: Int, valueBytes: UInt64 = 100) -> RunResult {
            var run = result("harness", ["null": nanoseconds])
            run.date = "2026-01-0\(day)T03:04:05Z"
            for place in run.samples.indices { run.samples[place].valueBytes = valueBytes }
            return run
        }
        let large = run(60, day: 4, valueBytes: 1_000)
        let results = ["a.json": run(6, day: 3), "b.json": run(12, day: 2), "c.json": large]
        let lines = TargetTable(results).lines().filter { $0.cells[0].hasPrefix("T1") }
        #expect(lines.map(\.outcome) == [.missing, .met])
        #expect(lines[1].cells.suffix(2) == ["6.33 ns, 10 samples of a.json", "met"])
        let older = TargetTable(["b.json": run(12, day: 2)]).lines().filter { $0.cells[0].hasPrefix("T1") }
        #expect(older[0].cells.suffix(2) == ["12.7 ns, 10 samples of b.json", "short"])
    }

    @Test func missingDataNamesItsCommand() {
        for line in TargetTable([:]).lines() where line.outcome == .missing {
            #expect(line.cells.last?.contains("alexbench ") == true)
        }
        #expect(TargetTable([:]).lines().allSatisfy { $0.outcome == .missing || $0.outcome == .unavailable })
    }

    @Test func slowerTunedConfigurationIsATuningBug() {
        let bad = TargetTable(["r.json": result("query", ["alex": 1, "sqlite": 100, "sqlite-tuned": 150])]).markdown
        #expect(bad.contains("Tuning bug: sqlite-tuned takes 1.50"))
        let good = TargetTable(["r.json": result("query", ["alex": 1, "sqlite": 150, "sqlite-tuned": 100])]).markdown
        #expect(!good.contains("Tuning bug"))
    }
}
