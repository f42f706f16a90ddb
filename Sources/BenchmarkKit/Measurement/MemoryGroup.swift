import Foundation
import Glibc

/// The control group of Linux that bounds a process's memory, page cache included (cgroups(7)): where it is and what it
/// allows.
///
/// The first version has a hierarchy for each kind of resource, the second one hierarchy for all. Where both are
/// mounted, the one that has memory counts.
struct MemoryGroup: Hashable, Sendable {
    enum Version: Sendable { case first, second }

    let version: Version
    /// Where its hierarchy is mounted.
    let mount: String
    /// The group's own folder: the mount or a folder below it.
    let folder: String

    static var ownProcess: Int32 { getpid() }

    /// The group of a process, or `nil` where there is none that bounds memory.
    /// - Parameter root: Stands before every path that is read; a made-up tree of files in tests.
    init?(of process: Int32, root: String = "") {
        guard let groups = GroupFile.text("\(root)/proc/\(process)/cgroup"),
            let mounts = GroupFile.text("\(root)/proc/self/mountinfo")
        else { return nil }
        for version in [Version.first, .second] {
            guard let path = Self.path(in: groups, version) else { continue }
            for mount in Self.mounts(in: mounts, version) {
                guard let rest = Self.rest(of: path, below: mount.root) else { continue }
                let point = root + mount.point
                let folder = point + rest
                if version == .second, !GroupFile.words("\(point)/cgroup.controllers").contains("memory") { continue }
                guard GroupFile.exists(folder) else { continue }
                (self.version, self.mount, self.folder) = (version, point, folder)
                return
            }
        }
        return nil
    }

    /// The file of a group's limit.
    var limitFile: String { version == .first ? "memory.limit_in_bytes" : "memory.max" }

    /// The group and all above it, the nearest first.
    var upwards: [String] {
        var folders = [folder]
        while let last = folders.last, last.count > mount.count, let slash = last.lastIndex(of: "/") {
            folders.append(String(last[..<slash]))
        }
        return folders
    }

    /// Where a group can be made that has a limit of its own.
    ///
    /// First version: in the group itself. Second version: a group hands controllers down only when it has no processes
    /// of its own (the rule of no internal processes), so in the nearest group above that has none, or in the root.
    var parent: String? {
        guard version == .second else { return folder }
        return upwards.first {
            GroupFile.words("\($0)/cgroup.controllers").contains("memory")
                && ($0 == mount || GroupFile.words("\($0)/cgroup.procs").isEmpty)
        }
    }

    /// What this process may have: the least of the machine's memory and of the limits of its group and those above.
    static func availableBytes(
        machine: UInt64 = EnvironmentCapture.memoryBytes, process: Int32 = ownProcess, root: String = ""
    ) -> UInt64 {
        guard let group = MemoryGroup(of: process, root: root) else { return machine }
        // The second version writes "max" for none.
        let limits = group.upwards.compactMap { GroupFile.words("\($0)/\(group.limitFile)").first.flatMap(UInt64.init) }
        return ([machine] + limits).min() ?? machine
    }

    /// The process's path in the hierarchy: lines `4:memory:/path`, and `0::/path` of the second version.
    private static func path(in groups: String, _ version: Version) -> String? {
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isThere =
                version == .first
                ? fields[1].split(separator: ",").contains("memory") : fields[0] == "0" && fields[1].isEmpty
            if isThere { return String(fields[2]) }
        }
        return nil
    }

    /// The hierarchy's mounts (mountinfo of proc(5)): which folder of it lies where.
    private static func mounts(in text: String, _ version: Version) -> [(root: String, point: String)] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 3 < fields.count else { return nil }
            let isThere =
                version == .first
                ? fields[dash + 1] == "cgroup" && fields[dash + 3].split(separator: ",").contains("memory")
                : fields[dash + 1] == "cgroup2"
            let (root, point) = (fields[3], fields[4].replacing("\\040", with: " "))
            return isThere ? (String(root), String(point)) : nil
        }
    }

    /// What of the path lies below the folder that is mounted: empty, or begins with a slash. `nil` where it lies
    /// elsewhere, as from inside a container whose own part alone is mounted.
    private static func rest(of path: String, below root: String) -> String? {
        let prefix = root == "/" ? "" : root
        guard path == root || path.hasPrefix(prefix + "/"), !path.split(separator: "/").contains("..") else {
            return nil
        }
        let rest = String(path.dropFirst(prefix.count))
        return rest == "/" ? "" : rest
    }
}

/// Small files of the system, read and written whole. Foundation's own reading of a text stops after a page where a
/// file tells no length, as those under /proc do.
enum GroupFile {
    static func text(_ path: String) -> String? {
        guard let data = try? FileHandle(forReadingAtPath: path)?.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    static func words(_ path: String) -> [String] {
        (text(path) ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes into a file that is there; what was wrong if it could not, else `nil`.
    static func write(_ text: String, to path: String) -> String? {
        let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard file >= 0 else { return "\(path) can't be opened (\(reason))" }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return Glibc.write(file, bytes, bytes.count) == bytes.count ? nil : "\(path) refuses \(text) (\(reason))"
    }

    static var reason: String { String(cString: strerror(errno)) }
}
