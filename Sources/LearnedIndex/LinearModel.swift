import CIntrinsics

/// A line from keys to slots. The key is taken relative to a centre, by wrapping subtraction, *before* it is converted,
/// so that neighbours at 2^62 stay apart; a key more than 2^63 from the centre wraps and is merely predicted badly.
@usableFromInline
struct LinearModel: BitwiseCopyable {
    @usableFromInline var center: Int64
    @usableFromInline var slope: Float
    @usableFromInline var intercept: Float

    init(center: Int64 = 0, slope: Float = 0, intercept: Float = 0) {
        self.center = center
        self.slope = slope
        self.intercept = intercept
    }

    /// A model out of two words of memory; `line` holds the slope in its lower half, the intercept in the upper.
    @inlinable @inline(__always)
    init(center: Int64, line: UInt64) {
        self.center = center
        slope = Float(bitPattern: UInt32(truncatingIfNeeded: line))
        intercept = Float(bitPattern: UInt32(truncatingIfNeeded: line &>> 32))
    }

    var line: UInt64 { UInt64(slope.bitPattern) | UInt64(intercept.bitPattern) << 32 }

    /// The slot where `key` should be, within 0 ..< capacity. A hint: exact keys decide.
    @inlinable @inline(__always)
    func predictPosition(of key: Int64, capacity: Int) -> Int {
        let position = Float(key &- center) * slope + intercept
        return Int(intrinsics_clamp_float(position, Int32(truncatingIfNeeded: capacity &- 1)))
    }

    /// Where a build wants `key`: the same, but for a key more than 2^63 from the centre the end that it lies towards.
    /// The lowest separator of an inner node, often `Int64.min`, is such a key as soon as the centre is above 0, and at
    /// the wrong end it would crowd all others together behind it.
    func placePosition(of key: Int64, capacity: Int) -> Int {
        let (distance, wraps) = key.subtractingReportingOverflow(center)
        return wraps ? (distance > 0 ? 0 : capacity - 1) : predictPosition(of: key, capacity: capacity)
    }

    /// The line through ranks, drawn out over `capacity` slots and moved right by `offset`.
    func stretched(count: Int, over capacity: Int, offset: Int = 0) -> LinearModel {
        let factor = Float(capacity) / Float(max(count, 1))
        return LinearModel(
            center: center, slope: slope * factor, intercept: (intercept + 0.5) * factor - 0.5 + Float(offset) + 0.5)
    }
}

// MARK: - Fitting

extension LinearModel {
    /// Least squares over the ranks of every `stride`-th of `count` ascending keys.
    static func leastSquares<Slot: NodeSlot>(
        _ slots: UnsafePointer<Slot>, _ count: Int, stride: Int = 1
    ) -> LinearModel {
        // Safe: callers pass at least one slot; the span of ascending keys fits an unsigned word.
        let first = slots[0].key
        let span = UInt64(bitPattern: slots[count - 1].key &- first)
        let center = first &+ Int64(bitPattern: span / 2)
        var sumX = 0.0
        var sumXX = 0.0
        var sumXY = 0.0
        var sampled = 0
        var rank = 0
        while rank < count {
            let x = Double(slots[rank].key &- center)
            sumX += x
            sumXX += x * x
            sumXY += x * Double(rank)
            sampled &+= 1
            rank &+= stride
        }
        let n = Double(sampled)
        let meanRank = (n - 1) / 2 * Double(stride)
        let variance = sumXX - sumX * sumX / n
        let slope = variance > 0 ? max(0, (sumXY - sumX * meanRank) / variance) : 0
        let intercept = meanRank - slope * sumX / n
        return LinearModel(center: center, slope: Float(slope), intercept: Float(intercept))
    }

    /// Ranks gained for each unit of key between the first and the last of `count` ascending keys.
    static func slopeThroughEnds<Slot: NodeSlot>(_ slots: UnsafePointer<Slot>, _ count: Int) -> Float {
        let span = Double(UInt64(bitPattern: slots[count - 1].key &- slots[0].key))
        return span > 0 ? Float(Double(count - 1) / span) : 0
    }

    /// The line through the middle three quarters of the keys: outliers have no say in it.
    static func throughMiddle<Slot: NodeSlot>(_ slots: UnsafePointer<Slot>, _ count: Int) -> LinearModel {
        let low = count / 8
        let high = count - 1 - count / 8
        let middle = count / 2
        let center = slots[middle].key
        let span = Double(UInt64(bitPattern: slots[high].key &- slots[low].key))
        let slope = span > 0 ? Double(high - low) / span : 0
        let below = Double(UInt64(bitPattern: center &- slots[low].key))
        return LinearModel(center: center, slope: Float(slope), intercept: Float(Double(low) + slope * below))
    }

    /// Mean distance between predicted and actual slot, in bits and in slots, if the keys were placed by this model;
    /// where each would be is written to `places`. Gives up, with larger figures, once it is sure to reach `bitsMax`.
    func place<Slot: NodeSlot>(
        _ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int, into places: UnsafeMutablePointer<UInt16>,
        bitsMax: Double = .infinity
    ) -> (bits: Double, slots: Double) {
        Slot.predict(slots, count, by: self, capacity: capacity, into: places)
        var placement = Placement(count: count, capacity: capacity)
        let limit = bitsMax < 64 ? Int(bitsMax * Double(count)) : .max
        var bits = 0
        var distances = 0
        var rank = 0
        while rank < count {
            // Asked once for some keys: a branch for each would cost as much as the work.
            if bits > limit { return (.infinity, .infinity) }
            let stop = min(rank &+ 64, count)
            while rank < stop {
                let predicted = Int(places[rank])
                let position = placement.next(predicted)
                places[rank] = UInt16(truncatingIfNeeded: position)
                let distance = abs(position &- predicted)
                bits &+= Int.bitWidth &- distance.leadingZeroBitCount
                distances &+= distance
                rank &+= 1
            }
        }
        return (Double(bits) / Double(max(count, 1)), Double(distances) / Double(max(count, 1)))
    }

    /// The same for every `stride`-th key alone, as if the keys between took one slot each: less than the error of all
    /// of them, for a fraction of the work.
    func sampledErrorBits<Slot: NodeSlot>(
        _ slots: UnsafePointer<Slot>, _ count: Int, capacity: Int, stride: Int
    ) -> Double {
        var placement = Placement(count: count, capacity: capacity, stride: stride)
        var bits = 0
        var sampled = 0
        var rank = 0
        while rank < count {
            let predicted = placePosition(of: slots[rank].key, capacity: capacity)
            let position = placement.next(predicted)
            placement.skip(stride &- 1)
            bits &+= Int.bitWidth &- abs(position &- predicted).leadingZeroBitCount
            sampled &+= 1
            rank &+= stride
        }
        return Double(bits) / Double(max(sampled, 1))
    }
}

/// Where a build puts each of its entries: at its prediction, but behind the one before, never more than
/// `copiesMax` behind it, and early enough for the rest to fit.
struct Placement {
    private var last = -1
    private var latest: Int
    private let stepMax: Int

    /// - Parameter stride: Entries that each call stands for.
    init(count: Int, capacity: Int, stride: Int = 1) {
        latest = capacity - count
        stepMax = Tuning.copiesMax * stride - (stride - 1)
    }

    @inline(__always)
    mutating func next(_ predicted: Int) -> Int {
        let furthest = last < 0 ? latest : min(latest, last &+ stepMax)
        let position = min(max(last &+ 1, predicted), furthest)
        last = position
        latest &+= 1
        return position
    }

    /// Passes over `entries` as if each came as early as it could.
    @inline(__always)
    mutating func skip(_ entries: Int) {
        last &+= entries
        latest &+= entries
    }
}
