import StorageIO

extension ValueLog {
    /// Puts a record at the log's end into a group instead of the map: the group's writer takes it to the file.
    mutating func stage(
        _ key: Int64, _ value: UnsafeRawBufferPointer, flags: UInt64, in group: inout CommitGroup
    ) {
        let bytes = LogFormat.recordBytes(valueBytes: value.count)
        let offset = end - segmentBase
        precondition(
            offset % 8 == 0 && offset + bytes <= files.segments[files.tail].allocated,
            "a staged record lies outside its segment")
        let (seed, word) = (Checksum.seed(salt: salt, offset: UInt64(offset)), nextSequence << 8 | flags)
        var checksum: UInt32 = 0
        group.append(
            CommitGroup.Change(key: key, place: UInt64(end), isDelete: flags & LogFormat.deleteFlag != 0),
            bytes: bytes, sequence: nextSequence
        ) { record in
            checksum = Checksum.writeRecord(at: record, seed: seed, key: key, sequenceAndFlags: word, value: value)
        }
        lastChecksum = checksum
        end += bytes
        limit = end
        nextSequence += 1
    }

    /// Whether a commit of `bytes` has to wait for growth.
    func needsGrowth(for bytes: Int) -> Bool {
        end - segmentBase + bytes > files.segments[files.tail].allocated
    }
}
