import StorageIO

/// The file that names a store and says how much of its log is durable for certain. Replaced as a whole, never edited.
struct Manifest: Hashable {
    var store: StoreIdentity
    /// The oldest segment of the log.
    var firstSegment: UInt64
    /// Everything before this place was durable when the manifest was written.
    var mark: LogPlace
    /// The sequence number of the next record at the mark.
    var markSequence: UInt64
    /// Whether something may have been written behind the mark. Set durably before the first such write.
    var isOpen = false

    static let bytes = 96
    static let name = "MANIFEST"
    static let temporaryName = "MANIFEST.new"
    private static let checksumOffset = 88

    func encoded() -> [UInt8] {
        var array = [UInt8](repeating: 0, count: Self.bytes)
        array.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: LogFormat.manifestMagic, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: LogFormat.version, toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: LogFormat.byteOrderMark, toByteOffset: 12, as: UInt32.self)
            bytes.storeBytes(of: store.low, toByteOffset: 16, as: UInt64.self)
            bytes.storeBytes(of: store.high, toByteOffset: 24, as: UInt64.self)
            bytes.storeBytes(of: firstSegment, toByteOffset: 32, as: UInt64.self)
            bytes.storeBytes(of: mark.segment, toByteOffset: 40, as: UInt64.self)
            bytes.storeBytes(of: UInt64(mark.offset), toByteOffset: 48, as: UInt64.self)
            bytes.storeBytes(of: markSequence, toByteOffset: 56, as: UInt64.self)
            bytes.storeBytes(of: isOpen ? 1 : 0, toByteOffset: 64, as: UInt64.self)
            let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<Self.checksumOffset]))
            bytes.storeBytes(of: checksum, toByteOffset: Self.checksumOffset, as: UInt32.self)
        }
        return array
    }

    static func decoded(_ array: [UInt8]) throws(FormatFault) -> Manifest {
        guard array.count >= 16 else { throw .damaged("it holds \(array.count) bytes, not \(Self.bytes)") }
        // A closure can't pass a typed error through withUnsafeBytes of an array, hence the result.
        return try array.withUnsafeBytes { bytes -> Result<Manifest, FormatFault> in
            Result { () throws(FormatFault) in try read(bytes) }
        }.get()
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(FormatFault) -> Manifest {
        try FormatFault.checkPrefix(bytes, magic: LogFormat.manifestMagic, kind: "store")
        guard bytes.count == Self.bytes else { throw .damaged("it holds \(bytes.count) bytes, not \(Self.bytes)") }
        let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<checksumOffset]))
        guard bytes.load(fromByteOffset: checksumOffset, as: UInt32.self) == checksum else {
            throw .damaged("its checksum does not match")
        }
        return Manifest(
            store: StoreIdentity(
                low: bytes.load(fromByteOffset: 16, as: UInt64.self),
                high: bytes.load(fromByteOffset: 24, as: UInt64.self)),
            firstSegment: bytes.load(fromByteOffset: 32, as: UInt64.self),
            mark: LogPlace(
                segment: bytes.load(fromByteOffset: 40, as: UInt64.self),
                offset: Int(clamping: bytes.load(fromByteOffset: 48, as: UInt64.self))),
            markSequence: bytes.load(fromByteOffset: 56, as: UInt64.self),
            isOpen: bytes.load(fromByteOffset: 64, as: UInt64.self) != 0)
    }
}

/// A place in the log: a segment and an offset in its file.
struct LogPlace: Sendable, Hashable, Comparable {
    var segment: UInt64
    var offset: Int

    static func < (left: LogPlace, right: LogPlace) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}
