@testable import BenchmarkKit

/// Made-up results for every table of the phase documents.
enum PhaseFixture {
    /// Nanoseconds an operation at 100K, by engine: load, query, mixed.
    private static let times: [(engine: String, load: Double, query: Double, mixed: Double)] = [
        ("alex-phase-foundation", 3_900, 500, 4_000), ("alex-phase-deferred", 3_600, 490, 1_400),
        ("alex-phase-zero-copy", 3_600, 400, 1_350), ("alex-phase-key-first", 3_600, 380, 1_340),
        ("alex", 300, 150, 180), ("rocksdb-alex", 850, 1_800, 7_000), ("rocksdb", 800, 3_000, 4_000),
        ("rocksdb-tuned", 900, 2_000, 3_200), ("sqlite", 3_600, 4_000, 6_000), ("sqlite-tuned", 3_500, 1_500, 4_000),
    ]

    static func result(
        _ rows: [(name: String, backend: String, nanoseconds: Double)], records: UInt64, repeats: Int = 10,
        library: String = "RocksDB 7.8.3 (release build)", valueBytes: UInt64 = 100, remaps: [String: Double] = [:]
    ) -> RunResult {
        var result = RunResult(
            command: "alexbench run phase.json", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: ReportFixture.environment)
        var names: [String] = []
        for row in rows where !names.contains(row.backend) { names.append(row.backend) }
        result.backends = names.map {
            RunResult.BackendReceipt(
                name: $0, library: $0.hasPrefix("rocksdb") ? library : "Engine 1.0", configuration: [],
                durabilitySettings: "", readBack: [])
        }
        for row in rows {
            for number in 1...repeats {
                // Up to 4 % of disturbance, another for each engine.
                let time = row.nanoseconds * (1 + 0.01 * Double((7 * number + 3 * row.backend.count) % 5))
                let operations =
                    row.name.hasSuffix("-10k") || row.name == "phase-gauge"
                    ? 10_000.0 : row.name.hasSuffix("load") ? Double(records) : 1e6
                let metrics = [
                    ("ns_per_op", time, "ns"), ("elapsed_ns", time * operations, "ns"),
                    ("ops_per_second", 1e9 / time, "ops/s"),
                    ("resident_bytes", row.backend == "alex" ? 3e7 : 9e7, "bytes"),
                ]
                for (metric, value, unit) in metrics + (remaps[row.backend].map { [("remaps", $0, "count")] } ?? []) {
                    result.samples.append(
                        RunResult.Sample(
                            workload: row.name, backend: row.backend, durability: "process", scale: records,
                            valueBytes: valueBytes, threads: 1, repeat: number, metric: metric, value: value, unit: unit
                        ))
                }
            }
        }
        return result
    }

    /// The phase workload; with `slow`, that engine takes a hundred times as long.
    static func phase(
        records: UInt64, slow: String? = nil, repeats: Int? = nil, library: String = "RocksDB 7.8.3 (release build)"
    ) -> RunResult {
        let growth = records == 100_000 ? 1.0 : records == 1_000_000 ? 2 : 4
        var rows: [(name: String, backend: String, nanoseconds: Double)] = []
        for one in times {
            let factor = one.engine == slow ? 100.0 : 1
            for (row, time) in [
                ("phase-load", one.load), ("phase-query", one.query * growth), ("phase-query-10k", one.query * growth),
                ("phase-mixed", one.mixed * growth), ("phase-mixed-10k", one.mixed * growth),
                ("phase-analytics", one.query * growth * 1.1),
            ] { rows.append((row, one.engine, time * factor)) }
        }
        return result(
            rows, records: records, repeats: repeats ?? (records > 1_000_000 ? 3 : 10), library: library, valueBytes: 11
        )
    }

    static func gates() -> RunResult {
        var result = result([], records: 1_000_000)
        result.backends = []
        func add(_ row: String, _ metric: String, _ values: [Double]) {
            for (place, value) in values.enumerated() {
                result.samples.append(
                    GateRows.sample(row, metric, value, unit: "", scale: 1_000_000, repeat: place + 1))
            }
        }
        add(GateRows.splits, GateRows.singleSplits, [4_000])
        add(GateRows.splits, GateRows.batchSplits, [200])
        add(GateRows.compaction, GateRows.rateAlone, (0..<10).map { 1e6 + Double($0) })
        add(GateRows.compaction, GateRows.rateBeside, (0..<10).map { 7e5 + Double($0) })
        add(GateRows.recovery, GateRows.openSeconds, (0..<10).map { 0.30 + 0.001 * Double($0) })
        add(GateRows.filter, GateRows.skipped, [99.6])
        add(GateRows.vectors, GateRows.scalarTime, (0..<10).map { 1.0 + 0.01 * Double($0) })
        add(GateRows.vectors, GateRows.vectorTime, (0..<10).map { 0.4 + 0.004 * Double($0) })
        add(GateRows.cache, GateRows.missesBefore, [100_000])
        add(GateRows.cache, GateRows.missesAfter, [25_000])
        add(GateRows.cache, GateRows.queryMisses, [3.2])
        return result
    }

    static func inserts(records: UInt64) -> RunResult {
        result(
            [
                ("insert-sequential", "alex", 150), ("insert-sequential", "limit", 90), ("insert-random", "alex", 400),
                ("insert-random", "rocksdb-alex", 3_000), ("load-random", "alex", 250),
                ("load-sequential", "alex", 120), ("load-sequential", "rocksdb-alex", 400),
                ("load-sequential", "sqlite", 700), ("load-random", "sqlite", 13_000),
                ("load-sequential", "sqlite-tuned", 800), ("load-random", "sqlite-tuned", 9_000),
            ], records: records)
    }

    /// A result for every table.
    static var all: [String: RunResult] {
        [
            "phase.json": phase(records: 100_000), "phase-1m.json": phase(records: 1_000_000),
            "phase-10m.json": phase(records: 10_000_000), "gates.json": gates(),
            "insert-1M.json": inserts(records: 1_000_000), "insert-10M.json": inserts(records: 10_000_000),
            "insert-alex-1M.json": result([("insert-random", "alex", 400)], records: 1_000_000),
            "insert-rocksdb-alex-1M.json": result([("insert-random", "rocksdb-alex", 3_000)], records: 1_000_000),
            "query-10M.json": result(
                [
                    ("query", "alex", 700), ("query", "sqlite", 7_000), ("scan-1000", "alex", 60_000),
                    ("scan-1000", "sqlite", 300_000),
                ], records: 10_000_000),
            "phase-growth.json": result(
                [
                    ("phase-growth", "alex-phase-foundation", 9_000), ("phase-growth", "alex-phase-deferred-1m", 3_400),
                    ("phase-growth", "alex-phase-deferred-4m", 3_300), ("phase-growth", "alex-phase-deferred", 3_200),
                    ("phase-growth", "alex-phase-deferred-64m", 3_200),
                ], records: 10_000, valueBytes: 1_000,
                remaps: [
                    "alex-phase-foundation": 50_000, "alex-phase-deferred-1m": 48, "alex-phase-deferred-4m": 12,
                    "alex-phase-deferred": 4, "alex-phase-deferred-64m": 0,
                ]),
            "phase-gauge.json": result(
                [
                    ("phase-gauge", "rocksdb-alex", 6_000), ("phase-gauge", "rocksdb-alex-gauge", 9_000),
                    ("phase-gauge", "rocksdb-alex-gauge-3", 44_400),
                    ("phase-gauge", "alex-phase-deferred", 1_400), ("phase-gauge", "alex-phase-zero-copy", 1_350),
                ], records: 1_000_000),
            "explain-query-foundation-100K.json": BreakdownTests.query(),
            "explain-insert-foundation-100K.json": BreakdownTests.result(
                rows: [Explanation.batch, Explanation.insert], steps: BreakdownTests.insertSteps,
                whole: "alex-phase-foundation", time: 8_120),
            "explain-query-rocksdb-alex-100K.json": BreakdownTests.result(
                rows: [Explanation.query], steps: Array(BreakdownTests.querySteps.prefix(2)), whole: "rocksdb-alex",
                time: 2_000),
            "explain-query-alex-1M.json": BreakdownTests.result(
                rows: [Explanation.query], steps: Array(BreakdownTests.querySteps.prefix(2)), whole: "alex", time: 120,
                records: 1_000_000),
            "explain-query-deferred-1M.json": BreakdownTests.result(
                rows: [Explanation.query], steps: BreakdownTests.querySteps, whole: "alex-phase-deferred", time: 151,
                records: 1_000_000),
            "explain-query-zero-copy-1M.json": BreakdownTests.result(
                rows: [Explanation.query], steps: Array(BreakdownTests.querySteps.prefix(5)),
                whole: "alex-phase-zero-copy", time: 103, records: 1_000_000),
        ]
    }
}
