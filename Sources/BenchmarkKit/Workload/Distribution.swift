/// How an operation chooses among the records that are there.
public enum Distribution: Sendable, Hashable {
    /// Each record as likely as any other.
    case uniform
    /// One record after the other in the order of their numbers, from the first again after the last.
    case sequential
    /// The record of rank k with weight 1 / k^theta, ranks scattered over the records. `theta` is above 0, at most 10.
    case zipfian(theta: Double)
    /// The k-th newest record with weight 1 / k^0.99.
    case latest
    /// A share of the records, scattered over all, gets a share of the operations; the rest gets the others. Inside
    /// both each record is as likely as any other (YCSB's HotspotIntegerGenerator). Both shares are above 0, below 1.
    case hotspot(keyFraction: Double, operationFraction: Double)
    /// The k-th newest record with weight exp(-gamma k), where gamma puts `percentile` percent of the operations on
    /// the newest `fraction` of the records (YCSB's ExponentialGenerator). A draw beyond the oldest is drawn again.
    case exponential(percentile: Double, fraction: Double)

    /// The forms that `init(_:)` takes, for messages and help.
    public static let forms =
        "uniform, sequential, zipfian:THETA (0 < THETA <= 10), latest, hotspot:KEYS:OPERATIONS (shares, 0.2:0.8), "
        + "exponential:PERCENTILE:SHARE (95:0.857)"
    /// The first word of each form, for suggestions.
    public static let names = ["uniform", "sequential", "zipfian", "latest", "hotspot", "exponential"]
    /// The exponent of `latest`, and of `zipfian` with none given: YCSB's.
    public static let usualTheta = 0.99
    /// `hotspot` and `exponential` with nothing given: YCSB's defaults.
    public static let usualHotspot = Distribution.hotspot(keyFraction: 0.2, operationFraction: 0.8)
    public static let usualExponential = Distribution.exponential(percentile: 95, fraction: 0.8571428571)

    /// Reads `uniform`, `sequential`, `zipfian`, `zipfian:0.99`, `latest`, `hotspot:0.2:0.8` or
    /// `exponential:95:0.857`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().map { Double($0) ?? .nan }
        guard numbers.allSatisfy(\.isFinite) else { return nil }
        switch (parts[0], numbers.count) {
        case ("uniform", 0): self = .uniform
        case ("sequential", 0): self = .sequential
        case ("latest", 0): self = .latest
        case ("zipfian", 0): self = .zipfian(theta: Self.usualTheta)
        case ("hotspot", 0): self = Self.usualHotspot
        case ("exponential", 0): self = Self.usualExponential
        case ("zipfian", 1):
            guard numbers[0] > 0, numbers[0] <= 10 else { return nil }
            self = .zipfian(theta: numbers[0])
        case ("hotspot", 2):
            guard numbers.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
            self = .hotspot(keyFraction: numbers[0], operationFraction: numbers[1])
        case ("exponential", 2):
            guard numbers[0] > 0, numbers[0] < 100, numbers[1] > 0, numbers[1] <= 1 else { return nil }
            self = .exponential(percentile: numbers[0], fraction: numbers[1])
        default: return nil
        }
    }

    /// The form that `init(_:)` reads.
    public var text: String {
        switch self {
        case .uniform: "uniform"
        case .sequential: "sequential"
        case .zipfian(let theta): "zipfian:\(theta)"
        case .latest: "latest"
        case .hotspot(let keys, let operations): "hotspot:\(keys):\(operations)"
        case .exponential(let percentile, let fraction): "exponential:\(percentile):\(fraction)"
        }
    }
}
