import StorageBackends

/// How a record lies in the file. All numbers are little-endian, nothing is aligned, nothing has a checksum.
enum LadderLayout: Sendable {
    /// Length 4, key 8, value. The length is that of key and value. The index keeps the place behind the length, so a
    /// read goes back for it.
    case lengthFirst
    /// Key 8, length 4, value. The length is the value's. The index keeps the record's place: one read ahead.
    case keyFirst

    static let lengthBytes = 4
    static let keyBytes = 8
    static let headerBytes = 12

    func length(ofValue count: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: self == .lengthFirst ? count + Self.keyBytes : count)
    }

    /// What the index keeps of a record.
    func place(ofRecordAt start: Int) -> UInt64 {
        UInt64(self == .lengthFirst ? start + Self.lengthBytes : start)
    }
}

extension LadderFile {
    /// The value of a record that is length first, each step checked against the map's end as the documents do.
    @inline(__always)
    func lengthFirstValue(at place: UInt64) throws(BackendError) -> UnsafeRawBufferPointer {
        let start = Int(truncatingIfNeeded: place)
        let header = start &- LadderLayout.lengthBytes
        guard let map, header >= 0, header &+ LadderLayout.lengthBytes <= mappedBytes else { throw outside(place) }
        // Safe: the four bytes lie in the map, as just checked.
        let length = Int(UInt32(littleEndian: map.loadUnaligned(fromByteOffset: header, as: UInt32.self)))
        guard start &+ length <= mappedBytes else { throw outside(place) }
        guard length >= LadderLayout.keyBytes else { throw tooShort(place) }
        // Safe: key and value lie in the map, and the key is whole.
        return UnsafeRawBufferPointer(
            start: map + (start &+ LadderLayout.keyBytes), count: length &- LadderLayout.keyBytes)
    }

    /// The same of a record that is key first.
    @inline(__always)
    func keyFirstValue(at place: UInt64) throws(BackendError) -> UnsafeRawBufferPointer {
        let start = Int(truncatingIfNeeded: place)
        let value = start &+ LadderLayout.headerBytes
        guard let map, start >= 0, value <= mappedBytes else { throw outside(place) }
        // Safe: the header lies in the map, as just checked.
        let length = Int(
            UInt32(littleEndian: map.loadUnaligned(fromByteOffset: start &+ LadderLayout.keyBytes, as: UInt32.self)))
        guard value &+ length <= mappedBytes else { throw outside(place) }
        // Safe: the value lies in the map.
        return UnsafeRawBufferPointer(start: map + value, count: length)
    }

    @inline(never)
    private func outside(_ place: UInt64) -> BackendError {
        BackendError(.damaged, "'\(path)': the record at \(place) reaches beyond the map of \(mappedBytes) bytes")
    }

    @inline(never)
    private func tooShort(_ place: UInt64) -> BackendError {
        BackendError(.damaged, "'\(path)': the record at \(place) is shorter than its key")
    }
}
