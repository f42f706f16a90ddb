/// In which order the keys of a set are inserted.
enum IndexInsertOrder {
    case random, ascending, descending
    /// The set's own order.
    case own

    /// The keys, ascending before, in this order. The same for the same seed. O(n), `own` O(n log n).
    func arranged(_ keys: [Int64], of set: IndexKeySet?, seed: UInt64) -> [Int64] {
        switch self {
        case .ascending: return keys
        case .descending: return keys.reversed()
        case .random:
            var random = SplitMix(seed: seed ^ 0x1D5E_0A7E)
            return keys.shuffled(using: &random)
        case .own: return Self.adversarial(keys, set)
        }
    }

    private static func adversarial(_ keys: [Int64], _ set: IndexKeySet?) -> [Int64] {
        switch set {
        case .bitReversed:
            let bits = max(1, Int.bitWidth - (keys.count - 1).leadingZeroBitCount)
            return (0..<(1 << bits)).lazy.map { Self.reversed($0, bits) }.filter { $0 < keys.count }.map { keys[$0] }
        case .alternatingEnds, .zigZag, .extremes:
            return keys.indices.map { keys[$0 % 2 == 0 ? $0 / 2 : keys.count - 1 - $0 / 2] }
        // The far key first, then the dense ones downwards: each insert is at the start of the same node.
        case .oneFar: return keys.reversed()
        case .exponential: return keys.sorted { ($0.magnitude, $0) > ($1.magnitude, $1) }
        default: return Self.strided(keys)
        }
    }

    /// Every 97th key, then those beside them: always into the middle of full nodes.
    private static func strided(_ keys: [Int64]) -> [Int64] {
        (0..<97).flatMap { start in stride(from: start, to: keys.count, by: 97).map { keys[$0] } }
    }

    /// The lowest bits from back to front.
    private static func reversed(_ number: Int, _ bits: Int) -> Int {
        (0..<bits).reduce(0) { $0 | (number >> $1 & 1) << (bits - 1 - $1) }
    }
}
