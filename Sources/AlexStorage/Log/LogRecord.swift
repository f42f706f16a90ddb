import StorageIO

/// A record in a mapped segment, as every read of one key looks at it.
@usableFromInline
enum LogRecord {
    /// The value of the record that was written for `key`; `nil` when length, key or checksum say otherwise. O(1), and
    /// O(value bytes) with a checksum.
    ///
    /// - Parameters:
    ///   - record: Where it begins; the header of 24 bytes is mapped.
    ///   - roomBytes: Bytes from there to the end of what is mapped of its segment.
    ///   - seed: What its checksum begins with (`Checksum.seed`); `nil` leaves the checksum alone.
    @inlinable @inline(__always)
    static func value(
        of key: Int64, at record: UnsafeRawPointer, roomBytes: Int, lengthGuess: LengthGuess,
        seed: @autoclosure () -> UInt32?
    ) -> UnsafeRawBufferPointer? {
        let valueBytes = lengthGuess.settle(Int(record.load(fromByteOffset: 8, as: UInt32.self)))
        guard valueBytes <= roomBytes &- LogFormat.recordHeaderBytes else { return nil }
        // One comparison for key and checksum: of what waits for the record there is little (`LengthGuess`).
        var difference = UInt64(bitPattern: record.load(as: Int64.self) ^ key)
        if let seed = seed() {
            difference |= UInt64(
                Checksum.record(seed: seed, at: record, valueBytes: valueBytes)
                    ^ record.load(fromByteOffset: 12, as: UInt32.self))
        }
        guard difference == 0 else { return nil }
        return UnsafeRawBufferPointer(start: record + LogFormat.recordHeaderBytes, count: valueBytes)
    }
}
