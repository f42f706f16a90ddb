/// Fits lines to the entries of nodes to be built, and lays the entries out. Scratch memory of one index.
///
/// Steps for the entries of one node:
///  1. the line of least squares over a sample, and the line through the middle three quarters of the keys, which
///     outliers can't bend;
///  2. if a sample alone shows that neither fits, and the entries may be halved, nothing more is tried;
///  3. place all entries by the first line; if it errs, by the second as well; the better one's places stay.
/// Where inserts fill a small node that no line fitted before, its entries are spread evenly instead.
struct NodeFitter {
    /// Where the entries of the next node go, by the first line and by the second.
    private let places: UnsafeMutablePointer<UInt16>
    private let placesBySecond: UnsafeMutablePointer<UInt16>

    init(slotsMax: Int) {
        places = .allocate(capacity: slotsMax)
        placesBySecond = .allocate(capacity: slotsMax)
    }

    func release() {
        places.deallocate()
        placesBySecond.deallocate()
    }

    /// A line, where it puts the entries, and its mean error in bits and in slots.
    struct Fit {
        var model: LinearModel
        var errorBits: Double
        var errorSlots: Double
        var places: UnsafePointer<UInt16>
        /// The line through ranks that the model was drawn from.
        var ranks: LinearModel

        /// Whether the entries had better be split over two models.
        var errs: Bool { errorBits > CostModel.errorBitsMax || errorSlots > Tuning.errorSlotsMax }
    }

    /// Whether a sample shows that no line fits `count` entries in `capacity` slots: each errs by more than `bitsMax`.
    func isHopeless<Slot: NodeSlot>(
        _ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int, bitsMax: Double = Tuning.sampledErrorBitsMax
    ) -> Bool {
        let stride = count / Tuning.sampleKeys
        if stride < 2 { return false }
        func errs(_ ranks: LinearModel) -> Bool {
            let model = ranks.stretched(count: count, over: capacity)
            return model.sampledErrorBits(slots, count, capacity: capacity, stride: stride) > bitsMax
        }
        return errs(.leastSquares(slots, count, stride: stride)) && errs(.throughMiddle(slots, count))
    }

    /// The better line for `count` entries, and their places; none, and an infinite error, where both are sure to err
    /// by more than `bitsMax`.
    func fit<Slot: NodeSlot>(
        _ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int, bitsMax: Double = .infinity
    ) -> Fit {
        let first = fit(leastSquares(slots, count), slots, count, capacity, places, bitsMax: bitsMax)
        if first.errorBits <= Tuning.errorBitsGood || count < 8 { return first }
        let middle = LinearModel.throughMiddle(slots, count)
        let second = fit(middle, slots, count, capacity, placesBySecond, bitsMax: min(first.errorBits, bitsMax))
        return second.errorBits < first.errorBits ? second : first
    }

    /// `count` entries by the line of least squares alone, a third of the work: for entries that no line is expected to
    /// fit, where the better of two is hardly better.
    func fitByOneLine<Slot: NodeSlot>(_ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int) -> Fit {
        fit(leastSquares(slots, count), slots, count, capacity, places, bitsMax: .infinity)
    }

    private func leastSquares<Slot: NodeSlot>(_ slots: UnsafePointer<Slot>, _ count: Int) -> LinearModel {
        .leastSquares(slots, count, stride: max(1, count / Tuning.fitKeys))
    }

    /// Entries that no line fits, evenly spread: a gap is near all of them, and none is predicted, in a quarter of the
    /// time that a fit takes. Their line is drawn through a sample of them.
    func spread<Slot: NodeSlot>(_ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int) -> Fit {
        let ranks = LinearModel.leastSquares(slots, count, stride: max(1, count / Tuning.sampleKeys))
        var placement = Placement(count: count, capacity: capacity)
        var scaled = capacity / 2
        for rank in 0..<count {
            places[rank] = UInt16(truncatingIfNeeded: placement.next(scaled / count))
            scaled &+= capacity
        }
        return Fit(
            model: ranks.stretched(count: count, over: capacity), errorBits: .infinity, errorSlots: .infinity,
            places: places, ranks: ranks)
    }

    /// The same line over another number of slots.
    func refit<Slot: NodeSlot>(_ fit: Fit, _ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int) -> Fit {
        self.fit(fit.ranks, slots, count, capacity, places, bitsMax: .infinity)
    }

    private func fit<Slot: NodeSlot>(
        _ ranks: LinearModel, _ slots: UnsafePointer<Slot>, _ count: Int, _ capacity: Int,
        _ places: UnsafeMutablePointer<UInt16>, bitsMax: Double
    ) -> Fit {
        let model = ranks.stretched(count: count, over: capacity)
        let error = model.place(slots, count, capacity: capacity, into: places, bitsMax: bitsMax)
        return Fit(model: model, errorBits: error.bits, errorSlots: error.slots, places: places, ranks: ranks)
    }

    /// The places that a given line gives.
    func places<Slot: NodeSlot>(
        of slots: UnsafePointer<Slot>, _ count: Int, capacity: Int, model: LinearModel
    ) -> UnsafePointer<UInt16> {
        _ = model.place(slots, count, capacity: capacity, into: places)
        return UnsafePointer(places)
    }
}
