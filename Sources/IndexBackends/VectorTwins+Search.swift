import CIntrinsics

extension VectorTwins {
    /// The rank of a key among all entries of a full node, which is what ends a search with
    /// `Configuration.vectorSearch`, by vectors and by its scalar twin, by turns over the same keys: each entry's own
    /// key and the one above it.
    ///
    /// - Returns: the times for one entry compared, or nil if the two do not give the right rank of every key.
    public static func measureSearch(seed: UInt64) -> Times? {
        let words = fullNode(seed: seed)
        // Every 23rd entry: some 256 ranks of 2 949 entries a turn.
        let ranks = Array(stride(from: 0, to: keysOfNode, by: 23))
        var nanoseconds = (vector: UInt64(0), scalar: UInt64(0))
        var wrong = 0
        for turn in 0..<(2 * searchTurns) {
            let isVector = turn % 2 == 0
            let begin = IndexLoops.threadNanoseconds()
            for rank in ranks {
                // Below the entry's key and at it: as many entries as lie before it, and itself.
                for (key, right) in [(words[2 * rank] - 1, rank), (words[2 * rank], rank + 1)] {
                    let found =
                        isVector
                        ? intrinsics_rank_pairs(words, keysOfNode, key)
                        : intrinsics_rank_pairs_scalar(words, keysOfNode, key)
                    if found != right { wrong += 1 }
                }
            }
            let spent = IndexLoops.threadNanoseconds() - begin
            if isVector { nanoseconds.vector += spent } else { nanoseconds.scalar += spent }
        }
        guard wrong == 0 else { return nil }
        let compared = Double(searchTurns * 2 * ranks.count * keysOfNode)
        return Times(
            vector: Double(nanoseconds.vector) / compared, scalar: Double(nanoseconds.scalar) / compared)
    }

    private static let searchTurns = 20

    /// The pairs of a full node as words: key, value, key, value …; keys ascend, at least 2 apart.
    private static func fullNode(seed: UInt64) -> [Int64] {
        var words = [Int64](repeating: 0, count: 2 * keysOfNode)
        var state = seed
        var key: Int64 = 0
        for rank in 0..<keysOfNode {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            key += 2 + Int64(state >> 34)
            words[2 * rank] = key
            // A value that a search which took values for keys would count.
            words[2 * rank + 1] = .min
        }
        return words
    }
}
