/// Throughput and latency of one engine over its own running time, an interval after the other.
///
/// Engines take turns, so an interval is counted in the time that the engine itself ran: a pause in which another one
/// runs takes no time here. A stretch that crosses the end of an interval is shared out in proportion.
struct IntervalRecorder {
    /// Nanoseconds of an interval.
    let length: UInt64
    /// Operations in each interval so far, the last one still open.
    private var operations: [Double] = []
    /// The engine's running time so far.
    private(set) var elapsed: UInt64 = 0
    /// p99 of each interval that has ended, 0 where it has too few values.
    private var percentiles: [Double] = []
    /// The latencies of the interval that is open.
    private let open = LatencyHistogram()

    init(length: UInt64) { self.length = max(length, 1) }

    /// Accounts for operations that took so long together. O(intervals begun).
    mutating func add(operations count: Int, nanoseconds: UInt64) {
        addStretch(operations: count, from: 0, nanoseconds: nanoseconds)
        advance(max(nanoseconds, 1))
    }

    /// Accounts for operations of one thread among several, from `offset` after the time so far, which stays.
    mutating func addStretch(operations count: Int, from offset: UInt64, nanoseconds: UInt64) {
        let rate = Double(count) / Double(max(nanoseconds, 1))
        var time = elapsed + offset
        var rest = max(nanoseconds, 1)
        while rest > 0 {
            let place = Int(time / length)
            let part = min(rest, length - time % length)
            while operations.count <= place { operations.append(0) }
            operations[place] += rate * Double(part)
            time += part
            rest -= part
        }
    }

    /// Lets the engine's time pass.
    mutating func advance(_ nanoseconds: UInt64) { elapsed += nanoseconds }

    /// Accounts for one latency of an operation that ended at this time of the engine's own. Times must ascend.
    mutating func record(_ nanoseconds: UInt64, at time: UInt64) {
        let place = Int(time / length)
        while percentiles.count < place { endInterval() }
        open.record(nanoseconds)
    }

    private mutating func endInterval() {
        percentiles.append(Self.p99(of: open))
        open.removeAll()
    }

    private static func p99(of histogram: LatencyHistogram) -> Double {
        let isTold = histogram.countBeyond(0.99) >= UInt64(RunTuning.samplesBeyondPercentile)
        return isTold ? Double(histogram.percentile(0.99)) : 0
    }

    /// Operations a second in each whole interval. The rest at the end counts if it is at least half of one, or all
    /// there is.
    var operationsPerSecond: [Double] {
        var rates: [Double] = []
        for (place, count) in operations.enumerated() {
            let begin = UInt64(place) * length
            guard elapsed > begin else { continue }
            let time = min(length, elapsed - begin)
            if time * 2 >= length || operations.count == 1 { rates.append((count * 1e9 / Double(time)).rounded()) }
        }
        return rates
    }

    /// p99 of each interval, the open one included; 0 where an interval has too few values to tell.
    var p99Nanoseconds: [Double] {
        open.isEmpty && percentiles.isEmpty ? [] : percentiles + [Self.p99(of: open)]
    }
}

extension RunResult.IntervalSeries {
    /// Joins neighbouring intervals until at most `limit` are left: rates by their mean, percentiles by the greatest,
    /// which is never too favourable.
    mutating func join(limit: Int) {
        let longest = max(operationsPerSecond.count, p99Nanoseconds.count)
        guard longest > limit else { return }
        let factor = (longest + limit - 1) / limit
        func joined(_ values: [Double], _ one: (ArraySlice<Double>) -> Double) -> [Double] {
            stride(from: 0, to: values.count, by: factor).map { one(values[$0..<min($0 + factor, values.count)]) }
        }
        operationsPerSecond = joined(operationsPerSecond) { ($0.reduce(0, +) / Double($0.count)).rounded() }
        p99Nanoseconds = joined(p99Nanoseconds) { $0.max() ?? 0 }
        intervalMilliseconds *= UInt64(factor)
    }
}
