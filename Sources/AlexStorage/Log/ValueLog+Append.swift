import StorageIO

extension ValueLog {
    /// Appends a commit of one record. Returns the record's place. O(value bytes).
    ///
    /// - Parameter kind: `LogFormat.putFlag` or `LogFormat.deleteFlag`.
    @inlinable
    mutating func append(
        _ key: Int64, _ value: UnsafeRawBufferPointer, kind: UInt64
    ) throws(AlexStoreError) -> UInt64 {
        guard value.count <= LogFormat.valueBytesMax else { throw Self.tooLong(value.count) }
        let bytes = LogFormat.recordBytes(valueBytes: value.count)
        if bytes > limit &- end { try makeRoom(for: bytes) }
        return store(key, value, flags: kind | LogFormat.wholeCommitFlags, bytes: bytes)
    }

    /// Appends `count` puts as one commit, all or nothing, and calls `body` with the index and place of each once all
    /// of them are in the log. O(value bytes).
    ///
    /// - Parameter body: Returns the place of the record that is garbage now, if there is one.
    @inlinable
    mutating func appendBatch(
        count: Int, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer, _ body: (Int, UInt64) -> UInt64?
    ) throws(AlexStoreError) {
        if count == 0 { return }
        let bytes = try Self.commitBytes(count: count, value: value)
        if bytes > limit &- end { try makeRoom(for: bytes) }
        let first = end
        for index in 0..<count {
            var flags = LogFormat.putFlag
            if index == 0 { flags |= LogFormat.batchBeginFlag }
            if index == count &- 1 { flags |= LogFormat.batchEndFlag }
            let bytes = value(index)
            _ = store(key(index), bytes, flags: flags, bytes: LogFormat.recordBytes(valueBytes: bytes.count))
        }
        var place = first
        for index in 0..<count {
            noteGarbage(at: body(index, UInt64(truncatingIfNeeded: place)))
            place &+= LogFormat.recordBytes(valueBytes: value(index).count)
        }
    }

    /// Bytes of log that a commit takes, within the format's limits.
    @inlinable
    static func commitBytes(
        count: Int, value: (Int) -> UnsafeRawBufferPointer
    ) throws(AlexStoreError) -> Int {
        var bytes = 0
        for index in 0..<count {
            let valueBytes = value(index).count
            guard valueBytes <= LogFormat.valueBytesMax else { throw Self.tooLong(valueBytes) }
            bytes &+= LogFormat.recordBytes(valueBytes: valueBytes)
            guard bytes <= LogFormat.commitBytesMax else { throw .batchTooLong(limit: LogFormat.commitBytesMax) }
        }
        return bytes
    }

    /// Whether a commit of one value of so many bytes fits behind `end`.
    @inlinable @inline(__always)
    func hasRoom(forValueBytes valueBytes: Int) -> Bool {
        valueBytes <= LogFormat.valueBytesMax && LogFormat.recordBytes(valueBytes: valueBytes) <= limit &- end
    }

    /// Stores a record for which there is room.
    @inlinable @inline(__always)
    mutating func store(
        _ key: Int64, _ value: UnsafeRawBufferPointer, flags: UInt64, bytes: Int
    ) -> UInt64 {
        let place = end
        let offset = UInt64(truncatingIfNeeded: place &- segmentBase)
        // Safe: `bytes` bytes from `end` on are mapped writable (invariant 1; the caller made room).
        lastChecksum = Checksum.writeRecord(
            at: base + place, seed: Checksum.seed(salt: salt, offset: offset), key: key,
            sequenceAndFlags: nextSequence &<< 8 | flags, value: value)
        end = place &+ bytes
        nextSequence &+= 1
        return UInt64(truncatingIfNeeded: place)
    }

    /// Counts the record at `place` as garbage. `nil` is counted where nobody looks: an add and no branch.
    @inlinable @inline(__always)
    func noteGarbage(at place: UInt64?) {
        let granule = Int(truncatingIfNeeded: (place ?? nowhere) &>> UInt64(LogFormat.granuleShift))
        // Safe: places come from the index, so their granules are there; `nowhere` has one of its own.
        granules[granule].garbage &+= 1
    }

    /// Counts the record at `place` as a tombstone.
    @inlinable @inline(__always)
    func noteTombstone(at place: UInt64) {
        // Safe: as in `noteGarbage`.
        granules[Int(truncatingIfNeeded: place &>> UInt64(LogFormat.granuleShift))].tombstones &+= 1
    }

    @usableFromInline @inline(never)
    static func tooLong(_ bytes: Int) -> AlexStoreError {
        .valueTooLong(bytes: bytes, limit: LogFormat.valueBytesMax)
    }

    // The same for other modules of the package, which can't name what is internal.

    /// Appends a put as a commit of its own. Returns the record's place.
    @inlinable
    package mutating func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(AlexStoreError) -> UInt64 {
        try append(key, value, kind: LogFormat.putFlag)
    }

    /// Appends a tombstone as a commit of its own.
    @inlinable
    package mutating func delete(_ key: Int64) throws(AlexStoreError) {
        _ = try append(key, UnsafeRawBufferPointer(start: nil, count: 0), kind: LogFormat.deleteFlag)
    }

    /// Appends puts as one commit: see `appendBatch`.
    @inlinable
    package mutating func putBatch(
        count: Int, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer, _ body: (Int, UInt64) -> Void
    ) throws(AlexStoreError) {
        try appendBatch(count: count, key: key, value: value) { index, place in
            body(index, place)
            return nil
        }
    }
}
