import StorageIO

// What the manifest and a checkpoint's front are made of: magic, version and byte order, then 64-bit words, some of
// them in entries of eight, and a checksum of all before it.

/// Eight words of the format.
protocol FormatEntry {
    var words: [UInt64] { get }
    init(_ words: [UInt64])
}

extension FormatEntry {
    static var bytes: Int { 64 }
}

/// Bytes that are written one behind the other.
struct FormatWriter {
    private(set) var bytes: [UInt8] = []

    init(magic: UInt64, count: Int) {
        bytes.reserveCapacity(count)
        put(magic)
        put(LogFormat.version)
        put(LogFormat.byteOrderMark)
    }

    mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }

    mutating func put(_ words: [UInt64]) { for word in words { put(word) } }

    mutating func put(_ entries: [some FormatEntry]) { for entry in entries { put(entry.words) } }

    mutating func put(zerosUpTo count: Int) { bytes.append(contentsOf: repeatElement(0, count: count - bytes.count)) }

    /// The standard checksum of everything so far.
    mutating func putChecksum() { put(bytes.withUnsafeBytes { Checksum.standard($0) }) }
}

/// The same read back. The caller knows that the bytes are there, and multiples of four bytes apart from their begin.
struct FormatReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int

    /// - Parameter offset: Where the first word lies; behind magic, version and byte order without it.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 16) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func word() -> UInt64 {
        defer { offset += 8 }
        return bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    mutating func number() -> Int { Int(clamping: word()) }

    mutating func half() -> UInt32 {
        defer { offset += 4 }
        return bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    mutating func entries<Entry: FormatEntry>(_ count: Int) -> [Entry] {
        (0..<count).map { _ in Entry((0..<8).map { _ in word() }) }
    }

    /// Whether the next four bytes are the checksum of all before them.
    mutating func endsInChecksum() -> Bool {
        let checksum = Checksum.standard(UnsafeRawBufferPointer(rebasing: bytes[..<offset]))
        return half() == checksum
    }
}
