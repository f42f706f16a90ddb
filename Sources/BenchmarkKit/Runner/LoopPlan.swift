/// How operations are asked for: by how many threads, back to back or at a rate, for how long, and what must hold.
public struct LoopPlan: Sendable, Hashable {
    /// The numbers of threads, each measured on stores of its own. Loads run on one.
    public var threads: [Int] = [1]
    /// Operations a second of the open loop; `nil` is the closed loop, in which each thread asks for the next operation
    /// when the last has ended.
    public var rate: UInt64?
    /// How the open loop spaces its operations.
    public var arrival = Arrival.fixed
    /// How long a phase is to run, in place of its number of operations; `nil` leaves the number.
    public var durationNanoseconds: UInt64?
    /// Finds the highest rate of the open loop at which this holds.
    public var objective: LatencyObjective?
    /// An interval of the series over time, in nanoseconds of an engine's own running time.
    public var intervalNanoseconds: UInt64 = 100_000_000

    public init() {}

    /// The spacing of an open loop's operations.
    public enum Arrival: String, Sendable, Hashable, CaseIterable {
        /// The same time between any two.
        case fixed
        /// As calls of many independent users arrive: exponential times between them, drawn from the seed.
        case poisson
    }

    /// Whether phases run in the open loop.
    var isOpen: Bool { rate != nil || objective != nil }
}

/// A percentile of the response time and the bound it must stay below: `p99<1ms`.
public struct LatencyObjective: Sendable, Hashable {
    /// 0.99 for p99.
    public var share: Double
    public var nanosecondsLimit: UInt64
    /// As it was written.
    public var text: String

    /// How an objective is written, for messages and help.
    public static let form = "pN<TIME with N from 1 to 99.99 and a time in ns, us, ms or s: p99<1ms, p99.9<500us"

    /// Reads `p99<1ms`, `p99.9<500us`.
    /// - Throws: `RunError`, whose message says what part is wrong and does not name the text.
    public init(_ text: String) throws(RunError) {
        let sides = text.split(separator: "<", omittingEmptySubsequences: false)
        guard sides.count == 2 else { throw RunError(.invalid, "has no single '<'") }
        guard sides[0].hasPrefix("p"), let percent = Self.decimal(sides[0].dropFirst()), percent >= 1, percent <= 99.99
        else { throw RunError(.invalid, "has the percentile '\(sides[0])', not p1 to p99.99") }
        guard let time = Self.nanoseconds(String(sides[1])), time > 0 else {
            throw RunError(.invalid, "has the bound '\(sides[1])', which is no time above 0 in ns, us, ms or s")
        }
        share = percent / 100
        nanosecondsLimit = time
        self.text = text
    }

    /// The nanoseconds of `500us`, `1.5ms`, `2s`, `10m`; `nil` for anything else or for more than a day.
    public static func nanoseconds(_ text: String) -> UInt64? {
        let units: [(suffix: String, nanoseconds: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = decimal(text.dropLast(unit.suffix.count))
        else { return nil }
        let nanoseconds = (number * unit.nanoseconds).rounded()
        return nanoseconds <= 86_400e9 ? UInt64(nanoseconds) : nil
    }

    private static func decimal(_ digits: Substring) -> Double? {
        let isNumber = digits.first?.isNumber == true && digits.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
        return isNumber ? Double(digits) : nil
    }
}
