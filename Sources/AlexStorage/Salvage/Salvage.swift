import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// From a store of which anything may be damaged to a new one. Steps:
//
// 1. The manifest is read, if it can be: it says which files count. Without it all of them do.
// 2. The headers of all segments are read. One that does not check may still hold the right salt: the records tell.
// 3. Each segment is searched for whole records: see `SegmentSalvage`. Of each key the record with the greatest
//    sequence number is remembered. A record of the log from whose sequence number on a later segment begins was cut
//    off after a crash, and is left out, as every opener leaves it out.
// 4. A last commit without its end is left out: it was never acknowledged, unless the manifest says that it was
//    durable.
// 5. What is remembered is read again, checked again, and put into the new store in the order of the keys.
//
// The source is only read. Memory: about 50 bytes a key, and the longest segment once.

extension AlexStore {
    /// Saves what can be saved of a damaged store into a new one in `target`, which must be empty or absent: every
    /// record that is whole, the newest of each key. O(bytes of log).
    ///
    /// ```swift
    /// let report = try AlexStore.salvage(directory: "towns", to: "towns-saved")
    /// print(report.keys, report.bytesDropped)
    /// ```
    ///
    /// A key whose newest record is damaged gets an older value back, or one that was deleted: what is lost can't be
    /// told apart from what never was. Nothing of the source is written to, and no content of it can end the process.
    ///
    /// - Parameters:
    ///   - options: For the new store, and the files of both.
    ///   - progress: Called now and then with the share that is done, 0 to 1; it returns false to stop.
    /// - Throws: `incompatible` when the source is no store, has a newer format, or the target is not empty; `locked`
    ///   when the source is open; `io`; `cancelled`. Then nothing is left of the new store.
    public static func salvage(
        directory: String, to target: String, options: AlexStoreOptions = AlexStoreOptions(),
        progress: (Double) -> Bool = { _ in true }
    ) throws(AlexStoreError) -> SalvageReport {
        var salvage = try Salvage(directory, options.fileSystem)
        defer { salvage.close() }
        salvage.readManifest()
        try salvage.openSegments()
        try salvage.search { progress(0.6 * $0) }
        let place = try BackupTarget(target, options.fileSystem)
        do throws(AlexStoreError) {
            try salvage.write(to: target, options) { progress(0.6 + 0.4 * $0) }
        } catch {
            place.clear()
            throw error
        }
        return salvage.report
    }
}

/// The steps above.
struct Salvage {
    let directory: String
    let fileSystem: any FileSystem
    private(set) var report = SalvageReport()
    private var manifest: Manifest?
    private var segments: [Source] = []
    private var newest: [Int64: Newest] = [:]
    private let lock: (any StorageFile)?
    private let files: SourceFiles

    /// A file of the source.
    private struct Source {
        var name: String
        var id: UInt64
        var isLog: Bool
        var header: SegmentHeader?
        /// The salt as it stands in the header, whether that checks or not.
        var salt: UInt64 = 0
        /// Whether the header names a format that this program does not know.
        var isNewer = false
    }

    /// The newest record of a key so far.
    private struct Newest {
        var sequence: UInt64
        var offset: Int
        var segment: Int32
        var valueBytes: UInt32
        var isDelete: Bool
    }

    private var segmentsDirectory: String { directory + "/segments" }

    /// Looks whether there is something like a store that nobody has open.
    init(_ directory: String, _ fileSystem: any FileSystem) throws(AlexStoreError) {
        (self.directory, self.fileSystem) = (directory, fileSystem)
        let names: [String]
        do { names = try fileSystem.list(directory) } catch { throw .io(error) }
        guard names.contains("segments") else {
            throw .incompatible(file: directory, reason: "it is no store: it has no directory named segments")
        }
        lock = try Self.lock(directory, names, fileSystem)
        files = SourceFiles(fileSystem)
    }

    /// Takes the store's lock where its file is there and can be opened; it is never made or written.
    private static func lock(
        _ directory: String, _ names: [String], _ fileSystem: any FileSystem
    ) throws(AlexStoreError) -> (any StorageFile)? {
        guard names.contains(StoreLock.name) else { return nil }
        do throws(StorageIOError) {
            let file = try fileSystem.open(directory + "/" + StoreLock.name, .readWrite)
            let identity = try file.identity()
            guard LockRegistry.enter(identity) else { throw StorageIOError(call: "", name: "", code: EWOULDBLOCK) }
            LockRegistry.leave(identity)
            if try file.tryLock() { return file }
            file.close()
        } catch {
            // A medium that can't be written to has no writer.
            if error.code != EWOULDBLOCK { return nil }
        }
        throw .locked(directory: directory)
    }

    func close() {
        lock?.close()
        files.close()
    }

    // MARK: 1. The manifest

    mutating func readManifest() {
        let consequence = "so every segment was taken, and a key that compaction had dropped may be back"
        do throws(AlexStoreError) {
            manifest = try StoreDirectory(path: directory, fileSystem: fileSystem).readManifest()
            if manifest == nil { report.remarks.append("\(Manifest.name) is missing, \(consequence)") }
        } catch {
            switch error {
            case .incompatible(_, let reason), .damaged(_, _, let reason):
                report.remarks.append("\(Manifest.name) can't be used (\(reason)), \(consequence)")
            default: report.remarks.append("\(Manifest.name) can't be read (\(error)), \(consequence)")
            }
        }
    }

    // MARK: 2. Headers

    private static let suffixes = [(".segment", true), (LogFiles.compactedSuffix, false)]

    /// Opens every file that counts and reads its header.
    mutating func openSegments() throws(AlexStoreError) {
        let names: [String]
        do { names = try fileSystem.list(segmentsDirectory) } catch { throw .io(error) }
        for name in names {
            guard let (suffix, isLog) = Self.suffixes.first(where: { name.hasSuffix($0.0) }),
                let id = UInt64(name.dropLast(suffix.count), radix: 16)
            else { continue }
            if isLeftover(id, isLog: isLog) {
                report.leftovers.append(name)
                continue
            }
            var source = Source(name: name, id: id, isLog: isLog)
            let file: any StorageFile
            do throws(StorageIOError) { file = try self.file(of: source) } catch {
                report.segments.append(.init(name: name, problem: "it can't be opened: \(error)", isUsable: false))
                continue
            }
            if let problem = readHeader(&source, file) {
                report.segments.append(.init(name: name, problem: problem, isUsable: false))
                continue
            }
            segments.append(source)
        }
        // A manifest of this format, or a segment of it, shows that the version is damaged, not newer.
        if manifest == nil, let first = segments.first, segments.allSatisfy(\.isNewer) {
            throw .incompatible(
                file: segmentsDirectory + "/" + first.name, reason: "it has a newer format; use a newer program")
        }
        // Compacted segments first: nothing follows from their order.
        segments.sort { ($0.isLog ? 1 : 0, $0.id) < ($1.isLog ? 1 : 0, $1.id) }
    }

    private func file(of source: Source) throws(StorageIOError) -> any StorageFile {
        try files.file(segmentsDirectory + "/" + source.name, id: source.id, isLog: source.isLog)
    }

    /// Whether compaction has left a file behind, by the manifest: replaced, or never published.
    private func isLeftover(_ id: UInt64, isLog: Bool) -> Bool {
        guard let manifest else { return false }
        if !isLog { return !manifest.compacted.contains { $0.id == id } }
        return id < manifest.firstSegment || manifest.isRetired(id)
    }

    /// Reads a header, or only the salt of a damaged one. Returns why the file can't be used at all.
    private func readHeader(_ source: inout Source, _ file: any StorageFile) -> String? {
        let page = UnsafeMutableRawBufferPointer.allocate(byteCount: LogFormat.segmentHeaderBytes, alignment: 8)
        defer { page.deallocate() }
        page.initializeMemory(as: UInt8.self, repeating: 0)
        guard let read = try? file.read(into: page, at: 0) else {
            return "its header can't be read, and without its salt no record can be checked: nothing can be saved of it"
        }
        source.salt = page.load(fromByteOffset: 40, as: UInt64.self)
        source.isNewer =
            page.load(as: UInt64.self) == LogFormat.segmentMagic
            && page.load(fromByteOffset: 12, as: UInt32.self) == LogFormat.byteOrderMark
            && page.load(fromByteOffset: 8, as: UInt32.self) > LogFormat.version
        do throws(FormatFault) {
            guard read == page.count else { throw .torn("it is shorter than a header") }
            let header = try SegmentHeader.read(UnsafeRawBufferPointer(page))
            if let manifest, header.store != manifest.store { return "it belongs to another store: not taken" }
            if header.id != source.id { return "it is segment \(header.id) under another name: not taken" }
            source.header = header
        } catch {
            // Its records may be found all the same.
        }
        return nil
    }

    // MARK: 3. Records

    private static let sequenceMax: UInt64 = (1 << 56) - 1

    /// Searches every segment. `progress` gets the share that is done.
    mutating func search(progress: (Double) -> Bool) throws(AlexStoreError) {
        var torn = TornCommit()
        for number in segments.indices {
            let image: SegmentImage
            do throws(AlexStoreError) {
                let file = try throwingStoreError { () throws(StorageIOError) in try self.file(of: segments[number]) }
                image = try SegmentImage(file)
            } catch {
                report.segments.append(
                    .init(name: segments[number].name, problem: "it can't be read: \(error)", isUsable: false))
                continue
            }
            search(image, number, &torn)
            if !progress(Double(number + 1) / Double(segments.count)) { throw .cancelled }
        }
        settle(torn)
        report.segments.sort { $0.name < $1.name }
    }

    /// The records of a commit whose end has not been seen yet.
    private struct TornCommit {
        var records: [(record: SegmentSalvage.Record, segment: Int)] = []
        /// Whether a part of it is missing.
        var isBroken = false
    }

    private mutating func search(_ image: SegmentImage, _ number: Int, _ torn: inout TornCommit) {
        let source = segments[number]
        var told = SalvageReport.Segment(name: source.name)
        var problems: [String] = []
        if image.unreadableBlocks > 0 {
            problems.append("\(image.unreadableBlocks) blocks of 4 KiB can't be read from the disk")
        }
        if image.bytesLeftOut > 0 { problems.append("it is longer than any segment; the rest was left out") }
        let (bound, last) = limits(of: number, imageBytes: image.count)
        let first = source.header?.baseSequence ?? 0
        var search = SegmentSalvage(
            start: UnsafeRawPointer(image.start), bound: bound, salt: source.salt,
            sequences: min(first, last)...last, ascends: source.isLog)
        var found: [SegmentSalvage.Record] = []
        search.run { found.append($0) }
        told.records = UInt64(found.count)
        told.gaps = search.gaps
        told.firstGap = search.firstGap
        told.bytesDropped = search.bytesDropped
        report.bytesDropped += search.bytesDropped
        if source.header == nil {
            told.isUsable = !found.isEmpty
            problems.append(
                found.isEmpty
                    ? "its header is damaged and no record checks with the salt in it: nothing can be saved of it"
                    : "its header is damaged; the salt in it still fits")
        }
        told.problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
        report.segments.append(told)
        for record in found { take(record, number, isLog: source.isLog, &torn) }
    }

    /// Where a segment of the log ends by its successor's header, and the last sequence number that counts there.
    private func limits(of number: Int, imageBytes: Int) -> (bound: Int, last: UInt64) {
        let source = segments[number]
        guard source.isLog else { return (imageBytes, Self.sequenceMax) }
        var (bound, last) = (imageBytes, Self.sequenceMax)
        if let retired = manifest?.retired(from: source.id &+ 1) {
            // What followed was compacted; the manifest has what its header said.
            bound = min(bound, max(retired.previousEnd & ~7, LogFormat.segmentHeaderBytes))
            last = max(retired.baseSequence, 1) - 1
        }
        for later in segments[(number + 1)...] {
            guard let header = later.header else { continue }
            if header.baseSequence > 0 { last = min(last, header.baseSequence - 1) }
            if header.previousID == source.id, let end = Int(exactly: header.previousEnd), end % 8 == 0,
                end >= LogFormat.segmentHeaderBytes
            {
                bound = min(bound, end)
            }
        }
        return (bound, last)
    }

    private mutating func take(
        _ record: SegmentSalvage.Record, _ segment: Int, isLog: Bool, _ torn: inout TornCommit
    ) {
        if !isLog { return remember(record, segment) }
        let begins = record.flags & LogFormat.batchBeginFlag != 0
        if begins || record.followsGap {
            // Something came after it, so what is open was committed once, and a part of it is lost.
            if !torn.records.isEmpty { keepBroken(&torn) }
            torn.isBroken = !begins
        }
        torn.records.append((record, segment))
        guard record.flags & LogFormat.batchEndFlag != 0 else { return }
        if torn.isBroken { return keepBroken(&torn) }
        for (record, segment) in torn.records { remember(record, segment) }
        torn = TornCommit()
    }

    private mutating func keepBroken(_ torn: inout TornCommit) {
        for (record, segment) in torn.records { remember(record, segment) }
        report.recordsOfBrokenCommits += UInt64(torn.records.count)
        torn = TornCommit()
    }

    /// Step 4.
    private mutating func settle(_ torn: TornCommit) {
        guard let last = torn.records.last else { return }
        let place = LogPlace(segment: segments[last.segment].id, offset: last.record.offset)
        var torn = torn
        if torn.isBroken || place < manifest?.mark ?? LogPlace(segment: 0, offset: 0) { return keepBroken(&torn) }
        report.recordsOfTornCommit += UInt64(torn.records.count)
    }

    private mutating func remember(_ record: SegmentSalvage.Record, _ segment: Int) {
        if record.flags & LogFormat.durableMarkFlag != 0 { return }
        report.records += 1
        if let known = newest[record.key] {
            report.superseded += 1
            if known.sequence > record.sequence { return }
        }
        newest[record.key] = Newest(
            sequence: record.sequence, offset: record.offset, segment: Int32(segment),
            valueBytes: UInt32(record.valueBytes), isDelete: record.flags & LogFormat.deleteFlag != 0)
    }

    // MARK: 5. The new store

    /// Pairs and bytes of one batch at most.
    private static let batchPairsMax = 1000
    private static let batchBytesMax = 1 << 20

    mutating func write(
        to target: String, _ options: AlexStoreOptions, progress: (Double) -> Bool
    ) throws(AlexStoreError) {
        var options = options
        options.durability = .process
        let store = try AlexStore(directory: target, options: options)
        let keys = newest.filter { !$0.value.isDelete }.keys.sorted()
        report.deleted = newest.count - keys.count
        var pairs: [(key: Int64, value: [UInt8])] = []
        var bytes = 0
        for (number, key) in keys.enumerated() {
            guard let value = readAgain(key) else {
                report.remarks.append("key \(key) could not be read a second time: dropped")
                continue
            }
            pairs.append((key, value))
            bytes += value.count
            guard pairs.count == Self.batchPairsMax || bytes >= Self.batchBytesMax else { continue }
            try store.putBatch(pairs)
            pairs.removeAll(keepingCapacity: true)
            bytes = 0
            if !progress(Double(number + 1) / Double(keys.count)) { throw .cancelled }
        }
        try store.putBatch(pairs)
        report.keys = store.count
        try store.close()
    }

    /// The value that is remembered for a key, checked once more; `nil` when it is another now.
    private func readAgain(_ key: Int64) -> [UInt8]? {
        guard let known = newest[key] else { return nil }
        let source = segments[Int(known.segment)]
        let length = LogFormat.recordHeaderBytes + Int(known.valueBytes)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 8)
        defer { buffer.deallocate() }
        guard let file = try? file(of: source), (try? file.read(into: buffer, at: known.offset)) == length else {
            return nil
        }
        let seed = Checksum.seed(salt: source.salt, offset: UInt64(known.offset))
        // Safe: the buffer holds a header and `valueBytes` bytes, as just read.
        let record = UnsafeRawPointer(buffer.baseAddress!)
        guard record.load(as: Int64.self) == key,
            record.load(fromByteOffset: 8, as: UInt32.self) == known.valueBytes,
            Checksum.record(seed: seed, at: record, valueBytes: Int(known.valueBytes))
                == record.load(fromByteOffset: 12, as: UInt32.self)
        else { return nil }
        return Array(buffer[LogFormat.recordHeaderBytes...])
    }
}
