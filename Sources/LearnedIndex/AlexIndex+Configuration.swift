extension AlexIndex {
    /// Sizes of nodes. The defaults are for real use; tests take tiny ones to force splits and depth with few keys.
    public struct Configuration: Sendable {
        /// Slots of the largest data node, 8 to 8192.
        public var dataSlotsMax = Tuning.dataSlotsMax
        /// Slots of the smallest data node, 8 to `dataSlotsMax`.
        public var dataSlotsMin = Tuning.dataSlotsMin
        /// Slots of the largest inner node, 8 to 4096.
        public var innerSlotsMax = Tuning.innerSlotsMax
        /// Keys below which a data node is never split for the sake of its prediction error.
        public var splitKeysMin = Tuning.splitKeysMin
        /// Bytes of address space to ask for at first; halved while refused, grown when used up.
        public var reservedBytes = Tuning.reservedBytes
        /// Bytes of address space that the index never exceeds: beyond them inserts throw `IndexError.outOfMemory`.
        public var bytesMax = Tuning.reservedBytesMax
        /// Whether lookups that miss at first end their search with a vector comparison of the last few slots instead
        /// of halving them. Off: it was not measured to pay (<doc:LearnedIndex>, What was tried). Never used by readers
        /// beside the writer, whose words are loaded one by one.
        public var vectorSearch = false

        public init() {}

        /// The same with every number inside its bounds.
        var bounded: Configuration {
            var result = self
            result.dataSlotsMax = min(max(dataSlotsMax, 8), 8192)
            result.dataSlotsMin = min(max(dataSlotsMin, 8), result.dataSlotsMax)
            result.innerSlotsMax = min(max(innerSlotsMax, 8), 4096)
            // Not below half the smallest node: splitting must not multiply memory.
            result.splitKeysMin = max(splitKeysMin, 4, result.dataSlotsMin / 2)
            result.bytesMax = min(max(bytesMax, 1 << 16), Tuning.reservedBytesMax)
            result.reservedBytes = min(max(reservedBytes, 1 << 16), result.bytesMax)
            return result
        }
    }
}

/// Every tuning number of the index, with its source.
@usableFromInline
enum Tuning {
    /// 64 KiB of pairs: a rebuild takes some 20 µs in the cache (7 ns an entry, `CostModel`), 50 out of memory, and one
    /// line still fits easy keys.
    static let dataSlotsMax = 4096
    /// 1 KiB: the smallest worth a slot of 32 bytes in its parent.
    static let dataSlotsMin = 64
    /// 128 KiB of children: cache-resident, and 3 000 children of 2 800 keys are 8 M keys under one root.
    static let innerSlotsMax = 4096
    /// A linear fit over fewer keys than this gains less than the parent's slots cost. From 256 to 64: Z-order at 1 M
    /// 1.07 to 0.82 of a B-tree's time, dependent 2.06 to 1.2.
    static let splitKeysMin = 64
    /// Address space costs nothing until touched; 16 GiB hold 700 M keys, and growth moves it when they are more.
    static let reservedBytes = 1 << 34
    /// Bytes of arena from which on the system is asked for huge pages.
    static let hugePagesFrom = 2 << 20
    /// Of x86-64, and of arm64 with small pages of 4 KiB.
    static let hugePageBytes = 2 << 20
    /// Single inserts, a power of two, for each of which one page behind the top is touched beforehand: five times as
    /// many pages as 24 bytes a key need, so that nodes find their pages there.
    static let insertsPerPage = 32
    /// Bytes of an index from which on pages are touched beforehand: 20 000 keys. Below, there are few pages to wait
    /// for, and some touched for nothing: two thousand inserts at random took 2 to 9 % less without.
    static let populatedAheadFrom = 512 << 10
    /// Bytes behind the top that are touched beforehand: twice what one insert was seen to allocate, and at most half
    /// of what the index has.
    static let populatedAheadMax = 256 << 10
    /// What an index with readers beside its writer asks for, since it can't move later: 2 800 M keys.
    static let reservedBytesShared = 1 << 36
    /// Failed attempts to read one node before a reader asks the writer to leave it alone.
    @inlinable static var attemptsMax: Int { 64 }
    /// Replaced nodes from which on it is worth looking at all readers' slots (126 lines, up to some µs).
    static let limboBlocks = 16
    /// Bytes in limbo from which on the writer makes no copies for readers that are stuck.
    static let limboBytesOfCopies = 64 << 20
    /// Free blocks, in 1/100 of the arena and in bytes, from which on nodes move into gaps: with both, 30 bytes a key
    /// stay below 40.
    static let gapShareMax = 22
    static let gapBytesMin = 16 << 10
    /// Nodes that one change moves at most to close gaps, and units of 64 bytes: it goes on until it has moved so many.
    static let movesMax = 4
    static let movedUnitsMax = 512
    /// 2^32 references of 64 bytes.
    static let reservedBytesMax = 1 << 38

    /// What a key takes at least after a bulk load: 16 bytes at a density of 0.72.
    static let bytesPerKeyLoaded = 22
    /// What a key takes at most, whatever the keys (X5 of the targets).
    static let bytesPerKeyMax = 40

    /// Density of a data node after a build, in 1/100 (ALEX: 0.7; a pair of 16 bytes then takes 22.9).
    static let dataDensityBuilt = 72
    /// The same after a bulk load where no line fits the keys: room for some inserts before a rebuild.
    static let dataDensityDense = 84
    /// Density at which a data node is rebuilt (ALEX: 0.8). From 0.82 to 0.88: random inserts of 1 M keys 1.06 to 0.94
    /// of a B-tree's time on uniform keys, 1.16 to 1.05 on lognormal ones, 24.98 to 23.90 bytes a key.
    static let dataDensityMax = 88
    /// The same for a node of few slots, where a gap is never far: Z-order keys inserted at random take 23.7 bytes for
    /// 24.7, and fewer rebuilds.
    static let dataDensityMaxSmall = 95
    static let smallSlots = 256
    /// Density below which a node that loses entries is built smaller, or joined with a neighbour: 32 bytes a pair.
    static let dataDensityMin = 50
    /// Density of a node built anew for inserts that came in no order.
    static let dataDensityGrowing = 62
    /// The same in a small index. From 62 to 50: exponential keys, 20 000 inserted at random, a quarter fewer builds
    /// and 6 to 8 % less time. But at `dataDensityMin` the next removal would undo the growth: at 57 three inserts and
    /// one removal by turns, 2 000 keys, take 6 to 18 % less than at 50, and inserts alone up to 2 % more.
    static let dataDensityGrowingSmall = 57
    /// Entries up to which a node of a small index has so much room: in larger ones predictions erred by 428 slots on
    /// average, where keys came to one spot from both sides.
    static let roomyKeysMax = 1024
    /// The same for a node whose entries are spread: it is small, and full at `dataDensityMaxSmall`. At 62 Z-order keys
    /// take 24.3 bytes a key.
    static let dataDensityGrowingHard = 66
    /// Entries up to which an index is small: what it costs to build nodes counts for more than what lookups wait for,
    /// since all of them are in the cache. At 2^16 so many nodes of a hard start were left in an index of a million
    /// that it took a byte more a key.
    static let smallIndexKeys = 1 << 14
    /// Part of a growing node's entries, in 1/100, that its lower piece takes when it is split because it is
    /// full-sized: not half, or else all nodes of evenly spread keys would be full at the same time.
    static let splitShare = 40
    /// Density from which on a full-sized node is split, not built anew: up to the density of a rebuild there would be
    /// room for too few inserts.
    static let dataDensitySplit = 70

    /// An inner node is built half full: it is tiny beside its children, and room there makes splits cheap.
    static let innerDensityBuilt = 50
    static let innerDensityMax = 75

    /// So many pairs ahead of the one that is inserted, a batch asks for lines: of the 10 to 16 that a processor waits
    /// for at once, a pair needs up to three.
    static let pairsAhead = 8
    /// Pairs of a batch up to which inserting each into its place sorts faster than counting bytes.
    static let insertionSortMax = 32

    /// Copies of one entry placed in a row by a build or an insert: bounds what an update rewrites.
    static let copiesMax = 32
    /// An insert at a spot that would move so many slots gathers gaps beyond the nearest one as well (Node+Hole). Done
    /// for inserts in no order too, it took gaps from where they were: 66 slots moved an insert for 5, uniform keys.
    static let holeFrom = 48
    /// How far it looks behind that gap: so many times as far as it is, and so many slots at most.
    static let holeReach = 3
    static let holeReachMax = 768
    /// Gaps that it gathers at most, and copies of one entry that this leaves in a row.
    static let holeSlotsMax = 128
    /// Inserts since a node's build from which on seven in eight of them beside each other are a spot.
    @inlinable static var spotInserts: UInt32 { 16 }
    /// Slots of room that a node which fills at one spot is built with at most: 8 KiB, and what an update of the one
    /// entry before it rewrites.
    static let spotRoomMax = 480
    /// Its room in shares of the inserts that it took since its last build, in 1/4: five, so that all who ever came to
    /// a spot are four times as many as it has room for.
    static let spotGrowth = 5
    /// An open node is given room for so many of the nodes that its last entries were sealed in, and where no line fits
    /// its entries it is sealed as soon as it holds so many of the smallest.
    static let openPieces = 8
    /// Room in an open node is at most this part of the index's entries, beyond a few of the smallest nodes: two bytes
    /// a key at either end. Before, an index of 6 000 keys could keep two nodes of 47 KiB open: 44 bytes a key.
    static let openShare = 8
    /// An insert this close to a node's end counts as an append (time stamps arrive a few places out of order).
    static let endSlots = 16

    /// Slots from a prediction in an inner node that a search looks at outward: the sixth look of it, after which
    /// halving 4 096 slots takes as few more as going on would.
    @inlinable static var outwardSlots: Int { 32 }

    /// Slots that a search by vectors compares at its end: two lines and a half on average. Fewer than the smallest
    /// node of real use has.
    @inlinable static var vectorSlots: Int { 8 }

    /// Mean slots of prediction error above which a node's keys are split over two models, beside
    /// `CostModel.errorBitsMax`: a line may fit most keys and miss a stretch by hundreds, which is then full, so that
    /// inserts move hundreds of slots.
    static let errorSlotsMax = 32.0
    /// Keys looked at, of all that a node would hold, to see whether any line can fit them.
    static let sampleKeys = 32
    /// Mean bits of error of those keys above which none can: less than `CostModel.errorBitsMax`, since the keys
    /// between them are taken to lie at their best. At the same 3 bits whole nodes were fitted twice only to be halved:
    /// Z-order, 20 000 keys, bulk load 32 ns a key for 38 to 47, the same nodes; two bits save more, and split skewed
    /// keys.
    static let sampledErrorBitsMax = 2.5
    /// The same for the few entries of a node that no line fitted before: less, since it is to be left only for a line
    /// that surely does. And for a load that makes a small index, where a fit that fails costs more than one more
    /// model: a bulk load of 2 000 Pareto keys 1.84 and 1.88 of a B-tree's time for 1.98 and 2.06, in 14 nodes for 11.
    static let hardErrorBitsMax = 1.5
    /// Neighbours' nodes are alike: entries that are more than so many times those of the node built before them are
    /// halved without a look. 20 000 Hilbert keys, bulk load 79 ns a key for 46, at four times as many 56; Z-order 65
    /// for 48; a million Pareto keys are spread over a third more nodes, and lookups are as fast.
    static let pieceGrowth = 2
    /// Keys that the line of least squares is fitted to: ranks are exact, so more of them hardly change it.
    static let fitKeys = 512
    /// A fit with less error than this is not compared with another.
    static let errorBitsGood = 1.5
    /// An insert that belongs so far from its prediction counts as so many slots moved, 19 ns of search: a thousand of
    /// them build a full-sized node anew, so that no node errs by hundreds of slots on average for long.
    static let missedSlots = 256
    static let missedCost = 64
}
