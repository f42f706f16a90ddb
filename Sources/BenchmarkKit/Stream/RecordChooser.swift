/// Chooses a record among the `count` first ones by a distribution. One chooser serves one phase.
struct RecordChooser {
    private enum Method {
        case uniform
        case sequential
        case zipfian(ZipfianRanks, Scatter)
        case latest(ZipfianRanks)
    }

    private var method: Method
    private var cursor: UInt64 = 0

    /// - Parameters:
    ///   - count: Records at the phase's start, at least 1.
    ///   - countLimit: The most records that there will be before the phase ends.
    ///   - seed: Decides which records are the popular ones.
    init(_ distribution: Distribution, count: UInt64, countLimit: UInt64, seed: UInt64) {
        switch distribution {
        case .uniform: method = .uniform
        case .sequential: method = .sequential
        case .zipfian(let theta):
            method = .zipfian(
                ZipfianRanks(theta: theta, count: count), Scatter(seed: seed, countLimit: max(count, countLimit)))
        case .latest: method = .latest(ZipfianRanks(theta: Distribution.usualTheta, count: count))
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
        }
    }
}
