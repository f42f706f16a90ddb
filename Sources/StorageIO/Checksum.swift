import CStorageIO

/// CRC32C (Castagnoli), in hardware where the processor has it.
public enum Checksum {
    /// The checksum of whole structures, as RFC 3720 defines it: all bits set at first, inverted at the end. O(bytes).
    public static func standard(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        ~storage_io_crc32c(.max, bytes.baseAddress, bytes.count)
    }

    /// The checksum of a block of some structure, bound to it by what it begins with: see `seed(salt:offset:)`.
    /// O(bytes).
    public static func seeded(_ seed: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        storage_io_crc32c(seed, bytes.baseAddress, bytes.count)
    }

    /// The start value of a record's checksum: it binds the record to its segment and to its place in the file, so that
    /// stale or misplaced bytes are never taken for a record.
    @inlinable
    public static func seed(salt: UInt64, offset: UInt64) -> UInt32 {
        var mixed = salt ^ (offset &* 0x9E37_79B9_7F4A_7C15)
        mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 32))
    }

    /// The checksum of the record at `record`: see `storage_io_record_checksum`. O(bytes).
    ///
    /// The caller has made sure that 24 + `valueBytes` bytes are readable.
    @inlinable
    public static func record(seed: UInt32, at record: UnsafeRawPointer, valueBytes: Int) -> UInt32 {
        storage_io_record_checksum(seed, record, valueBytes)
    }

    /// Writes a record with its checksum and padding: see `storage_io_record_write`. O(bytes).
    ///
    /// The caller has made sure that 24 + `value.count` bytes, rounded up to 8, are writable.
    @inlinable @discardableResult
    public static func writeRecord(
        at record: UnsafeMutableRawPointer, seed: UInt32, key: Int64, sequenceAndFlags: UInt64,
        value: UnsafeRawBufferPointer
    ) -> UInt32 {
        storage_io_record_write(record, seed, key, sequenceAndFlags, value.baseAddress, value.count)
    }
}
