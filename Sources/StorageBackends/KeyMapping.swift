/// A seeded bijection between record numbers and keys, so that nobody has to hold a table of keys.
///
/// Scattered keys are a permutation of all 2^64 (two rounds of multiply and xor-shift, the finaliser of SplitMix64,
/// Steele et al., OOPSLA 2014, with a seeded offset). Ordered keys are the record numbers themselves.
@frozen
public struct KeyMapping: Sendable, Hashable {
    /// Keys ascend with the record number.
    public let isOrdered: Bool
    @usableFromInline let offset: UInt64

    /// - Parameters:
    ///   - seed: Another seed gives another permutation.
    ///   - ordered: Whether keys ascend with the record number; the seed then has no effect.
    @inlinable
    public init(seed: UInt64, ordered: Bool) {
        isOrdered = ordered
        offset = seed &* 0x9E37_79B9_7F4A_7C15
    }

    /// The key of a record. O(1).
    @inlinable
    public func key(ofRecord record: UInt64) -> Int64 {
        if isOrdered { return Int64(bitPattern: record) }
        var bits = record &+ offset
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int64(bitPattern: bits ^ (bits >> 31))
    }

    /// The record of a key: the inverse of `key(ofRecord:)`. O(1).
    @inlinable
    public func record(ofKey key: Int64) -> UInt64 {
        var bits = UInt64(bitPattern: key)
        if isOrdered { return bits }
        bits ^= (bits >> 31) ^ (bits >> 62)
        bits = bits &* 0x3196_42B2_D24D_8EC3
        bits ^= (bits >> 27) ^ (bits >> 54)
        bits = bits &* 0x96DE_1B17_3F11_9089
        bits ^= (bits >> 30) ^ (bits >> 60)
        return bits &- offset
    }
}
