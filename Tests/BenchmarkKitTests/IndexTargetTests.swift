import Testing

@testable import BenchmarkKit

/// The learned index's targets judged on made-up results.
struct IndexTargetTests {
    /// Three repeats of the table's rows on two key sets; `times` are those of the learned index, the tree's are 100.
    private func result(scale: UInt64 = 1_000_000, _ times: [String: Double]) -> RunResult {
        var result = RunResult(
            command: "alexbench index", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: ReportFixture.environment,
            backends: [ReportFixture.backends[0]])
        result.backends[0].name = "alex-index"
        for number in 1...3 {
            for (row, time) in times.sorted(by: { $0.key < $1.key }) {
                for (backend, value) in [("alex-index", time), ("absl-btree", 100)] {
                    result.samples.append(
                        RunResult.Sample(
                            workload: row, backend: backend, durability: "memory", scale: scale, valueBytes: 8,
                            threads: 1, repeat: number, metric: "ns_per_op", value: value * (1 + 0.01 * Double(number)),
                            unit: "ns"))
                }
            }
        }
        return result
    }

    private func lines(_ result: RunResult) -> [String] {
        IndexTargetTable(["index.json": result]).markdown.split(separator: "\n").map(String.init)
    }

    @Test func whatIsShortStandsFirst() throws {
        let lines = lines(result(["lookup/uniform": 40, "lookup/sequential": 18, "lookup/full-range": 90]))
        #expect(lines.contains { $0.contains("Of 3 demands 2 are met and 1 are short; these:") })
        let short = try #require(lines.first { $0.hasPrefix("| X1, X2") })
        #expect(short == "| X1, X2 | uniform | Lookups, time ÷ B-tree's: independent | ≤ 0.28 | 0.40 ± 0.00 |")
        #expect(lines.filter { $0.hasPrefix("| X") }.count == 1)
        #expect(lines.contains("| full-range | 0.90 ± 0.00 |"))
    }

    @Test func demandsGrowWithTheKeys() {
        let times = ["lookup/uniform": 25.0, "insert-random/uniform": 50]
        #expect(lines(result(times)).contains { $0.contains("Of 2 demands 2 are met and 0 are short.") })
        let large = lines(result(scale: 10_000_000, times))
        #expect(large.contains { $0.contains("Of 2 demands 0 are met and 2 are short; these:") })
        #expect(large.contains { $0.contains("≤ 0.12 | 0.25") } && large.contains { $0.contains("≤ 0.4 | 0.50") })
    }

    /// At 100M keys nothing is asked of a lookup but the tree's own time.
    @Test func noShareIsAskedAt100M() {
        let times = ["lookup/uniform": 90.0, "lookup-batched/uniform": 80, "bulk-load/uniform": 190]
        #expect(lines(result(scale: 100_000_000, times)).contains { $0.contains("Of 2 demands 2 are met") })
        let slow = lines(result(scale: 100_000_000, ["lookup/uniform": 101, "bulk-load/uniform": 201]))
        #expect(slow.contains { $0.contains("Of 2 demands 0 are met and 2 are short; these:") })
        #expect(slow.contains { $0.hasPrefix("| X8 | uniform | Changes") && $0.contains("bulk load | ≤ 2 |") })
    }

    /// The time and work of single inserts is bounded in each order, not at random alone.
    @Test(arguments: ["insert-random", "insert-append", "insert-descending", "insert-adversarial"])
    func singleInsertsAreBounded(row: String) throws {
        var bad = result([:])
        let figures = [
            ("p9999_ns", 20_001.0), ("max_ns", 500_001), ("shifts_max", 4_097), ("allocated_bytes_max", 608_513),
            ("bytes_per_key", 24.5),
        ]
        for number in 1...3 {
            for (metric, value) in figures {
                bad.samples.append(
                    RunResult.Sample(
                        workload: "\(row)/uniform", backend: "alex-index", durability: "memory", scale: 1_000_000,
                        valueBytes: 8, threads: 1, repeat: number, metric: metric, value: value, unit: ""))
            }
        }
        #expect(lines(bad).contains { $0.contains("Of 5 demands 0 are met and 5 are short") })
        for place in bad.samples.indices { bad.samples[place].value -= 1 }
        #expect(lines(bad).contains { $0.contains("Of 5 demands 5 are met and 0 are short") })
    }

    /// Batches are held against the index's own single inserts; nothing is asked of the ratio.
    @Test func batchesBesideSingleInserts() {
        let lines = lines(result(["insert-random/uniform": 60, "insert-batch/uniform": 15]))
        #expect(lines.contains { $0.contains("Of 1 demands 1 are met") })
        #expect(lines.contains { $0.contains("batches ÷ its own single inserts") })
        #expect(lines.contains("| uniform | 0.60 ± 0.00 | 0.25 ± 0.00 |"), "\(lines)")
    }

    @Test func lookupsAfterAppendsAreHeldAgainstABulkLoad() throws {
        var appended = result(["lookup/uniform": 20, "insert-append/uniform": 30])
        for number in 1...3 {
            appended.samples.append(
                RunResult.Sample(
                    workload: "insert-append/uniform", backend: "alex-index", durability: "memory", scale: 1_000_000,
                    valueBytes: 8, threads: 1, repeat: number, metric: "lookup_ns_per_op",
                    value: 26 * (1 + 0.01 * Double(number)), unit: "ns"))
        }
        let short = try #require(lines(appended).first { $0.hasPrefix("| X3") })
        #expect(short.contains("lookups after appends ÷ after bulk load | ≤ 1.2 | 1.30 ± 0.00"))
    }

    /// The tree's own tail stands beside the index's, and nothing is asked of it.
    @Test func theTreesTailStandsBeside() throws {
        var result = result(["insert-random/uniform": 50])
        for (backend, value) in [("alex-index", 7_000.0), ("absl-btree", 9_000)] {
            result.samples.append(
                RunResult.Sample(
                    workload: "insert-random/uniform", backend: backend, durability: "memory", scale: 1_000_000,
                    valueBytes: 8, threads: 1, repeat: 1, metric: "p9999_ns", value: value, unit: "ns"))
        }
        let lines = lines(result)
        let header = try #require(lines.firstIndex { $0.contains("p99.99, ns | B-tree's p99.99, ns") })
        #expect(lines[header + 2] == "| uniform | 7.00K | 9.00K |")
        #expect(lines.contains { $0.contains("Of 2 demands 2 are met and 0 are short.") })
    }

    @Test func withoutAnIndexItNamesTheCommand() {
        let text = IndexTargetTable(["mixed.json": ReportFixture.result()]).markdown
        #expect(text.contains("make results ONLY=index") && !text.contains("demands"))
    }

    /// Every column belongs to a row that `alexbench index` has, and to a target.
    @Test func columnsAreOfTheIndexBenchmark() {
        let columns = IndexTargets.sections.flatMap(\.columns)
        #expect(Set(columns.map(\.row)).isSubset(of: Set(IndexRow.allCases)))
        #expect(columns.allSatisfy { $0.id.hasPrefix("X") || $0.id == "R.3" } && columns.count == 47)
    }
}
