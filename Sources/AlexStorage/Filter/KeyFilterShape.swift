#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How many bits a filter spends on a key, and how many of them it sets.
struct KeyFilterShape: Sendable, Hashable {
    let bitsPerKey: Int
    /// Bits of a key: up to seven, nine bits of one word choose each.
    let probes: Int

    static let probesMax = 7
    static let lineBits = 512
    /// The shares of absent keys that a filter can be asked to let pass.
    static let rates = 0.0002...0.25

    /// The least bits with which at most `rate` of the absent keys pass a table that is full.
    ///
    /// - Throws: `unsupported` outside `rates`.
    init(passing rate: Double) throws(AlexStoreError) {
        guard Self.rates.contains(rate) else {
            throw .unsupported(
                "absentKeyFilter \(rate) is out of range; use \(Self.rates.lowerBound) to \(Self.rates.upperBound)")
        }
        for bits in 2...64 {
            let best = (1...Self.probesMax).min {
                Self.rate(bitsPerKey: bits, probes: $0) < Self.rate(bitsPerKey: bits, probes: $1)
            }
            guard let best, Self.rate(bitsPerKey: bits, probes: best) <= rate else { continue }
            (bitsPerKey, probes) = (bits, best)
            return
        }
        preconditionFailure("64 bits a key are not enough for a rate of \(rate)")
    }

    /// The share of absent keys that pass: the keys of a line are Poisson distributed, and each sets its bits at random
    /// (Putze et al., section 3).
    static func rate(bitsPerKey: Int, probes: Int) -> Double {
        let mean = Double(lineBits) / Double(bitsPerKey)
        var sum = 0.0
        for keys in 0...(Int(mean * 4) + 20) {
            let probability = exp(Double(keys) * log(mean) - mean - lgamma(Double(keys) + 1))
            let filled = 1 - pow(1 - 1 / Double(lineBits), Double(probes * keys))
            sum += probability * pow(filled, Double(probes))
        }
        return sum
    }
}
