import StorageIO

// Opening a log: from files to a tail that can be appended to.
//
// 1. Map each segment from the manifest's first on; read its header. A gap in the numbers, another store's segment and
//    a foreign or newer format are refused: those are no crash.
// 2. Scan the segments in order, from a checkpoint's position on if there is one (LogRecovery+Checkpoint). Each but the
//    last ends where its successor's header says; the last ends at its first bad record. Every record that counts is
//    handed on.
// 3. A bad record before the last durable mark (the manifest's, or one found further on) is damage: an error. After
//    it the log is cut there: later segments are removed, and the report says so.
//    Compacted segments come before the log, and any fault in them is damage (LogRecovery+Compacted). Where segments
//    of the log are retired, the manifest stands in for their headers: the chain goes on over the gap.
// 4. If the last segment's file ends exactly at the manifest's mark and the manifest does not say that something was
//    written behind it, the store was closed properly and appends go on there. Otherwise that segment is sealed where
//    it was cut, and a new one with a new salt begins, so that nothing behind the cut can come back.

/// The steps above, over the files of one log.
struct LogRecovery {
    let files: LogFiles
    /// Headers of `files.segments`; `nil` where one can't be read as a header.
    var headers: [SegmentHeader?] = []
    private var headerFaults: [String] = []
    private var leftovers: [String] = []
    /// Where a checkpoint wants the segments, by their numbers.
    var placement: [UInt64: Int] = [:]
    var compactedPlacement: [UInt64: Int] = [:]
    private var resumption: Resumption?

    init(files: LogFiles) { self.files = files }

    /// Where the log ends.
    struct End {
        var sequence: UInt64
        var lastChecksum: UInt32
        /// Whether appends go on in the last segment.
        var isClean: Bool
        /// The header of the last segment, when there is one.
        var header: SegmentHeader?
        /// Everything before this place was durable once: the last mark, in the log or the manifest's.
        var durable = LogPlace(segment: 0, offset: 0)
    }

    /// - Parameter takeImage: Makes the index of a checkpoint's image; why not, if it can't.
    mutating func run(
        from reader: CheckpointReader?, _ takeImage: (CheckpointReader) -> String?, _ replay: (ReplayedRecord) -> Void
    ) throws(AlexStoreError) -> End {
        if let reader { adoptPlacement(of: reader.checkpoint) }
        try findSegments()
        try openCompacted()
        var end = End(sequence: 1, lastChecksum: 0, isClean: false, header: nil)
        if let reader { resumption = resume(reader, &end, takeImage) }
        if resumption == nil { try replayCompacted(replay) }
        var index = resumption?.index ?? 0
        while index < files.segments.count {
            if let cut = try scan(index, &end, replay) {
                try self.cut(at: index, keepsSegment: cut.keepsSegment, cut.reason)
                break
            }
            index += 1
        }
        end.durable = max(end.durable, files.manifest.mark)
        try judgeEnd(&end)
        try removeLeftovers(leftovers)
        return end
    }

    // MARK: 1. Finding

    private mutating func findSegments() throws(AlexStoreError) {
        let files = files
        let names = try throwingStoreError { () throws(StorageIOError) in
            try files.fileSystem.list(files.segmentsDirectory)
        }
        for name in names where name.hasSuffix(".new") {
            try throwingStoreError { () throws(StorageIOError) in try files.fileSystem.remove(files.path(of: name)) }
        }
        var expected = files.manifest.firstSegment
        if let gap = files.manifest.retired(from: expected) { expected = gap.last + 1 }
        for name in names where !name.hasSuffix(".new") {
            if try isLeftover(name) {
                leftovers.append(name)
                continue
            }
            guard let id = Self.id(ofName: name, suffix: ".segment") else { continue }
            guard id == expected else { throw missing(expected) }
            try open(name, id: id)
            expected += 1
            if let gap = files.manifest.retired(from: expected) { expected = gap.last + 1 }
        }
        let lastMarked = files.manifest.mark.segment
        if lastMarked >= expected { throw missing(expected) }
    }

    private func missing(_ id: UInt64) -> AlexStoreError {
        .damaged(file: files.path(of: LogFiles.segmentName(id)), offset: 0, reason: "the segment is missing")
    }

    /// Maps a segment's file and reads its header.
    private mutating func open(_ name: String, id: UInt64) throws(AlexStoreError) {
        let files = files
        let path = files.path(of: name)
        let (file, bytes) = try throwingStoreError { () throws(StorageIOError) in
            let file = try files.fileSystem.open(path, .readWrite)
            do throws(StorageIOError) { return (file, try file.size()) } catch {
                file.close()
                throw error
            }
        }
        let mapped = (bytes + 4095) & ~4095
        let base: Int
        do throws(AlexStoreError) {
            if let base = placement[id], base >= files.nextSegmentBase, base + mapped <= files.ceiling {
                files.nextSegmentBase = base
            }
            base = try files.reserveSegment(bytes: max(mapped, 1))
            if mapped > 0 {
                try throwingStoreError { () throws(StorageIOError) in
                    try file.map(0..<mapped, into: files.region, at: base, access: .read)
                }
            }
        } catch {
            file.close()
            throw error
        }
        // However many segments there are, one of them is open.
        if !files.segments.isEmpty { files.closeFile(at: files.tail) }
        files.segments.append(
            LogFiles.Segment(id: id, name: name, base: base, allocated: mapped, end: bytes, file: file))
        files.recovery.segmentsRead += 1
        try readHeader(of: files.segments.count - 1)
    }

    private mutating func readHeader(of index: Int) throws(AlexStoreError) {
        let segment = files.segments[index]
        let path = files.path(of: segment.name)
        // Safe: the file's bytes are mapped from the segment's base on.
        let bytes = UnsafeRawBufferPointer(start: files.region.base + segment.base, count: segment.end)
        do {
            let header = try SegmentHeader.read(bytes)
            guard header.store == files.manifest.store else {
                throw AlexStoreError.incompatible(file: path, reason: "the segment belongs to another store")
            }
            guard header.id == segment.id, header.kind == .log else {
                throw AlexStoreError.incompatible(file: path, reason: "it is segment \(header.id) under another name")
            }
            headers.append(header)
            headerFaults.append("")
        } catch let error as AlexStoreError {
            throw error
        } catch let fault as FormatFault {
            switch fault {
            case .incompatible(let reason): throw .incompatible(file: path, reason: reason)
            case .damaged(let reason): throw .damaged(file: path, offset: 0, reason: reason)
            case .torn(let reason):
                headers.append(nil)
                headerFaults.append(reason)
            }
        } catch {
            preconditionFailure("an error of no known kind")
        }
    }

    // MARK: 2. Scanning

    /// A fault at which the log is to be cut.
    private struct CutHere {
        var keepsSegment: Bool
        var reason: String
    }

    private mutating func scan(
        _ index: Int, _ end: inout End, _ replay: (ReplayedRecord) -> Void
    ) throws(AlexStoreError) -> CutHere? {
        let segment = files.segments[index]
        guard let header = headers[index] else {
            return try judge(fault: headerFaults[index], at: 0, index, keepsSegment: false)
        }
        if let wrong = chainFault(index, header, end) {
            return try judge(fault: wrong, at: 0, index, keepsSegment: false)
        }
        var bound = segment.end
        var isShort = false
        let gap = files.manifest.retired(from: segment.id + 1)
        let next = index + 1 < headers.count ? headers[index + 1] : nil
        if let endsAt = gap.map({ UInt64($0.previousEnd) }) ?? next?.previousEnd {
            // A power loss may keep the next segment's name and lose this one's size: what is there still counts.
            if let ended = Int(exactly: endsAt), ended >= LogFormat.segmentHeaderBytes, ended <= bound,
                ended % 8 == 0
            {
                bound = ended
            } else {
                isShort = true
            }
        } else if files.manifest.mark.segment == segment.id && bound < files.manifest.mark.offset {
            throw damaged(segment, at: bound, "the file is shorter than what was durable")
        }
        var scanner = SegmentScanner(
            start: files.region.base + segment.base, base: segment.base, bound: bound, salt: header.salt,
            sequence: header.baseSequence, checksSequence: files.options.defences.checksSequence)
        if let resumption, resumption.index == index { scanner.resume(resumption) }
        let fault = scanner.scan(replay)
        note(scanner, in: index, header, &end)
        if let fault { return try judge(fault, scanner, index) }
        if let gap, !isShort, gap.baseSequence != scanner.sequence || gap.previousChecksum != scanner.lastChecksum {
            throw damaged(segment, at: scanner.offset, "it ends in another record than the manifest says")
        }
        guard isShort else { return nil }
        return try judge(
            fault: "the segment is shorter than the next one's header says", at: scanner.offset, index,
            keepsSegment: true)
    }

    /// Whether a header follows on what came before it.
    private func chainFault(_ index: Int, _ header: SegmentHeader, _ end: End) -> String? {
        if let gap = files.manifest.retired(before: header.id) {
            let follows =
                header.baseSequence == gap.nextSequence && header.previousID == gap.last
                && header.previousEnd == UInt64(gap.lastEnd) && header.previousChecksum == gap.lastChecksum
            return follows ? nil : "the segment does not follow on the retired ones before it"
        }
        if header.baseSequence != end.sequence && index > 0 { return "the segment's first sequence does not follow" }
        guard index > 0 else { return nil }
        let before = files.segments[index - 1]
        if header.previousID != before.id || header.previousEnd != UInt64(before.end)
            || header.previousChecksum != end.lastChecksum
        {
            return "the segment does not follow on the one before it"
        }
        return nil
    }

    /// Enters what a scan found.
    private func note(_ scanner: SegmentScanner, in index: Int, _ header: SegmentHeader, _ end: inout End) {
        files.segments[index].end = scanner.offset
        files.segments[index].baseSequence = header.baseSequence
        files.segments[index].endSequence = scanner.sequence
        files.segments[index].tombstones = scanner.tombstones
        let segment = files.segments[index]
        files.publishGranules(base: segment.base, mappedBytes: segment.allocated, salt: header.salt)
        files.recovery.recordsKept += scanner.records
        files.recovery.bytesKept += scanner.offset
        end.sequence = scanner.sequence
        end.lastChecksum = scanner.lastChecksum
        end.header = header
        if let offset = scanner.durableEnd { end.durable = LogPlace(segment: segment.id, offset: offset) }
    }

    // MARK: 3. Judging

    /// Damage, the ordinary end of the written part, or a tail to cut.
    private func judge(
        _ fault: SegmentScanner.Fault, _ scanner: SegmentScanner, _ index: Int
    ) throws(AlexStoreError) -> CutHere? {
        let segment = files.segments[index]
        if LogPlace(segment: segment.id, offset: scanner.offset) < files.manifest.mark
            || scanner.holdsMark(from: scanner.offset, isFault: true)
        {
            throw damaged(segment, at: scanner.offset, fault.reason)
        }
        let written = scanner.writtenBytes(from: scanner.offset)
        let isLast = index + 1 == files.segments.count
        if written == 0 && isLast { return nil }
        files.recovery.bytesDropped += written
        return try judge(fault: fault.reason, at: scanner.offset, index, keepsSegment: true)
    }

    /// Damage when something durable lies behind the fault, otherwise a place to cut.
    private func judge(
        fault: String, at offset: Int, _ index: Int, keepsSegment: Bool
    ) throws(AlexStoreError) -> CutHere {
        let segment = files.segments[index]
        let isMarked =
            LogPlace(segment: segment.id, offset: offset) < files.manifest.mark
            || laterSegmentsHoldMark(from: keepsSegment ? index + 1 : index)
        if isMarked { throw damaged(segment, at: offset, fault) }
        files.recovery.cut = RecoveryReport.Cut(segment: segment.name, offset: offset, reason: fault)
        return CutHere(keepsSegment: keepsSegment, reason: fault)
    }

    private func laterSegmentsHoldMark(from index: Int) -> Bool {
        for later in index..<max(index, headers.count) {
            guard let header = headers[later] else { continue }
            let segment = files.segments[later]
            let scanner = SegmentScanner(
                start: files.region.base + segment.base, base: segment.base, bound: segment.end, salt: header.salt,
                sequence: header.baseSequence)
            if scanner.holdsMark(from: LogFormat.segmentHeaderBytes, isFault: false) { return true }
        }
        return false
    }

    private func damaged(_ segment: LogFiles.Segment, at offset: Int, _ reason: String) -> AlexStoreError {
        .damaged(file: files.path(of: segment.name), offset: offset, reason: reason)
    }

    /// Removes the segments behind the cut, the newest first, so that a crash in between leaves no gap.
    private mutating func cut(at index: Int, keepsSegment: Bool, _ reason: String) throws(AlexStoreError) {
        let files = files
        let kept = keepsSegment ? index + 1 : index
        if files.segments.count == kept { return }
        while files.segments.count > kept {
            let segment = files.segments[files.segments.count - 1]
            try throwingStoreError { () throws(StorageIOError) in
                try files.fileSystem.remove(files.path(of: segment.name))
            }
            segment.file?.close()
            files.region.unmap(segment.base..<(segment.base + segment.allocated))
            files.segments.removeLast()
            headers.removeLast()
            files.recovery.segmentsDropped.insert(segment.name, at: 0)
            files.recovery.bytesDropped += segment.end
        }
        try throwingStoreError { () throws(StorageIOError) in
            try files.fileSystem.syncDirectory(files.segmentsDirectory)
        }
    }

    // MARK: 4. Ending

    private func judgeEnd(_ end: inout End) throws(AlexStoreError) {
        let mark = files.manifest.mark
        guard let last = files.segments.last else {
            files.recovery.wasClean = files.recovery.cut == nil
            return
        }
        let size = try throwingStoreError { () throws(StorageIOError) in
            if let file = last.file { return try file.size() }
            // What came behind it was cut off.
            let file = try files.fileSystem.open(files.path(of: last.name), .readWrite)
            files.segments[files.tail].file = file
            return try file.size()
        }
        end.isClean =
            !files.manifest.isOpen && mark.segment == last.id && mark.offset == last.end && size == last.end
        files.recovery.wasClean = end.isClean && files.recovery.cut == nil
    }
}
