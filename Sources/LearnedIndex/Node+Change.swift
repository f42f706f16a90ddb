extension Node {
    /// Makes a fresh node of `count` ascending entries, above 0, each in its place; all else is padding.
    ///
    /// Each entry is written to three slots, without asking how many are gaps: what is too much is written over by the
    /// next one. A branch that depends on the distance would be guessed wrong for every second entry.
    func build(
        _ source: UnsafePointer<Slot>, count: Int, places: UnsafePointer<UInt16>, capacity: Int, countMax: Int
    ) {
        prepare(count: count, capacity: capacity, countMax: countMax)
        let slots = slots
        let bits = bits
        var word = 0
        var found: UInt64 = 0
        var place = Int(places[0])
        let start = place
        for rank in 0..<count {
            let slot = source[rank]
            if place &>> 6 != word {
                bits[word] = found
                (word, found) = (place &>> 6, 0)
            }
            found |= 1 &<< UInt64(place & 63)
            slots[place] = slot
            let next = rank &+ 1 < count ? Int(places[rank &+ 1]) : place &+ 1
            if rank &+ 2 < count {
                // Safe: two more entries follow, each in a slot of its own.
                slots[place &+ 1] = slot
                slots[place &+ 2] = slot
            }
            var copy = place &+ 1
            if next &- place > 3 || rank &+ 2 >= count {
                while copy < next {
                    slots[copy] = slot
                    copy &+= 1
                }
            }
            place = next
        }
        bits[word] = found
        // Copies to the very end, where there is not much room: a key above all entries is expected in the last slot.
        if capacity &- place <= Tuning.copiesMax {
            let last = source[count &- 1]
            while place < capacity {
                slots[place] = last
                place &+= 1
            }
        }
        header.pointee.start = UInt32(start)
        header.pointee.end = UInt32(place)
        pad(0..<start, with: .min)
        pad(place..<capacity, with: .max)
    }

    /// Makes a fresh node whose entries stand side by side from slot `start` on: room for appends or prepends.
    func buildPacked(_ source: UnsafePointer<Slot>, count: Int, capacity: Int, start: Int) {
        prepare(count: count, capacity: capacity, countMax: capacity)
        pad(0..<start, with: .min)
        for rank in 0..<count {
            slots[start + rank] = source[rank]
            setFirst(start + rank)
        }
        header.pointee.start = UInt32(start)
        header.pointee.end = UInt32(start + count)
        pad((start + count)..<capacity, with: .max)
    }

    /// Makes a fresh node of `count` ascending entries: those below rank `spot` side by side at its start, the others
    /// at its end, all room between them.
    func buildAround(_ source: UnsafePointer<Slot>, count: Int, capacity: Int, spot: Int) {
        prepare(count: count, capacity: capacity, countMax: capacity)
        let gap = capacity - count
        for rank in 0..<count {
            let place = rank < spot ? rank : rank + gap
            slots[place] = source[rank]
            setFirst(place)
        }
        let filler = spot == 0 ? Slot.padding(key: .min) : spot == count ? Slot.padding(key: .max) : source[spot - 1]
        for place in spot..<(spot + gap) { slots[place] = filler }
        header.pointee.start = UInt32(spot == 0 ? gap : 0)
        header.pointee.end = UInt32(spot == count ? count : capacity)
        // It goes on as a spot from its first insert on.
        header.pointee.inserted = Tuning.spotInserts
        header.pointee.spotted = Tuning.spotInserts
        header.pointee.finger = UInt16(truncatingIfNeeded: spot)
    }

    private func prepare(count: Int, capacity: Int, countMax: Int) {
        header.pointee.capacity = UInt32(capacity)
        header.pointee.count = UInt32(count)
        header.pointee.countMax = UInt32(countMax)
        header.pointee.start = 0
        header.pointee.end = 0
        header.pointee.inserted = 0
        header.pointee.appended = 0
        header.pointee.prepended = 0
        header.pointee.shifted = 0
        header.pointee.removedAt = 0
        header.pointee.finger = 0
        header.pointee.spotted = 0
        header.pointee.isHard = false
        header.pointee.version = 0
        bits.update(repeating: 0, count: (capacity + 63) / 64)
    }

    private func pad(_ range: Range<Int>, with key: Int64) {
        let padding = Slot.padding(key: key)
        let slots = slots
        for place in range { slots[place] = padding }
    }

    /// Copies all entries in order to `target`; returns how many.
    func collect(into target: UnsafeMutablePointer<Slot>) -> Int {
        let slots = slots
        let bits = bits
        var count = 0
        var at = 0
        let capacity = capacity
        while at < capacity {
            var word = bits[at &>> 6]
            if word == ~0 {
                // Safe: a set bit is a slot below the capacity, so that all 64 are.
                (target + count).update(from: slots + at, count: 64)
                count &+= 64
                word = 0
            }
            while word != 0 {
                target[count] = slots[at &+ word.trailingZeroBitCount]
                count &+= 1
                word &= word &- 1
            }
            at &+= 64
        }
        return count
    }

    // MARK: - Insert

    /// Puts a new entry between its neighbours. `at` is its upper bound, `predicted` where it would like to be.
    /// The node must have a free slot.
    ///
    /// - Returns: how many slots were moved.
    func insert(_ slot: Slot, at: Int, predicted: Int) -> Int {
        beginChange()
        defer { endChange() }
        header.pointee.count += 1
        header.pointee.inserted &+= 1
        if at &+ endSlots >= end { header.pointee.appended &+= 1 }
        if at <= start &+ endSlots { header.pointee.prepended &+= 1 }
        if abs(at &- Int(header.pointee.finger)) <= endSlots { header.pointee.spotted &+= 1 }
        header.pointee.finger = UInt16(truncatingIfNeeded: at)
        if at == end && end < capacity {
            append(slot, predicted: predicted)
            return 0
        }
        if at == start && start > 0 {
            prepend(slot, predicted: predicted)
            return 0
        }
        if at == 0 && end > 0 && end <= Tuning.endSlots && end + 1 == count && isPacked {
            return turnRound(slot)
        }
        let copiesBefore = at > start && !isFirst(at - 1)
        let copiesBehind = at + 1 < end && !isFirst(at + 1)
        if copiesBefore && (predicted < at || !copiesBehind) {
            let first = lastSet(upTo: at - 1) + 1
            let place = min(max(first, predicted, at - Tuning.copiesMax), at - 1)
            for copy in place..<at { slots[copy] = slot }
            setFirst(place)
            return 0
        }
        if copiesBehind {
            let behind = min(firstSet(from: at + 1), end)
            let place = max(at, min(predicted, behind - 2, at + Tuning.copiesMax - 1))
            for copy in at...place { slots[copy] = slot }
            setFirst(place + 1)
            return 0
        }
        return shift(slot, at: at)
    }

    /// Behind the last entry. In a packed node side by side, else as far out as predicted.
    private func append(_ slot: Slot, predicted: Int) {
        let end = end
        let furthest = isPacked ? end : end + Tuning.copiesMax - 1
        let place = min(max(end, predicted), furthest, capacity - 1)
        for copy in end...place { slots[copy] = slot }
        setFirst(end)
        header.pointee.end = UInt32(place + 1)
    }

    /// Before the first of a few entries that stand side by side from slot 0 on: they move to the other end of the
    /// node, so that all later keys in descending order find room below.
    private func turnRound(_ slot: Slot) -> Int {
        let moved = end
        let capacity = capacity
        let first = capacity - moved
        // Safe: from the last to the first, none is overwritten before it moved, and one slot is free.
        for place in (0..<moved).reversed() {
            slots[first + place] = slots[place]
            clearFirst(place)
            setFirst(first + place)
        }
        slots[first - 1] = slot
        setFirst(first - 1)
        pad(0..<(first - 1), with: .min)
        header.pointee.start = UInt32(first - 1)
        header.pointee.end = UInt32(capacity)
        return moved
    }

    /// Before the first entry, likewise.
    private func prepend(_ slot: Slot, predicted: Int) {
        let start = start
        let furthest = isPacked ? start - 1 : start - Tuning.copiesMax
        let place = max(min(start - 1, predicted), furthest, 0)
        for copy in place..<start { slots[copy] = slot }
        setFirst(place)
        header.pointee.start = UInt32(place)
    }

    /// Between two entries without copies: moves all up to the nearest gap by one slot.
    private func shift(_ slot: Slot, at: Int) -> Int {
        let slots = slots
        let right = firstClear(from: at)
        let left = lastClear(upTo: at - 1)
        if right < capacity && (left < 0 || right - at <= at - 1 - left) {
            if right - at >= Tuning.holeFrom && isSpot { return openHoleAbove(slot, at: at, nearest: right) }
            // Safe: slots at ..< right are entries, right is a copy or padding: it may be overwritten.
            let moved = right - at
            (slots + at + 1).update(from: slots + at, count: moved)
            slots[at] = slot
            setFirst(right)
            if right == end { header.pointee.end += 1 }
            return moved
        }
        if at - 1 - left >= Tuning.holeFrom && isSpot { return openHoleBelow(slot, at: at, nearest: left) }
        // Safe: slots left + 1 ..< at are entries, left is a copy or padding; a gap exists, so it is not below 0.
        let moved = at - 1 - left
        (slots + left).update(from: slots + left + 1, count: moved)
        slots[at - 1] = slot
        setFirst(left)
        if left < start { header.pointee.start = UInt32(left) }
        return moved
    }

    // MARK: - Remove

    /// Takes out the entry whose run `at` lies in. Its slots become copies of a neighbour, or padding at an end.
    ///
    /// - Returns: how many slots were written.
    func remove(at: Int) -> Int {
        beginChange()
        defer { endChange() }
        return takeOut(at: at)
    }

    /// Takes out the entry that `behind` begins and gives its place, as `heir`, to the entry whose run begins at
    /// `first`: one change in the eyes of a reader.
    func replace(at first: Int, by heir: Slot, from behind: Int) {
        beginChange()
        defer { endChange() }
        _ = takeOut(at: behind)
        overwriteRun(at: first, with: heir)
    }

    private func takeOut(at: Int) -> Int {
        let first = lastSet(upTo: at)
        let behind = min(next(after: at), end)
        // The run grows on the side that removals come from, so that none has to rewrite what the last ones left.
        let removesUpward = first >= header.pointee.removedAt
        header.pointee.removedAt = UInt16(truncatingIfNeeded: first)
        header.pointee.count -= 1
        clearFirst(first)
        if behind == end {
            pad(first..<behind, with: .max)
            header.pointee.end = UInt32(first)
        } else if first == start {
            pad(first..<behind, with: .min)
            header.pointee.start = UInt32(behind)
        } else if removesUpward {
            for place in first..<behind { slots[place] = slots[first - 1] }
        } else {
            clearFirst(behind)
            setFirst(first)
            for place in first..<behind { slots[place] = slots[behind] }
        }
        return behind &- first
    }
}
