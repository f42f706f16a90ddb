/// A small seeded generator (SplitMix64: Steele, Lea and Flood, OOPSLA 2014): the same numbers for a seed everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// 0 ..< bound, `bound` above 0; each number as likely as any other up to bound / 2^64.
    mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// Above 0, at most 1, in steps of 2^-53.
    mutating func unit() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

    /// The finaliser: a bijection that spreads every bit over all others.
    static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
