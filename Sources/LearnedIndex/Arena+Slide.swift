// Free blocks that lie apart become one by sliding what lies between them down.
extension Arena {
    /// The block in use behind the longest free one; 0 if nothing is free. O(1).
    var behindLongestGap: Int {
        for word in stride(from: Arena.binCount / 64 - 1, through: 0, by: -1) where binBits[word] != 0 {
            let gap = Int(bins[word * 64 + 63 - binBits[word].leadingZeroBitCount])
            // Safe: free neighbours are one block, and none is the last.
            return gap + Int(header(gap).pointee.units)
        }
        return 0
    }

    /// Moves a block in use, with a free one before it, to where that begins; returns its new place. What was free
    /// before it is free behind it, joined with what follows.
    mutating func slide(_ reference: Int) -> Int {
        let units = Int(header(reference).pointee.units)
        var free = Int(header(reference).pointee.unitsBefore)
        let place = reference - free
        let unitsBefore = header(place).pointee.unitsBefore
        unlink(place)
        // Safe: both ranges lie in the arena; memmove(3) lets them overlap.
        let bytes = units * Arena.unitBytes
        UnsafeMutableRawPointer(header(place)).copyMemory(from: header(reference), byteCount: bytes)
        header(place).pointee.unitsBefore = unitsBefore
        let rest = place + units
        if rest + free == top {
            top = rest
            lastReference = place
            return place
        }
        let next = rest + free
        if header(next).pointee.kind == NodeHeader.Kind.free {
            unlink(next)
            free += Int(header(next).pointee.units)
        }
        header(rest).pointee.kind = NodeHeader.Kind.free
        header(rest).pointee.units = UInt32(free)
        header(rest).pointee.unitsBefore = UInt32(units)
        header(rest + free).pointee.unitsBefore = UInt32(free)
        link(rest)
        return place
    }
}
