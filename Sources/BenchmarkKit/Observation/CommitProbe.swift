import CSystemTrace
import Glibc
import StorageBackends

/// The short sampled workload that is traced: it runs in a child process and marks what belongs to a commit.
///
/// 1. Open the engine in an empty folder, in the run's class. Put a few records, so that files are made and grown.
/// 2. Window 0: single-record commits, until there are enough of them or the time is up.
/// 3. Window 1: one batch.
/// 4. Close.
public enum CommitProbe {
    enum Window {
        static let single: Int32 = 0
        static let batch: Int32 = 1
    }

    /// Commits of window 0 at most: enough that an engine that syncs every thousandth commit is not seen as one that
    /// never does, few enough for a fraction of a second.
    static let commitsLimit = 1000
    /// Commits between two looks at the clock.
    private static let commitsPerLook = 50
    /// Time after which no further commits begin: a disk that takes 10 ms a sync gives about fifty.
    private static let nanosecondsLimit: UInt64 = 500_000_000
    private static let warmUpCommits = 16
    /// Records of the one batch.
    public static let batchRecords = 1000

    /// Runs the workload in `directory`, which exists and is empty. Untraced it measures nothing and harms nothing.
    public static func run(
        _ descriptor: BackendDescriptor, directory: String, durability: DurabilityClass, valueBytes: UInt32
    ) throws(BackendError) {
        let records = UInt64(warmUpCommits + commitsLimit + batchRecords)
        // Ascending keys, because every backend takes them.
        let workload = Workload(
            name: "commits", records: records, keys: .ordered, value: .bytes(valueBytes),
            load: Workload.Load(row: "commits", batch: 1))
        let stream = OperationStream(workload, seed: 1, countLimit: records)
        let backend = try descriptor.open(
            BackendOptions(
                directory: directory, durability: durability, expectedRecords: records, keys: stream.keys))
        var tally = Tally()
        try backend.run(stream.inserts(warmUpCommits), tally: &tally)
        let begin = monotonicNanoseconds()
        var commits = 0
        system_trace_begin(Window.single)
        while commits < commitsLimit, commits == 0 || monotonicNanoseconds() - begin < nanosecondsLimit {
            try backend.run(stream.inserts(commitsPerLook), tally: &tally)
            commits += commitsPerLook
        }
        system_trace_end(Window.single, UInt64(commits))
        let batch = stream.inserts(batchRecords)
        system_trace_begin(Window.batch)
        try backend.load(batch, batch: batchRecords, tally: &tally)
        system_trace_end(Window.batch, 1)
        try backend.close()
    }

    /// Makes a file in `directory`, writes it `writes` times and syncs it `syncs` times inside window 0: what the
    /// tracer counts can then be held against what was done.
    /// - Returns: 0, or the number of the system's error.
    public static func calibrate(directory: String, syncs: Int, writes: Int) -> Int32 {
        let file = open("\(directory)/calibration", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return errno }
        defer { close(file) }
        system_trace_begin(Window.single)
        for _ in 0..<writes where write(file, "12345678", 8) != 8 { return errno }
        for _ in 0..<syncs where fdatasync(file) != 0 { return errno }
        system_trace_end(Window.single, 1)
        return 0
    }
}
