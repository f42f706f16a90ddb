import StorageIO

/// Commits that become durable together: their records as they will lie in the file, and what they change.
struct CommitGroup: ~Copyable {
    /// A change of the index, to be made once the group is durable.
    struct Change {
        var key: Int64
        var place: UInt64
        var isDelete: Bool
    }

    private(set) var changes: [Change] = []
    /// Whether a key is there after the group's commits, for the keys that they change.
    private(set) var presence: [Int64: Bool] = [:]
    /// The place of the first record.
    private(set) var start = 0
    private(set) var bytes = 0
    /// The sequence number of the last record.
    private(set) var lastSequence: UInt64 = 0
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    /// A buffer longer than this is not kept for the next group: 4 MiB.
    private static let keptBytesMax = 4 << 20

    deinit { buffer.deallocate() }

    var isEmpty: Bool { bytes == 0 }
    /// The records.
    var records: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<bytes]) }

    /// Makes room for `count` bytes more, and notes where the first record goes.
    mutating func reserve(_ count: Int, at place: Int) {
        if bytes == 0 { start = place }
        guard buffer.count - bytes < count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * buffer.count, bytes + count), alignment: 16)
        larger.copyMemory(from: records)
        buffer.deallocate()
        buffer = larger
    }

    /// Takes a record of `count` bytes that `write` stores. There is room for it.
    mutating func append(
        _ change: Change, bytes count: Int, sequence: UInt64, _ write: (UnsafeMutableRawPointer) -> Void
    ) {
        precondition(count <= buffer.count - bytes, "a record outgrows its group")
        // Safe: `count` bytes from `bytes` on lie in the buffer, as just checked.
        write(buffer.baseAddress! + bytes)
        bytes += count
        lastSequence = sequence
        changes.append(change)
        presence[change.key] = !change.isDelete
    }

    mutating func removeAll() {
        changes.removeAll(keepingCapacity: changes.count < 1 << 16)
        presence.removeAll(keepingCapacity: presence.count < 1 << 16)
        bytes = 0
        guard buffer.count > Self.keptBytesMax else { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: 4096, alignment: 16)
    }
}
