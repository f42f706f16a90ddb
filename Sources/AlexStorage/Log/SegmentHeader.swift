import StorageIO

/// The first 4 KiB of a segment file.
struct SegmentHeader: Hashable {
    var store: StoreIdentity
    /// Ascends by one from segment to segment.
    var id: UInt64
    /// Random. Enters every record's checksum.
    var salt: UInt64
    /// The sequence number of the first record.
    var baseSequence: UInt64
    /// Where the log ended in the segment before, and the checksum of its last record; 0 where there is none.
    var previousID: UInt64
    var previousEnd: UInt64
    var previousChecksum: UInt32
    var kind = Kind.log

    /// What kind of segment it is.
    enum Kind: UInt32 {
        /// Part of the log: sequence numbers follow on each other, also from segment to segment.
        case log = 0
        /// Written by compaction: sealed whole, in the order of the keys, named by the manifest. `baseSequence` is the
        /// least of its records' sequence numbers; it follows on nothing.
        case compacted = 1
    }

    private static let checksumOffset = 4088

    func write(to page: UnsafeMutableRawPointer) {
        // Safe: the caller gives 4,096 writable bytes, and every offset below is less.
        let bytes = UnsafeMutableRawBufferPointer(start: page, count: LogFormat.segmentHeaderBytes)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.storeBytes(of: LogFormat.segmentMagic, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: LogFormat.version, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: LogFormat.byteOrderMark, toByteOffset: 12, as: UInt32.self)
        bytes.storeBytes(of: store.low, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: store.high, toByteOffset: 24, as: UInt64.self)
        bytes.storeBytes(of: id, toByteOffset: 32, as: UInt64.self)
        bytes.storeBytes(of: salt, toByteOffset: 40, as: UInt64.self)
        bytes.storeBytes(of: baseSequence, toByteOffset: 48, as: UInt64.self)
        bytes.storeBytes(of: previousID, toByteOffset: 56, as: UInt64.self)
        bytes.storeBytes(of: previousEnd, toByteOffset: 64, as: UInt64.self)
        bytes.storeBytes(of: previousChecksum, toByteOffset: 72, as: UInt32.self)
        bytes.storeBytes(of: kind.rawValue, toByteOffset: 76, as: UInt32.self)
        let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<Self.checksumOffset]))
        bytes.storeBytes(of: checksum, toByteOffset: Self.checksumOffset, as: UInt32.self)
    }

    /// Writes the header at the file's beginning and syncs it, so that a segment that has its name has its header.
    func write(durablyTo file: any StorageFile) throws(StorageIOError) {
        let page = UnsafeMutableRawBufferPointer.allocate(byteCount: LogFormat.segmentHeaderBytes, alignment: 8)
        defer { page.deallocate() }
        // Safe: the buffer was just allocated with 4,096 bytes.
        write(to: page.baseAddress!)
        try file.write(UnsafeRawBufferPointer(page), at: 0)
        try file.syncData()
    }

    /// Reads a header back; what is wrong with it otherwise.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(FormatFault) -> SegmentHeader {
        guard bytes.count >= LogFormat.segmentHeaderBytes else {
            throw .torn("it is shorter than a segment's header of 4,096 bytes")
        }
        if bytes.load(fromByteOffset: 0, as: UInt64.self) == 0 { throw .torn("its header is not there") }
        if bytes.load(fromByteOffset: checksumOffset, as: UInt32.self) == 0 { throw .torn("its header is torn") }
        try FormatFault.checkPrefix(bytes, magic: LogFormat.segmentMagic, kind: "segment")
        let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<checksumOffset]))
        guard bytes.load(fromByteOffset: checksumOffset, as: UInt32.self) == checksum else {
            throw .damaged("the header's checksum does not match")
        }
        guard let kind = Kind(rawValue: bytes.load(fromByteOffset: 76, as: UInt32.self)) else {
            throw .damaged("the header names a kind of segment that does not exist")
        }
        let header = SegmentHeader(
            store: StoreIdentity(
                low: bytes.load(fromByteOffset: 16, as: UInt64.self),
                high: bytes.load(fromByteOffset: 24, as: UInt64.self)),
            id: bytes.load(fromByteOffset: 32, as: UInt64.self),
            salt: bytes.load(fromByteOffset: 40, as: UInt64.self),
            baseSequence: bytes.load(fromByteOffset: 48, as: UInt64.self),
            previousID: bytes.load(fromByteOffset: 56, as: UInt64.self),
            previousEnd: bytes.load(fromByteOffset: 64, as: UInt64.self),
            previousChecksum: bytes.load(fromByteOffset: 72, as: UInt32.self), kind: kind)
        guard header.isPossible else { throw .damaged("the header's numbers can't be") }
        return header
    }

    /// What whoever writes a header sees to, and whoever reads the numbers relies on.
    private var isPossible: Bool {
        id > previousID && id <= LogFormat.fileNumberMax && baseSequence > 0 && baseSequence <= LogFormat.sequenceMax
            && previousEnd <= UInt64(Manifest.segmentBytesMax)
    }
}

/// Why bytes are not the structure that was looked for.
enum FormatFault: Error {
    /// Of another program, a newer format or the other endianness: to be left alone.
    case incompatible(String)
    case damaged(String)
    /// As a crash leaves it that came before the structure was on disk.
    case torn(String)

    /// Magic, byte order and version, which MANIFEST and segments have in common.
    static func checkPrefix(
        _ bytes: UnsafeRawBufferPointer, magic: UInt64, kind: String
    ) throws(FormatFault) {
        let found = bytes.load(fromByteOffset: 0, as: UInt64.self)
        if found == 0 { throw .damaged("it begins with zeros") }
        guard found == magic else { throw .incompatible("it is no \(kind) of AlexStorage (foreign magic number)") }
        let order = bytes.load(fromByteOffset: 12, as: UInt32.self)
        if order == LogFormat.byteOrderMark.byteSwapped {
            throw .incompatible("it was written on a machine of the other endianness")
        }
        guard order == LogFormat.byteOrderMark else { throw .damaged("the byte order mark is wrong") }
        let version = bytes.load(fromByteOffset: 8, as: UInt32.self)
        if version > LogFormat.version {
            throw .incompatible(
                "it has format version \(version), this program reads up to \(LogFormat.version); use a newer one")
        }
        guard version == LogFormat.version else { throw .damaged("format version \(version) does not exist") }
    }
}
