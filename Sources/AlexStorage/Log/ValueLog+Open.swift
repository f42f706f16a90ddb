import StorageIO

extension ValueLog {
    /// Opens the log in `directory`, creating it when the directory is empty or absent, and hands on every record that
    /// counts in the order in which they were written. O(log bytes).
    package static func open(
        directory: String, options: AlexStoreOptions, replay: (ReplayedRecord) -> Void
    ) throws(AlexStoreError) -> ValueLog {
        try open(
            directory: directory, options: options, usesCheckpoint: false, image: { _, _ in nil }, replay: replay)
    }

    /// The same from a checkpoint on, if there is one that can be used: then `image` makes the index of it, or says why
    /// it can't, and records before it are not handed on. O(segments), and O(bytes of log behind the checkpoint).
    static func open(
        directory: String, options: AlexStoreOptions, usesCheckpoint: Bool = true,
        image: (CheckpointReader, LogFiles) -> String?, replay: (ReplayedRecord) -> Void
    ) throws(AlexStoreError) -> ValueLog {
        guard options.segmentBytesLimit > 0, options.segmentBytesLimit <= LogFormat.commitBytesMax else {
            throw .unsupported(
                "segmentBytesLimit \(options.segmentBytesLimit) is out of range; use 1 to \(LogFormat.commitBytesMax)")
        }
        let store = StoreDirectory(path: directory, fileSystem: options.fileSystem)
        let (lock, manifest) = try store.open(options.defences.word)
        let files = try LogFiles(directory: directory, options: options, lock: lock, manifest: manifest)
        let reader = usesCheckpoint ? checkpoint(files) : nil
        // Whoever makes an index of it keeps it as long as it is read.
        var isTaken = false
        defer { if !isTaken { reader?.close() } }
        var recovery = LogRecovery(files: files)
        let takeImage: (CheckpointReader) -> String? = { reader in
            isTaken = true
            return image(reader, files)
        }
        let end = try recovery.run(from: reader, takeImage, replay)
        var log = ValueLog(files: files, checksOnRead: options.checksOnRead)
        log.nextSequence = end.sequence
        try log.beginTail(after: end)
        files.decideReadAhead()
        return log
    }

    /// The checkpoint that the manifest names. One that can't be used is told in the report.
    private static func checkpoint(_ files: LogFiles) -> CheckpointReader? {
        let manifest = files.manifest
        CheckpointFile.removeOthers(than: manifest.checkpoint, files.fileSystem, in: files.directory)
        guard manifest.checkpoint != 0 else { return nil }
        do throws(CheckpointRefusal) {
            return try CheckpointReader.open(manifest, files.fileSystem, in: files.directory)
        } catch {
            files.recovery.checkpoint = .ignored(reason: error.reason)
            return nil
        }
    }

    /// Makes the log ready for appends: in the last segment when it was closed properly, else in a new one.
    private mutating func beginTail(after end: LogRecovery.End) throws(AlexStoreError) {
        let files = files
        files.firstUnsynced = files.segments.firstIndex { $0.id >= files.manifest.mark.segment } ?? 0
        if end.isClean, let header = end.header {
            files.durableSequence = end.sequence - 1
            files.isDirectorySynced = true
            return try goOn(in: files.segments[files.tail], header, lastChecksum: end.lastChecksum)
        }
        if let last = files.segments.last { files.suspect = (end.durable, last.id) }
        if !files.isMapped { try files.makeTailDurable(through: end.sequence - 1) }
        var header = SegmentHeader(
            store: files.manifest.store, id: files.manifest.firstSegment,
            salt: files.options.defences.salt(end.sequence),
            baseSequence: end.sequence, previousID: 0, previousEnd: 0, previousChecksum: 0)
        if let last = files.segments.last, let lastHeader = end.header {
            if last.end == LogFormat.segmentHeaderBytes && end.sequence == lastHeader.baseSequence {
                // Without a record: a new one takes its name, its number and its place in the chain.
                header.id = last.id
                header.previousID = lastHeader.previousID
                header.previousEnd = lastHeader.previousEnd
                header.previousChecksum = lastHeader.previousChecksum
                files.closeFile(at: files.tail)
                files.region.unmap(last.base..<(last.base + last.allocated))
                files.segments.removeLast()
            } else {
                files.closeFile(at: files.tail)
                header.id = last.id + 1
                header.previousID = last.id
                header.previousEnd = UInt64(last.end)
                header.previousChecksum = end.lastChecksum
            }
        }
        files.firstUnsynced = min(files.firstUnsynced, files.segments.count)
        try beginSegment(header, needed: LogFormat.segmentHeaderBytes)
    }

    /// Appends behind the last record of a segment that was closed properly.
    private mutating func goOn(
        in segment: LogFiles.Segment, _ header: SegmentHeader, lastChecksum: UInt32
    ) throws(AlexStoreError) {
        let files = files
        let mapped = segment.allocated
        if mapped > 0 {
            try throwingStoreError { () throws(StorageIOError) in
                let access: MapAccess = files.isMapped ? .write : .read
                try segment.file?.map(0..<mapped, into: files.region, at: segment.base, access: access)
            }
        }
        segmentBase = segment.base
        end = segment.base + segment.end
        // No room: the file ends at the last record. The first append grows it from there.
        limit = end
        files.segments[files.tail].allocated = segment.end & ~4095
        salt = header.salt
        self.lastChecksum = lastChecksum
    }
}
