import LearnedIndex

// From the records of the log, in the order in which they were written, to the index.
//
// 1. Keys and places are gathered, a tombstone's place with the highest bit set, until the batch is full.
// 2. A full batch goes to the index as one: it sorts (radix) and keeps the last of each key. The first is a bulk load.
// 3. Keys that the batch left with a tombstone are removed.
//
// Records of compacted segments come first, and not in the order in which they were written: the log's oldest may be
// older than they are. So a record of the log is entered without a look only when its sequence number is above all of
// theirs; another one is dropped when the index has a newer record of its key. For that a compacted tombstone stays in
// the index until the end. Where compaction has taken the oldest segments, no record of the log is looked up.
//
// Invariants
// 1. No place has the highest bit set: places are distances in an address region, far below 2^63.
// 2. Between batches the index holds no tombstone but those of compacted segments, and otherwise exactly the keys whose
//    newest record so far is a put.
// 3. Of two records of a key that are handed on, the later is the newer, unless the first is of a compacted segment and
//    the second of the log (Compaction.swift, invariant 3).
//
// A batch holds 2^20 records at first, and as many as the index has keys once those are more: so a log of any length
// builds each node a logarithmic number of times, and memory stays in proportion to the index, not to the log.

/// Records on their way into the index.
struct ReplayBatch {
    private var pairs: UnsafeMutablePointer<AlexIndex.Entry>
    private var capacity: Int
    private let fullMin: Int
    private let growsWithIndex: Bool
    private var held = 0
    private var holdsDeletes = false
    /// The greatest sequence number of a compacted record, and the keys of compacted tombstones.
    private var newestCompacted: UInt64 = 0
    private var compactedDeletes: [Int64] = []
    private var holdsCompacted = false
    /// The first refusal of the index. Nothing is added after it.
    private var failure: IndexError?

    private static let firstCapacity = 1 << 12
    /// The fewest records of a full batch: 2^20, 48 MiB with what the index takes to sort them.
    static let fullMin = 1 << 20
    private static let deleted: UInt64 = 1 << 63

    /// - Parameter growsWithIndex: Whether a full batch holds as many records as the index has keys, if those are more.
    init(fullMin: Int = Self.fullMin, growsWithIndex: Bool = true) {
        self.fullMin = fullMin
        self.growsWithIndex = growsWithIndex
        capacity = min(Self.firstCapacity, fullMin)
        pairs = .allocate(capacity: capacity)
    }

    mutating func add(_ record: ReplayedRecord, to index: inout AlexIndex) {
        if !record.isCompacted && record.sequence <= newestCompacted && isSuperseded(record, in: &index) { return }
        if held == capacity { makeRoom(&index) }
        if record.isCompacted {
            holdsCompacted = true
            newestCompacted = max(newestCompacted, record.sequence)
            if record.isDelete { compactedDeletes.append(record.key) }
        } else if record.isDelete {
            holdsDeletes = true
        }
        // Safe: `makeRoom` leaves held < capacity.
        (pairs + held).initialize(to: (record.key, record.isDelete ? record.place | Self.deleted : record.place))
        held &+= 1
    }

    /// Whether the index holds a newer record of the key. What waits in the batch is of the log, so it is older.
    private mutating func isSuperseded(_ record: ReplayedRecord, in index: inout AlexIndex) -> Bool {
        if holdsCompacted { flush(into: &index) }
        guard let region = record.region, let place = index.value(forKey: record.key) else { return false }
        // Safe: a place in the index is that of a record that was scanned, which is mapped.
        let word = (region + Int(place & ~Self.deleted)).load(fromByteOffset: 16, as: UInt64.self)
        return word >> 8 > record.sequence
    }

    /// Twice the capacity, or an empty batch.
    private mutating func makeRoom(_ index: inout AlexIndex) {
        if capacity >= max(fullMin, growsWithIndex ? index.count : 0) { return flush(into: &index) }
        let larger = UnsafeMutablePointer<AlexIndex.Entry>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: pairs, count: held)
        pairs.deallocate()
        (pairs, capacity) = (larger, capacity * 2)
    }

    /// Enters what was gathered. Expected O(records), and O(keys of the nodes touched).
    private mutating func flush(into index: inout AlexIndex) {
        let batch = UnsafeBufferPointer(start: pairs, count: held)
        defer { (held, holdsDeletes, holdsCompacted) = (0, false, false) }
        if failure != nil { return }
        do throws(IndexError) { try index.insertBatch(batch) } catch {
            failure = error
            return
        }
        guard holdsDeletes else { return }
        for (key, place) in batch where place & Self.deleted != 0 {
            // A later put of the same batch may have won, or another tombstone done the work.
            removeTombstone(key, from: &index)
        }
    }

    private func removeTombstone(_ key: Int64, from index: inout AlexIndex) {
        if let last = index.value(forKey: key), last & Self.deleted != 0 { index.removeValue(forKey: key) }
    }

    /// Enters the rest.
    mutating func finish(into index: inout AlexIndex) throws(IndexError) {
        flush(into: &index)
        for key in compactedDeletes { removeTombstone(key, from: &index) }
        compactedDeletes = []
        if let failure { throw failure }
    }

    /// Gives the memory back. The batch is not used any more.
    func release() { pairs.deallocate() }
}
