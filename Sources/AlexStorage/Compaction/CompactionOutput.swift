import StorageIO

/// Writes compacted segments: records in, files out, each sealed and synced. Nothing of it counts until a manifest
/// names it.
///
/// A file gets its header last, as that holds the least sequence number. Its records go out by pwrite(2), a buffer at a
/// time.
struct CompactionOutput: ~Copyable {
    /// A file that was sealed.
    struct Written {
        var entry: Manifest.Compacted
        var name: String
        /// Where it is mapped; `nil` before it is.
        var base: Int?
    }

    private let files: LogFiles
    private let store: StoreIdentity
    /// Bytes of all records so far.
    private(set) var bytes = 0
    private(set) var written: [Written] = []
    private var current: Written?
    /// The file of `current`.
    private var file: (any StorageFile)?
    private var buffer: UnsafeMutableRawBufferPointer
    /// Bytes in the buffer: the last before `current.entry.end`.
    private var filled = 0

    /// What is gathered before it is written: 1 MiB.
    private static let bufferBytes = 1 << 20

    init(files: LogFiles) {
        self.files = files
        store = files.manifest.store
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: 8)
    }

    deinit { buffer.deallocate() }

    /// Takes a record whose key is above all so far. It gets a new checksum and keeps its sequence number.
    mutating func add(
        _ key: Int64, _ value: UnsafeRawBufferPointer, sequence: UInt64, isDelete: Bool
    ) throws(AlexStoreError) {
        let bytes = LogFormat.recordBytes(valueBytes: value.count)
        if let end = current?.entry.end, end + bytes > files.segmentLimit { try seal() }
        if current == nil { try begin(sequence) }
        guard let entry = current?.entry else { preconditionFailure("a record is written to no file") }
        try makeRoom(for: bytes)
        let kind = isDelete ? LogFormat.deleteFlag : LogFormat.putFlag
        // Safe: `makeRoom` has left room for `bytes` bytes.
        Checksum.writeRecord(
            at: buffer.baseAddress! + filled, seed: Checksum.seed(salt: entry.salt, offset: UInt64(entry.end)),
            key: key, sequenceAndFlags: sequence << 8 | kind | LogFormat.wholeCommitFlags, value: value)
        filled += bytes
        self.bytes += bytes
        current?.entry.add(bytes: bytes, sequence: sequence, isDelete: isDelete)
    }

    private mutating func begin(_ sequence: UInt64) throws(AlexStoreError) {
        let id = files.nextCompacted
        files.nextCompacted += 1
        let name = LogFiles.compactedName(id)
        file = try throwingStoreError { () throws(StorageIOError) in
            try files.fileSystem.open(files.path(of: name), .replace)
        }
        current = Written(
            entry: Manifest.Compacted(
                id: id, salt: files.options.defences.word(), end: LogFormat.segmentHeaderBytes, records: 0,
                tombstones: 0, oldestSequence: sequence, newestSequence: sequence),
            name: name)
    }

    private mutating func makeRoom(for bytes: Int) throws(AlexStoreError) {
        if bytes <= buffer.count - filled { return }
        try flush()
        if bytes <= buffer.count { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: bytes, alignment: 8)
    }

    /// Writes what is in the buffer, which ends where the file's records do.
    private mutating func flush() throws(AlexStoreError) {
        guard filled > 0, let segment = current, let file else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
        let start = segment.entry.end - filled
        try throwingStoreError { () throws(StorageIOError) in try file.write(bytes, at: start) }
        filled = 0
    }

    /// Ends the file that is being written, if there is one: records, header, sync.
    mutating func seal() throws(AlexStoreError) {
        guard let segment = current, let file else { return }
        try flush()
        let header = SegmentHeader(
            store: store, id: segment.entry.id, salt: segment.entry.salt,
            baseSequence: segment.entry.oldestSequence, previousID: 0, previousEnd: 0, previousChecksum: 0,
            kind: .compacted)
        try throwingStoreError { () throws(StorageIOError) in try header.write(durablyTo: file) }
        // However many there will be, one of them is open.
        file.close()
        written.append(segment)
        (current, self.file) = (nil, nil)
    }

    /// Maps what was written, so that nothing can fail once it is published.
    mutating func map() throws(AlexStoreError) {
        for index in written.indices {
            let segment = written[index]
            let base = try files.reserveCompacted(bytes: segment.entry.end)
            let files = files
            do throws(StorageIOError) {
                let file = try files.fileSystem.open(files.path(of: segment.name), .read)
                defer { file.close() }
                try file.map(
                    0..<LogFiles.wholePages(segment.entry.end), into: files.region, at: base, access: .read)
            } catch {
                files.giveBack(base, bytes: segment.entry.end)
                throw .io(error)
            }
            written[index].base = base
        }
    }

    /// Hands the files over to the log, which holds them from now on.
    mutating func handOver() -> [LogFiles.CompactedSegment] {
        defer { written = [] }
        return written.map { segment in
            guard let base = segment.base else { preconditionFailure("a segment is published before it is mapped") }
            return LogFiles.CompactedSegment(entry: segment.entry, name: segment.name, base: base)
        }
    }

    /// Takes everything back.
    ///
    /// - Parameter keepsFiles: Whether a manifest that names them may be on the disk.
    mutating func abandon(keepsFiles: Bool) {
        if let current { written.append(current) }
        file?.close()
        (current, file, filled) = (nil, nil, 0)
        for segment in written {
            if let base = segment.base {
                files.region.unmap(base..<(base + LogFiles.wholePages(segment.entry.end)))
                files.giveBack(base, bytes: segment.entry.end)
            }
            // What can't be removed now goes at the next open.
            if !keepsFiles { try? files.fileSystem.remove(files.path(of: segment.name)) }
        }
        written = []
    }
}

extension Manifest.Compacted {
    /// Counts a record that was put behind the last.
    fileprivate mutating func add(bytes: Int, sequence: UInt64, isDelete: Bool) {
        end += bytes
        records += 1
        if isDelete { tombstones += 1 }
        oldestSequence = min(oldestSequence, sequence)
        newestSequence = max(newestSequence, sequence)
    }
}
