import Foundation

/// Chooses a record among the `count` first ones by a distribution. One chooser serves one phase.
struct RecordChooser {
    private enum Method {
        case uniform
        case sequential
        case zipfian(ZipfianRanks, Scatter)
        case latest(ZipfianRanks)
        case hotspot(keyFraction: Double, operationFraction: Double, Scatter)
        /// The inverse of the distribution function, cut off at the oldest record: a rank is -log(1 - share u) times
        /// `scale` times the records that are there.
        case exponential(scale: Double, share: Double)
    }

    private var method: Method
    private var cursor: UInt64 = 0

    /// - Parameters:
    ///   - count: Records at the phase's start, at least 1.
    ///   - countLimit: The most records that there will be before the phase ends.
    ///   - seed: Decides which records are the popular ones.
    init(_ distribution: Distribution, count: UInt64, countLimit: UInt64, seed: UInt64) {
        let scatter = Scatter(seed: seed, countLimit: max(count, countLimit))
        switch distribution {
        case .uniform: method = .uniform
        case .sequential: method = .sequential
        case .zipfian(let theta):
            method = .zipfian(ZipfianRanks(theta: theta, count: count), scatter)
        case .latest: method = .latest(ZipfianRanks(theta: Distribution.usualTheta, count: count))
        case .hotspot(let keys, let operations):
            method = .hotspot(keyFraction: keys, operationFraction: operations, scatter)
        case .exponential(let percentile, let fraction):
            let scale = -fraction / log1p(-percentile / 100)
            method = .exponential(scale: scale, share: -expm1(-1 / scale))
        }
    }

    /// A record in 0 ..< count.
    mutating func choose(count: UInt64, _ random: inout SplitMix) -> UInt64 {
        switch method {
        case .uniform: return random.below(count)
        case .sequential:
            if cursor >= count { cursor = 0 }
            cursor += 1
            return cursor - 1
        case .zipfian(var ranks, let scatter):
            if ranks.count != count {
                ranks.setCount(count)
                method = .zipfian(ranks, scatter)
            }
            return scatter.place(ofRank: ranks.draw(&random), count: count)
        case .latest(var ranks):
            if ranks.count != count {
                ranks.setCount(count)
                method = .latest(ranks)
            }
            return count - 1 - ranks.draw(&random)
        case .hotspot(let keys, let operations, let scatter):
            let hot = min(UInt64(Double(count) * keys), count)
            let isHot = random.unit() <= operations
            // Where rounding leaves one side without records, the other gets all.
            let rank = hot > 0 && (isHot || hot == count) ? random.below(hot) : hot + random.below(count - hot)
            return scatter.place(ofRank: rank, count: count)
        case .exponential(let scale, let share):
            let rank = -log1p(-share * random.unit()) * scale * Double(count)
            return count - 1 - min(UInt64(max(rank, 0)), count - 1)
        }
    }
}
