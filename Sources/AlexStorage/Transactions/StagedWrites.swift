/// The writes of a transaction that is not committed: the last of each key, and the keys in order for scans.
///
/// Memory: `bytes` and no more than twice the keys' share of it; what is overwritten is given back at once.
struct StagedWrites {
    /// What the commit will do to a key.
    enum Write {
        case put(StagedValue)
        case remove
    }

    private var writes: [Int64: Write] = [:]
    /// The keys in ascending order, but for those in `newKeys`; some may have no write any more.
    private var orderedKeys: [Int64] = []
    private var newKeys: [Int64] = []
    /// What the writes count for: see `bytes(of:)`.
    private(set) var bytes = 0

    /// What a key counts for besides its value, whether it is written or read: its entry in a table, its place in the
    /// order, the value's own header. 128 bytes are more than all of them.
    static let bytesOfKey = 128

    var isEmpty: Bool { writes.isEmpty }
    var count: Int { writes.count }

    subscript(key: Int64) -> Write? { writes[key] }

    /// What a write counts for.
    static func bytes(of write: Write?) -> Int {
        switch write {
        case .put(let value): bytesOfKey + value.bytes.count
        case .remove: bytesOfKey
        case nil: 0
        }
    }

    /// Makes `write` the write of `key`; `nil` takes it back. Expected O(1).
    mutating func set(_ write: Write?, forKey key: Int64) {
        let old = writes[key]
        bytes += Self.bytes(of: write) - Self.bytes(of: old)
        writes[key] = write
        // A key without a write any more stays where it is in the order: `keys` passes it over.
        if old == nil && write != nil { newKeys.append(key) }
    }

    /// All keys in ascending order. O(keys + new ones × log new ones).
    mutating func keys() -> [Int64] {
        if !newKeys.isEmpty {
            newKeys.sort()
            orderedKeys = merged()
            newKeys.removeAll(keepingCapacity: true)
        }
        if orderedKeys.count > writes.count { orderedKeys.removeAll { writes[$0] == nil } }
        return orderedKeys
    }

    /// Both lists as one, each key once.
    private func merged() -> [Int64] {
        var all: [Int64] = []
        all.reserveCapacity(orderedKeys.count + newKeys.count)
        var (left, right) = (0, 0)
        while left < orderedKeys.count || right < newKeys.count {
            let takesLeft =
                right == newKeys.count || left < orderedKeys.count && orderedKeys[left] <= newKeys[right]
            let key = takesLeft ? orderedKeys[left] : newKeys[right]
            if takesLeft { left += 1 } else { right += 1 }
            if all.last != key { all.append(key) }
        }
        return all
    }

    mutating func removeAll() { self = StagedWrites() }
}

/// A copy of a value at a place that stays, so that the log can take it from there.
final class StagedValue {
    let bytes: UnsafeRawBufferPointer

    init(_ value: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: value.count, alignment: 8)
        copy.copyMemory(from: value)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}

/// The writes of a transaction as its commit takes them, in the order of the keys.
struct StagedCommit {
    let changes: [(key: Int64, write: StagedWrites.Write)]

    static var nothing: StagedCommit { StagedCommit(changes: []) }

    private init(changes: [(key: Int64, write: StagedWrites.Write)]) { self.changes = changes }

    init(_ writes: inout StagedWrites) {
        let keys = writes.keys()
        changes = keys.compactMap { key in writes[key].map { (key, $0) } }
    }

    var isEmpty: Bool { changes.isEmpty }

    var count: Int { changes.count }
    func key(_ index: Int) -> Int64 { changes[index].key }

    /// The value; nothing for a removal. Stays where it is as long as the commit.
    func value(_ index: Int) -> UnsafeRawBufferPointer {
        if case .put(let value) = changes[index].write { return value.bytes }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// What kind of record it becomes.
    func flag(_ index: Int) -> UInt64 {
        if case .put = changes[index].write { return LogFormat.putFlag }
        return LogFormat.deleteFlag
    }
}
