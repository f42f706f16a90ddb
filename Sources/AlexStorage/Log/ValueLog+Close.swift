import LearnedIndex
import StorageIO

extension ValueLog {
    /// Makes everything appended so far durable, then says so in the log with a durable mark.
    ///
    /// A failed sync poisons the log: it is never repeated, because the kernel reports a lost write only once.
    package mutating func sync() throws(AlexStoreError) {
        if files.state == .closed { throw .closed }
        if files.state == .poisoned { throw .poisoned }
        if files.frozenDepth > 0 { throw files.frozenError }
        try adoptCheckpointJob()
        try syncSegments()
        files.durableSequence = nextSequence - 1
        // Without room for the mark the data is durable all the same.
        let bytes = LogFormat.recordHeaderBytes
        if bytes > limit - end { guard (try? makeRoom(for: bytes)) != nil else { return } }
        let mark = store(
            0, UnsafeRawBufferPointer(start: nil, count: 0),
            flags: LogFormat.durableMarkFlag | LogFormat.wholeCommitFlags, bytes: bytes)
        noteGarbage(at: mark)
    }

    /// Refuses writes from now on: a sync has failed. A closed log stays closed.
    mutating func poison() {
        limit = end
        if files.state == .open { files.state = .poisoned }
    }

    /// fdatasync on every segment that may have unsynced content, and on their directory.
    mutating func syncSegments() throws(AlexStoreError) {
        let files = files
        files.growth.worker?.wait()
        do throws(AlexStoreError) {
            try files.rewriteSuspectTail()
            try files.syncFiles()
        } catch {
            if !error.isOfOpening { poison() }
            throw error
        }
        files.firstUnsynced = files.tail
        files.isDirectorySynced = true
    }

    /// Syncs, gives back the unused part of the tail, and writes a manifest whose mark is the log's end. The store is
    /// closed and unlocked afterwards even when it throws; then the next open replays the log.
    ///
    /// Values that a pin still holds stay readable: only `unmap` takes the map away.
    package mutating func close() throws(AlexStoreError) { try close(indexedBy: nil) }

    /// The same, with a checkpoint of the store's index, which holds what the log does. Without room for it the store
    /// is closed all the same: the checkpoint before counts still.
    mutating func close(indexedBy store: UnsafeMutablePointer<AlexStore.State>?) throws(AlexStoreError) {
        if files.state == .closed { return }
        try? adoptCheckpointJob()
        files.dropCheckpointJob()
        let wasPoisoned = files.state == .poisoned
        files.endGrowth()
        limit = end
        defer {
            files.state = .closed
            for segment in files.segments { segment.file?.close() }
            files.checkpointWorker?.stop()
            files.lock.release()
        }
        if wasPoisoned { throw .poisoned }
        checkNothingWaits()
        let tail = files.segments[files.tail]
        let used = end - segmentBase
        let mark = LogPlace(segment: tail.id, offset: used)
        let makesCheckpoint = store != nil && wantsCheckpoint
        if makesCheckpoint { store?.pointee.index.complete() }
        if let unreadable = files.unreadable { throw unreadable }
        if mark == files.manifest.mark && tail.allocated <= used && !files.manifest.isOpen && !makesCheckpoint {
            return
        }
        try trim(tail, to: used)
        try syncSegments()
        files.durableSequence = nextSequence - 1
        var manifest = files.manifest
        manifest.mark = mark
        manifest.markSequence = nextSequence
        manifest.isOpen = false
        if makesCheckpoint, let store, let id = try? writeCheckpoint(of: store.pointee.index) {
            manifest.checkpoint = id
        }
        let isNew = manifest.checkpoint != files.manifest.checkpoint
        try files.replaceManifest(manifest)
        if isNew { adoptCheckpoint(mark) }
    }

    /// In class power the log ends where the last commit that was staged does, which need not be in the file yet: the
    /// end may be called durable only once it is.
    func checkNothingWaits() {
        precondition(
            files.isMapped || files.durableSequence == nextSequence - 1, "commits wait where none may be under way")
    }

    /// Cuts the tail's file behind its last record. What was mapped there is unmapped first: nobody reads it, and a
    /// mapped file is never truncated.
    private func trim(_ tail: LogFiles.Segment, to used: Int) throws(AlexStoreError) {
        let firstUnused = (used + 4095) & ~4095
        if tail.allocated > firstUnused {
            files.publishGranules(base: tail.base, mappedBytes: firstUnused, salt: salt)
            files.region.unmap((tail.base + firstUnused)..<(tail.base + tail.allocated))
        }
        try throwingStoreError { () throws(StorageIOError) in try tail.file?.truncate(to: used) }
    }

    /// Refuses appends until `thaw`; calls nest.
    @usableFromInline mutating func freeze() {
        if files.frozenDepth == 0 {
            files.frozenLimit = limit
            limit = end
        }
        files.frozenDepth += 1
    }

    @usableFromInline mutating func thaw() {
        files.frozenDepth -= 1
        if files.frozenDepth == 0 && files.state == .open { limit = files.frozenLimit }
    }

    /// Bytes of log: headers and records of all segments.
    package var logBytes: Int {
        var bytes = end - segmentBase
        for segment in files.segments.dropLast() { bytes += segment.end }
        for segment in files.compacted { bytes += segment.entry.end }
        return bytes
    }

    /// Bytes that the segments take on disk, what is allocated ahead included.
    package func diskBytes() throws(AlexStoreError) -> Int {
        let files = files
        files.growth.worker?.wait()
        return try throwingStoreError { () throws(StorageIOError) in
            var bytes = 0
            let names = files.segments.map(\.name) + files.compacted.map(\.name) + files.leaving.map(\.name)
            for name in names {
                let file = try files.fileSystem.open(files.path(of: name), .read)
                defer { file.close() }
                bytes += try file.size()
            }
            if case .segment(let prepared) = files.growth.pending { bytes += prepared.bytes }
            return bytes
        }
    }

    package var segmentCount: Int { files.segments.count + files.compacted.count }
}
