/// The numbers of the on-disk format, version 1. The specification is `FileFormat.md`.
@usableFromInline enum LogFormat {
    /// The newest format this program reads and the one it writes.
    static let version: UInt32 = 1
    /// Reads as `0x04030201` on a machine of the other endianness.
    static let byteOrderMark: UInt32 = 0x0102_0304

    /// No store comes as far as this: 2^55 records, 2^48 files. A file that says so is damaged, and arithmetic on
    /// numbers below can't overflow.
    static let sequenceMax: UInt64 = 1 << 55
    static let fileNumberMax: UInt64 = 1 << 48

    /// Bytes of a segment's header. Records begin behind it.
    @inlinable static var segmentHeaderBytes: Int { 4096 }
    /// Bytes of a record's header. The value begins behind it.
    @inlinable static var recordHeaderBytes: Int { 24 }
    /// The longest value: 64 MiB.
    @inlinable static var valueBytesMax: Int { 64 << 20 }
    /// The most bytes that the records of one commit may take: 1 GiB.
    @inlinable static var commitBytesMax: Int { 1 << 30 }

    /// Each segment begins at a multiple of this in the address region: 16 MiB.
    @inlinable static var granuleBytes: Int { 1 << granuleShift }
    @inlinable static var granuleShift: Int { 24 }

    @inlinable static var putFlag: UInt64 { 1 << 0 }
    @inlinable static var deleteFlag: UInt64 { 1 << 1 }
    @inlinable static var batchBeginFlag: UInt64 { 1 << 2 }
    @inlinable static var batchEndFlag: UInt64 { 1 << 3 }
    @inlinable static var durableMarkFlag: UInt64 { 1 << 4 }
    /// On the first record of a commit: everything before it was durable when it was written.
    @inlinable static var durableBeforeFlag: UInt64 { 1 << 5 }
    /// A commit of one record begins and ends with it.
    @inlinable static var wholeCommitFlags: UInt64 { batchBeginFlag | batchEndFlag }

    /// Bytes that a record with a value of `valueBytes` takes in the log. The caller has bounded the length.
    @inlinable
    static func recordBytes(valueBytes: Int) -> Int {
        (valueBytes &+ recordHeaderBytes &+ 7) & ~7
    }

    static let segmentMagic: UInt64 = magic("ALEXSEGM")
    static let manifestMagic: UInt64 = magic("ALEXMANI")

    private static func magic(_ text: StaticString) -> UInt64 {
        // Safe: the texts above are eight ASCII characters.
        UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
    }
}

/// The identity of a store: 128 random bits, in its manifest and in the header of each of its segments.
struct StoreIdentity: Sendable, Hashable {
    var low: UInt64
    var high: UInt64

    static func random(_ word: () -> UInt64 = Defences().word) -> StoreIdentity {
        StoreIdentity(low: word(), high: word())
    }
}
