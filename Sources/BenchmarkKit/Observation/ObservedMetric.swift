/// The names of what is observed, as results have them.
public enum ObservedMetric {
    public static let syncsPerCommit = "syncs_per_commit"
    public static let writeCallsPerCommit = "write_calls_per_commit"
    public static let bytesWrittenPerCommit = "bytes_written_per_commit"
    public static let syncsPerBatch = "syncs_per_batch"
    public static let writeCallsPerBatch = "write_calls_per_batch"
    public static let bytesWrittenPerBatch = "bytes_written_per_batch"

    /// Of a row.
    public static let userTime = "cpu_user_ns"
    public static let systemTime = "cpu_system_ns"
    public static let minorFaults = "minor_faults"
    public static let majorFaults = "major_faults"
    public static let residentPeak = "resident_peak_bytes"
    public static let bytesWritten = "written_bytes"
    public static let writeAmplification = "write_amplification"
    public static let spaceAmplification = "space_amplification"

    /// Of the machine, so of no backend.
    public static let loadPerCore = "load_per_core_before"
    public static let othersShare = "other_programs_cpu_share"
    public static let stealShare = "steal_cpu_share"

    /// Those of a commit, in the order of a report.
    static let ofCommits = [
        syncsPerCommit, writeCallsPerCommit, bytesWrittenPerCommit, syncsPerBatch, writeCallsPerBatch,
        bytesWrittenPerBatch,
    ]

    /// Those of a row, in the order of a report.
    static let ofRows = [
        userTime, systemTime, minorFaults, majorFaults, residentPeak, bytesWritten, writeAmplification,
        spaceAmplification,
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
        case userTime: "user time"
        case systemTime: "system time"
        case residentPeak: "resident, peak"
        case bytesWritten: "written"
        default: metric.replacing("_", with: " ")
        }
    }
}
