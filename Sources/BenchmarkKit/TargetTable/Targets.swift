/// What the engine and the tool are to reach, each as a ratio in one run: data, never mixed with measurements.
///
/// Unless a clause says otherwise: 1 M records of 8-byte keys and 100-byte values, class process, one thread. A ratio
/// that is short counts as met where the time is at most `floorShare` of the floor `hash-log` in the same run.
enum Targets {
    static let records: UInt64 = 1_000_000
    static let durability = "process"
    static let floor = "hash-log"
    static let floorShare = 1.25

    /// One demand of a target.
    enum Clause: Sendable {
        /// At least `times` as fast as the fastest of `rivals`.
        case faster(times: Double, rivals: [String], metric: String)
        /// At most `times` the time of a floor.
        case within(times: Double, floor: String, metric: String)
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
        /// The row of the results that measures it.
        let row: String
        let clauses: [Clause]
    }

    private static let lmdb = ["lmdb-tuned"]
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
                .faster(times: 1.5, rivals: lmdb, metric: time), .faster(times: 7, rivals: sqlite, metric: time),
            ]),
        Target(
            id: "E7", what: "batch load, random", row: "load-random",
            clauses: [
                .faster(times: 3, rivals: lmdb, metric: time), .faster(times: 25, rivals: sqlite, metric: time),
                .faster(times: 4.5, rivals: ["rocksdb", "rocksdb-tuned"], metric: time),
            ]),
        Target(
            id: "E8", what: "scan of 100", row: "scan-100",
            clauses: [
                .faster(times: 2, rivals: lmdb, metric: time),
                .unavailable("≥ 2.5 times LMDB once compacted", why: "this version has no compaction"),
            ]),
        Target(
            id: "E9", what: "YCSB A", row: "ycsb-a",
            clauses: [
                .faster(times: 3, rivals: lmdb, metric: time), .faster(times: 8, rivals: rocksdb, metric: time),
            ]),
        Target(
            id: "T1", what: "harness", row: Workload.harnessRow,
            clauses: [
                .harness(metric: time, atMost: 10), .harness(metric: "check_ns_per_value", atMost: 10),
            ]),
    ]

    /// The command that measures a row.
    static func command(row: String) -> String {
        let name: String
        switch row {
        case "query", "query-miss", "scan-100", Workload.harnessRow: name = "query --scale 1M"
        case "mixed": name = "mixed --scale 1M"
        case "ycsb-a": name = "run Workloads/ycsb-a.json"
        case "load-sequential": name = "run Workloads/bulk-load.json"
        default: name = "insert --scale 1M"
        }
        return "alexbench \(name) --backend alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned,lmdb-tuned,limit,hash-log "
            + "--format json"
    }
}
