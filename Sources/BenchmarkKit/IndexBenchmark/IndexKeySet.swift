/// A family of keys for the index alone. Each makes any number of distinct keys from a seed.
public enum IndexKeySet: String, Sendable, Hashable, CaseIterable {
    case uniform
    case sequential
    case timestamps
    case lognormal
    case clusters
    case outliers
    case zOrder = "z-order"
    case exponential
    case exponentialSteps = "exponential-steps"
    case fullRange = "full-range"
    case twoFar = "two-far"

    case alternatingEnds = "alternating-ends"
    case bitReversed = "bit-reversed"
    case zigZag = "zig-zag"
    case oneFar = "one-far"
    case extremes
    case denseFar = "dense-far"

    case heldOutHilbert = "held-out-hilbert"
    case heldOutPareto = "held-out-pareto"
    case heldOutNormal = "held-out-normal"
    case heldOutSteps = "held-out-steps"

    /// The set in words.
    public var summary: String {
        switch self {
        case .uniform: "uniform over 2^50"
        case .sequential: "0, 1, 2 …"
        case .timestamps: "microseconds, one a millisecond with jitter of five"
        case .lognormal: "e to a normal variate of deviation 2, times 10^9"
        case .clusters: "100 clusters at random places of 2^60, each 1/16 full on average"
        case .outliers: "ids, a quarter of the numbers taken, and one key in 10 000 anywhere in Int64"
        case .zOrder: "Z-order of points in 1 000 towns on a grid of 2^31 by 2^31"
        case .exponential: "all magnitudes of Int64 alike, both signs"
        case .exponentialSteps: "32 steps of as many keys each, the mean gap of each twice that of the one before"
        case .fullRange: "uniform over all of Int64"
        case .twoFar: "two clusters, one at either end of Int64, each 1/8 full on average"
        case .alternatingEnds: "the two ends of Int64, inserted from both inwards by turns"
        case .bitReversed: "dense keys, inserted in the order of their reversed bits"
        case .zigZag: "dense keys, inserted from both sides into the one gap between them"
        case .oneFar: "dense keys but one, which is Int64.max"
        case .extremes: "dense at Int64.min, around 0 and up to Int64.max"
        case .denseFar: "dense at 2^62, where Double has no room for the low bits"
        case .heldOutHilbert: "Hilbert order of points in 3 000 towns of other sizes"
        case .heldOutPareto: "gaps of a Pareto distribution with exponent 1.1"
        case .heldOutNormal: "normal around 0 with deviation 2^58"
        case .heldOutSteps: "runs of 50 to 5 000 keys, each of another density from 1 to 2^-20"
        }
    }

    /// Whether the set brings an order of its own in which to insert it: the row `insert-adversarial`.
    public var isAdversarial: Bool {
        switch self {
        case .alternatingEnds, .bitReversed, .zigZag, .oneFar, .extremes, .denseFar, .exponential: true
        default: false
        }
    }

    /// Whether the set was left out while the index was tuned.
    public var isHeldOut: Bool { rawValue.hasPrefix("held-out") }
}
