import CIntrinsics
import LearnedIndex
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files of a log: what is needed at open, at growth and at close, never in between.
final class LogFiles {
    let directory: String
    let options: AlexStoreOptions
    let region: AddressRegion
    let granules: UnsafeMutablePointer<ValueLog.Granule>
    let granuleCount: Int
    /// For reads by the store's thread.
    let lengthGuess = LengthGuess()
    let lock: StoreLock
    private let owner = getpid()
    let syncs = LogSyncs()
    var manifest: Manifest
    var state = State.open {
        didSet {
            if state == .closed { memory.close() }
            if state != .open { didHalt?() }
        }
    }
    /// Told when the store takes no writes any more, whoever found out: with the lock of those who commit held.
    var didHalt: (() -> Void)?
    /// The same maps as readers on other threads find them.
    let memory: SegmentMemory
    var recovery = RecoveryReport()
    /// Those of the log that are not retired, in the order of their numbers; the last is the tail.
    var segments: [Segment] = []
    /// Those that compaction has written, in the order of their numbers.
    var compacted: [CompactedSegment] = []
    /// Replaced, and perhaps still read by somebody: their names and maps stay until nobody can.
    var leaving: [LeavingSegment] = []
    /// The number that the next compacted segment gets. Ahead of the manifest's after a compaction that failed.
    var nextCompacted: UInt64
    /// Whether a compaction is under way, or was stopped between the layouts: then no other begins, and no checkpoint.
    var isCompacting: Bool {
        get { compacts || moveFailure != nil }
        set { compacts = newValue }
    }
    private var compacts = false
    /// Why a compaction could not bring the index to its new files, though a manifest names them. What it was to
    /// replace stays, mapped and on the disk.
    var moveFailure: AlexStoreError?
    /// What is thrown where a compaction must have come to its end.
    var compactingError: AlexStoreError { moveFailure ?? .unsupported("a compaction is under way; wait for its end") }
    /// Manifests of which one may be on the disk in the place of `manifest`, after replacements that were not
    /// acknowledged.
    private(set) var doubtfulManifests: [Manifest] = []
    /// Where the next segment may begin in the region.
    var nextSegmentBase = 0
    /// Compacted segments lie above this place: they are given the region from its end down.
    var ceiling: Int
    /// Address space above the ceiling or below the log's end that was given back.
    var freeRanges: [Range<Int>] = []
    /// The checksum field of the last record in the segment before the tail is in the tail's header; this is where the
    /// files that have unsynced content begin.
    var firstUnsynced = 0
    var growth = Growth()
    /// What the store's committers hold outside class power.
    let monitor = Monitor()
    /// Whether the names of all segments are durable.
    var isDirectorySynced = false
    /// Everything up to this sequence number is durable, for certain.
    var durableSequence: UInt64 = 0
    /// Where the tail begins that an earlier opener left without a durable mark behind it. Its pages may count as
    /// written to disk after a failed sync, though they were not: they are written again before the next sync.
    var suspect: (from: LogPlace, lastSegment: UInt64)?
    /// What the checkpoint that the manifest names was made for, once it is known to be good.
    var checkpointed: (position: LogPlace, layoutGeneration: UInt64)?
    /// Bytes of log that were there when it was made; what recovery has read from it on counts as new.
    var checkpointedBytes = 0
    /// The sequence number of the record behind it, if its counts of garbage were taken over.
    var checkpointedSequence: UInt64?
    /// Brings in what an index that was opened late still misses. Before the first append at the latest.
    var completeIndex: (() -> Void)?
    weak var lateCheckpoint: LateCheckpoint?
    /// Why nothing can be read any more, although nobody has closed the store.
    var unreadable: AlexStoreError?
    /// Bytes of its image, and of that of one that is not in force yet.
    var checkpointedImageBytes = 0
    var writtenImageBytes = 0
    /// The log is to be at least so long before another one is begun.
    var checkpointRetryBytes = 0
    /// One that is being made, or that nobody has put into force yet.
    var checkpointJob: CheckpointJob?
    var checkpointWorker: GrowthWorker?
    /// The last number that a checkpoint of this opener was given.
    var checkpointNumber: UInt64 = 0
    /// Bytes of log after which the writer is to come by (`ValueLog.makeRoom`), though there is room for more.
    var turnBytes = Int.max / 4
    /// Bytes of the segments that were sealed since the store was opened.
    var sealedBytes = 0
    /// The limit before the log was frozen, and how often it is.
    var frozenLimit = 0
    var frozenDepth = 0
    /// Whether it is frozen for a transaction.
    var isInTransaction = false
    /// Whether the system was told that pages of the log are read here and there.
    var isAdvised = false
    /// What this process may have of memory, once a log was large enough to ask.
    lazy var memoryBytes = options.memoryBytes ?? SystemMemory.limitBytes()

    /// Whether this is a copy in a child of the process that has opened the store: fork(2) has taken along neither its
    /// maps nor its threads, but its lock and its files.
    var isInherited: Bool { getpid() != owner }

    enum State { case open, poisoned, closed }

    /// Why a frozen log takes no appends.
    var frozenError: AlexStoreError { isInTransaction ? .transactionInProgress : .scanInProgress }

    /// A segment of the log.
    struct Segment {
        var id: UInt64
        var name: String
        /// The place of its first byte in the region.
        var base: Int
        /// Bytes of its file with blocks behind them; of a sealed one, bytes that are mapped.
        var allocated: Int
        /// Where its records end. Of the tail: as of the last seal, sync or close.
        var end: Int
        /// Of the tail alone.
        var file: (any StorageFile)?
        /// The sequence number of its first record, and, once it is sealed, the one that follows on its last.
        var baseSequence: UInt64 = 0
        var endSequence: UInt64 = 0
        /// Tombstones that the scan at open has found.
        var tombstones: UInt64 = 0
    }

    init(
        directory: String, options: AlexStoreOptions, lock: StoreLock, manifest: Manifest
    ) throws(AlexStoreError) {
        self.directory = directory
        self.options = options
        self.lock = lock
        self.manifest = manifest
        let region = try throwingStoreError { () throws(StorageIOError) in
            try AddressRegion(bytes: options.addressSpaceBytes)
        }
        self.region = region
        granuleCount = region.bytes >> LogFormat.granuleShift
        memory = try SegmentMemory(
            region: region, granuleCount: granuleCount, checksOnRead: options.checksOnRead)
        ceiling = granuleCount << LogFormat.granuleShift
        nextCompacted = manifest.nextCompacted
        // One more: garbage that is none is counted there. Of address space, so that only those in use take memory.
        let bytes = (granuleCount + 1) * MemoryLayout<ValueLog.Granule>.stride
        guard let zeros = intrinsics_memory_reserve(bytes) else { throw .index(.outOfMemory(bytes: bytes)) }
        // Safe: a granule of zeros is one without a segment.
        granules = zeros.bindMemory(to: ValueLog.Granule.self, capacity: granuleCount + 1)
    }

    deinit {
        checkpointJob?.cancel()
        checkpointWorker?.stop()
        growth.worker?.stop()
        for segment in segments { segment.file?.close() }
        lock.release()
        lengthGuess.release()
        intrinsics_memory_release(granules, (granuleCount + 1) * MemoryLayout<ValueLog.Granule>.stride)
    }

    var fileSystem: any FileSystem { options.fileSystem }
    var segmentsDirectory: String { directory + "/segments" }
    func path(of name: String) -> String { segmentsDirectory + "/" + name }

    /// The tail's index in `segments`.
    var tail: Int { segments.count - 1 }

    /// Sixteen hexadecimal digits, so that names sort as numbers do.
    static func segmentName(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + ".segment"
    }

    func segmentName(at base: Int) -> String {
        segments.first { $0.base == base }?.name ?? compacted.first { $0.base == base }?.name ?? "a segment"
    }

    /// Address space for a segment of up to `bytes` bytes, from a multiple of 16 MiB on.
    func reserveSegment(bytes: Int) throws(AlexStoreError) -> Int {
        let base = nextSegmentBase
        try extendReservation(from: base, bytes: bytes)
        return base
    }

    /// Moves the end of the last reservation to `bytes` behind its `base`.
    func extendReservation(from base: Int, bytes: Int) throws(AlexStoreError) {
        let rounded = Self.wholeGranules(bytes)
        guard rounded <= ceiling - base else { throw .addressSpaceExhausted(bytes: region.bytes) }
        if let prepared = preparedBase {
            precondition(base >= prepared || base + rounded <= prepared, "a segment is given the place of the next one")
        }
        nextSegmentBase = max(nextSegmentBase, base + rounded)
    }

    // MARK: The manifest

    /// Puts a manifest in the place of the old one, on the disk and here.
    func replaceManifest(_ new: Manifest) throws(AlexStoreError) {
        var isDoubtful = false
        do throws(AlexStoreError) {
            try StoreDirectory(path: directory, fileSystem: fileSystem).write(new) { isDoubtful = true }
        } catch {
            if isDoubtful { doubt(new) }
            throw error
        }
        adopt(new)
    }

    /// Takes over a manifest that is on the disk for certain.
    func adopt(_ new: Manifest) {
        manifest = new
        doubtfulManifests = []
    }

    /// Notes that a manifest may be on the disk. The one before goes on counting here: both name files that are there.
    func doubt(_ new: Manifest) {
        if doubtfulManifests.contains(new) { return }
        if doubtfulManifests.count == Self.doubtfulMax { doubtfulManifests.removeFirst() }
        doubtfulManifests.append(new)
    }

    /// Of replacements that fail one after the other the last ones are noted: on the disk is the last that got its
    /// name.
    private static let doubtfulMax = 8

    /// Enters a segment's mapped bytes into the tables that readers use: the store's thread, and others. What is new of
    /// them is advised as the others are.
    func publishGranules(base: Int, mappedBytes: Int, salt: UInt64, isCompacted: Bool = false) {
        memory.publish(base: base, mappedBytes: mappedBytes, salt: salt, isCompacted: isCompacted)
        if isAdvised { advise(base, mappedBytes) }
        let first = base >> LogFormat.granuleShift
        let last = (base + max(mappedBytes, 1) - 1) >> LogFormat.granuleShift
        for index in first...last {
            granules[index].salt = salt
            granules[index].base = base
            granules[index].end = base + mappedBytes
        }
    }
}
