import LearnedIndex

/// Numbers that are the same on every run (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Kinds of keys, in the order in which they are inserted. Some repeat keys.
enum KeySet: String, CaseIterable, Sendable {
    case uniform, fullRange, sequential, descending, alternatingEnds, clustered, exponential
    case timestamps, outliers, twoFarClusters, denseAt2To62, lognormal, zOrder, fullestPlace, extremes, sawtooth
    case equalButOne

    func keys(_ count: Int, seed: UInt64) -> [Int64] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { key(Int64($0), Int64(count), &random) }
    }

    private func key(_ i: Int64, _ n: Int64, _ random: inout SeededGenerator) -> Int64 {
        switch self {
        case .uniform: Int64.random(in: 0..<(1 << 50), using: &random)
        case .fullRange: Int64.random(in: .min ... .max, using: &random)
        case .sequential: i
        case .descending: n - i
        case .alternatingEnds: i % 2 == 0 ? .min + i : .max - i
        case .clustered: Int64.random(in: 0..<16, using: &random) << 40 + Int64.random(in: 0..<(4 * n), using: &random)
        case .exponential: Int64(bitPattern: random.next()) >> Int64.random(in: 0..<63, using: &random)
        case .timestamps: 1_700_000_000_000_000 + i * 1_000 + Int64.random(in: -5_000..<5_000, using: &random)
        case .outliers: i % 100 == 99 ? Int64.random(in: .min ... .max, using: &random) : i * 7 % n
        case .twoFarClusters: (i % 2 == 0 ? .min : .max - 4 * n) + Int64.random(in: 0..<(4 * n), using: &random)
        case .denseAt2To62: 1 << 62 + Int64.random(in: 0..<(2 * n), using: &random)
        case .lognormal: KeySet.bellShaped(&random)
        case .zOrder: KeySet.interleaved(random.next() & 0xFFFFF, random.next() & 0xFFF)
        case .fullestPlace: (i % 2 == 0 ? 1 : -1) * (1 << 40 - i)
        case .extremes:
            [.min, .max, 0, -1, 1, .min + 1, .max - 1, Int64.random(in: .min ... .max, using: &random)]
                .randomElement(using: &random)!
        case .sawtooth: i % 16 * 1_000_000 + i / 16
        case .equalButOne: i == n / 2 ? 1 << 40 : 7
        }
    }

    /// 2 to the power of a sum of twelve dice: many small, few huge.
    private static func bellShaped(_ random: inout SeededGenerator) -> Int64 {
        let power = (0..<12).reduce(0) { sum, _ in sum + Int64.random(in: 0..<400, using: &random) }
        let shift = power / 100
        return (100 + power % 100) << shift + Int64.random(in: 0...(1 << shift), using: &random)
    }

    private static func interleaved(_ x: UInt64, _ y: UInt64) -> Int64 {
        Int64((0..<20).reduce(UInt64(0)) { $0 | (x >> $1 & 1) << (2 * $1) | (y >> $1 & 1) << (2 * $1 + 1) })
    }
}

/// Sizes that make few keys enough for splits, inner splits and depth, beside those of real use.
enum Sizes: String, CaseIterable, Sendable {
    case tiny, small, real

    var configuration: AlexIndex.Configuration {
        var result = AlexIndex.Configuration()
        // Little address space, so that the arena has to grow as well.
        result.reservedBytes = 1 << 16
        switch self {
        case .tiny:
            result.dataSlotsMax = 8
            result.dataSlotsMin = 4
            result.innerSlotsMax = 8
            result.splitKeysMin = 4
        case .small:
            result.dataSlotsMax = 64
            result.dataSlotsMin = 16
            result.innerSlotsMax = 16
            result.splitKeysMin = 8
        case .real: break
        }
        return result
    }
}

#if DEBUG
    let scale = 1
#else
    let scale = 20
#endif
