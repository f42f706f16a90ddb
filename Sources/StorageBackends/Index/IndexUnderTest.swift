/// Keys of one loop.
public typealias IndexKeys = UnsafeBufferPointer<Int64>

/// An index alone under test: a map from `Int64` to `UInt64` in memory, with no log and no durability.
///
/// Each method is a whole measured loop, so that no call an operation stands in anybody's figure: a conforming type
/// runs it where its index can be inlined. Every key's value is `IndexPayload.value(of:)`, and every value that comes
/// back is compared with it inside the loop. One thread at a time.
public protocol IndexUnderTest: AnyObject {
    /// Keys in the index.
    var count: Int { get }
    /// Bytes of memory that the index holds: blocks as the allocator keeps them, or pages in use.
    var allocatedBytes: Int { get }
    /// What the index tells of its own structure; empty where it tells nothing. May walk the whole index.
    var structure: [IndexFigure] { get }

    /// Fills an empty index from strictly ascending keys, in the way that suits it best.
    func load(_ keys: IndexKeys) throws(BackendError)
    /// Inserts each key; hits are keys that were there.
    /// - Throws: When there is no memory.
    func insert(_ keys: IndexKeys) throws(BackendError) -> IndexTally
    /// Inserts the keys, none of which is there, through the index's own call for many pairs,
    /// `IndexTally.insertBatch` a call, in the order in which they stand.
    /// - Throws: When there is no memory.
    func insertBatched(_ keys: IndexKeys) throws(BackendError)
    /// `insert` with the thread's processor time of each insert, the clock's cost included
    /// (CLOCK_THREAD_CPUTIME_ID of clock_gettime(2)). `nanoseconds` has room for as many as there are keys.
    func insert(_ keys: IndexKeys, nanoseconds: UnsafeMutablePointer<UInt64>) throws(BackendError) -> IndexTally
    /// Removes each key; hits are keys that were there.
    func remove(_ keys: IndexKeys) -> IndexTally
    /// Looks each key up; the processor may overlap them.
    func lookUp(_ keys: IndexKeys) -> IndexTally
    /// Looks each key up, none before the last one has ended: each key is computed from the value found before it, and
    /// after an absent key, which has no value, an instruction waits for all before it.
    func lookUpDependent(_ keys: IndexKeys) -> IndexTally
    /// Looks the keys up through the index's own call for many keys, `IndexTally.batch` a call.
    func lookUpBatched(_ keys: IndexKeys) -> IndexTally
    /// Looks each key up by a reader that a writer may run beside; without one where `other` is empty, else while a
    /// thread of its own removes and inserts the keys of `other`, which are in the index, block by block. All of them
    /// are in the index afterwards.
    /// - Throws: When there is no memory, or no thread.
    func lookUpByReader(_ keys: IndexKeys, beside other: IndexKeys) throws(BackendError) -> IndexReading
    /// From each key, the next `length` pairs in ascending order.
    func scan(from keys: IndexKeys, length: Int) -> IndexTally
    /// All pairs: how many, whether they are right and in ascending order, and the sum of their values.
    func walk() -> IndexTally
}

extension IndexUnderTest {
    /// Nothing, for the descriptor of an index without `IndexCapabilities.insertBatch` says that it can't.
    public func insertBatched(_ keys: IndexKeys) throws(BackendError) {}

    /// Nothing, for the descriptor of an index without `IndexCapabilities.readers` says that it can't.
    public func lookUpByReader(_ keys: IndexKeys, beside other: IndexKeys) throws(BackendError) -> IndexReading {
        IndexReading()
    }
}

/// What a reader came to, and the writer beside it while it read.
public struct IndexReading: Sendable, Hashable {
    public var tally = IndexTally()
    /// Time of the reader's loop, ns.
    public var nanoseconds: UInt64 = 0
    /// Inserts and removes while it ran.
    public var writes: UInt64 = 0

    public init() {}

    public static func += (sum: inout IndexReading, other: IndexReading) {
        sum.tally += other.tally
        sum.nanoseconds += other.nanoseconds
        sum.writes += other.writes
    }
}

/// The value that belongs to a key in every index under test.
public enum IndexPayload {
    /// An odd multiple of the key: a bijection, one instruction.
    @inlinable @inline(__always)
    public static func value(of key: Int64) -> UInt64 { UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15 }
}

/// What a loop came to. Equal for all indexes that ran the same keys.
public struct IndexTally: Sendable, Hashable {
    /// Operations that found their key.
    public var hits: UInt64 = 0
    /// Pairs that scans and walks returned.
    public var pairs: UInt64 = 0
    /// Values that were not the payload of their key, and keys out of order: 0 unless an index is broken.
    public var wrong: UInt64 = 0
    /// Sum of all values found, modulo 2^64.
    public var checksum: UInt64 = 0

    /// Keys that one call of a batched lookup takes: that of the targets' multi-get.
    public static let batch = 64
    /// Pairs that one call of a batched insert takes: those of the engine's row `load-random`, which the roadmap's gate
    /// of batches is judged by.
    public static let insertBatch = 10_000

    @inlinable
    public init() {}

    public static func += (sum: inout IndexTally, other: IndexTally) {
        sum.hits &+= other.hits
        sum.pairs &+= other.pairs
        sum.wrong &+= other.wrong
        sum.checksum &+= other.checksum
    }
}

/// One figure that an index tells of itself: `data_nodes`, 312, `count`.
public struct IndexFigure: Sendable, Hashable {
    public var metric: String
    public var value: Double
    public var unit: String

    public init(_ metric: String, _ value: Double, unit: String = "count") {
        self.metric = metric
        self.value = value
        self.unit = unit
    }
}
