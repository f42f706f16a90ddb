import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A directory that is a store, becomes one, or is refused.
struct StoreDirectory {
    let path: String
    let fileSystem: any FileSystem

    private static let segmentsName = "segments"

    /// Takes the lock and reads the manifest, writing a first one when the directory is empty or absent.
    ///
    /// What is no store, or one that this program can't read, is refused before anything is written.
    ///
    /// - Parameter word: Random words, for a new store's identity.
    func open(_ word: () -> UInt64) throws(AlexStoreError) -> (StoreLock, Manifest) {
        try throwingStoreError { () throws(StorageIOError) in try fileSystem.makeDirectory(path) }
        let names = try throwingStoreError { () throws(StorageIOError) in try fileSystem.list(path) }
        if names.contains(Manifest.name) {
            _ = try readManifest()
        } else {
            do throws(AlexStoreError) { try checkVacant(names) } catch {
                // Somebody may have made the store since the names were read: then it is for the lock to decide.
                guard try readManifest() != nil else { throw error }
            }
        }
        let lock = try StoreLock(directory: path, fileSystem: fileSystem)
        // Read again: only under the lock is it certain that nobody writes it.
        if let manifest = try readManifest() {
            // Whoever made the store may have ended before its names were durable.
            if manifest.mark.segment == 0 {
                try throwingStoreError { () throws(StorageIOError) in try fileSystem.syncDirectory(path) }
                try syncParent()
            }
            return (lock, manifest)
        }
        return (lock, try create(word))
    }

    /// Refuses a directory that holds anything but the beginnings of a store.
    private func checkVacant(_ names: [String]) throws(AlexStoreError) {
        let ours: Set<String> = [
            StoreLock.name, Manifest.temporaryName, Self.segmentsName, CheckpointFile.folder,
        ]
        if let foreign = names.first(where: { !ours.contains($0) }) {
            throw .incompatible(
                file: path, reason: "it is no store and holds \(foreign); choose an empty directory")
        }
        guard names.contains(Self.segmentsName) else { return }
        let segments = try throwingStoreError { () throws(StorageIOError) in
            try fileSystem.list(path + "/" + Self.segmentsName)
        }
        if !segments.isEmpty {
            throw .damaged(
                file: path + "/" + Manifest.name, offset: 0, reason: "it is missing although there are segments")
        }
    }

    /// The manifest; `nil` when there is none.
    func readManifest() throws(AlexStoreError) -> Manifest? {
        let manifestPath = path + "/" + Manifest.name
        let bytes: [UInt8]?
        do throws(StorageIOError) {
            let file = try fileSystem.open(manifestPath, .read)
            defer { file.close() }
            var buffer = [UInt8](repeating: 0, count: min(try file.size(), Manifest.bytesMax + 1))
            let read = buffer.withUnsafeMutableBytes { bytes in
                Result { () throws(StorageIOError) in try file.read(into: bytes, at: 0) }
            }
            bytes = Array(buffer.prefix(try read.get()))
        } catch {
            guard error.code == ENOENT else { throw .io(error) }
            bytes = nil
        }
        guard let bytes else { return nil }
        do { return try Manifest.decoded(bytes) } catch {
            switch error {
            case .incompatible(let reason): throw .incompatible(file: manifestPath, reason: reason)
            case .damaged(let reason), .torn(let reason): throw .damaged(file: manifestPath, offset: 0, reason: reason)
            }
        }
    }

    private func create(_ word: () -> UInt64) throws(AlexStoreError) -> Manifest {
        let manifest = Manifest(
            store: .random(word), firstSegment: 1, mark: LogPlace(segment: 0, offset: 0), markSequence: 1)
        try throwingStoreError { () throws(StorageIOError) in
            try fileSystem.makeDirectory(path + "/" + Self.segmentsName)
        }
        try write(manifest)
        try syncParent()
        return manifest
    }

    /// Makes the name of the store's directory durable, which may be new.
    func syncParent() throws(AlexStoreError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let parent = (path.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
        do throws(StorageIOError) {
            try fileSystem.syncDirectory(parent.isEmpty ? "." : parent)
        } catch {
            // A directory that can be passed through but not read was not made by this call, nor can it be synced.
            guard error.code == EACCES else { throw .io(error) }
        }
    }

    /// Puts a new manifest in the place of the old one: temporary file, sync, rename, directory sync.
    ///
    /// - Parameter willReplace: Called once the new one is on the disk under its temporary name. From then on a failure
    ///   leaves open which of the two the next open finds.
    func write(_ manifest: Manifest, willReplace: () -> Void = {}) throws(AlexStoreError) {
        let bytes = manifest.encoded()
        let temporary = path + "/" + Manifest.temporaryName
        try throwingStoreError { () throws(StorageIOError) in
            let file = try fileSystem.open(temporary, .replace)
            defer { file.close() }
            let written = bytes.withUnsafeBytes { bytes in
                Result { () throws(StorageIOError) in try file.write(bytes, at: 0) }
            }
            try written.get()
            try file.syncData()
        }
        willReplace()
        try throwingStoreError { () throws(StorageIOError) in
            try fileSystem.rename(temporary, to: path + "/" + Manifest.name)
            try fileSystem.syncDirectory(path)
        }
    }
}
