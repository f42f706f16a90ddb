import CIntrinsics

/// One node's gapped array: a header of 64 bytes, the slots, the occupancy bitmap.
///
/// Invariants, for entries e of `count`, used slots `start ..< end`:
///  1. keys never fall from slot to slot, padding included;
///  2. equal neighbours within the used range are copies of one entry, the whole of it: any of them is an answer;
///  3. a slot's bit is set where a run of copies begins, and nowhere else; it is clear in the padding;
///  4. before `start` stands padding with the lowest key, behind `end` with the highest. Only a search for those two
///     keys needs to know the range.
///
/// A view, not an owner. Threads: one writer and nobody beside it, or readers only. Readers beside a writer go by way
/// of `SharedNode`: whatever changes a node that they may see does so between `beginChange` and `endChange`.
@usableFromInline
struct Node<Slot: NodeSlot> {
    @usableFromInline let header: UnsafeMutablePointer<NodeHeader>

    @inlinable @inline(__always)
    init(_ header: UnsafeMutablePointer<NodeHeader>) {
        self.header = header
    }

    @inlinable @inline(__always)
    var slots: UnsafeMutablePointer<Slot> {
        // Safe: a node's block is its header, then its slots, both multiples of 16 bytes.
        UnsafeMutableRawPointer(header + 1).assumingMemoryBound(to: Slot.self)
    }

    @inlinable @inline(__always)
    var bits: UnsafeMutablePointer<UInt64> {
        // Safe: the bitmap stands behind the last slot.
        UnsafeMutableRawPointer(slots + capacity).assumingMemoryBound(to: UInt64.self)
    }

    @inlinable @inline(__always)
    var capacity: Int { Int(header.pointee.capacity) }
    @inlinable @inline(__always)
    var start: Int { Int(header.pointee.start) }
    @inlinable @inline(__always)
    var end: Int { Int(header.pointee.end) }
    var count: Int { Int(header.pointee.count) }
    /// How close to an end counts as at it.
    var endSlots: Int { min(Tuning.endSlots, capacity &>> 3) }
    /// Built side by side, with room at one end: every slot may be used.
    var isPacked: Bool { header.pointee.countMax == header.pointee.capacity }
    var isFull: Bool { header.pointee.count >= header.pointee.countMax }

    /// Whether nearly all entries since the last build went close to the one before: the node fills at one spot.
    @inline(__always)
    var isSpot: Bool {
        let (inserted, spotted) = (header.pointee.inserted, header.pointee.spotted)
        return inserted >= Tuning.spotInserts && spotted &* 8 >= inserted &* 7
    }

    static func bytes(capacity: Int) -> Int {
        MemoryLayout<NodeHeader>.stride + capacity * MemoryLayout<Slot>.stride + (capacity + 63) / 64 * 8
    }

    // MARK: - Version

    /// Tells readers beside the writer that what they see of this node is in between. One plain store.
    @inline(__always)
    func beginChange() { intrinsics_version_begin(UnsafeMutableRawPointer(header) + NodeHeader.versionOffset) }

    /// Tells them that it is whole again.
    @inline(__always)
    func endChange() { intrinsics_version_end(UnsafeMutableRawPointer(header) + NodeHeader.versionOffset) }

    // MARK: - Bitmap

    @inlinable @inline(__always)
    func isFirst(_ at: Int) -> Bool { bits[at &>> 6] &>> UInt64(at & 63) & 1 == 1 }

    func setFirst(_ at: Int) { bits[at &>> 6] |= 1 &<< UInt64(at & 63) }

    func clearFirst(_ at: Int) { bits[at &>> 6] &= ~(1 &<< UInt64(at & 63)) }

    /// The first slot at or behind `at` whose bit is set, or `capacity`.
    @inlinable
    func firstSet(from at: Int) -> Int {
        let capacity = capacity
        if at >= capacity { return capacity }
        var word = at &>> 6
        var found = bits[word] & (~0 &<< UInt64(at & 63))
        while found == 0 {
            word &+= 1
            if word &<< 6 >= capacity { return capacity }
            found = bits[word]
        }
        return word &<< 6 &+ found.trailingZeroBitCount
    }

    /// The last slot at or before `at` whose bit is set, or -1.
    @inlinable
    func lastSet(upTo at: Int) -> Int { last(upTo: at, flip: 0) }

    /// The first slot at or behind `at` whose bit is clear, or `capacity`.
    func firstClear(from at: Int) -> Int {
        let capacity = capacity
        if at >= capacity { return capacity }
        var word = at &>> 6
        var found = ~bits[word] & (~0 &<< UInt64(at & 63))
        while found == 0 {
            word &+= 1
            if word &<< 6 >= capacity { return capacity }
            found = ~bits[word]
        }
        return min(capacity, word &<< 6 &+ found.trailingZeroBitCount)
    }

    /// The last slot at or before `at` whose bit is clear, or -1.
    func lastClear(upTo at: Int) -> Int { last(upTo: at, flip: ~0) }

    @inlinable
    func last(upTo at: Int, flip: UInt64) -> Int {
        if at < 0 { return -1 }
        var word = at &>> 6
        var found = (bits[word] ^ flip) & (~0 &>> UInt64(63 &- at & 63))
        while found == 0 {
            word &-= 1
            if word < 0 { return -1 }
            found = bits[word] ^ flip
        }
        return word &<< 6 &+ 63 &- found.leadingZeroBitCount
    }

    // MARK: - Search

    /// The first used slot whose key is above `key`, or `end`: search outward from `near`, within 0 ..< capacity.
    @inlinable @inline(__always)
    func upperBound(of key: Int64, near: Int) -> Int {
        // Padding bears the outermost keys, so that a search that does not know the range ends outside it at most.
        let at = Slot.lastSlot(atOrBelow: key, slots, capacity, near)
        return min(max(at &+ 1, start), end)
    }

    /// The entry behind `at`'s run, or `capacity`.
    @inlinable @inline(__always)
    func next(after at: Int) -> Int { firstSet(from: at &+ 1) }

    /// Writes `slot` over the whole run that `at` lies in.
    func rewriteRun(at: Int, with slot: Slot) {
        beginChange()
        defer { endChange() }
        overwriteRun(at: at, with: slot)
    }

    func overwriteRun(at: Int, with slot: Slot) {
        let slots = slots
        for place in lastSet(upTo: at)..<min(next(after: at), end) { slots[place] = slot }
    }
}
