/// What an index's work costs, in nanoseconds on a processor of this kind, and the decisions that follow: when a node
/// is built anew, when its keys are split over two models, and when a batch is merged instead of inserted.
///
/// Three constants, each measured; a decision is a comparison of two sums of them. Where another machine has other
/// constants, these change and nothing else. The thresholds that are not costs, and what they stand for in the same
/// units, are listed in <doc:LearnedIndex>, Cost model.
package enum CostModel {
    /// A cache line that comes from memory, waited for: half of a dependent lookup among 1 M uniform keys (188 ns),
    /// which waits for two.
    package static var miss: Double { 90 }
    /// A slot moved by an insert: 16 bytes of a move within a node that is in the cache by then. Moves of 8 slots took
    /// 0.27, of more 0.12 to 0.21.
    package static var shift: Double { 0.3 }
    /// An entry of a node that is built anew in the cache: collected, fitted, placed and written with its copies. A
    /// bulk load of even keys takes 9, the first touch of memory included.
    package static var builtEntry: Double { 7 }

    /// Slots moved since the last build, in multiples of the capacity, from which on a rebuild is the cheaper way: as
    /// soon as they cost as much as it does (who rents no longer than buying costs pays at most twice the best).
    package static var shiftsPerSlotMax: Int {
        Int(builtEntry * Double(Tuning.dataDensityBuilt) / 100 / shift)
    }

    /// A run of a batch is merged with its data node from one pair to so many of the node's entries on: inserts wait
    /// for two lines each, and a node out of memory takes twice as long to build as one in the cache.
    package static var mergeShare: Int { Int(2 * miss / (2 * builtEntry)) }

    /// Mean bits of prediction error above which a node's keys are split over two models. Two bits are four slots, one
    /// line, and cost nothing; with one bit more a lookup reads a second line, and a model more in the parent, whose
    /// slots are in the cache, is worth a miss.
    package static var errorBitsMax: Double { Double((64 / MemoryLayout<Pair>.stride).trailingZeroBitCount + 1) }
}
