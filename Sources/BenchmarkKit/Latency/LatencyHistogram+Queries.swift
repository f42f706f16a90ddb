extension LatencyHistogram {
    /// How many values were recorded.
    public var count: UInt64 { totals.pointee.count }
    public var isEmpty: Bool { count == 0 }
    /// The sum of all values, exact.
    public var sum: UInt64 { totals.pointee.sum }
    /// The least value, exact; 0 if there is none.
    public var least: UInt64 { isEmpty ? 0 : totals.pointee.least }
    /// The greatest value, exact; 0 if there is none.
    public var greatest: UInt64 { totals.pointee.greatest }
    /// The mean of all values, exact; 0 if there is none.
    public var mean: Double { isEmpty ? 0 : Double(sum) / Double(count) }

    /// The value that a share of all values does not exceed (nearest rank), within `relativeErrorLimit`; 0 if there is
    /// none. O(buckets).
    /// - Parameter share: 0 ... 1: 0.99 for p99. What lies outside is taken as the nearer end.
    public func percentile(_ share: Double) -> UInt64 {
        guard !isEmpty else { return 0 }
        let rank = self.rank(of: share)
        if rank == count { return greatest }
        if rank == 1 { return least }
        var passed: UInt64 = 0
        for index in 0..<Self.bucketCount {
            passed &+= buckets[index]
            if passed >= rank { return middle(ofBucket: index) }
        }
        return greatest
    }

    /// How many values lie beyond the percentile's rank: what says whether the percentile is worth telling.
    public func countBeyond(_ share: Double) -> UInt64 { isEmpty ? 0 : count - rank(of: share) }

    /// How many values are above this one. A value counts as above when its bucket is, so that values within
    /// `relativeErrorLimit` of the limit may count either way. O(buckets).
    public func count(above limit: UInt64) -> UInt64 {
        if limit >= greatest { return 0 }
        var above: UInt64 = 0
        for index in (Self.bucket(of: limit) + 1)..<max(Self.bucketCount, Self.bucket(of: limit) + 1) {
            above &+= buckets[index]
        }
        return above
    }

    /// Every bucket that is not empty, in ascending order: the values it stands for and how many there are. For charts.
    public var nonEmptyBuckets: [(values: ClosedRange<UInt64>, count: UInt64)] {
        (0..<Self.bucketCount).filter { buckets[$0] > 0 }.map { (Self.values(ofBucket: $0), buckets[$0]) }
    }

    /// Nearest rank, from 1.
    private func rank(of share: Double) -> UInt64 {
        // Shares such as 0.999 lie a rounding error above their decimal: without the slack 1000 values would have no
        // value beyond p99.9.
        let exact = Double(count) * min(max(share, 0), 1)
        return min(max(UInt64((exact - exact * 1e-12).rounded(.up)), 1), count)
    }

    private func middle(ofBucket index: Int) -> UInt64 {
        let values = Self.values(ofBucket: index)
        return min(max((values.lowerBound + values.upperBound) / 2, least), greatest)
    }
}
