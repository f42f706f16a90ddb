/// All that an index owns, behind one pointer: whoever holds the pointer reads without exclusivity checks.
@usableFromInline
struct IndexState: ~Copyable {
    /// The way to the root: its reference and model, as its parent would hold them.
    @usableFromInline var root = Child.padding(key: .min)
    /// Inner nodes on the way to any data node: all data nodes lie equally deep.
    @usableFromInline var height = 0
    @usableFromInline var count = 0
    /// Whether parts of the index are still to be brought in (LateImage.swift).
    @usableFromInline var isLate = false
    /// Where the arena is mapped; the writer sets it anew after each allocation.
    @usableFromInline var base: UnsafeMutableRawPointer
    var arena: Arena
    @usableFromInline let configuration: AlexIndex.Configuration
    var counters = Counters()
    var edges = OpenEdges()
    /// What brings them in; there as long as the index is late.
    var late: LateImage?

    /// What the writer shares with readers beside it, once there is one.
    @usableFromInline let shared: SharedRoot
    @usableFromInline let epochs: EpochRegistry
    var isShared = false
    /// For tests: called whenever a step of a change of the tree is done that readers may see.
    var onStep: (() -> Void)?
    /// The root that readers beside the writer begin with.
    var published = RootPlace(child: Child.padding(key: .min), height: 0)
    /// Nodes that no way leads to any more, but that a reader may still hold.
    var limbo = Limbo<UInt32>()
    var limboUnits = 0
    /// Nodes in limbo at which the writer looks next whether any can be given back.
    var reclaimAt = Tuning.limboBlocks

    /// The inner nodes of the last descent by the writer; `path[h]` stands h levels above the data nodes.
    let path: UnsafeMutablePointer<PathStep>
    /// Entries on their way from old nodes to new ones.
    @usableFromInline let pairs: UnsafeMutablePointer<Pair>
    let children: UnsafeMutablePointer<Child>
    /// Where a node's entries and a run of a batch are merged; nil before the first such run.
    private var mergedPairs: UnsafeMutablePointer<Pair>?
    let fitter: NodeFitter

    /// Far above log2(2^38 / 256) / log2(3): no index gets as deep.
    static let heightMax = 40

    init(_ configuration: AlexIndex.Configuration, _ arena: Arena, _ shared: SharedRoot, _ epochs: EpochRegistry) {
        self.configuration = configuration
        self.arena = arena
        self.shared = shared
        self.epochs = epochs
        base = arena.base
        path = .allocate(capacity: IndexState.heightMax)
        path.initialize(repeating: PathStep(reference: 0, slot: 0), count: IndexState.heightMax)
        pairs = .allocate(capacity: configuration.dataSlotsMax + 8)
        children = .allocate(capacity: configuration.innerSlotsMax + 8)
        fitter = NodeFitter(slotsMax: max(configuration.dataSlotsMax, configuration.innerSlotsMax) + 8)
    }

    /// Where a node's entries and a run of a batch are merged. Most indexes never take a batch.
    var merged: UnsafeMutablePointer<Pair> {
        mutating get {
            if let mergedPairs { return mergedPairs }
            let merged = UnsafeMutablePointer<Pair>.allocate(capacity: 3 * configuration.dataSlotsMax + 8)
            mergedPairs = merged
            return merged
        }
    }

    deinit {
        arena.release()
        shared.release()
        epochs.release()
        limbo.release()
        path.deallocate()
        pairs.deallocate()
        children.deallocate()
        mergedPairs?.deallocate()
        fitter.release()
    }
}

/// An inner node and the slot of the child that the descent went to.
struct PathStep: BitwiseCopyable {
    var reference: Int
    var slot: Int
}

/// What the writer counts.
struct Counters {
    var shifts = 0
    var shiftsMax = 0
    var splits = 0
    var innerSplits = 0
    var expansions = 0
    var retrains = 0
    var merges = 0
    var edgeInserts = 0
    var pathCopies = 0
    var moves = 0
    var builtEntries = 0
    var fittedEntries = 0
    var removalShiftsMax = 0
    var allocatedBytesMax = 0
    /// What the arena had given out when the last change ended.
    var allocatedBefore = 0
}

/// Sizes that follow from the configuration.
extension AlexIndex.Configuration {
    /// Keys that a full-sized data node is built with; an open tail is sealed at as many.
    @usableFromInline var dataKeysBuilt: Int { max(1, dataSlotsMax * Tuning.dataDensityBuilt / 100) }
    /// Keys that no data node exceeds but a packed one.
    var dataKeysMax: Int { max(2, dataSlotsMax * Tuning.dataDensityMax / 100) }
    /// Whether nodes are large enough for a spot's room and what stays beside it.
    var hasSpots: Bool { dataSlotsMax >= 4 * Tuning.spotRoomMax && splitKeysMin <= Tuning.splitKeysMin }
    var innerChildrenMax: Int { innerSlotsMax * Tuning.innerDensityMax / 100 }
    var innerChildrenBuilt: Int { max(2, innerSlotsMax * Tuning.innerDensityBuilt / 100) }

    /// Bytes that one change allocates at most: all pieces of two data nodes, or of one and a run of a batch, and the
    /// inner nodes that split for them. `height` is the index's.
    func changeBytesMax(height: Int) -> Int {
        let pieces = 3 * dataSlotsMax / splitKeysMin + 6
        // A piece has at most twice the slots that its entries fill and four more, and its block is rounded up to 256
        // bytes.
        let data = 6 * dataSlotsMax * 16 + pieces * (dataSlotsMin * 17 + 512)
        let splits = pieces * 2 / max(innerSlotsMax / 4, 1) + 2
        return data + (height + 2) * splits * 2 * (Node<Child>.bytes(capacity: innerSlotsMax) + 512)
    }

    func dataCapacity(count: Int) -> Int {
        let wanted = (count * 100 / Tuning.dataDensityBuilt + 4) & ~3
        return min(max(wanted, dataSlotsMin), dataSlotsMax)
    }

    /// Keys from which on a growing node is split, since a full-sized one would soon be full again.
    var growingKeysMax: Int { max(2, dataSlotsMax * Tuning.dataDensitySplit / 100) }

    /// Slots of a node that inserts are filling, built at a density in 1/100.
    func growingCapacity(count: Int, density: Int) -> Int {
        min(max((count * 100 / density + 4) & ~3, dataSlotsMin), dataSlotsMax)
    }

    func denseCapacity(count: Int) -> Int {
        min(max((count * 100 / Tuning.dataDensityDense + 4) & ~3, dataSlotsMin), dataSlotsMax)
    }

    func dataCountMax(count: Int, capacity: Int) -> Int {
        let density = capacity <= Tuning.smallSlots ? Tuning.dataDensityMaxSmall : Tuning.dataDensityMax
        return max(count, capacity * density / 100)
    }

    func innerCapacity(count: Int) -> Int {
        min(max((count * 100 / Tuning.innerDensityBuilt + 3) & ~3, min(16, innerSlotsMax)), innerSlotsMax)
    }
}
