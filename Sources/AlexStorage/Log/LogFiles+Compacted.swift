import StorageIO

// Compacted segments among the files of a log: where they lie in the address region, and how what they have replaced
// goes. The log is given the region from its beginning up, compacted segments from its end down, so that no growth of
// the log can run into one. What is given back is used for the next compacted segments.

extension LogFiles {
    /// A compacted segment that counts.
    struct CompactedSegment {
        var entry: Manifest.Compacted
        var name: String
        /// The place of its first byte in the region.
        var base: Int

        /// Bytes that are mapped: its file in whole pages.
        var mappedBytes: Int { LogFiles.wholePages(entry.end) }
    }

    /// A file that no manifest names any more, still mapped.
    struct LeavingSegment {
        var name: String
        var base: Int
        var mappedBytes: Int
        /// How much of the region it was given.
        var reservedBytes: Int
        /// Who may read it still.
        var hold: SegmentHold
    }

    static let compactedSuffix = ".compacted"

    static func compactedName(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + compactedSuffix
    }

    static func wholePages(_ bytes: Int) -> Int { (bytes + 4095) & ~4095 }

    static func wholeGranules(_ bytes: Int) -> Int {
        (max(bytes, 1) + LogFormat.granuleBytes - 1) & ~(LogFormat.granuleBytes - 1)
    }

    // MARK: Address space

    /// Address space for a compacted segment of `bytes` bytes: some that was given back, else below the last.
    func reserveCompacted(bytes: Int) throws(AlexStoreError) -> Int {
        let rounded = Self.wholeGranules(bytes)
        if let index = freeRanges.firstIndex(where: { $0.count >= rounded }) {
            let range = freeRanges[index]
            if range.count == rounded {
                freeRanges.remove(at: index)
            } else {
                freeRanges[index] = (range.lowerBound + rounded)..<range.upperBound
            }
            return range.lowerBound
        }
        guard rounded <= ceiling - nextSegmentBase else { throw .addressSpaceExhausted(bytes: region.bytes) }
        ceiling -= rounded
        return ceiling
    }

    /// Takes address space back, joined with what borders on it.
    func giveBack(_ base: Int, bytes: Int) {
        var range = base..<(base + Self.wholeGranules(bytes))
        while let index = freeRanges.firstIndex(where: {
            $0.upperBound == range.lowerBound || $0.lowerBound == range.upperBound
        }) {
            let other = freeRanges.remove(at: index)
            range = min(range.lowerBound, other.lowerBound)..<max(range.upperBound, other.upperBound)
        }
        if range.lowerBound == ceiling { ceiling = range.upperBound } else { freeRanges.append(range) }
    }

    // MARK: What a segment's granules say

    private func granules(of base: Int, bytes: Int) -> Range<Int> {
        (base >> LogFormat.granuleShift)..<((base + max(bytes, 1) - 1) >> LogFormat.granuleShift) + 1
    }

    /// Records of garbage and tombstones that were counted in a segment. O(bytes / 16 MiB).
    func counts(of base: Int, bytes: Int) -> (garbage: UInt64, tombstones: UInt64) {
        var sum: (garbage: UInt64, tombstones: UInt64) = (0, 0)
        for granule in granules(of: base, bytes: bytes) {
            sum.garbage += UInt64(granules[granule].garbage)
            sum.tombstones += UInt64(granules[granule].tombstones)
        }
        return sum
    }

    /// Sets the counts of a whole segment, at its first granule.
    func setCounts(of base: Int, bytes: Int, garbage: UInt64, tombstones: UInt64) {
        for granule in granules(of: base, bytes: bytes) {
            (granules[granule].garbage, granules[granule].tombstones) = (0, 0)
        }
        // Safe: a segment holds at most 1 GiB / 24 bytes records.
        granules[base >> LogFormat.granuleShift].garbage = UInt32(garbage)
        granules[base >> LogFormat.granuleShift].tombstones = UInt32(tombstones)
    }

    /// Counts more garbage in a segment.
    func addGarbage(_ records: UInt64, of base: Int) {
        granules[base >> LogFormat.granuleShift].garbage += UInt32(records)
    }

    private func clearGranules(of base: Int, bytes: Int) {
        for granule in granules(of: base, bytes: bytes) { granules[granule] = ValueLog.Granule() }
    }

    // MARK: Leaving

    /// Takes replaced segments out of use. Nothing may refer to a place in them any more but slices that a pin holds.
    func retire(log retired: Set<UInt64>, compacted replaced: Set<UInt64>, hold: SegmentHold) {
        for segment in segments where retired.contains(segment.id) {
            segment.file?.close()
            // What was reserved behind a segment that was full is not known any more, and stays unused.
            leave(segment.name, segment.base, mapped: max(segment.allocated, segment.end), hold)
        }
        for segment in compacted where replaced.contains(segment.entry.id) {
            leave(segment.name, segment.base, mapped: segment.mappedBytes, hold)
        }
        firstUnsynced -= segments[..<firstUnsynced].count(where: { retired.contains($0.id) })
        segments.removeAll { retired.contains($0.id) }
        compacted.removeAll { replaced.contains($0.entry.id) }
    }

    private func leave(_ name: String, _ base: Int, mapped: Int, _ hold: SegmentHold) {
        let bytes = Self.wholePages(mapped)
        clearGranules(of: base, bytes: bytes)
        leaving.append(
            LeavingSegment(
                name: name, base: base, mappedBytes: bytes, reservedBytes: Self.wholeGranules(bytes), hold: hold))
    }

    /// Unlinks and unmaps what has left and nobody can read any more. The caller knows that no pin of the store's own
    /// thread is left. What can't be unlinked now is tried again later, at the latest by the next open.
    func dismissLeaving(_ reach: SegmentHold) {
        let going = takeLeaving(reach)
        let gone = dismiss(going)
        giveBack(going, gone: gone)
    }

    /// What may go now: what was last held by less than `reach`, the oldest of those who read.
    func takeLeaving(_ reach: SegmentHold) -> [LeavingSegment] {
        if state == .poisoned || leaving.isEmpty || isCheckpointUnderWay { return [] }
        let going = leaving.filter { $0.hold.epoch < reach.epoch && $0.hold.snapshot < reach.snapshot }
        leaving.removeAll { $0.hold.epoch < reach.epoch && $0.hold.snapshot < reach.snapshot }
        for segment in going { precondition(!isNamed(segment.name), "a file is unlinked that the manifest names") }
        return going
    }

    /// Unlinks and unmaps; says which it was that went. Needs no lock.
    func dismiss(_ going: [LeavingSegment]) -> [Bool] {
        going.map { segment in
            do { try fileSystem.remove(path(of: segment.name)) } catch { return false }
            memory.clear(base: segment.base, mappedBytes: segment.mappedBytes)
            region.unmap(segment.base..<(segment.base + segment.mappedBytes))
            return true
        }
    }

    func giveBack(_ going: [LeavingSegment], gone: [Bool]) {
        for (segment, isGone) in zip(going, gone) {
            if isGone { giveBack(segment.base, bytes: segment.reservedBytes) } else { leaving.append(segment) }
        }
    }

    /// Whether the manifest names a file: a compacted segment by listing it, one of the log by not retiring it.
    private func isNamed(_ name: String) -> Bool {
        if let id = LogRecovery.id(ofName: name, suffix: Self.compactedSuffix) {
            return manifest.compacted.contains { $0.id == id }
        }
        guard let id = LogRecovery.id(ofName: name, suffix: ".segment") else { return true }
        return !manifest.isRetired(id)
    }
}

/// The last who may have found a way to something that was taken away: readers by their epoch, snapshots by their
/// number. What was taken away may go once the oldest of both that are left came later.
struct SegmentHold {
    var epoch: UInt64
    var snapshot: UInt64
}

extension Manifest {
    /// Whether compaction has replaced this segment of the log.
    func isRetired(_ id: UInt64) -> Bool { retired.contains { $0.first <= id && id <= $0.last } }

    /// The retired range that begins with this segment.
    func retired(from id: UInt64) -> Retired? { retired.first { $0.first == id } }

    /// The retired range that ends before this segment.
    func retired(before id: UInt64) -> Retired? { retired.first { $0.last + 1 == id } }
}
