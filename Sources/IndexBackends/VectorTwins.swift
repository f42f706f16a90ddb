import CIntrinsics

/// The index's bulk operation that has a vector form, against its scalar twin: where a line puts all keys of a full
/// node, which every node is built by.
public enum VectorTwins {
    /// Entries of a full-sized data node after a bulk load: 72 in 100 of 4 096 slots.
    public static let keysOfNode = 2_949
    private static let slotsOfNode: Int32 = 4_096
    /// Nodes of one turn: some 60 µs, far above the clock's grain, far below the system's slice of time.
    private static let nodesOfTurn = 16
    private static let turns = 200

    /// Time of the thread for one key, ns.
    public struct Times: Sendable {
        public var vector = 0.0
        public var scalar = 0.0
    }

    /// Both forms by turns over the same keys, uniform and ascending.
    ///
    /// - Returns: the times, or nil if the two do not put every key in the same slot.
    public static func measure(seed: UInt64) -> Times? {
        // Pairs as words: key, value, key, value …
        var words = [Int64](repeating: 0, count: 2 * keysOfNode)
        var state = seed
        var key: Int64 = 0
        for rank in 0..<keysOfNode {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            key += 1 + Int64(state >> 34)
            words[2 * rank] = key
        }
        let slope = Float(slotsOfNode) / Float(key)
        let center = key / 2
        var byVector = [UInt16](repeating: 0, count: keysOfNode)
        var byScalar = byVector
        var nanoseconds = (vector: UInt64(0), scalar: UInt64(0))
        for turn in 0..<(2 * turns) {
            let begin = IndexLoops.threadNanoseconds()
            if turn % 2 == 0 {
                for _ in 0..<nodesOfTurn {
                    intrinsics_predict_pairs(
                        words, keysOfNode, center, slope, Float(slotsOfNode / 2), slotsOfNode - 1, &byVector)
                }
                nanoseconds.vector += IndexLoops.threadNanoseconds() - begin
            } else {
                for _ in 0..<nodesOfTurn {
                    intrinsics_predict_pairs_scalar(
                        words, keysOfNode, center, slope, Float(slotsOfNode / 2), slotsOfNode - 1, &byScalar)
                }
                nanoseconds.scalar += IndexLoops.threadNanoseconds() - begin
            }
        }
        guard byVector == byScalar else { return nil }
        let keys = Double(turns * nodesOfTurn * keysOfNode)
        return Times(vector: Double(nanoseconds.vector) / keys, scalar: Double(nanoseconds.scalar) / keys)
    }
}
