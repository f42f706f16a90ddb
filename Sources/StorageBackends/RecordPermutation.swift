/// A seeded permutation of 0 ..< count that can be gone back.
///
/// A permutation of the next power of two (odd multiplications and xor-shifts by half of the bits, each a bijection on
/// so many bits; a shift by half undoes itself) is walked until it lands inside the count: fewer than two steps on
/// average where the count fills half of the power.
@usableFromInline
struct RecordPermutation: Sendable, Hashable {
    private let shift: UInt64
    private let mask: UInt64
    private let offset: UInt64
    private let inverses: (UInt64, UInt64)

    private static let factors: (UInt64, UInt64) = (0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB)

    /// - Parameter countLimit: The largest count that will be asked for, at least 1.
    init(offset: UInt64, countLimit: UInt64) {
        let bits = UInt64(max(64 - (max(countLimit, 2) - 1).leadingZeroBitCount, 2))
        shift = (bits + 1) / 2
        mask = bits >= 64 ? .max : (1 << bits) - 1
        self.offset = offset
        inverses = (Self.inverse(Self.factors.0), Self.inverse(Self.factors.1))
    }

    /// Newton's iteration: each step doubles the bits that are right, from five.
    private static func inverse(_ odd: UInt64) -> UInt64 {
        var inverse = (3 &* odd) ^ 2
        for _ in 0..<4 { inverse = inverse &* (2 &- odd &* inverse) }
        return inverse
    }

    /// The place of a rank, both in 0 ..< count.
    func place(ofRank rank: UInt64, count: UInt64) -> UInt64 {
        var word = rank
        repeat {
            word = (word &+ offset) & mask
            word = ((word ^ (word >> shift)) &* Self.factors.0) & mask
            word = ((word ^ (word >> shift)) &* Self.factors.1) & mask
            word ^= word >> shift
        } while word >= count
        return word
    }

    /// The rank of a place: the inverse of `place(ofRank:count:)`.
    func rank(ofPlace place: UInt64, count: UInt64) -> UInt64 {
        var word = place
        repeat {
            word ^= word >> shift
            word = (word &* inverses.1) & mask
            word ^= word >> shift
            word = (word &* inverses.0) & mask
            word ^= word >> shift
            word = (word &- offset) & mask
        } while word >= count
        return word
    }

    @usableFromInline
    static func == (left: RecordPermutation, right: RecordPermutation) -> Bool {
        left.mask == right.mask && left.offset == right.offset
    }

    @usableFromInline
    func hash(into hasher: inout Hasher) {
        hasher.combine(mask)
        hasher.combine(offset)
    }
}
