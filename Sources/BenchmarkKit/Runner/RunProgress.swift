/// Where a run stands, for the progress line. Given out about ten times a second, never inside measured time.
public struct RunProgress: Sendable, Hashable {
    /// The workload and its row: `mixed`, `load-random`.
    public var workload: String
    public var row: String
    /// `load`, `settle`, `warm-up`, `throughput`, `dependent`, `latency`, `digest`.
    public var pass: String
    /// The engine that just ran: number `engine` (from 1) of `engines`.
    public var backend: String
    public var engine: Int
    public var engines: Int
    /// From 1.
    public var `repeat`: Int
    public var repeats: Int
    /// Done share of the whole run, 0 ... 1.
    public var fraction: Double
    /// The engine's rate in the slice that just ended.
    public var operationsPerSecond: Double
    /// `nil` until there is something to reckon with.
    public var secondsLeft: Double?
}
