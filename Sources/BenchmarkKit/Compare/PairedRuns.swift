// Two builds measured alternating on one machine.
//
// 1. Pair i runs both builds once, with the same seed, so with the same operations: old then new, the next pair new
//    then old (ABBA). What drifts slowly favours neither.
// 2. Each run is a process of its own with one repeat; its samples become repeat i of its side.
// 3. The comparison takes the repeats as pairs.

/// The runs of two builds, gathered pair by pair.
public struct PairedRuns: Sendable {
    public enum Side: String, Sendable, CaseIterable {
        case old
        case new
    }

    /// A run's result as one repeat of its side.
    private var results: [Side: RunResult] = [:]

    public init() {}

    /// Who runs first in pair `number`, from 1, and who second.
    public static func order(pair number: Int) -> [Side] { number % 2 == 1 ? [.old, .new] : [.new, .old] }

    /// Adds a run of one repeat as repeat `number` of its side. O(samples).
    public mutating func add(_ result: RunResult, _ side: Side, pair number: Int) {
        var result = result
        for place in result.samples.indices { result.samples[place].repeat = number }
        for place in result.streams.indices { result.streams[place].repeat = number }
        guard var whole = results[side] else {
            results[side] = result
            return
        }
        whole.samples += result.samples
        whole.streams += result.streams
        results[side] = whole
    }

    /// Compares the pairs so far; `nil` before both sides have run.
    public func comparison(_ settings: Comparison.Settings) -> Comparison? {
        guard let old = results[.old], let new = results[.new] else { return nil }
        var settings = settings
        settings.isPaired = true
        return Comparison(base: old, candidate: new, settings: settings)
    }
}
