/// Samples far from the rest by Tukey's fences. They are kept in every figure; this only says that they are there.
public struct Outliers: Sendable, Hashable {
    /// Indices of samples between 1.5 and 3 interquartile ranges outside the quartiles.
    public let mild: [Int]
    /// Indices of samples further out.
    public let severe: [Int]

    /// Classifies the samples. Fewer than four have no quartiles worth the name: none is an outlier then. O(n log n).
    public init(_ samples: [Double]) {
        let sorted = samples.sorted()
        guard sorted.count >= 4, let low = Statistics.quantile(sorted, 0.25),
            let high = Statistics.quantile(sorted, 0.75)
        else {
            mild = []
            severe = []
            return
        }
        let range = high - low
        func isBeyond(_ sample: Double, _ ranges: Double) -> Bool {
            sample < low - ranges * range || sample > high + ranges * range
        }
        severe = samples.indices.filter { isBeyond(samples[$0], 3) }
        mild = samples.indices.filter { isBeyond(samples[$0], 1.5) && !isBeyond(samples[$0], 3) }
    }
}
