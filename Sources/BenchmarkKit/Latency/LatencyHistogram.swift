/// Nanoseconds counted in log-linear buckets of fixed memory, in the manner of HdrHistogram (Gil Tene).
///
///     let histogram = LatencyHistogram()
///     histogram.record(1_250)
///     histogram.percentile(0.99)  // 1250 ± 0.8 %
///
/// Each power of two is cut into 64 buckets of equal width, so that a bucket is at most 1/64 of its values wide:
///
/// 1. A value below 128 has a bucket of its own and is kept exactly.
/// 2. A value v of b bits, b > 7, falls into bucket `64 * (b - 7) + (v >> (b - 7))`, which holds 2^(b - 7) values.
/// 3. A bucket answers with its middle. **The error of a percentile is at most 1/128 of the value, 0.79 %**.
/// 4. Values from 2^42 ns (73 minutes) on share the last bucket. Count, sum, least and greatest value are exact at any
///    size, and no percentile lies outside least and greatest.
///
/// Recording is O(1), allocates nothing and takes no lock. One thread records into one histogram; threads have one each
/// and `merge` afterwards, which is the same as recording it all in one. 18 KiB.
public final class LatencyHistogram {
    /// Buckets of one power of two, as a shift.
    @usableFromInline static var shift: Int { 6 }
    /// Bits of the first value that is too large for a bucket of its own size: 2^42 ns are 73 minutes.
    @usableFromInline static var bitsLimit: Int { 42 }
    /// All buckets.
    @usableFromInline static var bucketCount: Int { (bitsLimit - shift + 1) << shift }

    /// The largest relative error of a percentile: half a bucket's width over its least value.
    public static let relativeErrorLimit = 1.0 / 128

    /// What is kept beside the buckets.
    @usableFromInline
    struct Totals {
        @usableFromInline var count: UInt64 = 0
        /// Of all values, exact; it stays at the largest number once it has reached it.
        @usableFromInline var sum: UInt64 = 0
        @usableFromInline var least: UInt64 = .max
        @usableFromInline var greatest: UInt64 = 0
        init() {}
    }

    @usableFromInline let buckets: UnsafeMutablePointer<UInt64>
    @usableFromInline let totals: UnsafeMutablePointer<Totals>

    public init() {
        buckets = .allocate(capacity: Self.bucketCount)
        buckets.initialize(repeating: 0, count: Self.bucketCount)
        totals = .allocate(capacity: 1)
        totals.initialize(to: Totals())
    }

    deinit {
        buckets.deallocate()
        totals.deallocate()
    }

    /// Counts one value. O(1).
    @inlinable
    public func record(_ nanoseconds: UInt64) {
        // Safe: `bucket(of:)` is below `bucketCount` for every value.
        buckets[Self.bucket(of: nanoseconds)] &+= 1
        totals.pointee.count &+= 1
        let (sum, isTooLarge) = totals.pointee.sum.addingReportingOverflow(nanoseconds)
        totals.pointee.sum = isTooLarge ? .max : sum
        if nanoseconds < totals.pointee.least { totals.pointee.least = nanoseconds }
        if nanoseconds > totals.pointee.greatest { totals.pointee.greatest = nanoseconds }
    }

    /// Forgets everything. O(buckets).
    public func removeAll() {
        buckets.update(repeating: 0, count: Self.bucketCount)
        totals.pointee = Totals()
    }

    /// Adds all that another one counted. O(buckets).
    public func merge(_ other: LatencyHistogram) {
        for index in 0..<Self.bucketCount { buckets[index] &+= other.buckets[index] }
        let added = other.totals.pointee
        totals.pointee.count &+= added.count
        let (sum, isTooLarge) = totals.pointee.sum.addingReportingOverflow(added.sum)
        totals.pointee.sum = isTooLarge ? .max : sum
        totals.pointee.least = min(totals.pointee.least, added.least)
        totals.pointee.greatest = max(totals.pointee.greatest, added.greatest)
    }

    /// The bucket of a value, below `bucketCount`.
    @inlinable
    static func bucket(of value: UInt64) -> Int {
        let held = value < 1 << UInt64(bitsLimit) ? value : (1 << UInt64(bitsLimit)) &- 1
        let bits = UInt64.bitWidth &- (held | 1).leadingZeroBitCount
        let exponent = max(bits &- shift &- 1, 0)
        return exponent &<< shift &+ Int(truncatingIfNeeded: held &>> UInt64(truncatingIfNeeded: exponent))
    }

    /// The values that a bucket counts, but for those beyond the range in the last one.
    static func values(ofBucket index: Int) -> ClosedRange<UInt64> {
        let exponent = max(index >> shift - 1, 0)
        let first = UInt64(index - exponent << shift) << UInt64(exponent)
        return first...(first + (1 << UInt64(exponent)) - 1)
    }
}
