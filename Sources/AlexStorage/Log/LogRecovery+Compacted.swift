import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Compacted segments at open: the manifest says which there are. Each must be there, whole; what else bears such a name
// was never published, and a segment of the log that is retired is a leftover: both are removed, once everything that
// counts has been read.

extension LogRecovery {
    /// Maps the compacted segments and reads their headers.
    func openCompacted() throws(AlexStoreError) {
        let files = files
        for entry in files.manifest.compacted {
            let name = LogFiles.compactedName(entry.id)
            let path = files.path(of: name)
            var base = compactedPlacement[entry.id] ?? 0
            if base == 0 { base = try files.reserveCompacted(bytes: entry.end) }
            let segment = LogFiles.CompactedSegment(entry: entry, name: name, base: base)
            let size: Int?
            do throws(StorageIOError) {
                let file = try files.fileSystem.open(path, .read)
                defer { file.close() }
                let found = try file.size()
                if found == entry.end {
                    try file.map(0..<segment.mappedBytes, into: files.region, at: base, access: .read)
                }
                size = found
            } catch {
                guard error.isMissing else { throw .io(error) }
                size = nil
            }
            guard let size else { throw .damaged(file: path, offset: 0, reason: "the segment is missing") }
            guard size == entry.end else {
                throw .damaged(
                    file: path, offset: min(size, entry.end),
                    reason: "it is \(size) bytes long where \(entry.end) were written")
            }
            do { try scanner(of: segment).checkHeader(store: files.manifest.store) } catch {
                throw .damaged(file: path, offset: error.offset, reason: error.reason)
            }
            files.compacted.append(segment)
            files.publishGranules(base: base, mappedBytes: entry.end, salt: entry.salt, isCompacted: true)
            files.recovery.segmentsRead += 1
            files.recovery.recordsKept += entry.records
            files.recovery.bytesKept += entry.end
        }
    }

    /// Hands on their records. In the order of their numbers: of two records of one key the later segment's is not the
    /// older one.
    func replayCompacted(_ replay: (ReplayedRecord) -> Void) throws(AlexStoreError) {
        for segment in files.compacted {
            do { try scanner(of: segment).scan(replay) } catch {
                throw .damaged(file: files.path(of: segment.name), offset: error.offset, reason: error.reason)
            }
        }
    }

    private func scanner(of segment: LogFiles.CompactedSegment) -> CompactedScanner {
        CompactedScanner(start: files.region.base + segment.base, base: segment.base, entry: segment.entry)
    }

    /// Removes files that an earlier compaction has left: retired, or never published.
    func removeLeftovers(_ names: [String]) throws(AlexStoreError) {
        let files = files
        try throwingStoreError { () throws(StorageIOError) in
            for name in names { try files.fileSystem.remove(files.path(of: name)) }
        }
    }

    /// Whether a name in the segments' directory is one that compaction has left. Refuses what is no name of ours.
    func isLeftover(_ name: String) throws(AlexStoreError) -> Bool {
        if let id = Self.id(ofName: name, suffix: LogFiles.compactedSuffix) {
            return !files.manifest.compacted.contains { $0.id == id }
        }
        guard let id = Self.id(ofName: name, suffix: ".segment"), id >= files.manifest.firstSegment else {
            throw .incompatible(file: files.path(of: name), reason: "it is no segment of this store's log")
        }
        return files.manifest.isRetired(id)
    }

    static func id(ofName name: String, suffix: String) -> UInt64? {
        guard name.hasSuffix(suffix), name.utf8.count == 16 + suffix.utf8.count else { return nil }
        let digits = name.dropLast(suffix.utf8.count)
        guard digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else { return nil }
        return UInt64(digits, radix: 16)
    }
}

extension StorageIOError {
    /// Whether the file was not there.
    var isMissing: Bool { code == ENOENT }
}
