import CIntrinsics

extension Arena {
    /// Makes room up to a top of `bytes` in an arena that holds nothing, and for `bytesBehind` more of address space.
    ///
    /// - Throws: `outOfMemory`.
    mutating func raiseTop(bytes: Int, bytesBehind: Int = 0) throws(IndexError) {
        try ensure(bytes: bytes + bytesBehind)
        top = bytes / Arena.unitBytes
    }

    /// Asks for huge pages up to the top, where they pay: whoever fills the pages next does not wait for them.
    mutating func expectFilling() {
        isLoading = true
        adviseHugePages()
        isLoading = false
    }

    /// Gives back what was touched behind the top.
    mutating func discardBehindTop(bytes: Int) {
        // Safe: whole pages of the range, behind what is in use.
        let start = (top * Arena.unitBytes + 4095) & ~4095
        intrinsics_memory_discard(base + start, min(bytes, reservedBytes - start))
        populatedBytes = 0
    }

    /// Takes over the blocks that tile the arena up to its top: those that are not used become free, neighbours joined.
    mutating func adoptBlocks(isUsed: (Int) -> Bool) {
        var reference = Arena.granuleUnits
        var before = 0
        var free = 0
        lastReference = 0
        while reference < top {
            let units = Int(header(reference).pointee.units)
            if !isUsed(reference) {
                if free == 0 { free = reference }
            } else {
                if free != 0 { before = adoptFree(free, units: reference - free, before: before) }
                free = 0
                header(reference).pointee.unitsBefore = UInt32(before)
                // Even: nobody is changing it.
                header(reference).pointee.version = 0
                before = units
                lastReference = reference
            }
            reference += units
        }
        if free != 0 { top = free }
    }

    /// Puts a stretch that no node uses into its free list. Returns its length.
    private mutating func adoptFree(_ reference: Int, units: Int, before: Int) -> Int {
        header(reference).pointee.kind = NodeHeader.Kind.free
        header(reference).pointee.units = UInt32(units)
        header(reference).pointee.unitsBefore = UInt32(before)
        link(reference)
        return units
    }
}
