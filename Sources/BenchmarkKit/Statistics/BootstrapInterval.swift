import Foundation

// The interval of a ratio by resampling its pairs.
//
// 1. Each repeat gives one log ratio: numerator and denominator ran side by side, so what hit both cancels.
// 2. The centre is the median of all pairwise means (Hodges and Lehmann): nearly as sharp as the mean on calm samples,
//    and one wild repeat in ten hardly moves it.
// 3. As many pairs as there are get drawn with replacement, `resamples` times, and the centre of each draw is taken.
// 4. The interval lies between two quantiles of those centres. Of few samples the plain percentile interval is too
//    short, because a resample varies less than a sample by the factor (n − 1) ÷ n and because Student's t has heavier
//    tails than the normal curve: the quantiles are moved outwards for both (Hesterberg, "What teachers should know
//    about the bootstrap", 2015, the expanded percentile interval). The bias-corrected and accelerated interval (BCa,
//    Efron 1987) is the usual alternative. In simulation at ten pairs, one in ten disturbed tenfold, it covered 82 %
//    around the mean and 92 % around the centre of step 2, and this interval 96 %; without disturbance 89, 92 and 96 %
//    (2,000 trials of 1,000 resamples; BootstrapTests repeats it smaller). BCa guesses its acceleration from the same
//    ten samples.
//
// Invariants: 1. the same pairs give the same interval (the generator's seed is fixed); 2. the interval of the inverse
// ratio is the inverse of the interval, up to the draw; 3. all samples count, whatever their distance.

/// A ratio of paired repeats with its bootstrap interval.
public struct BootstrapInterval: Sendable, Hashable {
    /// The centre of the log ratios, as a ratio.
    public let ratio: Double
    public let lower: Double
    public let upper: Double
    /// Pairs behind it.
    public let count: Int

    /// The distance of the farther end from 1 as a share: 0.03 says that ratios from 0.97 to 1.03 are nothing.
    public var distanceFromOne: Double { max(upper, 1 / lower) - 1 }

    /// `numerator[i] ÷ denominator[i]` over repeats that ran side by side, 95 %. `nil` unless there are equally many,
    /// at least four, all positive: fewer have too few resamples. O(resamples × n² log n).
    public init?(_ numerator: [Double], _ denominator: [Double], seed: UInt64 = 1) {
        guard numerator.count == denominator.count,
            (numerator + denominator).allSatisfy({ $0 > 0 && $0.isFinite })
        else { return nil }
        self.init(logRatios: zip(numerator, denominator).map { log($0 / $1) }, seed: seed)
    }

    init?(logRatios logs: [Double], seed: UInt64, resamples: Int = usualResamples) {
        guard logs.count >= Self.pairsLeast else { return nil }
        var random = SplitMix(seed: seed)
        var draw = logs
        var centres: [Double] = []
        centres.reserveCapacity(resamples)
        for _ in 0..<resamples {
            for place in draw.indices { draw[place] = logs[Int.random(in: 0..<logs.count, using: &random)] }
            centres.append(Self.centre(draw))
        }
        centres.sort()
        let tail = Self.tail(pairs: logs.count)
        guard let low = Statistics.quantile(centres, tail), let high = Statistics.quantile(centres, 1 - tail) else {
            return nil
        }
        ratio = exp(Self.centre(logs))
        lower = exp(low)
        upper = exp(high)
        count = logs.count
    }

    static let pairsLeast = 4
    /// Draws: the ends of a 95 % interval then vary by about a fiftieth of its width from seed to seed.
    static let usualResamples = 1_000

    /// The median of all pairwise means, each sample with itself included. O(n² log n).
    static func centre(_ samples: [Double]) -> Double {
        var means: [Double] = []
        means.reserveCapacity(samples.count * (samples.count + 1) / 2)
        for first in samples.indices {
            for second in first..<samples.count { means.append((samples[first] + samples[second]) / 2) }
        }
        return Statistics.median(means) ?? 0
    }

    /// The share of resamples beyond each end.
    private static func tail(pairs: Int) -> Double {
        let critical = StudentT.critical(Statistics.level, degrees: pairs - 1)
        let stretched = (Double(pairs) / Double(pairs - 1)).squareRoot() * critical
        return erfc(stretched / 2.0.squareRoot()) / 2
    }
}
