import Synchronization

/// The stores that this process has open, by device and inode of their lock file: a lock of the kernel does not
/// always tell two openers of one process apart, and a symbolic link is another name for the same file.
public enum LockRegistry {
    private static let held = Mutex<Set<FileIdentity>>([])

    /// Enters a store. Returns false when it is there already.
    public static func enter(_ identity: FileIdentity) -> Bool {
        held.withLock { $0.insert(identity).inserted }
    }

    public static func leave(_ identity: FileIdentity) {
        _ = held.withLock { $0.remove(identity) }
    }
}
