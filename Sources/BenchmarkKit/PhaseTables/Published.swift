/// The figures of the phase documents, and nothing measured: taken on an Apple M3 Max (macOS), in Rust.
///
/// The documents' RocksStorage is RocksDB behind an ALEX existence check and a small cache of values. Beside it stand
/// this program's own configurations of RocksDB.
enum Published {
    static let machine = "Apple M3 Max, macOS, Rust (the phase documents' own program)"

    /// One figure of one system.
    struct Figure: Sendable {
        /// The rows of `Workloads/phase.json` that measure it afresh; the last with 10 000 operations, as the documents
        /// ran it.
        let rows: [String]
        /// Nanoseconds an operation.
        let alex: Double
        let rocksStorage: Double
        let sqlite: Double?
    }

    /// Before and after deferred remapping.
    struct Step: Sendable {
        /// The rows that measure it afresh; the last with 10 000 operations, as the documents ran it.
        let rows: [String]
        let alex: (before: Double, after: Double)
        let rocksStorage: (before: Double, after: Double)
    }

    /// A line of arithmetic as the document has it, and its terms, so that it can be worked out again.
    struct Sum: Sendable {
        let text: String
        let published: Double
        let recomputed: Double
    }

    static let queryAtMillion = Figure(
        rows: ["phase-query", "phase-query-10k"], alex: 905, rocksStorage: 3_831, sqlite: 2_173)
    static let mixedAtMillion = Figure(
        rows: ["phase-mixed", "phase-mixed-10k"], alex: 2_328, rocksStorage: 68_054, sqlite: 6_524)

    static let steps = [
        Step(rows: ["phase-load"], alex: (3_967, 3_873), rocksStorage: (861, 884)),
        Step(rows: ["phase-query", "phase-query-10k"], alex: (534, 525), rocksStorage: (1_864, 1_169)),
        Step(rows: ["phase-mixed", "phase-mixed-10k"], alex: (4_450, 997), rocksStorage: (7_255, 7_004)),
    ]

    static let bulkSums = [
        Sum(text: "3 967 ÷ 861, times slower", published: 4.60, recomputed: 3_967 / 861),
        Sum(text: "3 967 ns × 100 000, ms", published: 397, recomputed: 3_967 * 0.1),
        Sum(text: "861 ns × 100 000, ms", published: 86, recomputed: 861 * 0.1),
    ]
    static let querySums = [
        Sum(text: "1 864 ÷ 534, times faster", published: 3.49, recomputed: 1_864.0 / 534),
        Sum(text: "1 000 ÷ 534, million queries a second", published: 1.87, recomputed: 1_000.0 / 534),
        Sum(text: "1 000 ÷ 1 864, million queries a second", published: 0.54, recomputed: 1_000.0 / 1_864),
    ]
    static let mixedSums = [
        Sum(text: "7 255 ÷ 4 450, times faster", published: 1.63, recomputed: 7_255.0 / 4_450),
        Sum(text: "0.8 × 534 + 0.2 × 3 967, ns", published: 4_220, recomputed: 0.8 * 534 + 0.2 * 3_967),
        Sum(text: "0.8 × 1 864 + 0.2 × 861, ns", published: 7_160, recomputed: 0.8 * 1_864 + 0.2 * 861),
    ]
    static let stepSums = [
        Sum(text: "3 967 ÷ 3 873, speed-up of bulk insert", published: 1.02, recomputed: 3_967.0 / 3_873),
        Sum(text: "534 ÷ 525, speed-up of query", published: 1.02, recomputed: 534.0 / 525),
        Sum(text: "4 450 ÷ 997, speed-up of mixed", published: 4.47, recomputed: 4_450.0 / 997),
        Sum(text: "7 004 ÷ 997, times faster", published: 7.02, recomputed: 7_004.0 / 997),
        Sum(text: "0.8 × 525 + 0.2 × 3 873, ns", published: 1_194, recomputed: 0.8 * 525 + 0.2 * 3_873),
    ]
    static let millionSums = [
        Sum(text: "3 831 ÷ 905, times faster", published: 4.23, recomputed: 3_831.0 / 905),
        Sum(text: "68 054 ÷ 2 328, times faster", published: 29.23, recomputed: 68_054.0 / 2_328),
        Sum(text: "2 173 ÷ 905, times faster than SQLite", published: 2.40, recomputed: 2_173.0 / 905),
        Sum(text: "6 524 ÷ 2 328, times faster than SQLite", published: 2.80, recomputed: 6_524.0 / 2_328),
    ]

    /// What is known of the published mixed figure of RocksStorage at 1M.
    static let gauge =
        "The published 68 054 ns of RocksStorage hold a defect of that baseline: each insert refreshed a gauge that "
        + "walked all leaves of its index, which had about 3 keys each."
}
