/// A seeded bijection between record numbers and keys, so that nobody has to hold a table of keys.
///
/// - Scattered keys are a permutation of all 2^64 (two rounds of multiply and xor-shift, the finaliser of SplitMix64,
///   Steele et al., OOPSLA 2014, with a seeded offset).
/// - Ordered keys are the record numbers themselves.
/// - Time stamps are those of a sensor: see `KeyMapping+Timestamps.swift`.
/// - Keys of a table are given, sorted, by a caller who keeps them in memory as long as the mapping is in use.
///
/// Numbers from `absentRecords` on are never inserted: they stand for keys that are not there.
@frozen
public struct KeyMapping: @unchecked Sendable, Hashable {
    /// How keys follow from record numbers.
    @frozen
    public enum Order: UInt8, Sendable, Hashable {
        case scattered, ordered, timestamps, table
    }

    public let order: Order
    @usableFromInline let offset: UInt64
    // Safe to share between threads: nobody writes the table while a mapping is in use.
    let table: UnsafePointer<Int64>?
    let tableCount: UInt64
    let permutation: RecordPermutation?

    /// The first of the numbers that stand for absent keys.
    @inlinable
    public static var absentRecords: UInt64 { 1 << 62 }
    /// The number of a key that belongs to no record.
    @inlinable
    public static var noRecord: UInt64 { .max }

    /// Keys ascend with the record number.
    @inlinable
    public var isOrdered: Bool { order == .ordered }

    /// - Parameters:
    ///   - seed: Another seed gives another permutation.
    ///   - ordered: Whether keys ascend with the record number; the seed then has no effect.
    public init(seed: UInt64, ordered: Bool) {
        self.init(seed: seed, order: ordered ? .ordered : .scattered)
    }

    /// - Parameter order: Any but `table`, which needs its keys.
    public init(seed: UInt64, order: Order) {
        precondition(order != .table, "a table of keys needs its keys")
        self.order = order
        offset = seed &* 0x9E37_79B9_7F4A_7C15
        table = nil
        tableCount = 0
        permutation = nil
    }

    /// The keys of a table, as they lie there or in a seeded random order.
    /// - Parameter sortedKeys: At least one, ascending, none twice, unchanged and in memory while the mapping is used.
    public init(seed: UInt64, sortedKeys: UnsafeBufferPointer<Int64>, ordered: Bool) {
        precondition(!sortedKeys.isEmpty, "a table of keys needs a key")
        order = .table
        offset = seed &* 0x9E37_79B9_7F4A_7C15
        table = sortedKeys.baseAddress
        tableCount = UInt64(sortedKeys.count)
        permutation = ordered ? nil : RecordPermutation(offset: offset, countLimit: tableCount)
    }

    /// The key of a record. O(1).
    @inlinable
    public func key(ofRecord record: UInt64) -> Int64 {
        switch order {
        case .ordered: return Int64(bitPattern: record)
        case .scattered: return Int64(bitPattern: Self.mix(record &+ offset))
        case .timestamps: return timestamp(ofRecord: record)
        case .table: return tableKey(ofRecord: record)
        }
    }

    /// The record of a key: the inverse of `key(ofRecord:)`. O(1); O(log n) for the keys of a table.
    @inlinable
    public func record(ofKey key: Int64) -> UInt64 {
        var bits = UInt64(bitPattern: key)
        switch order {
        case .ordered: return bits
        case .scattered: break
        case .timestamps: return record(ofTimestamp: key)
        case .table:
            var rank: UInt64 = 0
            return record(ofTableKey: key, near: &rank)
        }
        bits ^= (bits >> 31) ^ (bits >> 62)
        bits = bits &* 0x3196_42B2_D24D_8EC3
        bits ^= (bits >> 27) ^ (bits >> 54)
        bits = bits &* 0x96DE_1B17_3F11_9089
        bits ^= (bits >> 30) ^ (bits >> 60)
        return bits &- offset
    }

    /// The same for keys that come in ascending order, as a scan has them: `rank` is 0 before the first and then
    /// belongs to this function, which begins its search where the last one ended.
    @inlinable
    public func record(ofKey key: Int64, near rank: inout UInt64) -> UInt64 {
        order == .table ? record(ofTableKey: key, near: &rank) : record(ofKey: key)
    }

    /// How many numbers from `absentRecords` on stand for keys between those of the first `count` records; any number
    /// where keys have no neighbourhood.
    public func absentNumbers(among count: UInt64) -> UInt64 {
        order == .timestamps || order == .table ? max(count, 1) : Self.absentRecords
    }

    /// A bijection that spreads every bit over all others.
    @inlinable
    static func mix(_ word: UInt64) -> UInt64 {
        var bits = word
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
