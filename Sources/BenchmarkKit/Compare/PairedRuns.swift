// Two builds measured alternating on one machine.
//
// 1. Pair i runs both builds once, with the same seed, so with the same operations: old then new, the next pair new
//    then old (ABBA). What drifts slowly favours neither.
// 2. Each run is a process of its own with three repeats, and the two processes of a pair take turns slice by slice
//    (see TurnRelay.swift). The median of each figure becomes repeat i of its side: starting a process costs as much as
//    two repeats, and the median leaves out bursts of what else the machine does. The repeats of a process are no pairs
//    of their own: they share its place in memory.
// 3. The comparison takes the repeats as pairs.

/// The runs of two builds, gathered pair by pair.
public struct PairedRuns: Sendable {
    public enum Side: String, Sendable, CaseIterable {
        case old
        case new
    }

    /// Repeats in each process.
    public static let repeatsPerRun = 3

    /// A run's result as one repeat of its side.
    private var results: [Side: RunResult] = [:]

    public init() {}

    /// Who runs first in pair `number`, from 1, and who second.
    public static func order(pair number: Int) -> [Side] { number % 2 == 1 ? [.old, .new] : [.new, .old] }

    /// Adds a run as repeat `number` of its side: each figure's median, counts of the first repeat. O(samples).
    public mutating func add(_ result: RunResult, _ side: Side, pair number: Int) {
        var result = result
        result.samples = Self.medians(result.samples, number)
        result.streams = result.streams.filter { $0.repeat == result.streams.first?.repeat }
        for place in result.streams.indices { result.streams[place].repeat = number }
        guard var whole = results[side] else {
            results[side] = result
            return
        }
        whole.samples += result.samples
        whole.streams += result.streams
        results[side] = whole
    }

    /// One sample for each figure, in the order of the first repeat.
    private static func medians(_ samples: [RunResult.Sample], _ number: Int) -> [RunResult.Sample] {
        var figures: [RunResult.Sample] = []
        var places: [RunResult.Sample: Int] = [:]
        var values: [[Double]] = []
        for sample in samples {
            var figure = sample
            (figure.repeat, figure.value) = (number, 0)
            if let place = places[figure] {
                values[place].append(sample.value)
            } else {
                places[figure] = figures.count
                figures.append(figure)
                values.append([sample.value])
            }
        }
        for place in figures.indices {
            let isCount = Metric.direction(of: figures[place].metric) == .exact
            figures[place].value = (isCount ? values[place].first : Statistics.median(values[place])) ?? 0
        }
        return figures
    }

    /// Compares the pairs so far; `nil` before both sides have run.
    public func comparison(_ settings: Comparison.Settings) -> Comparison? {
        guard let old = results[.old], let new = results[.new] else { return nil }
        var settings = settings
        settings.isPaired = true
        return Comparison(base: old, candidate: new, settings: settings)
    }
}
