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

    /// The forms that `init(_:)` takes, for messages and help.
    public static let forms = "uniform, sequential, zipfian:THETA (0 < THETA <= 10), latest"
    /// The first word of each form, for suggestions.
    public static let names = ["uniform", "sequential", "zipfian", "latest"]
    /// The exponent of `latest`, and of `zipfian` with none given: YCSB's.
    public static let usualTheta = 0.99

    /// Reads `uniform`, `sequential`, `zipfian`, `zipfian:0.99` or `latest`; `nil` for anything else.
    public init?(_ text: String) {
        switch text {
        case "uniform": self = .uniform
        case "sequential": self = .sequential
        case "latest": self = .latest
        case "zipfian": self = .zipfian(theta: Self.usualTheta)
        default:
            guard text.hasPrefix("zipfian:"), let theta = Double(text.dropFirst("zipfian:".count)),
                theta > 0, theta <= 10
            else { return nil }
            self = .zipfian(theta: theta)
        }
    }

    /// The form that `init(_:)` reads.
    public var text: String {
        switch self {
        case .uniform: "uniform"
        case .sequential: "sequential"
        case .zipfian(let theta): "zipfian:\(theta)"
        case .latest: "latest"
        }
    }
}
