import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// A copy of a store as it was at one moment, made while the store goes on. Steps:
//
// 1. `beginBackup`, on the store's thread or under the committers' lock: what is written is made durable, the place
//    where the log ends is noted, and every segment is opened for reading. O(segments) and a sync.
// 2. `copy`, on any thread: each segment is copied up to its end or to the noted place, and synced. A segment never
//    changes below that place, and an open file stays readable when its name is removed. Headers get the copy's own
//    identity; records need no change, for their checksums know salt and offset alone.
// 3. Every record of the copy is read from its files and checked.
// 4. The manifest is written last: it says that the log ends at the noted place and was closed there. Until then a
//    directory that holds part of a copy is refused by every opener.

/// What ``StoreBackup/copy(to:)`` has copied and checked.
public struct BackupReport: Sendable, Hashable {
    /// Segments that were copied.
    public internal(set) var segments = 0
    /// Their bytes.
    public internal(set) var bytes = 0
    /// Puts and deletes that were read back from the copy.
    public internal(set) var records: UInt64 = 0
    /// The last sequence number that the copy holds.
    public internal(set) var lastSequence: UInt64 = 0
}

/// A state of a store, held to be copied. Keeps the store's segments open for reading until it goes.
public final class StoreBackup: Sendable {
    /// A file of the log and how much of it counts.
    struct Source: Sendable {
        let name: String
        let file: any StorageFile
        let end: Int
        /// What the manifest says of a compacted segment; `nil` for one of the log.
        var entry: Manifest.Compacted?
    }

    private let sources: [Source]
    private let manifest: Manifest
    private let fileSystem: any FileSystem

    /// The caller has made the log durable up to `end`, which is followed by the record `sequence`.
    init(files: LogFiles, end: Int, sequence: UInt64) throws(AlexStoreError) {
        fileSystem = files.fileSystem
        var manifest = files.manifest
        manifest.store = .random(files.options.defences.word)
        manifest.mark = LogPlace(segment: files.segments[files.tail].id, offset: end)
        manifest.markSequence = sequence
        manifest.isOpen = false
        manifest.checkpoint = 0
        self.manifest = manifest
        var sources: [Source] = []
        // What a compaction has replaced that is bringing the index to its new files is still there, and in the
        // manifest no more.
        for (number, segment) in files.segments.enumerated() where !manifest.isRetired(segment.id) {
            let file = try throwingStoreError { () throws(StorageIOError) in
                try files.fileSystem.open(files.path(of: segment.name), .read)
            }
            sources.append(Source(name: segment.name, file: file, end: number == files.tail ? end : segment.end))
        }
        let named = Set(manifest.compacted.map(\.id))
        for segment in files.compacted where named.contains(segment.entry.id) {
            let file = try throwingStoreError { () throws(StorageIOError) in
                try files.fileSystem.open(files.path(of: segment.name), .read)
            }
            sources.append(Source(name: segment.name, file: file, end: segment.entry.end, entry: segment.entry))
        }
        self.sources = sources
    }

    deinit { for source in sources { source.file.close() } }

    /// Bytes that will be copied.
    public var bytes: Int { sources.reduce(0) { $0 + $1.end } }

    /// Copies the state into `directory`, which must be empty or absent, and checks the copy. It opens as a store of
    /// its own. O(bytes of log). May be called on any thread while the store goes on.
    ///
    /// - Parameter progress: Called now and then with the bytes that are copied; it returns false to stop.
    /// - Throws: `incompatible` when the directory is not empty; `io`, with `ENOSPC` on a full disk; `damaged` when the
    ///   copy does not check, which the store's own `verify` then tells more about; `cancelled`. What was copied until
    ///   then is removed.
    @discardableResult
    public func copy(
        to directory: String, progress: (_ bytes: Int) -> Bool = { _ in true }
    ) throws(AlexStoreError) -> BackupReport {
        let target = try BackupTarget(directory, fileSystem)
        do throws(AlexStoreError) {
            var report = BackupReport()
            for source in sources {
                let before = report.bytes
                try copy(source, to: target) { progress(before + $0) }
                report.segments += 1
                report.bytes += source.end
            }
            try throwingStoreError { () throws(StorageIOError) in
                try fileSystem.syncDirectory(target.segmentsDirectory)
            }
            for source in sources { report.records += try check(source, in: target) }
            let store = StoreDirectory(path: directory, fileSystem: fileSystem)
            try store.write(manifest)
            try store.syncParent()
            report.lastSequence = manifest.markSequence - 1
            return report
        } catch {
            target.clear()
            throw error
        }
    }

    /// The longest piece that is read at once: 1 MiB.
    private static let pieceBytes = 1 << 20

    private func copy(
        _ source: Source, to target: BackupTarget, progress: (Int) -> Bool
    ) throws(AlexStoreError) {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 4096)
        defer { piece.deallocate() }
        let path = target.path(of: source.name)
        let file = try throwingStoreError { () throws(StorageIOError) in try fileSystem.open(path, .replace) }
        defer { file.close() }
        var at = 0
        while at < source.end {
            let bytes = min(piece.count, source.end - at)
            let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<bytes])
            let read = try throwingStoreError { () throws(StorageIOError) in
                try source.file.read(into: part, at: at)
            }
            guard read == bytes else {
                throw .damaged(
                    file: source.file.path, offset: at + read, reason: "the file is shorter than its records")
            }
            if at == 0 { try giveIdentity(part, source) }
            try throwingStoreError { () throws(StorageIOError) in
                try file.write(UnsafeRawBufferPointer(part), at: at)
            }
            at += bytes
            if !progress(at) { throw .cancelled }
        }
        try throwingStoreError { () throws(StorageIOError) in try file.syncData() }
    }

    /// Puts the copy's identity into a segment's header.
    private func giveIdentity(_ bytes: UnsafeMutableRawBufferPointer, _ source: Source) throws(AlexStoreError) {
        do throws(FormatFault) {
            var header = try SegmentHeader.read(UnsafeRawBufferPointer(bytes))
            header.store = manifest.store
            // Safe: `read` has made sure that a header's bytes are there.
            header.write(to: bytes.baseAddress!)
        } catch {
            throw .damaged(file: source.file.path, offset: 0, reason: error.reason)
        }
    }

    /// Reads a copied segment and checks every record. Returns how many there are.
    private func check(_ source: Source, in target: BackupTarget) throws(AlexStoreError) -> UInt64 {
        let path = target.path(of: source.name)
        let region = try throwingStoreError { () throws(StorageIOError) in
            try AddressRegion(bytes: source.end)
        }
        let file = try throwingStoreError { () throws(StorageIOError) in try fileSystem.open(path, .read) }
        defer { file.close() }
        try throwingStoreError { () throws(StorageIOError) in
            try file.map(0..<((source.end + 4095) & ~4095), into: region, at: 0, access: .read)
        }
        defer { withExtendedLifetime(region) {} }
        if let entry = source.entry {
            let scanner = CompactedScanner(start: UnsafeRawPointer(region.base), base: 0, entry: entry)
            do throws(CompactedScanner.Fault) {
                try scanner.checkHeader(store: manifest.store)
                try scanner.scan { _ in }
            } catch {
                throw .damaged(file: path, offset: error.offset, reason: error.reason)
            }
            return entry.records
        }
        let bytes = UnsafeRawBufferPointer(start: region.base, count: source.end)
        let header: SegmentHeader
        do { header = try SegmentHeader.read(bytes) } catch {
            throw .damaged(file: path, offset: 0, reason: error.reason)
        }
        var scanner = SegmentScanner(
            start: UnsafeRawPointer(region.base), base: 0, bound: source.end, salt: header.salt,
            sequence: header.baseSequence)
        let fault = scanner.scan { _ in }
        if let fault { throw .damaged(file: path, offset: scanner.offset, reason: fault.reason) }
        return scanner.records
    }
}

/// The directory that a copy goes to.
struct BackupTarget {
    let directory: String
    let fileSystem: any FileSystem
    var segmentsDirectory: String { directory + "/segments" }
    func path(of name: String) -> String { segmentsDirectory + "/" + name }

    /// The directories of a store. Those that are left of an earlier attempt are empty.
    private static let folders = ["segments", CheckpointFile.folder]

    /// Makes the directory, or takes one that holds nothing, or no more than empty directories of a store.
    init(_ directory: String, _ fileSystem: any FileSystem) throws(AlexStoreError) {
        (self.directory, self.fileSystem) = (directory, fileSystem)
        try throwingStoreError { () throws(StorageIOError) in try fileSystem.makeDirectory(directory) }
        let names = try throwingStoreError { () throws(StorageIOError) in try fileSystem.list(directory) }
        if let first = names.first(where: { !Self.folders.contains($0) }) {
            throw .incompatible(file: directory, reason: "it holds \(first); name an empty or a new directory")
        }
        try throwingStoreError { () throws(StorageIOError) in
            try fileSystem.makeDirectory(directory + "/segments")
        }
        for folder in names.filter({ $0 != "segments" }) + ["segments"] {
            let path = directory + "/" + folder
            let inside = try throwingStoreError { () throws(StorageIOError) in try fileSystem.list(path) }
            if let first = inside.first {
                throw .incompatible(file: path, reason: "it holds \(first); name an empty or a new directory")
            }
        }
    }

    /// Removes every file that was made. Empty directories stay.
    func clear() {
        for folder in Self.folders {
            let path = directory + "/" + folder
            for name in (try? fileSystem.list(path)) ?? [] { try? fileSystem.remove(path + "/" + name) }
        }
        for name in (try? fileSystem.list(directory)) ?? [] where !Self.folders.contains(name) {
            try? fileSystem.remove(directory + "/" + name)
        }
    }
}

extension FormatFault {
    var reason: String {
        switch self {
        case .incompatible(let reason), .damaged(let reason), .torn(let reason): reason
        }
    }
}
