// Room where a node fills at one spot. Keys that arrive from both sides of one place, or all at one place, use up the
// gaps around it; each insert would then move all entries up to the nearest gap, one slot further each time. Instead,
// when that gap is far, the gaps beyond it are gathered as well:
//  1. look beyond the nearest gap, on its side, as far again as it costs anyway a few times over;
//  2. pack the entries of that stretch at its far end;
//  3. the hole that is left beside the spot takes the new entry, with copies, as any gap does.
// Amortised, a hole costs each insert that it takes a few slots, and the next hole reaches further.
//
// Invariants: those of Node.swift; the hole is at most `holeSlotsMax` copies long.
// Threads: the writer alone, inside a change of the node.
extension Node {
    /// Puts `slot` before `at` by packing what lies from there up to a gap beyond `nearest`, the nearest one above.
    ///
    /// - Returns: how many slots were moved.
    func openHoleAbove(_ slot: Slot, at: Int, nearest: Int) -> Int {
        let slots = slots
        let limit = min(capacity, nearest + 1 + reach(nearest + 1 - at))
        let stop = stretchAbove(from: nearest, below: limit)
        // Safe: entries of at ..< stop go to the same slot or a higher one, the highest first.
        var target = stop
        var word = (stop &- 1) &>> 6
        while word >= at &>> 6 {
            var found = bits[word]
            if word == at &>> 6 { found &= ~0 &<< UInt64(at & 63) }
            if word == (stop &- 1) &>> 6 { found &= ~0 &>> UInt64(63 &- (stop &- 1) & 63) }
            while found != 0 {
                let bit = 63 &- found.leadingZeroBitCount
                target &-= 1
                slots[target] = slots[word &<< 6 &+ bit]
                found ^= 1 &<< UInt64(bit)
            }
            word &-= 1
        }
        for place in at..<target { slots[place] = slot }
        writeBits(at..<target, false)
        writeBits(target..<stop, true)
        setFirst(at)
        if stop > end { header.pointee.end = UInt32(stop) }
        header.pointee.finger = UInt16(truncatingIfNeeded: at)
        return stop - target
    }

    /// The same below: `nearest` is the nearest gap before `at`.
    func openHoleBelow(_ slot: Slot, at: Int, nearest: Int) -> Int {
        let slots = slots
        let limit = max(0, nearest - reach(at - nearest))
        let stop = stretchBelow(from: nearest, above: limit)
        // Safe: entries of stop ..< at go to the same slot or a lower one, the lowest first.
        var target = stop
        var word = stop &>> 6
        while word <= (at &- 1) &>> 6 {
            var found = bits[word]
            if word == stop &>> 6 { found &= ~0 &<< UInt64(stop & 63) }
            if word == (at &- 1) &>> 6 { found &= ~0 &>> UInt64(63 &- (at &- 1) & 63) }
            while found != 0 {
                slots[target] = slots[word &<< 6 &+ found.trailingZeroBitCount]
                target &+= 1
                found &= found &- 1
            }
            word &+= 1
        }
        for place in target..<at { slots[place] = slot }
        writeBits(stop..<target, true)
        writeBits(target..<at, false)
        setFirst(target)
        if stop < start { header.pointee.start = UInt32(stop) }
        header.pointee.finger = UInt16(truncatingIfNeeded: target)
        return target - stop
    }

    private func reach(_ distance: Int) -> Int { min(distance * Tuning.holeReach, Tuning.holeReachMax) }

    /// One behind the last of at most `holeSlotsMax` gaps at or above `first`, a gap, and below `limit`.
    private func stretchAbove(from first: Int, below limit: Int) -> Int {
        var left = Tuning.holeSlotsMax
        var stop = first &+ 1
        var word = first &>> 6
        var gaps = ~bits[word] & (~0 &<< UInt64(first & 63))
        while true {
            let reach = limit &- word &<< 6
            if reach < 64 { gaps &= ~(~0 &<< UInt64(max(reach, 0))) }
            var surplus = gaps.nonzeroBitCount &- left
            while surplus > 0 {
                gaps ^= 1 &<< UInt64(63 &- gaps.leadingZeroBitCount)
                surplus &-= 1
            }
            if gaps != 0 { stop = word &<< 6 &+ 64 &- gaps.leadingZeroBitCount }
            left &-= gaps.nonzeroBitCount
            word &+= 1
            if left == 0 || word &<< 6 >= limit { return stop }
            gaps = ~bits[word]
        }
    }

    /// The lowest of at most `holeSlotsMax` gaps at or below `first`, a gap, and not below `limit`.
    private func stretchBelow(from first: Int, above limit: Int) -> Int {
        var left = Tuning.holeSlotsMax
        var stop = first
        var word = first &>> 6
        var gaps = ~bits[word] & (~0 &>> UInt64(63 &- first & 63))
        while true {
            if word == limit &>> 6 { gaps &= ~0 &<< UInt64(limit & 63) }
            var surplus = gaps.nonzeroBitCount &- left
            while surplus > 0 {
                gaps &= gaps &- 1
                surplus &-= 1
            }
            if gaps != 0 { stop = word &<< 6 &+ gaps.trailingZeroBitCount }
            left &-= gaps.nonzeroBitCount
            word &-= 1
            if left == 0 || word < limit &>> 6 { return stop }
            gaps = ~bits[word]
        }
    }

    /// Sets or clears the bits of a range of slots.
    private func writeBits(_ range: Range<Int>, _ isSet: Bool) {
        if range.isEmpty { return }
        let (first, last) = (range.lowerBound &>> 6, (range.upperBound &- 1) &>> 6)
        for word in first...last {
            var mask = ~UInt64(0)
            if word == first { mask &= ~0 &<< UInt64(range.lowerBound & 63) }
            if word == last { mask &= ~0 &>> UInt64(63 &- (range.upperBound &- 1) & 63) }
            if isSet { bits[word] |= mask } else { bits[word] &= ~mask }
        }
    }
}
