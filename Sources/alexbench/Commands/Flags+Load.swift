import BenchmarkKit

/// How operations are asked for: threads, closed or open loop, duration, objective.
extension Flags {
    static let threads = Flag<[UInt64]>.quantities(
        "threads", in: 1...UInt64(RunTuning.threadsLimit), fallback: [1],
        "threads of the measured phases, a row each; stores are loaded by one")
    static let rate = Flag<UInt64?>.quantity(
        "rate", in: 1...1_000_000_000, fallback: nil,
        defaultText: "the closed loop: each as soon as the last has ended",
        "operations a second of the open loop, each charged from when it was due: 500, 50K")
    static let arrival = Flag<LoopPlan.Arrival>.choice(
        "arrival", LoopPlan.Arrival.allCases.map { ($0.rawValue, $0) }, fallback: .fixed, defaultText: "fixed",
        "how the open loop spaces operations: evenly, or as independent users call")
    static let duration = time(
        "duration", defaultText: "as many operations as --ops says",
        "how long the slowest engine runs each phase, in place of --ops: 500ms, 30s, 2m")
    static let interval = time(
        "interval", defaultText: "100ms", "an interval of the series over time, of the engine's own running time")
    static let slo = Flag<LatencyObjective?>(
        label: FlagLabel(
            name: "slo", valueName: "pN<TIME",
            summary: "find the highest rate of the open loop at which this holds: p99<1ms, p99.9<500us; a step has a "
                + "tenth of --ops, and short steps flatter"),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> LatencyObjective? in
        do throws(RunError) {
            return try LatencyObjective(text)
        } catch {
            throw ValueProblem(error.message, remedy: "write \(LatencyObjective.form)")
        }
    }

    /// All of them.
    static let load: [any AnyFlag] = [threads, rate, arrival, duration, slo, interval]

    /// What they ask for.
    static func loop(_ arguments: ParsedArguments) -> LoopPlan {
        var loop = LoopPlan()
        loop.threads = arguments[threads].map(Int.init)
        loop.rate = arguments[rate]
        loop.arrival = arguments[arrival]
        loop.durationNanoseconds = arguments[duration]
        loop.objective = arguments[slo]
        if let nanoseconds = arguments[interval] { loop.intervalNanoseconds = nanoseconds }
        return loop
    }

    /// A time from a millisecond to a day, in nanoseconds.
    private static func time(_ name: String, defaultText: String, _ summary: String) -> Flag<UInt64?> {
        Flag(
            label: FlagLabel(name: name, valueName: "TIME", summary: summary, defaultText: defaultText), fallback: nil
        ) { (text: String) throws(ValueProblem) -> UInt64? in
            guard let nanoseconds = LatencyObjective.nanoseconds(text) else {
                throw ValueProblem("is no time", remedy: "write a number with its unit: 500ms, 30s, 2m")
            }
            guard nanoseconds >= 1_000_000 else { throw ValueProblem("is too short", remedy: "the shortest is 1ms") }
            return nanoseconds
        }
    }
}
