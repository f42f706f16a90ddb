// Other types as keys. A mapping to Int64 serves when it is one to one and keeps the order: then every operation of the
// index, ranges included, means the same for the type as for its numbers. Nothing is lost by it: all mappings here cost
// an instruction or two, and a line fits the numbers as well as it fits the keys.

/// A type whose values can be keys of an index.
///
/// ```swift
/// try index.updateValue(7, forKey: (2.5).indexKey)
/// Double(indexKey: index.last!.key)                 // 2.5
/// ```
/// For all values `a` and `b` of the type: `a.indexKey < b.indexKey` exactly when `a` comes before `b` in the order
/// that the type's documentation here names, and `Self(indexKey: a.indexKey)` is `a`, bit for bit.
public protocol IndexKeyConvertible {
    /// The number that stands for this value in an index.
    var indexKey: Int64 { get }
    /// The value that `indexKey` stands for, or nil if there is none.
    init?(indexKey: Int64)
}

/// By value; every number of an index is one.
extension Int64: IndexKeyConvertible {
    @inlinable public var indexKey: Int64 { self }
    @inlinable public init(indexKey: Int64) { self = indexKey }
}

/// By value; a number of an index outside the type's range gives nil.
extension Int32: IndexKeyConvertible {
    @inlinable public var indexKey: Int64 { Int64(self) }
    @inlinable public init?(indexKey: Int64) { self.init(exactly: indexKey) }
}

/// By value; a number of an index outside the type's range gives nil.
extension UInt32: IndexKeyConvertible {
    @inlinable public var indexKey: Int64 { Int64(self) }
    @inlinable public init?(indexKey: Int64) { self.init(exactly: indexKey) }
}

/// By value, all 2^64 of them: the sign bit is flipped, so that 0 becomes `Int64.min`.
extension UInt64: IndexKeyConvertible {
    @inlinable public var indexKey: Int64 { Int64(bitPattern: self ^ 1 &<< 63) }
    @inlinable public init(indexKey: Int64) { self = UInt64(bitPattern: indexKey) ^ 1 &<< 63 }
}

/// By IEEE 754's total order (5.10): negative NaN, -infinity, negative numbers, -0.0, 0.0, positive numbers, infinity,
/// NaN. So -0.0 and 0.0 are two keys, and each NaN is a key of its own that equals itself; who wants one key for both
/// zeros adds 0.0 first, who wants no NaN checks `isNaN`. Every number of an index is a Double.
extension Double: IndexKeyConvertible {
    @inlinable public var indexKey: Int64 {
        let bits = Int64(bitPattern: bitPattern)
        // Negative numbers grow downwards: all bits but the sign are turned over.
        return bits ^ Int64(bitPattern: UInt64(bitPattern: bits &>> 63) &>> 1)
    }

    @inlinable public init(indexKey: Int64) {
        self.init(
            bitPattern: UInt64(bitPattern: indexKey ^ Int64(bitPattern: UInt64(bitPattern: indexKey &>> 63) &>> 1)))
    }
}

/// A moment, as whole units since 1970, in nanoseconds: 1677 to 2262. The key of a date without a library of dates.
///
/// Foundation's `Date` is one Double, seconds since 2001, so that `Double`'s own mapping is its exact key: no rounding,
/// all of Foundation's range, the order of dates, and back bit for bit.
/// ```swift
/// try index.updateValue(7, forKey: date.timeIntervalSinceReferenceDate.indexKey)
/// Date.init(timeIntervalSinceReferenceDate: Double(indexKey: index.last!.key))   // date
/// ```
/// Dates made from a clock's whole nanoseconds are better kept as those, by this type: lines fit them, while a Double's
/// number doubles its slope at each power of two.
///
/// `init(secondsSince1970:)` takes what Foundation calls `timeIntervalSince1970`: a Double holds today's time to about
/// 200 ns, so two dates closer than that may become one key. Where dates come from a clock, use its nanoseconds.
public struct IndexTimestamp: IndexKeyConvertible, Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    public var nanosecondsSince1970: Int64

    @inlinable
    public init(nanosecondsSince1970: Int64) { self.nanosecondsSince1970 = nanosecondsSince1970 }

    /// Rounded to the nearest nanosecond; nil for NaN and for what lies outside 1677 to 2262.
    @inlinable
    public init?(secondsSince1970: Double) {
        let nanoseconds = (secondsSince1970 * 1e9).rounded()
        guard let exact = Int64(exactly: nanoseconds) else { return nil }
        nanosecondsSince1970 = exact
    }

    /// Nil outside 1677 to 2262.
    @inlinable
    public init?(millisecondsSince1970: Int64) {
        let (nanoseconds, overflows) = millisecondsSince1970.multipliedReportingOverflow(by: 1_000_000)
        if overflows { return nil }
        nanosecondsSince1970 = nanoseconds
    }

    @inlinable public var secondsSince1970: Double { Double(nanosecondsSince1970) / 1e9 }
    @inlinable public var indexKey: Int64 { nanosecondsSince1970 }
    @inlinable public init(indexKey: Int64) { nanosecondsSince1970 = indexKey }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.nanosecondsSince1970 < right.nanosecondsSince1970 }
}

/// Exactly eight bytes, in the order of their values as unsigned bytes, the first the most significant (memcmp(3)).
///
/// Shorter strings are padded by the caller, which must not need to tell "a" from "a\0"; longer ones don't fit: see
/// <doc:LearnedIndex> for what they would take.
public struct EightBytes: IndexKeyConvertible, Hashable, Comparable, Sendable {
    /// The bytes, the first in the highest place.
    public var word: UInt64

    /// Nil unless there are exactly eight bytes.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        word = bytes.reduce(0) { $0 &<< 8 | UInt64($1) }
    }

    /// The bytes and, up to eight, `padding` behind them; nil if there are more.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>, padding: UInt8) {
        guard bytes.count <= 8 else { return nil }
        let word = bytes.reduce(UInt64(0)) { $0 &<< 8 | UInt64($1) }
        self.word = (bytes.count..<8).reduce(word) { word, _ in word &<< 8 | UInt64(padding) }
    }

    /// The eight bytes.
    @inlinable
    public var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: word &>> UInt64(56 - 8 * $0)) } }

    @inlinable public var indexKey: Int64 { word.indexKey }
    @inlinable public init(indexKey: Int64) { word = UInt64(indexKey: indexKey) }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.word < right.word }
}
