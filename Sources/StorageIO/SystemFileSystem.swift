import CStorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The machine's own file system.
public final class SystemFileSystem: FileSystem {
    public static let shared = SystemFileSystem()

    public init() {}

    public func open(_ path: String, _ mode: FileMode) throws(StorageIOError) -> any StorageFile {
        let descriptor = storage_io_open(path, mode.rawValue)
        guard descriptor >= 0 else { throw StorageIOError(call: "open", name: path, code: -descriptor) }
        return SystemFile(path: path, descriptor: descriptor)
    }

    /// A file in memory that no directory names, for simulated disks: memfd_create(2).
    public static func memoryFile(named path: String) throws(StorageIOError) -> any StorageFile {
        let descriptor = storage_io_memory_file()
        guard descriptor >= 0 else { throw StorageIOError(call: "memfd_create", name: path, code: -descriptor) }
        return SystemFile(path: path, descriptor: descriptor)
    }

    public func makeDirectory(_ path: String) throws(StorageIOError) {
        try check("mkdir", path, storage_io_make_directory(path))
    }

    public func list(_ path: String) throws(StorageIOError) -> [String] {
        guard let directory = opendir(path) else { throw StorageIOError(call: "opendir", name: path, code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // Safe: readdir ends d_name with a zero, and the entry stays until the next call.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public func rename(_ from: String, to path: String) throws(StorageIOError) {
        try check("rename", from, storage_io_rename(from, path))
    }

    public func remove(_ path: String) throws(StorageIOError) {
        try check("unlink", path, storage_io_unlink(path))
    }

    public func syncDirectory(_ path: String) throws(StorageIOError) {
        let descriptor = storage_io_open(path, FileMode.read.rawValue)
        try check("open", path, descriptor)
        defer { _ = storage_io_close(descriptor) }
        try check("fsync", path, storage_io_sync(descriptor))
    }
}

/// Throws when `result`, which is -errno for a failure, is one.
func check(_ call: String, _ name: String, _ result: Int32) throws(StorageIOError) {
    if result < 0 { throw StorageIOError(call: call, name: name, code: -result) }
}
