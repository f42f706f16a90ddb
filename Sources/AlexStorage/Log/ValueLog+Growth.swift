import StorageIO

extension ValueLog {
    /// Makes room for a commit of `bytes`, which does not fit below `limit`. Changes nothing when it throws.
    @usableFromInline @inline(never)
    mutating func makeRoom(for bytes: Int) throws(AlexStoreError) {
        if files.frozenDepth > 0 { throw files.frozenError }
        switch files.state {
        case .closed: throw .closed
        case .poisoned: throw .poisoned
        case .open: break
        }
        // What is stored through the map would be seen before it is durable.
        guard files.isMapped else { throw .unsupported("in class power only the store itself appends to its log") }
        try completeIndex()
        // The limit may be below what there is, so that the writer comes by.
        if needsGrowth(for: bytes) { return try extend(by: bytes) }
        raiseLimit(for: bytes)
    }

    /// Bytes appended since the store was opened, and what the tail held then.
    var bytesEver: Int { files.sealedBytes + end - segmentBase }

    /// Whether a commit of `bytes` needs a new segment.
    func needsNewSegment(for bytes: Int) -> Bool {
        let used = end - segmentBase
        return used + bytes > files.segmentLimit && used != LogFormat.segmentHeaderBytes
    }

    /// Grows the tail, or begins a new segment, until a commit of `bytes` fits behind `end`.
    mutating func extend(by bytes: Int) throws(AlexStoreError) {
        try completeIndex()
        try files.noteOpen()
        try tendCheckpoint()
        if needsNewSegment(for: bytes) {
            try roll(for: bytes)
        } else {
            try files.lengthenTail(from: segmentBase, bytes: end - segmentBase + bytes)
        }
        let used = end - segmentBase
        try files.growTail(to: used + bytes, used: used)
        adoptTail(for: bytes)
        files.orderGrowth()
    }

    /// Before the first append behind an open: what the index is made of must be what the log holds.
    func completeIndex() throws(AlexStoreError) {
        files.completeIndex?()
        files.completeIndex = nil
        if let unreadable = files.unreadable { throw unreadable }
    }

    /// Lets appends go as far as the tail's file, or as far as the writer's next turn, at least by `bytes`. As long as
    /// the index is not complete there are none.
    private mutating func raiseLimit(for bytes: Int) {
        let segment = files.segments[files.tail]
        let mayAppend = files.isMapped && files.completeIndex == nil
        limit = mayAppend ? min(segment.base + segment.allocated, end + max(bytes, files.turnBytes)) : end
    }

    /// Takes over what the tail has been given.
    mutating func adoptTail(for bytes: Int) {
        let segment = files.segments[files.tail]
        raiseLimit(for: bytes)
        files.publishGranules(base: segment.base, mappedBytes: segment.allocated, salt: salt)
        files.decideReadAhead()
    }

    /// Seals the tail and begins a new segment that can take a commit of `bytes`.
    mutating func roll(for bytes: Int) throws(AlexStoreError) {
        let tail = files.segments[files.tail]
        let header = SegmentHeader(
            store: files.manifest.store, id: tail.id + 1, salt: files.options.defences.salt(nextSequence),
            baseSequence: nextSequence, previousID: tail.id, previousEnd: UInt64(end - segmentBase),
            previousChecksum: lastChecksum)
        files.settleStep()
        files.segments[files.tail].end = end - segmentBase
        files.segments[files.tail].endSequence = nextSequence
        let sealedBytes = end - segmentBase
        try beginSegment(header, needed: LogFormat.segmentHeaderBytes + bytes)
        files.closeFile(at: files.tail - 1)
        files.sealedBytes += sealedBytes
    }

    /// Seals the tail if it has a record, so that compaction can take it.
    mutating func sealTail() throws(AlexStoreError) {
        guard end - segmentBase > LogFormat.segmentHeaderBytes else { return }
        try files.noteOpen()
        try roll(for: 0)
    }

    /// Makes the file of a segment, gives it its header, then its name, and appends there from now on.
    mutating func beginSegment(_ header: SegmentHeader, needed: Int) throws(AlexStoreError) {
        let made = try files.nextSegmentFile(needed: needed)
        let name = LogFiles.segmentName(header.id)
        let files = files
        if files.isMapped {
            // Safe: the first step of the file is mapped writable at `made.base` and longer than a header.
            header.write(to: base + made.base)
        }
        do {
            try throwingStoreError { () throws(StorageIOError) in
                // A segment that the manifest's mark names has its header on the disk: so has one that takes its name.
                if !files.isMapped || header.id == files.manifest.mark.segment {
                    try header.write(durablyTo: made.file)
                }
                try files.fileSystem.rename(
                    files.path(of: LogFiles.temporarySegmentName), to: files.path(of: name))
            }
        } catch {
            made.file.close()
            files.region.unmap(made.base..<(made.base + made.allocated))
            files.nextSegmentBase = made.base
            throw error
        }
        files.segments.append(
            LogFiles.Segment(
                id: header.id, name: name, base: made.base, allocated: made.allocated,
                end: LogFormat.segmentHeaderBytes, file: made.file, baseSequence: header.baseSequence))
        files.isDirectorySynced = false
        salt = header.salt
        segmentBase = made.base
        end = made.base + LogFormat.segmentHeaderBytes
        lastChecksum = 0
        adoptTail(for: 0)
    }
}
