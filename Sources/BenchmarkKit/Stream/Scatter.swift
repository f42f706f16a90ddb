/// A seeded permutation of 0 ..< count, so that the popular ranks of a skewed distribution are no neighbours.
///
/// A permutation of the next power of two (odd multiplications and xor-shifts, each a bijection on so many bits) is
/// walked until it lands inside the count: fewer than two steps on average while the count fills half of the power.
/// The power is fixed for the largest count, so that a count that grows moves only the ranks whose walk it ends.
struct Scatter {
    private let bits: UInt64
    private let mask: UInt64
    private let offset: UInt64

    /// - Parameter countLimit: The largest count that will be asked for, at least 1.
    init(seed: UInt64, countLimit: UInt64) {
        bits = UInt64(max(64 - (max(countLimit, 2) - 1).leadingZeroBitCount, 2))
        mask = bits >= 64 ? .max : (1 << bits) - 1
        offset = SplitMix.mix(seed)
    }

    /// The place of a rank, both in 0 ..< count.
    func place(ofRank rank: UInt64, count: UInt64) -> UInt64 {
        var place = rank
        repeat { place = permuted(place) } while place >= count
        return place
    }

    private func permuted(_ value: UInt64) -> UInt64 {
        let shift = (bits + 1) / 2
        var word = (value &+ offset) & mask
        word = ((word ^ (word >> shift)) &* 0xBF58_476D_1CE4_E5B9) & mask
        word = ((word ^ (word >> shift)) &* 0x94D0_49BB_1331_11EB) & mask
        return word ^ (word >> shift)
    }
}
