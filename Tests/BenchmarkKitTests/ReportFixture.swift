@testable import BenchmarkKit

/// A small result with something of everything: wins, a loss, a tie, floors, an engine that can't, an outlier.
enum ReportFixture {
    static let environment = RunResult.Environment(
        cpu: "Example CPU", cores: 2, lastLevelCacheBytes: 32 << 20, memoryBytes: 16 << 30, kernel: "Linux 6.18",
        fileSystem: "ext4", swift: "Swift 6.3.1", build: "release")

    static let backends = [
        RunResult.BackendReceipt(
            name: "alex", library: "AlexStorage 0.1.0", configuration: [], durabilitySettings: "mapped stores",
            readBack: []),
        RunResult.BackendReceipt(
            name: "rocksdb-tuned", library: "RocksDB 7.8.3 (release build)", configuration: ["block_cache=1G"],
            durabilitySettings: "WAL, sync=false", readBack: ["compression=none"]),
        RunResult.BackendReceipt(
            name: "sqlite", library: "SQLite 3.40.1", configuration: [], durabilitySettings: "WAL, synchronous=OFF",
            readBack: ["synchronous=0"]),
        RunResult.BackendReceipt(
            name: "limit", library: "alexbench", configuration: [], durabilitySettings: "mapped stores", readBack: []),
    ]

    /// Nanoseconds an operation by row and engine.
    static let times: [(row: String, backend: String, nanoseconds: Double)] = [
        ("load-random", "alex", 480), ("load-random", "rocksdb-tuned", 420), ("load-random", "sqlite", 9_000),
        ("load-random", "limit", 200),
        ("query", "alex", 100), ("query", "rocksdb-tuned", 2_000), ("query", "sqlite", 1_500), ("query", "limit", 90),
        ("mixed", "alex", 1_200), ("mixed", "rocksdb-tuned", 1_200), ("mixed", "sqlite", 5_000),
    ]

    static func result(repeats: Int = 10, scales: [UInt64] = [100_000], slowDown: Double = 1) -> RunResult {
        var result = RunResult(
            command: "alexbench mixed --scale 100K", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: environment, backends: backends)
        result.rows = [
            RunResult.RowReceipt(workload: "load-random", summary: "all records, batches of 10000"),
            RunResult.RowReceipt(workload: "query", summary: "100000 operations: read 100 %, uniform"),
            RunResult.RowReceipt(workload: "mixed", summary: "100000 operations: read 80 %, insert 20 %, uniform"),
        ]
        result.warnings = [
            RunResult.Warning(text: "the data fits the processor's cache", remedy: "use a larger --scale")
        ]
        result.unavailable = [
            RunResult.Unavailable(workload: "mixed", backend: "limit", reason: "takes no key out of order")
        ]
        for scale in scales {
            for number in 1...repeats {
                addSamples(to: &result, scale: scale, repeat: number, slowDown: slowDown)
                result.streams.append(
                    RunResult.StreamReceipt(
                        workload: "mixed", scale: scale, repeat: number, seed: 1, operations: 200_000,
                        streamHash: "00112233aabb\(number)", stateDigest: "ffeeddcc\(number)"))
            }
        }
        return result
    }

    private static func addSamples(to result: inout RunResult, scale: UInt64, repeat number: Int, slowDown: Double) {
        var random = SeededRandom(seed: UInt64(number))
        func add(_ row: String, _ backend: String, _ metric: String, _ value: Double, _ unit: String) {
            result.samples.append(
                RunResult.Sample(
                    workload: row, backend: backend, durability: "process", scale: scale, valueBytes: 100, threads: 1,
                    repeat: number, metric: metric, value: value, unit: unit))
        }
        let growth = 1 + Double(scale) / 1_000_000
        for entry in times {
            var time = entry.nanoseconds * growth * (1 + 0.01 * random.normal())
            if entry.backend == "alex" { time *= slowDown }
            if entry == ("query", "sqlite", 1_500), number == 4 { time *= 2 }
            add(entry.row, entry.backend, "ops_per_second", 1e9 / time, "1/s")
            add(entry.row, entry.backend, "ns_per_op", time, "ns")
            guard entry.row == "query" else { continue }
            add(entry.row, entry.backend, "dependent_ns_per_op", time * 2.5, "ns")
            add(entry.row, entry.backend, "p50_ns", (time * 1.2).rounded(), "ns")
            add(entry.row, entry.backend, "p999_ns", (time * 9).rounded(), "ns")
            add(entry.row, entry.backend, "hits", 100_000, "operations")
            add(entry.row, entry.backend, "disk_bytes", 12_400_000, "bytes")
        }
        add("harness", "null", "ns_per_op", 3.25, "ns")
        add("harness", "null", "timer_ns", 21, "ns")
    }
}
