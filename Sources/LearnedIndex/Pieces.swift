/// Data nodes being built side by side.
struct Pieces {
    let handle: IndexHandle
    private(set) var built: [Child] = []
    /// The separator of the first node, kept from the node it replaces.
    private let first: Int64

    /// Whether this is a bulk load, or seals what was appended: few inserts are expected afterwards.
    private let isLoad: Bool
    /// Whether inserts are filling the node that is replaced, and more of them are expected.
    private let grows: Bool
    /// Whether all that is loaded makes a small index.
    var loadsFew = false
    /// Entries of the node built last from a fit.
    private var lastCount = Int.max
    /// Whether no line fitted them.
    private var lastErrs = false

    init(handle: IndexHandle, first: Int64, isLoad: Bool = false, grows: Bool = false) {
        self.handle = handle
        self.isLoad = isLoad
        self.grows = grows
        self.first = first
    }

    private var configuration: AlexIndex.Configuration { handle.state.pointee.configuration }

    /// Nodes laid out by their models; two halves instead of one where the keys are too many or fit no line.
    ///
    /// - Parameter isHard: Whether no line fitted the entries: those of the node that is replaced, or both halves. Then
    ///   none is looked for where they can be halved, nor, in a small index, where inserts fill them and they can't.
    mutating func addFitted(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int, isHard: Bool = false) {
        if count > (grows ? configuration.growingKeysMax : configuration.dataKeysMax) {
            return addHalves(pairs, count, share: grows ? Tuning.splitShare : 50)
        }
        if isDivisible(count) && count / Tuning.pieceGrowth > lastCount { return addHalves(pairs, count) }
        if isHard && isDivisible(count) { return addHalves(pairs, count, isHard: true) }
        guard let layout = isHard && grows ? spread(pairs, count) : layout(pairs, count) else {
            return addHalves(pairs, count, isHard: true)
        }
        build(pairs, count, layout)
    }

    /// One node of all entries; false, and nothing done, where they fit no line and can be halved.
    mutating func addWhole(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int) -> Bool {
        guard count <= configuration.dataKeysMax, let layout = layout(pairs, count) else { return false }
        build(pairs, count, layout)
        return true
    }

    private var isSmallIndex: Bool { handle.state.pointee.count < Tuning.smallIndexKeys }

    private func isDivisible(_ count: Int) -> Bool { count >= 2 * configuration.splitKeysMin }

    /// How one node of the entries would lie; nil where they had better be halved.
    private func layout(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int) -> (fit: NodeFitter.Fit, capacity: Int)? {
        var capacity = configuration.dataCapacity(count: count)
        if grows {
            let hasRoom = isSmallIndex && count <= Tuning.roomyKeysMax
            let density = hasRoom ? Tuning.dataDensityGrowingSmall : Tuning.dataDensityGrowing
            capacity = configuration.growingCapacity(count: count, density: density)
        }
        let fitter = handle.state.pointee.fitter
        let isDivisible = isDivisible(count)
        if isLoad && lastErrs && !isDivisible { return layoutByOneLine(pairs, count) }
        let sampledMax = loadsFew ? Tuning.hardErrorBitsMax : Tuning.sampledErrorBitsMax
        if isDivisible && fitter.isHopeless(pairs, count, capacity: capacity, bitsMax: sampledMax) { return nil }
        let bitsMax = isDivisible ? CostModel.errorBitsMax : .infinity
        handle.state.pointee.counters.fittedEntries &+= count
        var fit = fitter.fit(pairs, count, capacity: capacity, bitsMax: bitsMax)
        if isDivisible && fit.errs { return nil }
        if isLoad && fit.errorBits > CostModel.errorBitsMax {
            // No line fits: gaps are of no use to lookups, and a denser node is a shorter search.
            capacity = configuration.denseCapacity(count: count)
            fit = fitter.refit(fit, pairs, count, capacity: capacity)
        }
        return (fit, capacity)
    }

    /// How one node would lie after a load if no line fits it, as none fitted the one before.
    private func layoutByOneLine(
        _ pairs: UnsafeMutablePointer<Pair>, _ count: Int
    ) -> (fit: NodeFitter.Fit, capacity: Int) {
        let fitter = handle.state.pointee.fitter
        let capacity = configuration.denseCapacity(count: count)
        handle.state.pointee.counters.fittedEntries &+= count
        return (fitter.fitByOneLine(pairs, count, capacity: capacity), capacity)
    }

    /// How one node of entries that no line fitted before would lie. In a small index no line is looked for again.
    private func spread(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int) -> (fit: NodeFitter.Fit, capacity: Int)? {
        let fitter = handle.state.pointee.fitter
        let density = isSmallIndex ? Tuning.dataDensityGrowingSmall : Tuning.dataDensityGrowingHard
        let capacity = configuration.growingCapacity(count: count, density: density)
        let isHard =
            isSmallIndex
            || fitter.isHopeless(pairs, count, capacity: capacity, bitsMax: Tuning.hardErrorBitsMax)
        return isHard ? (fitter.spread(pairs, count, capacity: capacity), capacity) : layout(pairs, count)
    }

    private mutating func build(
        _ pairs: UnsafeMutablePointer<Pair>, _ count: Int, _ layout: (fit: NodeFitter.Fit, capacity: Int)
    ) {
        let (fit, capacity) = layout
        lastCount = count
        lastErrs = fit.errs
        let node = allocate(pairs[0].key, capacity, fit.model)
        let countMax = configuration.dataCountMax(count: count, capacity: capacity)
        node.build(pairs, count: count, places: fit.places, capacity: capacity, countMax: countMax)
        node.header.pointee.isHard = fit.errs
        handle.state.pointee.counters.builtEntries &+= count
    }

    private mutating func addHalves(
        _ pairs: UnsafeMutablePointer<Pair>, _ count: Int, share: Int = 50, isHard: Bool = false
    ) {
        let half = max(1, count * share / 100)
        addFitted(pairs, half, isHard: isHard && !isDivisible(half))
        addFitted(pairs + half, count - half, isHard: isHard && !isDivisible(count - half))
    }

    /// A packed node with as much room again above its entries; once that is too large, or no line fits them, the
    /// entries are sealed in fitted nodes, and the last few open a new packed node.
    mutating func addOpenAbove(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int) {
        let sealed = isToBeSealed(pairs, count) ? count - openKeys(count) : 0
        if sealed > 0 { addFitted(pairs, sealed) }
        let slope = LinearModel.slopeThroughEnds(pairs, count)
        addPacked(pairs + sealed, count - sealed, atEnd: false, slope, sealed: sealed, in: built.count)
    }

    /// The same, turned round.
    mutating func addOpenBelow(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int) {
        guard isToBeSealed(pairs, count) else {
            let slope = LinearModel.slopeThroughEnds(pairs, count)
            return addPacked(pairs, count, atEnd: true, slope, sealed: 0, in: 0)
        }
        let open = openKeys(count)
        var above = Pieces(handle: handle, first: pairs[open].key, isLoad: isLoad)
        above.addFitted(pairs + open, count - open)
        let slope = LinearModel.slopeThroughEnds(pairs, count)
        addPacked(pairs, open, atEnd: true, slope, sealed: count - open, in: above.built.count)
        built += above.built
    }

    private func openKeys(_ count: Int) -> Int { max(1, min(Tuning.endSlots, count / 8)) }

    private func isToBeSealed(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int) -> Bool {
        if count > configuration.dataKeysBuilt { return true }
        if count < Tuning.openPieces * configuration.splitKeysMin { return false }
        let capacity = configuration.dataCapacity(count: count)
        return handle.state.pointee.fitter.isHopeless(pairs, count, capacity: capacity)
    }

    /// The slope is that of all entries, sealed ones included: the few in a new node would tell it badly.
    private mutating func addPacked(
        _ pairs: UnsafeMutablePointer<Pair>, _ count: Int, atEnd: Bool, _ slope: Float, sealed: Int, in nodes: Int
    ) {
        let capacity = openCapacity(count, sealed: sealed, in: nodes)
        let start = atEnd ? capacity - count : 0
        // The end from which the node does not grow stays where it is.
        let fixed = atEnd ? count - 1 : 0
        var model = LinearModel(center: pairs[fixed].key, slope: slope, intercept: Float(start + fixed))
        if sealed == 0 {
            // Keys far beyond the others would bend a line through the ends.
            model = .throughMiddle(pairs, count)
            model.intercept += Float(start)
        }
        allocate(pairs[0].key, capacity, model)
            .buildPacked(pairs, count: count, capacity: capacity, start: start)
        handle.state.pointee.counters.builtEntries &+= count
    }

    /// A node with all its room where the entry of rank `spot` was put in; what lies away from there is sealed in
    /// fitted nodes, unless it is too little for one.
    mutating func addAround(_ pairs: UnsafeMutablePointer<Pair>, _ count: Int, spot: Int, inserted: Int) {
        var low = spot - Tuning.endSlots
        var high = spot + Tuning.endSlots
        if low < configuration.splitKeysMin { low = 0 }
        if count - high < configuration.splitKeysMin { high = count }
        let held = high - low
        let room = min(max(inserted * Tuning.spotGrowth / 4, Tuning.endSlots), Tuning.spotRoomMax)
        let capacity = max((held + room + 3) & ~3, configuration.dataSlotsMin)
        // First of all into the block that the node before it had: the others would leave of it what fits nothing.
        let reference = handle.allocate(bytes: Node<Pair>.bytes(capacity: capacity), kind: NodeHeader.Kind.data)
        if low > 0 { addFitted(pairs, low) }
        let first = pairs[low].key
        let span = UInt64(bitPattern: pairs[high - 1].key &- first)
        let slope = span > 0 ? Float(Double(capacity - 1) / Double(span)) : 0
        let model = LinearModel(
            center: first &+ Int64(bitPattern: span / 2), slope: slope, intercept: Float(capacity / 2))
        adopt(reference, first, capacity, model).buildAround(
            pairs + low, count: held, capacity: capacity, spot: spot - low)
        handle.state.pointee.counters.builtEntries &+= held
        if high < count { addFitted(pairs + high, count - high) }
    }

    /// Slots of an open node: twice its entries, or, behind sealed nodes, full-sized at once; less where the sealed
    /// nodes had to be small, and never more room than a share of the whole index.
    private func openCapacity(_ count: Int, sealed: Int, in nodes: Int) -> Int {
        let most = max((configuration.dataKeysBuilt + 3) & ~3, 4)
        var wanted = max(2 * count, configuration.dataSlotsMin)
        if sealed > 0 { wanted = max(sealed / nodes, configuration.splitKeysMin) * Tuning.openPieces }
        let share = handle.state.pointee.count / Tuning.openShare
        let room = max(share, Tuning.openPieces * configuration.dataSlotsMin)
        return max((min(wanted, most, count + room) + 3) & ~3, (count + 4) & ~3)
    }

    @discardableResult
    private mutating func allocate(_ key: Int64, _ capacity: Int, _ model: LinearModel) -> Node<Pair> {
        let reference = handle.allocate(bytes: Node<Pair>.bytes(capacity: capacity), kind: NodeHeader.Kind.data)
        return adopt(reference, key, capacity, model)
    }

    private mutating func adopt(_ reference: Int, _ key: Int64, _ capacity: Int, _ model: LinearModel) -> Node<Pair> {
        built.append(
            Child(
                key: built.isEmpty ? first : key, model: model, reference: UInt32(reference),
                slotCount: UInt32(capacity)))
        return Node(handle.header(reference))
    }

    /// Gives all nodes back, which nothing leads to.
    mutating func abandon() {
        for child in built { handle.state.pointee.arena.free(Int(child.reference)) }
        built = []
    }

    /// A node of no entries.
    mutating func addEmpty() {
        let capacity = configuration.dataSlotsMin
        allocate(first, capacity, LinearModel())
            .buildPacked(handle.state.pointee.pairs, count: 0, capacity: capacity, start: 0)
    }
}
