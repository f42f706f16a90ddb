import Foundation
import Glibc

/// What the file system says of a folder.
enum FileSystemProbe {
    /// Bytes that the folder's files take on disk: allocated blocks, not lengths. Files that go while it looks count 0.
    static func allocatedBytes(under directory: String) -> UInt64 {
        guard let walk = FileManager.default.enumerator(atPath: directory) else { return 0 }
        var bytes: UInt64 = 0
        for case let path as String in walk {
            var status = stat()
            if lstat("\(directory)/\(path)", &status) == 0 { bytes += UInt64(status.st_blocks) * 512 }
        }
        return bytes
    }

    /// Bytes that this user may still write where the folder is, or `nil` if the system does not tell.
    static func freeBytes(at directory: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(existingParent(of: directory), &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    /// The file system's type as the kernel names it (mountinfo of proc(5)): `ext4`, `tmpfs`.
    static func type(at directory: String) -> String {
        let path = URL(fileURLWithPath: existingParent(of: directory)).resolvingSymlinksInPath().path
        let mounts = GroupFile.text("/proc/self/mountinfo") ?? ""
        return type(of: path, mounts: mounts) ?? "unknown"
    }

    /// The type of the last mount among those whose mount point is the longest that holds the path.
    static func type(of path: String, mounts: String) -> String? {
        var best: (length: Int, type: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
            let point = fields[4].replacing("\\040", with: " ")
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            if point.count >= best?.length ?? 0 { best = (point.count, String(fields[dash + 1])) }
        }
        return best?.type
    }

    /// The nearest folder upwards that exists.
    static func existingParent(of directory: String) -> String {
        var url = URL(fileURLWithPath: directory).standardizedFileURL
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
        return url.path
    }
}
