import LearnedIndex

// From the records of the log, in the order in which they were written, to the index.
//
// 1. Keys and places are gathered, a tombstone's place with the highest bit set, until the batch is full.
// 2. A full batch goes to the index as one: it sorts (radix) and keeps the last of each key. The first is a bulk load.
// 3. Keys that the batch left with a tombstone are removed.
//
// Invariants
// 1. No place has the highest bit set: places are distances in an address region, far below 2^63.
// 2. Between batches the index holds no tombstone, and exactly the keys whose last record so far is a put.
//
// A batch holds 2^20 records at first, and as many as the index has keys once those are more: so a log of any length
// builds each node a logarithmic number of times, and memory stays in proportion to the index, not to the log.

/// Records on their way into the index.
struct ReplayBatch {
    private var pairs: UnsafeMutablePointer<AlexIndex.Entry>
    private var capacity: Int
    private let fullMin: Int
    private var held = 0
    private var holdsDeletes = false
    /// The first refusal of the index. Nothing is added after it.
    private var failure: IndexError?

    private static let firstCapacity = 1 << 12
    /// The fewest records of a full batch: 2^20, 48 MiB with what the index takes to sort them.
    static let fullMin = 1 << 20
    private static let deleted: UInt64 = 1 << 63

    init(fullMin: Int = Self.fullMin) {
        self.fullMin = fullMin
        capacity = min(Self.firstCapacity, fullMin)
        pairs = .allocate(capacity: capacity)
    }

    mutating func add(_ record: ReplayedRecord, to index: inout AlexIndex) {
        if held == capacity { makeRoom(&index) }
        if record.isDelete { holdsDeletes = true }
        // Safe: `makeRoom` leaves held < capacity.
        (pairs + held).initialize(to: (record.key, record.isDelete ? record.place | Self.deleted : record.place))
        held &+= 1
    }

    /// Twice the capacity, or an empty batch.
    private mutating func makeRoom(_ index: inout AlexIndex) {
        if capacity >= max(fullMin, index.count) { return flush(into: &index) }
        let larger = UnsafeMutablePointer<AlexIndex.Entry>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: pairs, count: held)
        pairs.deallocate()
        (pairs, capacity) = (larger, capacity * 2)
    }

    /// Enters what was gathered. Expected O(records), and O(keys of the nodes touched).
    private mutating func flush(into index: inout AlexIndex) {
        let batch = UnsafeBufferPointer(start: pairs, count: held)
        defer { (held, holdsDeletes) = (0, false) }
        if failure != nil { return }
        do throws(IndexError) { try index.insertBatch(batch) } catch {
            failure = error
            return
        }
        guard holdsDeletes else { return }
        for (key, place) in batch where place & Self.deleted != 0 {
            // A later put of the same batch may have won, or another tombstone done the work.
            if let last = index.value(forKey: key), last & Self.deleted != 0 { index.removeValue(forKey: key) }
        }
    }

    /// Enters the rest.
    mutating func finish(into index: inout AlexIndex) throws(IndexError) {
        flush(into: &index)
        if let failure { throw failure }
    }

    /// Gives the memory back. The batch is not used any more.
    func release() { pairs.deallocate() }
}
