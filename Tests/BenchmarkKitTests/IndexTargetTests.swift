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

    @Test func withoutAnIndexItNamesTheCommand() {
        let text = IndexTargetTable(["mixed.json": ReportFixture.result()]).markdown
        #expect(text.contains("make results ONLY=index") && !text.contains("demands"))
    }

    /// Every column belongs to a row that `alexbench index` has, and to a target.
    @Test func columnsAreOfTheIndexBenchmark() {
        let columns = IndexTargets.sections.flatMap(\.columns)
        #expect(Set(columns.map(\.row)).isSubset(of: Set(IndexRow.allCases)))
        #expect(columns.allSatisfy { $0.id.hasPrefix("X") } && columns.count == 19)
    }
}
