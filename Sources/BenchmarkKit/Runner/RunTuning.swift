/// The numbers that shape a run, each with where it comes from.
public enum RunTuning {
    /// Operations of a phase at most, unless the user says otherwise. `mixed` at 1 M records over five engines and ten
    /// repeats must end within ten minutes; the two SQLite configurations alone spend about 20 s a repeat on the load.
    public static let usualOperationsLimit: UInt64 = 250_000

    /// Operations that one engine runs before the next engine's turn. A turn begins with caches that other engines
    /// have filled, which costs a fast engine most. Query at 1 M records, ns an operation of alex, hash-log and limit
    /// taking turns (best of three repeats, processor time of the thread, on a busy machine of two cores):
    /// slices of 2 000: 497, 503, 453; 10 000: 495, 506, 458; 20 000: 515, 500, 448; 50 000: 466, 470, 437;
    /// 100 000: 427, 409, 377; no turns at all: 416, 409, 399. So: the shortest of these
    /// lengths near the figures without turns, as far as that noise lets one tell.
    public static let sliceOperations = 100_000

    /// Bytes of the values of a slice, unless one batch has more: above the 100 000 values of 1 KiB of a usual slice,
    /// and far below the 4 GiB that an offset of 32 bits reaches.
    public static let sliceBytesLimit: UInt64 = 256 << 20

    /// Least operations of a dependent or latency pass, if the throughput pass has as many.
    public static let shortPassOperations: UInt64 = 50_000
    /// The dependent and latency passes run one part in this many of the throughput pass, if that is more.
    public static let shortPassShare: UInt64 = 10

    /// Operations of the dependent and of the latency pass of a phase of `operations`.
    public static func shortPass(of operations: UInt64) -> UInt64 {
        min(operations, max(operations / shortPassShare, shortPassOperations))
    }

    /// Warm-up before each phase, unless the user says otherwise: a tenth of its operations, at most this many.
    public static let warmUpLimit: UInt64 = 20_000

    /// Samples that must lie beyond a percentile, or it is not reported.
    public static let samplesBeyondPercentile = 10

    /// Looks at the clock in an interval of the series over time: an interval that a stretch crosses is shared out by
    /// time, so the error of a rate is about this part of its change.
    public static let chunksOfInterval: UInt64 = 20
    /// Operations before the first such look, when an engine's rate is not known yet.
    public static let firstChunkOperations = 1024
    /// Operations between two looks at least: at 30 ns a look and 100 ns an operation the cost is 0.5 %, and only for
    /// an engine that needs 80 µs an operation is it so few.
    public static let leastChunkOperations: UInt64 = 64
    /// Values of one series over time in a result at most; beyond, neighbours are joined. 9 engines, 5 rows and 10
    /// repeats then stay well below 1 MiB.
    public static let intervalsLimit = 100

    /// Steps of the search for a rate: one in the closed loop, nine that halve the range, three that check the answer.
    /// Five halvings after a first step that holds leave 2 %.
    public static let objectiveSteps: UInt64 = 13
    /// Less of the asked rate than this, and an engine counts as saturated.
    public static let saturationShare = 0.99
    /// A step of the search shorter than this sees no stall of the kind that comes a few times a second, a flush of a
    /// memory table or of the disk's cache, and so finds too high a rate.
    public static let objectiveStepNanosecondsLeast: UInt64 = 100_000_000
    /// Seconds of the open loop that one turn lasts, so that an interruption need not wait long.
    public static let openTurnSeconds: UInt64 = 1

    /// Nanoseconds until the first operation of an open loop on several threads is due: all of them must be awake.
    public static let threadLeadNanoseconds: UInt64 = 200_000
    /// The slowest engine's time in the last pass of a calibration: long enough to see its usual rate.
    public static let calibrationNanoseconds: UInt64 = 300_000_000
    /// Operations of the first pass of a calibration.
    public static let calibrationOperations: UInt64 = 2_000
    /// Most operations of a phase that a duration may come to.
    public static let durationOperationsLimit: UInt64 = 10_000_000_000
    /// Most threads of one run.
    public static let threadsLimit = 1024

    /// Most operations of a trace, which is gathered in memory: at about five bytes each 1 GB.
    public static let traceOperationsLimit: UInt64 = 200_000_000

    /// Repeats that an interval needs to be worth much (MEASURING rule: at least ten, decided in advance).
    public static let usualRepeats = 10

    /// Operations of one repeat of the harness row at most, and as many as the longest phase: long enough to time,
    /// short enough not to notice.
    public static let harnessOperations: UInt64 = 200_000
    /// And at least.
    public static let harnessOperationsMin: UInt64 = 20_000
    /// Bytes of the values that it makes at most: a second's work.
    public static let harnessBytesLimit: UInt64 = 1 << 30
    /// Bytes of values and their operations whose check is timed at once: they fit a first-level cache of 32 KiB, and
    /// of 100-byte values they are some 180 for two readings of the clock. A slice of 100 000 lies in the third level.
    static let harnessNearBytes: UInt64 = 24 << 10

    /// Nanoseconds between two progress reports.
    public static let progressInterval: UInt64 = 100_000_000

    /// Bytes on disk for each byte of key and value that the free-space check reckons with: data, the engine's log of
    /// it, and the copy that a compaction or checkpoint is writing.
    public static let diskBytesPerByte: UInt64 = 3
    /// Bytes on disk of a store besides its records: preallocated segments, logs, memory tables' files.
    public static let diskBytesFixed: UInt64 = 64 << 20
    /// Bytes of memory a record that an engine's index may need: the least that a run must have.
    public static let memoryBytesPerRecord: UInt64 = 24

    /// The least limit of the system's memory: program, slices of operations and histograms need about half of it.
    public static let memoryLimitLeast: UInt64 = 64 << 20
    /// How often a control group that still looks used is removed again, and the pause before: for the system counts a
    /// process out of its group some milliseconds later.
    static let groupRemovals = 100
    static let groupRemovalMicroseconds: UInt32 = 10_000
}
