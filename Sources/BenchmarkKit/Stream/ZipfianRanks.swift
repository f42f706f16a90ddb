import Foundation

/// Draws ranks 0 ..< count with weight 1 / (rank + 1)^theta, exactly, for any theta above 0, 1 included.
///
/// Rejection-inversion (Hörmann and Derflinger, ACM TOMACS 6, 1996). The steps:
/// 1. The hat is the integral H of x^-theta. Draw u evenly between H(1.5) - 1 and H(count + 0.5), x = H^-1(u).
/// 2. k is x rounded. Accept it if k - x is at most a constant that lies wholly under the histogram, or if
///    u >= H(k + 0.5) - k^-theta; else draw again. Fewer than 1.2 draws a rank on average.
///
/// Nothing is summed over the ranks, so that the count may grow with every insert: O(1) for each change of it.
struct ZipfianRanks {
    private let theta: Double
    private(set) var count: UInt64
    /// H(1.5) - 1: the left edge of the area.
    private let left: Double
    /// H(count + 0.5): the right edge.
    private var right: Double
    /// k - x up to this is accepted unseen.
    private let shortcut: Double

    /// - Parameters:
    ///   - theta: Above 0.
    ///   - count: At least 1.
    init(theta: Double, count: UInt64) {
        self.theta = theta
        self.count = count
        left = Self.integral(1.5, theta) - 1
        right = Self.integral(Double(count) + 0.5, theta)
        shortcut = 2 - Self.inverse(Self.integral(2.5, theta) - pow(2, -theta), theta)
    }

    mutating func setCount(_ newCount: UInt64) {
        guard newCount != count else { return }
        count = newCount
        right = Self.integral(Double(newCount) + 0.5, theta)
    }

    func draw(_ random: inout SplitMix) -> UInt64 {
        while true {
            let area = right + random.unit() * (left - right)
            let place = Self.inverse(area, theta)
            let rank = min(max(place.rounded(), 1), Double(count))
            if rank - place <= shortcut || area >= Self.integral(rank + 0.5, theta) - pow(rank, -theta) {
                return UInt64(rank) - 1
            }
        }
    }

    /// The integral of x^-theta from 1: (x^(1 - theta) - 1) / (1 - theta), whose limit at theta = 1 is log x.
    private static func integral(_ place: Double, _ theta: Double) -> Double {
        let logarithm = log(place)
        let power = (1 - theta) * logarithm
        return abs(power) < 1e-8 ? logarithm * (1 + power / 2) : expm1(power) / (1 - theta)
    }

    private static func inverse(_ area: Double, _ theta: Double) -> Double {
        // Never below -1, where rounding could carry it and the logarithm ends.
        let scaled = max(area * (1 - theta), -1)
        return abs(scaled) < 1e-8 ? exp(area * (1 - scaled / 2)) : exp(log1p(scaled) / (1 - theta))
    }
}
