#if LMDB
    import Glibc
    import StorageBackends
    import Synchronization

    /// The environments that this process has open. LMDB must not open one twice in a process, and does not check it:
    /// closing the second would drop the first one's file locks.
    enum OpenEnvironments {
        /// A directory, whatever path leads to it.
        struct Identity: Hashable, Sendable {
            let device: UInt64
            let inode: UInt64
        }

        private static let identities = Mutex<Set<Identity>>([])

        static func enter(_ directory: String) throws(BackendError) -> Identity {
            var status = stat()
            guard stat(directory, &status) == 0 else {
                throw BackendError(.io, "can't look at '\(directory)': \(String(cString: strerror(errno)))")
            }
            let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
            guard identities.withLock({ $0.insert(identity).inserted }) else {
                throw BackendError(
                    .locked, "LMDB: '\(directory)' is open in this process already: close it there first")
            }
            return identity
        }

        static func leave(_ identity: Identity) {
            identities.withLock { _ = $0.remove(identity) }
        }
    }
#endif
