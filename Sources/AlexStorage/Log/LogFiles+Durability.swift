import StorageIO

// After a failed sync the kernel may count pages as written that never were: the next sync of the file says nothing,
// and the content is gone once the pages are dropped. So an opener that finds a log without a mark at its end does not
// trust its tail: the pages are made dirty again by writing what they hold, then synced. Class power does so before it
// serves anything; the others before their first sync.

extension LogFiles {
    /// Writes what lies behind the last durable mark again, where an earlier opener may have failed to.
    func rewriteSuspectTail() throws(AlexStoreError) {
        guard let (from, last) = suspect else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        for segment in segments where segment.id >= from.segment && segment.id <= last {
            guard let file = segment.file else { continue }
            let start = segment.id == from.segment ? from.offset : 0
            let region = region
            try throwingStoreError { () throws(StorageIOError) in
                var at = start
                while at < segment.end {
                    let bytes = min(buffer.count, segment.end - at)
                    // Safe: the segment is mapped up to its end, and the buffer holds `bytes` bytes. The detour keeps
                    // the write from copying a page onto itself.
                    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes])
                    part.copyMemory(from: UnsafeRawBufferPointer(start: region.base + segment.base + at, count: bytes))
                    try file.write(UnsafeRawBufferPointer(part), at: at)
                    at += bytes
                }
            }
        }
        suspect = nil
    }

    /// Says in the manifest, durably, that the log may go on behind its mark. Without it, a crash that takes back the
    /// file's growth would leave what looks like a store that was closed, and appends would go on with the same salt in
    /// blocks that have been used before.
    func noteOpen() throws(AlexStoreError) {
        if manifest.isOpen || manifest.mark.segment == 0 { return }
        var opened = manifest
        opened.isOpen = true
        try StoreDirectory(path: directory, fileSystem: fileSystem).write(opened)
        manifest = opened
    }

    /// Makes durable what recovery has kept, before it is served.
    func makeTailDurable(through sequence: UInt64) throws(AlexStoreError) {
        try rewriteSuspectTail()
        try throwingStoreError { () throws(StorageIOError) in
            for index in firstUnsynced..<segments.count { try segments[index].file?.syncData() }
            try fileSystem.syncDirectory(segmentsDirectory)
        }
        durableSequence = sequence
    }
}
