// An operation taken apart: what each step adds, from runs that do one step more.
//
//  1. A step's figure is its run's time less that of the run before it, repeat by repeat: both ran side by side, so
//     what hit the repeat hit both. The interval is that of the median of those differences.
//  2. The first step is the loop, which does nothing else.
//  3. The sum of all steps is the last run's time. The whole is the backend itself, another program. What is left of
//     it, again repeat by repeat, is the rest: where its interval does not hold 0, the steps are not the whole, and the
//     breakdown says by how much.
//  4. Where the steps are known to be only a part (an engine's index, say), the rest is a line of its own.

/// The parts of one operation of one backend, from a result of `alexbench explain`.
public struct Breakdown: Sendable {
    /// One step's own share.
    public struct Part: Sendable {
        /// `index-lookup`.
        public let name: String
        public let interval: MedianInterval
        /// By repeat, in one order for all parts.
        let nanoseconds: [Double]

        init?(_ name: String, _ nanoseconds: [Double]) {
            guard let interval = MedianInterval(nanoseconds) else { return nil }
            self.name = name
            self.interval = interval
            self.nanoseconds = nanoseconds
        }
    }

    /// The row of the result: `explain-query`.
    public let row: String
    /// The backend that was taken apart.
    public let backend: String
    public let records: UInt64
    public let parts: [Part]
    /// The whole by repeat, in the parts' order.
    let wholes: [Double]
    /// Steps beyond the operation: not in the sum.
    public let beyond: [Part]
    public let sum: MedianInterval
    public let whole: MedianInterval
    /// Whole less sum, repeat by repeat.
    public let rest: MedianInterval
    /// Whether the steps are meant to be all of the operation.
    public let isComplete: Bool

    /// Whether whole and sum of the steps can't be told apart: the interval of their paired difference holds 0.
    public var agrees: Bool { (rest.lower...rest.upper).contains(0) }

    /// Whether a step's time is one: not below 0 with an interval that holds 0.
    static func isTime(_ interval: MedianInterval) -> Bool { interval.median >= 0 || interval.upper < 0 }

    public func part(_ name: String) -> Part? { (parts + beyond).first { $0.name == name } }

    /// Several parts as one, repeat by repeat; `nil` where one of them was not run.
    func combined(_ names: [String]) -> MedianInterval? {
        let those = names.compactMap(part)
        guard those.count == names.count, let first = those.first else { return nil }
        return MedianInterval(
            first.nanoseconds.indices.map { place in those.reduce(0) { $0 + $1.nanoseconds[place] } })
    }

    /// Every breakdown that a result holds, in the order of its rows.
    public static func all(of result: RunResult) -> [Breakdown] {
        let index = SampleIndex(result)
        return index.rows.compactMap { Breakdown(result, index, $0) }
    }

    init?(_ result: RunResult, _ index: SampleIndex, _ row: SampleIndex.Row) {
        let steps = result.backends.map(\.name).filter(Roster.isStep)
        guard row.workload.hasPrefix("explain-"), row.workload != Explanation.load,
            let whole = result.backends.map(\.name).last,
            !Roster.isStep(whole), !steps.isEmpty
        else { return nil }
        let metric = Metric.nanosecondsPerOperation
        let runs = (steps + [whole]).map { index.byRepeat(row, metric, $0) }
        let repeats = runs[0].keys.filter { number in runs.allSatisfy { $0[number] != nil } }.sorted()
        guard !repeats.isEmpty else { return nil }
        var parts: [Part] = []
        var beyond: [Part] = []
        var last = repeats.map { _ in 0.0 }
        var sum = last
        for (step, run) in zip(steps, runs) {
            let times = repeats.compactMap { run[$0] }
            guard let part = Part(Self.partName(step), zip(times, last).map { $0 - $1 }) else { return nil }
            if Self.beyondTheWhole.contains(part.name) {
                beyond.append(part)
            } else {
                parts.append(part)
                sum = times
            }
            last = times
        }
        let wholes = repeats.compactMap { runs[runs.count - 1][$0] }
        guard let whole = MedianInterval(wholes), let sums = MedianInterval(sum),
            let rest = MedianInterval(zip(wholes, sum).map { $0 - $1 })
        else { return nil }
        self.row = row.workload
        backend = result.backends.last?.name ?? ""
        records = row.scale
        self.parts = parts
        self.wholes = wholes
        self.beyond = beyond
        self.sum = sums
        self.whole = whole
        self.rest = rest
        isComplete = parts.contains { ["check", "index-insert"].contains($0.name) }
    }

    /// The step that does more than the operation.
    private static let beyondTheWhole: Set<String> = ["touch"]

    /// `step-2-map-read` is `map-read`.
    static func partName(_ backend: String) -> String {
        backend.split(separator: "-", maxSplits: 2).dropFirst(2).first.map(String.init) ?? backend
    }
}
