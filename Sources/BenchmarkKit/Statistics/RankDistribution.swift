import Foundation

/// The distribution of a rank statistic when nothing differs, counted out from the ranks as they are, ties included.
///
/// Ranks are doubled, so that the mean ranks of ties are whole numbers.
struct RankDistribution {
    /// Probability of each doubled sum.
    private let probabilities: [Double]

    /// Wilcoxon's signed rank: each rank counts or does not, each with probability 1/2. O(n × sum of ranks).
    init(signed doubledRanks: [Int]) {
        var probabilities = [1.0]
        for rank in doubledRanks {
            var next = [Double](repeating: 0, count: probabilities.count + rank)
            for (sum, probability) in probabilities.enumerated() where probability > 0 {
                next[sum] += probability / 2
                next[sum + rank] += probability / 2
            }
            probabilities = next
        }
        self.probabilities = probabilities
    }

    /// Mann–Whitney's rank sum: `chosen` of the ranks, each choice equally likely. O(n × chosen × sum of ranks).
    init(choosing chosen: Int, of doubledRanks: [Int]) {
        let largest = doubledRanks.sorted(by: >).prefix(chosen).reduce(0, +)
        // counts[k][s]: the ways in which k of the ranks so far sum to s.
        var counts = [[Double]](repeating: [Double](repeating: 0, count: largest + 1), count: chosen + 1)
        counts[0][0] = 1
        for (taken, rank) in doubledRanks.enumerated() {
            for size in stride(from: min(chosen, taken + 1), through: 1, by: -1) where rank <= largest {
                for sum in stride(from: largest, through: rank, by: -1) {
                    counts[size][sum] += counts[size - 1][sum - rank]
                }
            }
        }
        let total = counts[chosen].reduce(0, +)
        probabilities = counts[chosen].map { $0 / total }
    }

    /// Probability of a doubled sum of at most this.
    func atMost(_ doubledSum: Int) -> Double {
        guard doubledSum >= 0 else { return 0 }
        return probabilities.prefix(doubledSum + 1).reduce(0, +)
    }

    /// Twice the smaller tail, at most 1.
    func twoSided(_ doubledSum: Int) -> Double {
        let below = atMost(doubledSum)
        let above = 1 - atMost(doubledSum - 1)
        return min(1, 2 * min(below, above))
    }

    /// The most doubled sum whose lower tail is at most `share`, or -1.
    func critical(_ share: Double) -> Int {
        var tail = 0.0
        for (sum, probability) in probabilities.enumerated() {
            tail += probability
            // A sum of exact halves: the slack is for rounding alone.
            if tail > share + 1e-12 { return sum - 1 }
        }
        return probabilities.count - 1
    }

    /// Doubled ranks of values in ascending order; ties share their mean rank.
    static func doubledRanks(_ values: [Double]) -> [Int] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Int](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = start + end + 1 }
            start = end
        }
        return ranks
    }
}
