import AlexStorage
import Synchronization

// What is taken away from the disk or from the engine, for checking that the checks find it: each sync by the kind of
// file or directory, and by what it is for where one file is synced for several things; the salt; the comparison of
// sequence numbers; what keeps one transaction from another.

package enum Mutation: String, CaseIterable, Sendable {
    case none
    /// fdatasync of a segment of the log does nothing.
    case segmentSync = "segment-sync"
    /// fdatasync of a compacted segment does nothing: the manifest names it before it is on the disk.
    case compactionSync = "compaction-sync"
    /// fdatasync of the manifest does nothing.
    case manifestSync = "manifest-sync"
    /// fdatasync of a checkpoint does nothing: the manifest names it before it is on the disk.
    case checkpointFileSync = "checkpoint-file-sync"
    /// fsync of any directory does nothing.
    case directorySync = "directory-sync"
    /// fsync of the store's directory does nothing: the manifest may come back in an older form.
    case storeDirectorySync = "store-directory-sync"
    /// fsync of the directory that the store's lies in does nothing: the store may be gone.
    case parentDirectorySync = "parent-directory-sync"
    /// fsync of the segments' directory does nothing.
    case segmentsDirectorySync = "segments-directory-sync"
    /// fsync of the checkpoints' directory does nothing.
    case checkpointDirectorySync = "checkpoint-directory-sync"
    /// The log is not synced before a checkpoint is written.
    case checkpointSync = "checkpoint-sync"
    /// The log is not synced before a compaction of it counts.
    case compactionLogSync = "compaction-log-sync"
    /// Every segment has the same salt.
    case salt
    /// Salts repeat, except among segments that begin with the same sequence number, and recovery compares no
    /// sequence numbers.
    case sequence
    /// The same salts, and recovery as it is: here nothing may be found.
    case repeatedSalts = "repeated-salts"
    /// A transaction of a committer does not compare what it has read when it commits.
    case transactionCheck = "transaction-check"

    /// Whether stale records fit in only when all records are of one length.
    var needsUniformRecords: Bool { self == .salt || self == .sequence || self == .repeatedSalts }

    /// What the engine is left with, for one trial.
    func defences() -> Defences {
        var defences = Defences()
        switch self {
        case .salt: defences.salt = { _ in 1 }
        case .sequence, .repeatedSalts:
            let given = Mutex<[UInt64: UInt64]>([:])
            defences.salt = { sequence in
                given.withLock { given in
                    given[sequence, default: 0] += 1
                    return given[sequence, default: 0]
                }
            }
            defences.checksSequence = self != .sequence
        case .checkpointSync: defences.syncsBeforeCheckpoint = false
        case .compactionLogSync: defences.syncsBeforeCompaction = false
        case .transactionCheck: defences.comparesReads = false
        case .none, .segmentSync, .compactionSync, .manifestSync, .checkpointFileSync, .directorySync,
            .storeDirectorySync, .parentDirectorySync, .segmentsDirectorySync, .checkpointDirectorySync:
            break
        }
        return defences
    }

    /// Whether fdatasync of a file does nothing.
    func dropsSync(of path: String) -> Bool {
        switch self {
        case .segmentSync: path.contains("/segments/") && !path.hasSuffix(".compacted")
        case .compactionSync: path.hasSuffix(".compacted")
        case .manifestSync: path.contains("MANIFEST")
        case .checkpointFileSync: path.contains("/checkpoint/")
        default: false
        }
    }

    /// Whether fsync of a directory does nothing; the root has the empty name.
    func dropsSync(ofDirectory path: String) -> Bool {
        switch self {
        case .directorySync: true
        case .storeDirectorySync: path == PowerLossTrial.directory
        case .parentDirectorySync: path.isEmpty
        case .segmentsDirectorySync: path.hasSuffix("/segments")
        case .checkpointDirectorySync: path.hasSuffix("/checkpoint")
        default: false
        }
    }
}
