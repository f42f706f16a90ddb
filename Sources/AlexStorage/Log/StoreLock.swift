import StorageIO

/// The one opener of a directory: a kernel lock on `LOCK` against other processes, an entry in the registry against
/// this one.
final class StoreLock {
    static let name = "LOCK"
    private let file: any StorageFile
    private let identity: FileIdentity
    private var isHeld = true

    /// - Throws: `locked` when another has the store open.
    init(directory: String, fileSystem: any FileSystem) throws(AlexStoreError) {
        let file = try throwingStoreError { () throws(StorageIOError) in
            try fileSystem.open(directory + "/" + Self.name, .create)
        }
        do throws(AlexStoreError) {
            identity = try throwingStoreError { () throws(StorageIOError) in try file.identity() }
            guard LockRegistry.enter(identity) else { throw AlexStoreError.locked(directory: directory) }
        } catch {
            file.close()
            throw error
        }
        self.file = file
        do throws(AlexStoreError) {
            let isOurs = try throwingStoreError { () throws(StorageIOError) in try file.tryLock() }
            if !isOurs { throw AlexStoreError.locked(directory: directory) }
        } catch {
            release()
            throw error
        }
    }

    func release() {
        guard isHeld else { return }
        isHeld = false
        file.close()
        LockRegistry.leave(identity)
    }

    deinit { release() }
}
