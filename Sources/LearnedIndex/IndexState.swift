/// All that an index owns, behind one pointer: whoever holds the pointer reads without exclusivity checks.
@usableFromInline
struct IndexState: ~Copyable {
    /// The way to the root: its reference and model, as its parent would hold them.
    @usableFromInline var root = Child.padding(key: .min)
    /// Inner nodes on the way to any data node: all data nodes lie equally deep.
    @usableFromInline var height = 0
    @usableFromInline var count = 0
    /// Where the arena is mapped; the writer sets it anew after each allocation.
    @usableFromInline var base: UnsafeMutableRawPointer
    var arena: Arena
    let configuration: AlexIndex.Configuration
    var counters = Counters()

    /// The inner nodes of the last descent by the writer; `path[h]` stands h levels above the data nodes.
    let path: UnsafeMutablePointer<PathStep>
    /// Entries on their way from old nodes to new ones.
    let pairs: UnsafeMutablePointer<Pair>
    let children: UnsafeMutablePointer<Child>

    /// Far above log2(2^38 / 256) / log2(3): no index gets as deep.
    static let heightMax = 40

    init(_ configuration: AlexIndex.Configuration) {
        self.configuration = configuration
        arena = Arena(reservedBytes: configuration.reservedBytes)
        base = arena.base
        path = .allocate(capacity: IndexState.heightMax)
        path.initialize(repeating: PathStep(reference: 0, slot: 0), count: IndexState.heightMax)
        pairs = .allocate(capacity: configuration.dataSlotsMax + 8)
        children = .allocate(capacity: configuration.innerSlotsMax + 8)
    }

    deinit {
        arena.release()
        path.deallocate()
        pairs.deallocate()
        children.deallocate()
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
}

/// Sizes that follow from the configuration.
extension AlexIndex.Configuration {
    /// Keys that a full-sized data node is built with; an open tail is sealed at as many.
    var dataKeysBuilt: Int { max(1, dataSlotsMax * Tuning.dataDensityBuilt / 100) }
    /// Keys that no data node exceeds but a packed one.
    var dataKeysMax: Int { max(2, dataSlotsMax * Tuning.dataDensityMax / 100) }
    var innerChildrenMax: Int { innerSlotsMax * Tuning.innerDensityMax / 100 }
    var innerChildrenBuilt: Int { max(2, innerSlotsMax * Tuning.innerDensityBuilt / 100) }

    func dataCapacity(count: Int) -> Int {
        let wanted = (count * 100 / Tuning.dataDensityBuilt + 4) & ~3
        return min(max(wanted, dataSlotsMin), dataSlotsMax)
    }

    func dataCountMax(count: Int, capacity: Int) -> Int {
        max(count, capacity * Tuning.dataDensityMax / 100)
    }

    func innerCapacity(count: Int) -> Int {
        min(max((count * 100 / Tuning.innerDensityBuilt + 3) & ~3, min(16, innerSlotsMax)), innerSlotsMax)
    }
}
