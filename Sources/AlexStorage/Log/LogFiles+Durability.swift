import StorageIO

// After a failed sync the kernel may count pages as written that never were: the next sync of the file says nothing,
// and the content is gone once the pages are dropped. So an opener that finds a log without a mark at its end does not
// trust its tail: the pages are made dirty again by writing what they hold, then synced. Class power does so before it
// serves anything; the others before their first sync.

extension LogFiles {
    /// Writes what lies behind the last durable mark again, where an earlier opener may have failed to.
    func rewriteSuspectTail() throws(AlexStoreError) {
        let (tails, fileSystem, region) = (suspectTails, fileSystem, region)
        try throwingStoreError { () throws(StorageIOError) in
            for tail in tails { try tail.rewrite(fileSystem, region) }
        }
        suspect = nil
    }

    /// The parts of segments that it means.
    var suspectTails: [SuspectTail] {
        guard let (from, last) = suspect else { return [] }
        return segments.filter { $0.id >= from.segment && $0.id <= last }.map { segment in
            SuspectTail(
                path: path(of: segment.name), base: segment.base,
                range: min(segment.id == from.segment ? from.offset : 0, segment.end)..<segment.end)
        }
    }

    /// Says in the manifest, durably, that the log may go on behind its mark. Without it, a crash that takes back the
    /// file's growth would leave what looks like a store that was closed, and appends would go on with the same salt in
    /// blocks that have been used before.
    func noteOpen() throws(AlexStoreError) {
        if manifest.isOpen || manifest.mark.segment == 0 { return }
        var opened = manifest
        opened.isOpen = true
        try replaceManifest(opened)
    }

    /// Makes durable what recovery has kept, before it is served.
    func makeTailDurable(through sequence: UInt64) throws(AlexStoreError) {
        try rewriteSuspectTail()
        try syncFiles()
        durableSequence = sequence
    }

    /// fdatasync on every segment that may have unsynced content, and on their directory. Only the tail is open: each
    /// of the others is opened for it. A failure in between is told then, as its map has kept the file in memory.
    func syncFiles() throws(AlexStoreError) {
        try throwingStoreError { () throws(StorageIOError) in
            for segment in segments[firstUnsynced...] {
                if let file = segment.file {
                    try syncs.sync(file)
                } else {
                    try syncs.sync(path(of: segment.name), fileSystem)
                }
            }
            try syncs.syncDirectory(segmentsDirectory, fileSystem)
        }
    }

    /// Notes that the segments of the log before this one, which are sealed, are durable with their names.
    func noteSynced(before id: UInt64) {
        firstUnsynced = max(firstUnsynced, segments.firstIndex { $0.id >= id } ?? tail)
    }

    /// Closes a segment's file: it is mapped, and nothing but a sync needs it any more.
    func closeFile(at index: Int) {
        segments[index].file?.close()
        segments[index].file = nil
    }
}

/// A part of a sealed segment that may not be on the disk, whatever a sync says.
struct SuspectTail: Sendable {
    let path: String
    /// The segment's first byte in the region.
    let base: Int
    /// Offsets in its file.
    let range: Range<Int>

    /// Writes the bytes again that are mapped there.
    func rewrite(_ fileSystem: any FileSystem, _ region: AddressRegion) throws(StorageIOError) {
        let file = try fileSystem.open(path, .readWrite)
        defer { file.close() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var at = range.lowerBound
        while at < range.upperBound {
            let bytes = min(buffer.count, range.upperBound - at)
            // Safe: the segment is mapped up to the range's end, and the buffer holds `bytes` bytes. The detour keeps
            // the write from copying a page onto itself.
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes])
            part.copyMemory(from: UnsafeRawBufferPointer(start: region.base + base + at, count: bytes))
            try file.write(UnsafeRawBufferPointer(part), at: at)
            at += bytes
        }
    }
}
