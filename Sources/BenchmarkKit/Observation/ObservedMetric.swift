/// The names of what is observed, as results have them.
public enum ObservedMetric {
    public static let syncsPerCommit = "syncs_per_commit"
    public static let writeCallsPerCommit = "write_calls_per_commit"
    public static let bytesWrittenPerCommit = "bytes_written_per_commit"
    public static let syncsPerBatch = "syncs_per_batch"
    public static let writeCallsPerBatch = "write_calls_per_batch"
    public static let bytesWrittenPerBatch = "bytes_written_per_batch"

    /// Of the machine, so of no backend.
    public static let loadPerCore = "load_per_core_before"
    public static let othersShare = "other_programs_cpu_share"
    public static let stealShare = "steal_cpu_share"

    /// Those of a commit, in the order of a report.
    static let ofCommits = [
        syncsPerCommit, writeCallsPerCommit, bytesWrittenPerCommit, syncsPerBatch, writeCallsPerBatch,
        bytesWrittenPerBatch,
    ]

    /// The metric in words.
    static func label(_ metric: String) -> String {
        switch metric {
        case syncsPerCommit: "syncs a commit"
        case writeCallsPerCommit: "write calls a commit"
        case bytesWrittenPerCommit: "bytes written a commit"
        case syncsPerBatch: "syncs a batch of \(CommitProbe.batchRecords)"
        case writeCallsPerBatch: "write calls a batch"
        case bytesWrittenPerBatch: "bytes written a batch"
        default: metric.replacing("_", with: " ")
        }
    }
}
