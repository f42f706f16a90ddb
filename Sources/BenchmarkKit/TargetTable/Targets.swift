/// What the engine and the tool are to reach, each as a ratio in one run: data, never mixed with measurements.
///
/// Unless a clause says otherwise: 1 M records of 8-byte keys and 100-byte values, class process, one thread. A ratio
/// that is short counts as met where the time is at most `floorShare` of the floor `hash-log` in the same run.
enum Targets {
    static let records: UInt64 = 1_000_000
    static let valueBytes: UInt64 = 100
    static let durability = "process"
    static let floor = "hash-log"
    static let floorShare = 1.25

    /// One demand of a target.
    enum Clause: Sendable {
        /// At least `times` as fast as the fastest of `rivals`.
        case faster(times: Double, rivals: [String], metric: String)
        /// At most `times` the time of a floor.
        case within(times: Double, floor: String, metric: String)
        /// At least `times` its own rate in another row, or with another number of threads, of the same result.
        case itself(times: Double, row: String, threads: Int, metric: String)
        /// At most this many nanoseconds.
        case time(atMost: Double, metric: String)
        /// More than this many operations a second.
        case rate(above: Double)
        /// At most this many nanoseconds of the harness's own.
        case harness(metric: String, atMost: Double)
        /// What this version can't measure, and why.
        case unavailable(String, why: String)
    }

    struct Target: Sendable {
        let id: String
        let what: String
        /// The configuration of the engine that is to reach it.
        var subject = Roster.subject
        /// The row of the results that measures it.
        let row: String
        /// Records of the stores; `nil` where the row's size does not matter.
        var records: UInt64? = Targets.records
        var durability = Targets.durability
        var threads = 1
        let clauses: [Clause]
    }

    private static let lmdb = ["lmdb-tuned"]
    /// In batches in order, the mapped file that is tuned for single puts is the slower one.
    private static let lmdbBest = ["lmdb", "lmdb-tuned"]
    private static let rocksdb = ["rocksdb-tuned"]
    private static let sqlite = ["sqlite", "sqlite-tuned"]
    private static let time = Metric.nanosecondsPerOperation

    static let all: [Target] = [
        Target(
            id: "E1", what: "query", row: "query",
            clauses: [
                .faster(times: 5, rivals: lmdb, metric: time), .faster(times: 12, rivals: rocksdb, metric: time),
                .faster(times: 8, rivals: sqlite, metric: time),
                .faster(times: 1.8, rivals: lmdb, metric: Metric.dependent),
                .faster(times: 4.5, rivals: rocksdb, metric: Metric.dependent),
                .within(times: 1.3, floor: "limit", metric: time),
                .within(times: 1.3, floor: "limit", metric: Metric.dependent),
            ]),
        Target(
            id: "E2", what: "query at 10M", row: "query", records: 10_000_000,
            clauses: [
                .faster(times: 7, rivals: lmdb, metric: time), .faster(times: 15, rivals: rocksdb, metric: time),
                .faster(times: 2.4, rivals: lmdb, metric: Metric.dependent),
            ]),
        Target(
            id: "E3", what: "absent keys", row: "query-miss",
            clauses: [
                .faster(times: 8, rivals: lmdb, metric: time), .faster(times: 3, rivals: rocksdb, metric: time),
            ]),
        Target(
            id: "E4", what: "mixed 80/20", row: "mixed",
            clauses: [
                .faster(times: 3, rivals: lmdb, metric: time), .faster(times: 8, rivals: rocksdb, metric: time),
                .faster(times: 12, rivals: sqlite, metric: time),
                .unavailable("≥ 1.8 times Tkrzw's hash database", why: "Tkrzw is not among the backends"),
            ]),
        Target(
            id: "E5", what: "single insert, random", row: "insert-random",
            clauses: [
                .faster(times: 5, rivals: lmdb, metric: time), .faster(times: 8, rivals: rocksdb, metric: time),
                .rate(above: 2.5e6),
            ]),
        Target(
            id: "E6", what: "single insert, sequential", row: "insert-sequential",
            clauses: [
                .faster(times: 4, rivals: lmdb, metric: time), .faster(times: 12, rivals: rocksdb, metric: time),
                .rate(above: 5e6),
            ]),
        Target(
            id: "E7", what: "batch load, sequential", row: "load-sequential",
            clauses: [
                .faster(times: 1.5, rivals: lmdbBest, metric: time), .faster(times: 7, rivals: sqlite, metric: time),
            ]),
        Target(
            id: "E7", what: "batch load, random", row: "load-random",
            clauses: [
                .faster(times: 3, rivals: lmdbBest, metric: time), .faster(times: 25, rivals: sqlite, metric: time),
                .faster(times: 4.5, rivals: ["rocksdb", "rocksdb-tuned"], metric: time),
            ]),
        Target(
            id: "E8", what: "scan of 100", row: "scan-100",
            clauses: [
                .faster(times: 2, rivals: lmdb, metric: time)
            ]),
        Target(
            id: "E8", what: "scan of 100, compacted", subject: "alex-compacted", row: "scan-100",
            clauses: [.faster(times: 2.5, rivals: lmdb, metric: time)]),
        Target(
            id: "E9", what: "YCSB A", row: "ycsb-a",
            clauses: [
                .faster(times: 3, rivals: lmdb, metric: time), .faster(times: 8, rivals: rocksdb, metric: time),
            ]),
        Target(
            id: "E10", what: "multi-get of 64", row: "multi-get-64",
            clauses: [.faster(times: 8, rivals: lmdb, metric: time)]),
        Target(
            id: "E10", what: "multi-get of 64 at 10M", row: "multi-get-64", records: 10_000_000,
            clauses: [.itself(times: 2, row: "query", threads: 1, metric: Metric.operationsPerSecond)]),
        Target(
            id: "E11", what: "commit, power class", row: "commit", records: nil, durability: "power",
            clauses: [
                .faster(times: 1, rivals: ["rocksdb", "rocksdb-tuned", "sqlite", "lmdb-tuned"], metric: time)
            ]),
        Target(
            id: "E11", what: "64 committing threads, power class", row: "commit", records: nil, durability: "power",
            threads: 64,
            clauses: [.itself(times: 10, row: "commit", threads: 1, metric: Metric.operationsPerSecond)]),
        Target(
            id: "E13", what: "mixed while half garbage is compacted", row: "mixed",
            clauses: [
                .faster(times: 0.9, rivals: ["alex-no-compaction"], metric: time),
                .within(times: 3, floor: "alex-no-compaction", metric: "p999_ns"),
            ]),
        Target(
            id: "E16", what: "one reader beside one writer", row: "reader-beside-writer", threads: 2,
            clauses: [.itself(times: 0.85, row: "reader-alone", threads: 2, metric: "reader_ops_per_second")]),
        Target(
            id: "E17", what: "100M records of 16 bytes, load", row: "load-100m", records: 100_000_000,
            clauses: [.time(atMost: 300, metric: time)]),
        Target(
            id: "E17", what: "100M records of 16 bytes, query", row: "query-100m", records: 100_000_000,
            clauses: [.time(atMost: 500, metric: time), .time(atMost: 1_000, metric: Metric.dependent)]),
        Target(
            id: "X6", what: "batched lookup with the record, 10M", row: "multi-get-64", records: 10_000_000,
            clauses: [.time(atMost: 90, metric: time)]),
        Target(
            id: "X7", what: "get with its record, 10M", row: "query", records: 10_000_000,
            clauses: [.within(times: 1.15, floor: "two-reads", metric: Metric.dependent)]),
        Target(
            id: "T1", what: "harness", row: Workload.harnessRow,
            clauses: [
                .harness(metric: time, atMost: 10), .harness(metric: "check_ns_per_value", atMost: 10),
            ]),
    ]

    /// The command that measures a target's row.
    static func command(_ target: Target) -> String {
        let scale = Figures.scale(target.records ?? 10_000)
        let all = "alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned,lmdb,lmdb-tuned,limit,hash-log"
        let words: String
        switch target.row {
        case "mixed" where target.id == "E13":
            words = "run Workloads/compaction.json --backend alex,alex-no-compaction --schedule sequential"
        case "scan-100" where target.subject != Roster.subject:
            words = "query --scale \(scale) --backend alex,\(target.subject),lmdb-tuned"
        case "query" where target.id == "X7": words = "query --scale \(scale) --backend alex,two-reads"
        case "query", "query-miss", "scan-100", Workload.harnessRow: words = "query --scale \(scale) --backend \(all)"
        case "mixed": words = "mixed --scale \(scale) --backend \(all)"
        case "ycsb-a": words = "run Workloads/ycsb-a.json --backend \(all)"
        case "load-sequential": words = "run Workloads/bulk-load.json --backend \(all)"
        case "multi-get-64":
            let file = target.records == Targets.records ? "multi-get" : "multi-get-10m"
            words = "run Workloads/\(file).json --backend alex,rocksdb-tuned,sqlite-tuned,lmdb-tuned"
        case "commit":
            words =
                "run Workloads/commit.json --durability power --threads 1,64 --backend "
                + "alex,rocksdb,rocksdb-tuned,sqlite,lmdb-tuned"
        case "reader-beside-writer": words = "run Workloads/reader-beside-writer.json --threads 2 --backend alex"
        case "load-100m", "query-100m": words = "run Workloads/load-100m.json --backend alex --repeats 1"
        default: words = "insert --scale \(scale) --backend \(all)"
        }
        return "alexbench \(words) --format json"
    }
}
