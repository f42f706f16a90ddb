public import StorageIO

/// What survives once an operation has returned.
public enum Durability: String, Sendable, CaseIterable {
    /// Survives a clean close.
    case memory
    /// Survives the end of the process, `kill -9` included, not the end of power.
    case process
    /// Survives power loss: each commit, or each group of commits of several threads, is written and synced
    /// (pwrite(2), fdatasync(2)) before it returns, and reads show it only then.
    case power
}

/// What the system reads of a log beyond the pages that are asked for, where they are not in memory. See
/// <doc:LargerThanMemory>.
public enum ReadAhead: String, Sendable, CaseIterable {
    /// `none` for a log of more than three quarters of the memory that this process may have, else `system`. Memory is
    /// the least of what the machine has and of the limits of the process's control group and those above it, looked up
    /// once an open, for a log of 16 MiB and more; what the log takes is held against it at open and whenever it grows
    /// or is compacted.
    case automatic
    /// As the system thinks best, for a log that fits in memory: the neighbours of a page are read with it.
    case system
    /// A page that is not in memory is read alone (madvise(2) with MADV_RANDOM); scans and reads of many keys, which
    /// know what comes, ask for it ahead (MADV_WILLNEED).
    case none
}

/// How a store is opened. The defaults suit most uses.
public struct AlexStoreOptions: Sendable {
    /// What survives once an operation has returned.
    public var durability: Durability = .process
    /// Whether every read compares the record's checksum. Off, damage to a value goes unnoticed until `verify()`, or an
    /// open that reads that part of the log again.
    public var checksOnRead = true
    /// A new segment is begun when the next commit would take this one beyond so many bytes. 256 MiB; a longer commit
    /// gets a segment of its own. May differ from one open to the next.
    public var segmentBytesLimit = 256 << 20
    /// The longest step by which a segment grows: 16 MiB. Small segments grow by less: a small store stays small.
    public var growthStepBytes = 16 << 20
    /// Whether a thread of the store allocates the next step ahead, so that a writer does not wait for it.
    public var growsInBackground = true
    /// The address space to reserve, 1 TiB. It costs no memory. When the system refuses, half of it and so on, down to
    /// 4 GiB. The log can't outgrow it while the store is open.
    public var addressSpaceBytes = 1 << 40
    /// Whether a close writes a checkpoint, from which the next open goes on instead of reading the whole log.
    public var checkpointsOnClose = true
    /// A close writes one only when the log has grown by so many bytes since the last: 1 MiB. What is behind the last
    /// one is read again at open, and the whole image with it: see <doc:Recovery>.
    public var checkpointOnCloseBytesMin = 1 << 20
    /// A thread of the store makes a checkpoint whenever the log has grown by so many bytes since the last, or by the
    /// bytes of the last one's image if those are more: 256 MiB. Opening after a crash reads no more log than that, and
    /// what was written while the last one was being made; after a compaction, all of it until the next. With 0, only
    /// a close and ``AlexStore/checkpoint()`` make one. Meanwhile it takes as much memory again as the index.
    public var checkpointBytes = 256 << 20
    /// Whether they are made on a thread; otherwise by the writer, which waits.
    package var checkpointsOnThread = true
    /// An index image of more bytes is brought in as reads need it, a smaller one at open.
    package var imageBytesReadAtOnce = 1 << 20
    /// When a filter for absent keys is asked before the index: as long as it pays, with 0.5 % of them passing; it then
    /// takes 1.5 to 3 bytes a key. See <doc:AbsentKeys>.
    public var absentKeyFilter = AbsentKeyFilter.adaptive(passing: 0.005)
    /// When the store compacts by itself, beside its writers; `nil` for never. On, so that a store that is updated
    /// again and again keeps to a multiple of what it holds.
    public var automaticCompaction: AutomaticCompaction? = AutomaticCompaction()
    /// What the system reads beyond the pages of the log that are asked for.
    public var readAhead = ReadAhead.automatic
    /// The memory that this process may have; `nil` to ask the system.
    package var memoryBytes: Int?
    /// The files. Another one than the system's is for tests.
    public var fileSystem: any FileSystem = SystemFileSystem.shared
    /// What the torture takes away, to see that it notices.
    package var defences = Defences()

    public init(durability: Durability = .process) { self.durability = durability }
}

/// What keeps stale bytes from being read as records, a checkpoint and a compaction from being ahead of the log, and
/// one transaction from another. Always these, but in the torture.
package struct Defences: Sendable {
    /// The salt of a new segment whose first record gets this sequence number.
    package var salt: @Sendable (UInt64) -> UInt64 = { _ in .random(in: .min ... .max) }
    /// Whether recovery takes a record only when its sequence number follows on the one before.
    package var checksSequence = true
    /// Whether the log is synced before a checkpoint is written.
    package var syncsBeforeCheckpoint = true
    /// Whether the log is synced before a compaction that was made of it counts.
    package var syncsBeforeCompaction = true
    /// Whether a transaction of a committer compares what it has read once more when it commits.
    package var comparesReads = true
    /// Random words: a new store's identity, the salts of compacted segments.
    package var word: @Sendable () -> UInt64 = { .random(in: .min ... .max) }

    package init() {}
}
