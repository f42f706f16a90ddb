import StorageBackends

// Which workload gets the next repeat.
//
// 1. Every workload first gets the repeats that the plan asks for, whatever the budget.
// 2. Then, while a further repeat is expected to end inside the budget, the workload whose widest interval is the
//    widest of all gets one: a repeat runs all its engines, for a repeat of one engine would have no pair.
// 3. The width is that of the median's 95 % interval of each engine's rate, as a share of the median. Nothing is looked
//    at but widths: who wins, and whether it can be told, decides nothing. Stopping once a difference is significant
//    would find differences that are not there.
//
// Time comes from the caller, so that a test needs no clock.
struct RepeatBudget {
    private let nanoseconds: UInt64
    private let begin: UInt64
    private var longest: [Int: UInt64] = [:]
    /// Repeats of each workload so far.
    private(set) var repeats: [Int]

    /// - Parameter repeatsDone: Of each workload, by an earlier run that this one continues.
    init(seconds: Double, workloads: Int, begin: UInt64, repeatsDone: Int = 0) {
        nanoseconds = UInt64(max(0, seconds) * 1e9)
        repeats = Array(repeating: repeatsDone, count: workloads)
        self.begin = begin
    }

    /// Notes a repeat of a workload that took so long.
    mutating func ran(_ workload: Int, nanoseconds: UInt64) {
        repeats[workload] += 1
        longest[workload] = max(longest[workload] ?? 0, nanoseconds)
    }

    /// The workload that the next repeat goes to; `nil` when none is expected to end inside the budget. Ties go to the
    /// one with fewer repeats, then to the first.
    func next(widths: [Double], now: UInt64) -> Int? {
        let left = nanoseconds - min(nanoseconds, now - min(now, begin))
        let affordable = repeats.indices.filter { (longest[$0] ?? 0) <= left && repeats[$0] < Self.repeatsLimit }
        return affordable.max {
            widths[$0] != widths[$1] ? widths[$0] < widths[$1] : (-repeats[$0], -$0) < (-repeats[$1], -$1)
        }
    }

    /// As many as `--repeats` allows.
    static let repeatsLimit = 1_000

    /// The widest interval of a workload's rows: the longer arm as a share of the median. O(samples).
    static func width(of workload: Workload, in index: SampleIndex) -> Double {
        var widest = 0.0
        for row in index.rows where row.scale == workload.records && workload.rows.contains(row.workload) {
            for backend in index.backends {
                let values = index.values(row, Metric.operationsPerSecond, backend)
                guard values.count > 0 else { continue }
                widest = max(widest, MedianInterval(values)?.relativeError ?? .infinity)
            }
        }
        return widest
    }
}
