import CIntrinsics

/// All nodes' memory: one range of address space, cut into blocks whose places are 32-bit counts of 64-byte units, so
/// that a node is the same wherever the range is mapped.
///
/// Blocks tile 0 ..< top. A block's header knows its own length and that of the block before, so a freed block joins
/// its free neighbours at once. Free blocks hang in one list for each length; the shortest that is long enough is
/// taken. A free block at the top lowers the top.
///
/// A plain value so that its owner's accessors stay simple; the owner calls `release()` once.
struct Arena {
    static let unitBytes = 64
    /// Lengths are multiples of this many units.
    static let granuleUnits = 2
    static let binCount = 1088

    private(set) var base: UnsafeMutableRawPointer
    private(set) var reservedBytes: Int
    /// First unit never used, or given back. Unit 0 is left out so that 0 can mean "none".
    var top = Arena.granuleUnits
    private(set) var freeUnits = 0
    /// The block just below the top.
    var lastReference = 0
    let bins: UnsafeMutablePointer<UInt32>
    let binBits: UnsafeMutablePointer<UInt64>

    /// The range never grows beyond this.
    private let bytesMax: Int
    /// Whether a bulk load fills the range: then a page may be cleared whole, since nobody waits for a single entry.
    var isLoading = false
    /// Bytes from the range's begin for which huge pages were asked.
    private(set) var advisedBytes = 0
    /// Whether the system was never told anything of a part of the range.
    private var isUniform = true
    /// Whether readers beside the writer hold the range's place: then it never moves.
    private(set) var isFixed = false
    /// Bytes from the range's begin behind which no page was touched beforehand.
    var populatedBytes = 0
    /// Bytes of all blocks ever given out.
    private(set) var allocatedBytes = 0

    /// - Throws: `outOfMemory` when the system has no address space at all to give.
    init(reservedBytes wanted: Int, bytesMax: Int) throws(IndexError) {
        self.bytesMax = bytesMax
        var bytes = min(wanted, bytesMax)
        var memory = intrinsics_memory_reserve(bytes)
        while memory == nil && bytes > 1 << 16 {
            bytes /= 2
            memory = intrinsics_memory_reserve(bytes)
        }
        guard let memory else { throw .outOfMemory(bytes: bytes) }
        base = memory
        reservedBytes = bytes
        bins = .allocate(capacity: Arena.binCount)
        bins.initialize(repeating: 0, count: Arena.binCount)
        binBits = .allocate(capacity: Arena.binCount / 64)
        binBits.initialize(repeating: 0, count: Arena.binCount / 64)
    }

    /// Gives all memory back; nothing may be asked of the arena afterwards.
    func release() {
        intrinsics_memory_release(base, reservedBytes)
        bins.deallocate()
        binBits.deallocate()
    }

    /// Bytes ever in use at once since the top was last lowered.
    var touchedBytes: Int { top * Arena.unitBytes }

    @inline(__always)
    func header(_ reference: Int) -> UnsafeMutablePointer<NodeHeader> {
        // Safe: references come from `allocate`, which gives none outside the reserved range.
        (base + reference &* 64).assumingMemoryBound(to: NodeHeader.self)
    }

    /// Makes sure that blocks of `bytes` altogether can be given out, by growing the range if it must.
    ///
    /// - Throws: `outOfMemory` when the range can't grow; then nothing has changed.
    mutating func ensure(bytes: Int) throws(IndexError) {
        // One more header behind the last block is always inside the range.
        let wanted = (top + 1) * Arena.unitBytes + bytes
        if wanted <= reservedBytes { return }
        var larger = reservedBytes
        while larger < min(wanted, bytesMax) { larger *= 2 }
        larger = min(larger, bytesMax)
        if isFixed {
            guard larger >= wanted, intrinsics_memory_extend(base, reservedBytes, larger) != nil else {
                throw .outOfMemory(bytes: wanted)
            }
            reservedBytes = larger
            return
        }
        if larger >= wanted && !isUniform {
            // mremap(2) moves one mapping: the range has to be alike all over.
            intrinsics_memory_advise_huge(base, reservedBytes)
            advisedBytes = larger
        }
        guard larger >= wanted, let moved = intrinsics_memory_grow(base, reservedBytes, larger) else {
            throw .outOfMemory(bytes: wanted)
        }
        base = moved
        reservedBytes = larger
    }

    /// Keeps the range where it is from now on; makes it as long as it may have to be first, if that can still be done.
    mutating func fix() {
        if isFixed { return }
        isFixed = true
        var wanted = min(Tuning.reservedBytesShared, bytesMax)
        while isUniform && wanted > reservedBytes {
            if let moved = intrinsics_memory_grow(base, reservedBytes, wanted) {
                (base, reservedBytes) = (moved, wanted)
                return
            }
            wanted /= 2
        }
    }

    /// Forgets every block; the memory goes back to the system.
    mutating func removeAll() {
        intrinsics_memory_discard(base, min(reservedBytes, max((top + 1) * Arena.unitBytes, populatedBytes)))
        top = Arena.granuleUnits
        freeUnits = 0
        lastReference = 0
        intrinsics_memory_advise_small(base, advisedBytes)
        advisedBytes = 0
        isLoading = false
        populatedBytes = 0
        bins.update(repeating: 0, count: Arena.binCount)
        binBits.update(repeating: 0, count: Arena.binCount / 64)
    }

    /// A block of at least `bytes`, its header's block fields set. Bounded work but for the system's.
    ///
    /// The room must have been made sure of by `ensure`.
    mutating func allocate(bytes: Int, kind: UInt32) -> Int {
        let granuleBytes = Arena.unitBytes * Arena.granuleUnits
        let units = (bytes + granuleBytes - 1) / granuleBytes * Arena.granuleUnits
        let reference = takeFree(units) ?? extend(units)
        allocatedBytes += units * Arena.unitBytes
        header(reference).pointee.kind = kind
        return reference
    }

    /// Gives a block back.
    mutating func free(_ reference: Int) {
        var start = reference
        var units = Int(header(reference).pointee.units)
        let next = reference + units
        if next < top, header(next).pointee.kind == NodeHeader.Kind.free {
            unlink(next)
            units += Int(header(next).pointee.units)
        }
        let before = Int(header(reference).pointee.unitsBefore)
        if before > 0, header(reference - before).pointee.kind == NodeHeader.Kind.free {
            unlink(reference - before)
            start -= before
            units += before
        }
        header(start).pointee.kind = NodeHeader.Kind.free
        header(start).pointee.units = UInt32(units)
        if start + units == top {
            top = start
            let below = Int(header(start).pointee.unitsBefore)
            lastReference = below == 0 ? 0 : start - below
        } else {
            header(start + units).pointee.unitsBefore = UInt32(units)
            link(start)
        }
    }

    /// Whether so much of the range is free that it is worth closing gaps.
    var isGappy: Bool {
        freeUnits * 100 > top * Tuning.gapShareMax && freeUnits * Arena.unitBytes > Tuning.gapBytesMin
    }

    /// Whether a block of so many units would be found below the top.
    func hasGap(units: Int) -> Bool {
        let bin = Arena.bin(units: units)
        if binBits[bin / 64] & (~0 << UInt64(bin % 64)) != 0 { return true }
        return (bin / 64 + 1..<Arena.binCount / 64).contains { binBits[$0] != 0 }
    }

    // MARK: - Free lists

    private static func bin(units: Int) -> Int { min(units / granuleUnits, binCount - 1) }

    mutating func link(_ reference: Int) {
        let block = header(reference)
        let bin = Arena.bin(units: Int(block.pointee.units))
        let head = bins[bin]
        block.pointee.freePrevious = 0
        block.pointee.freeNext = head
        if head != 0 { header(Int(head)).pointee.freePrevious = UInt32(reference) }
        bins[bin] = UInt32(reference)
        binBits[bin / 64] |= 1 << UInt64(bin % 64)
        freeUnits += Int(block.pointee.units)
    }

    mutating func unlink(_ reference: Int) {
        let block = header(reference).pointee
        let bin = Arena.bin(units: Int(block.units))
        if block.freeNext != 0 { header(Int(block.freeNext)).pointee.freePrevious = block.freePrevious }
        if block.freePrevious != 0 {
            header(Int(block.freePrevious)).pointee.freeNext = block.freeNext
        } else {
            bins[bin] = block.freeNext
            if block.freeNext == 0 { binBits[bin / 64] &= ~(1 << UInt64(bin % 64)) }
        }
        freeUnits -= Int(block.units)
    }

    /// The shortest free block that is long enough; what it has too much stays free.
    private mutating func takeFree(_ units: Int) -> Int? {
        var bin = Arena.bin(units: units)
        var word = bin / 64
        var bits = binBits[word] & (~0 << UInt64(bin % 64))
        while bits == 0 {
            word += 1
            if word == Arena.binCount / 64 { return nil }
            bits = binBits[word]
        }
        bin = word * 64 + bits.trailingZeroBitCount
        // Safe: no node is as long as the last bin's shortest block, so every block in any bin found is long enough.
        let reference = Int(bins[bin])
        unlink(reference)
        let surplus = Int(header(reference).pointee.units) - units
        if surplus > 0 {
            header(reference).pointee.units = UInt32(units)
            let rest = reference + units
            header(rest).pointee.kind = NodeHeader.Kind.free
            header(rest).pointee.units = UInt32(surplus)
            header(rest).pointee.unitsBefore = UInt32(units)
            header(rest + surplus).pointee.unitsBefore = UInt32(surplus)
            link(rest)
        }
        return reference
    }

    /// Has the system back the next `bytes` behind the top at once, which is cheaper than a fault for each page; no
    /// more than what lies before the first huge page that will be asked for.
    func populate(bytes: Int) {
        let start = top * Arena.unitBytes & ~4095
        let end = min(Tuning.hugePagesFrom, reservedBytes)
        // Safe: whole pages of the range; what is in the first stays.
        if start < end { intrinsics_memory_populate(base + start, (min(bytes, end - start) + 4095) & ~4095) }
    }

    /// Has the system back one page behind the top before a node needs it, so that no insert waits for all pages of its
    /// nodes at once: 2 to 9 µs each, 23 of them for a full-sized node that becomes two. Nothing in a small index, nor
    /// while a load fills the range, which takes huge pages.
    mutating func populateAhead() {
        if isLoading { return }
        let used = top * Arena.unitBytes
        if used < Tuning.populatedAheadFrom { return }
        let page = (max(populatedBytes, used) + 4095) & ~4095
        guard page < min(used + min(Tuning.populatedAheadMax, used / 2), reservedBytes) else { return }
        // Safe: a whole page of the range; what is in it stays.
        intrinsics_memory_populate(base + page, 4096)
        populatedBytes = page + 4096
    }

    /// A new block at the top.
    private mutating func extend(_ units: Int) -> Int {
        let reference = top
        header(reference).pointee.units = UInt32(units)
        header(reference).pointee.unitsBefore = lastReference == 0 ? 0 : UInt32(reference - lastReference)
        lastReference = reference
        top += units
        adviseHugePages()
        return reference
    }

    /// Asks for huge pages: in a bulk load up to the page that the top reached, before it is touched; else only behind
    /// it, for pages that are in use already and which the system joins when it has time. An insert that touched a huge
    /// page first would wait until all of it is cleared.
    mutating func adviseHugePages() {
        let used = top * Arena.unitBytes
        let wanted = isLoading ? used + Tuning.hugePageBytes - 1 : used
        let end = min(wanted & ~(Tuning.hugePageBytes - 1), reservedBytes)
        if end <= advisedBytes || used <= Tuning.hugePagesFrom { return }
        // Safe: both ends lie in the range.
        intrinsics_memory_advise_huge(base + advisedBytes, end - advisedBytes)
        advisedBytes = end
        isUniform = false
    }
}

// MARK: - Invariants

extension Arena {
    /// Blocks tile the range, know their neighbours, and every free one is in its list.
    ///
    /// - Returns: units of blocks in use.
    func checkInvariants() throws(InvariantViolation) -> Int {
        var reference = Arena.granuleUnits
        var before: NodeHeader?
        var free = 0
        var used = 0
        while reference < top {
            let block = header(reference).pointee
            try require(block.units > 0, "arena block \(reference) has no length")
            try require(
                block.unitsBefore == before?.units ?? 0, "arena block \(reference) is wrong about its neighbour")
            let isFree = block.kind == NodeHeader.Kind.free
            try require(!isFree || before?.kind != NodeHeader.Kind.free, "free arena blocks at \(reference) not joined")
            if isFree { free += Int(block.units) } else { used += Int(block.units) }
            before = block
            reference += Int(block.units)
        }
        try require(reference == top, "arena blocks end at \(reference), top is \(top)")
        try require(before?.kind != NodeHeader.Kind.free, "the arena's last block is free")
        try require(free == freeUnits, "arena counts \(freeUnits) free units, blocks hold \(free)")
        var listed = 0
        for bin in 0..<Arena.binCount {
            var at = Int(bins[bin])
            let bit = binBits[bin / 64] >> UInt64(bin % 64) & 1
            try require((at != 0) == (bit == 1), "arena bin \(bin): its bit is wrong")
            while at != 0 {
                try require(header(at).pointee.kind == NodeHeader.Kind.free, "arena bin \(bin) lists a used block")
                listed += Int(header(at).pointee.units)
                at = Int(header(at).pointee.freeNext)
            }
        }
        try require(listed == freeUnits, "arena bins list \(listed) units of \(freeUnits)")
        return used
    }
}
