/// The rows of a result of `alexbench gates`, and their metrics.
public enum GateRows {
    /// Data nodes split by random inserts, one by one and in batches: exact counts.
    public static let splits = "gate-splits"
    public static let singleSplits = "splits_single"
    public static let batchSplits = "splits_batch"

    /// The mixed load of one thread beside compaction and alone.
    public static let compaction = "gate-compaction"
    public static let rateAlone = "alone_ops_per_second"
    public static let rateBeside = "beside_compaction_ops_per_second"

    /// Opening after kill -9, up to the first read.
    public static let recovery = "gate-recovery"
    public static let openSeconds = "open_to_first_read_seconds"

    /// Absent keys that the filter keeps from the index, in percent, where it is asked to let 0.5 % pass.
    public static let filter = "gate-filter"
    public static let skipped = "skipped_percent"

    /// Predictions for all keys of a full node of the index, as a vector loop and as its scalar twin: ns a key.
    public static let vectors = "gate-vectors"
    public static let vectorTime = "vector_ns_per_key"
    public static let scalarTime = "scalar_ns_per_key"

    /// Cache misses of a scan over all records in cachegrind's simulation, before compaction and after it.
    public static let cache = "gate-cache"
    public static let missesBefore = "last_level_misses_before"
    public static let missesAfter = "last_level_misses_after"
    public static let queryMisses = "last_level_misses_per_query"
}

extension GateRows {
    /// An empty result of this machine and program, for what the gates measure.
    public static func result(command: String, directory: String) -> RunResult {
        var result = RunResult(
            command: command, date: EnvironmentCapture.date, commit: EnvironmentCapture.commit,
            environment: EnvironmentCapture.environment(directory: directory))
        result.backends = [
            RunResult.BackendReceipt(
                name: "alex", library: "AlexStorage", configuration: ["values of 100 bytes"],
                durabilitySettings: "class process", readBack: [])
        ]
        result.rows = [
            RunResult.RowReceipt(workload: splits, summary: "random keys into an empty index, one by one and batched"),
            RunResult.RowReceipt(
                workload: compaction, summary: "80 % reads and 20 % updates of a thread, alone and beside compaction"),
            RunResult.RowReceipt(workload: recovery, summary: "open to first read after kill -9, with no checkpoint"),
            RunResult.RowReceipt(
                workload: filter, summary: "absent keys that a filter of 0.5 % keeps from the index, and no present one"
            ),
            RunResult.RowReceipt(
                workload: vectors, summary: "where a line puts all keys of a full node: vector loop and scalar twin"),
            RunResult.RowReceipt(
                workload: cache, summary: "last-level misses in cachegrind's simulation, the opening's left out"),
        ]
        return result
    }

    /// A figure of the engine.
    public static func sample(
        _ row: String, _ metric: String, _ value: Double, unit: String, scale: UInt64, repeat number: Int
    ) -> RunResult.Sample {
        RunResult.Sample(
            workload: row, backend: "alex", durability: "process", scale: scale, valueBytes: 100, threads: 1,
            repeat: number, metric: metric, value: value, unit: unit)
    }
}
