public import CIntrinsics
import StorageIO

extension ValueLog {
    /// What a read of many records asks for ahead.
    @inlinable
    func ahead(_ order: PagesAhead.Order) -> PagesAhead {
        PagesAhead(pages, lengthGuess: lengthGuess, order: order)
    }

    /// Asks the cache for the first two lines of the record at `place`: header and the value's beginning.
    @inlinable @inline(__always)
    func prefetchRecord(at place: UInt64) {
        // Safe: a prefetch never faults, so that the second line may lie behind the segment.
        let record = UnsafeRawPointer(base + Int(truncatingIfNeeded: place))
        intrinsics_prefetch(record)
        intrinsics_prefetch(record + 64)
    }

    /// The value of the record at `place`, which `append` gave out for `key`. O(1), and O(value bytes) to check it.
    ///
    /// The bytes stay where they are until the log is closed.
    @inlinable
    package func record(at place: UInt64, key: Int64) throws(AlexStoreError) -> UnsafeRawBufferPointer {
        try value(at: place, key: key)
    }

    /// The same for this module.
    @inlinable @inline(__always)
    func value(at place: UInt64, key: Int64) throws(AlexStoreError) -> UnsafeRawBufferPointer {
        let place = Int(truncatingIfNeeded: place)
        // Safe: places come from `append` or from recovery, so the granule has a segment.
        let granule = granules[place >> LogFormat.granuleShift]
        // Safe: a record's header lies within its segment, which is mapped (invariant 4).
        let record = UnsafeRawPointer(base + place)
        guard
            let value = LogRecord.value(
                of: key, at: record, roomBytes: granule.end &- place, lengthGuess: lengthGuess,
                seed: checksOnRead
                    ? Checksum.seed(salt: granule.salt, offset: UInt64(truncatingIfNeeded: place &- granule.base))
                    : nil)
        else { throw damage(at: place, key: key) }
        return value
    }

    /// The error for a record that is not what was written there.
    @usableFromInline @inline(never)
    func damage(at place: Int, key: Int64) -> AlexStoreError {
        let granule = granules[place >> LogFormat.granuleShift]
        let record = UnsafeRawPointer(base + place)
        let valueBytes = Int(record.load(fromByteOffset: 8, as: UInt32.self))
        let reason: String
        if valueBytes > granule.end - place - LogFormat.recordHeaderBytes {
            reason = "the record's length of \(valueBytes) bytes reaches beyond its segment"
        } else if record.load(as: Int64.self) != key {
            reason = "the record has the key \(record.load(as: Int64.self)) where \(key) was written"
        } else {
            reason = "the checksum of the record of key \(key) does not match"
        }
        return .damaged(file: files.segmentName(at: granule.base), offset: place - granule.base, reason: reason)
    }
}
