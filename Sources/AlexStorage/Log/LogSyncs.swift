import StorageIO
import Synchronization

// The kernel reports a write that it has lost once to each descriptor that was open then, and to the next one that is
// opened if nobody has heard of it yet. Sealed segments have no descriptor of the log's own: whoever syncs them opens
// them for it, the store's thread, a checkpoint's, a compaction's. So one of them may hear of a failure that was meant
// for all, and another that opens the file afterwards would be told that everything is well.
//
// Invariants
// 1. One sync of the log's files is made at a time, from the opening of the file on.
// 2. After one has failed none succeeds.

/// The syncs of one log's segments and of their directory, whoever makes them.
final class LogSyncs: Sendable {
    /// The first that has failed.
    private let failure = Mutex<StorageIOError?>(nil)

    /// fdatasync(2) on an open file.
    func sync(_ file: any StorageFile) throws(StorageIOError) {
        try failure.withLock { failure throws(StorageIOError) in
            try Self.noting(&failure) { () throws(StorageIOError) in try file.syncData() }
        }
    }

    /// The same on a file that is opened for it. That it can't be opened is no failed sync: its pages are as they were.
    func sync(_ path: String, _ fileSystem: any FileSystem) throws(StorageIOError) {
        try failure.withLock { failure throws(StorageIOError) in
            let file = try fileSystem.open(path, .readWrite)
            defer { file.close() }
            try Self.noting(&failure) { () throws(StorageIOError) in try file.syncData() }
        }
    }

    /// Makes the names of a directory durable.
    func syncDirectory(_ path: String, _ fileSystem: any FileSystem) throws(StorageIOError) {
        try failure.withLock { failure throws(StorageIOError) in
            try Self.noting(&failure) { () throws(StorageIOError) in try fileSystem.syncDirectory(path) }
        }
    }

    private static func noting(
        _ failure: inout StorageIOError?, _ sync: () throws(StorageIOError) -> Void
    ) throws(StorageIOError) {
        if let failure { throw failure }
        do throws(StorageIOError) { try sync() } catch {
            if !error.isOfOpening { failure = error }
            throw error
        }
    }
}

extension StorageIOError {
    /// Whether a file or directory could not even be opened, for want of a descriptor say. Where it was to be synced,
    /// nothing is lost by that: the next sync has all of it.
    var isOfOpening: Bool { call == "open" }
}

extension AlexStoreError {
    /// The same of the store's error.
    var isOfOpening: Bool {
        if case .io(let error) = self { error.isOfOpening } else { false }
    }
}
