#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// What memory this process may have. The kernel says it in three places: how much there is (sysconf(3)), in which
// control group the process is (/proc/self/cgroup), and where the files of the groups are (/proc/self/mountinfo), of
// which there are two kinds, often both at once. What can't be read limits nothing.

/// Memory as the system grants it to this process.
public enum SystemMemory {
    /// What the machine has, in bytes: sysconf(3).
    public static var physicalBytes: Int {
        max(sysconf(Int32(_SC_PHYS_PAGES)), 0) * max(sysconf(Int32(_SC_PAGESIZE)), 0)
    }

    /// The least of what the machine has and of the limits of this process's control group and of every group above it
    /// that can be seen: `memory.max` of cgroup v2, `memory.limit_in_bytes` of v1. In bytes. Some ten small files are
    /// read: to be asked once.
    ///
    /// - Parameters:
    ///   - root: Stands before every path; for a tree of files that was made up.
    ///   - physicalBytes: What the machine has.
    public static func limitBytes(root: String = "", physicalBytes: Int = physicalBytes) -> Int {
        let groups = lines(of: root + "/proc/self/cgroup").compactMap(Group.init)
        var least = physicalBytes
        for line in lines(of: root + "/proc/self/mountinfo") {
            guard let mount = Mount(line), let group = groups.first(where: { $0.isUnified == mount.isUnified }) else {
                continue
            }
            let file = mount.isUnified ? "/memory.max" : "/memory.limit_in_bytes"
            for directory in mount.directories(of: group.path) {
                // "max" of v2 is no number, and no limit.
                let limit = lines(of: root + directory + file).first.flatMap { Int($0) }
                least = min(least, limit ?? least)
            }
        }
        return least
    }

    /// A line of /proc/self/cgroup: number, controllers, path, between colons. See cgroups(7).
    private struct Group {
        let isUnified: Bool
        let path: Substring

        /// `nil` for a hierarchy that has nothing to do with memory.
        init?(_ line: Substring) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            isUnified = fields[0] == "0" && fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("memory") else { return nil }
            path = fields[2]
        }
    }

    /// Where the files of a hierarchy are: a line of /proc/self/mountinfo, see proc_pid_mountinfo(5).
    private struct Mount {
        let isUnified: Bool
        /// The group whose directory the mount shows.
        let root: Substring
        let point: Substring

        /// `nil` for whatever else is mounted.
        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.count > dash + 3 else { return nil }
            isUnified = fields[dash + 1] == "cgroup2"
            let isOfMemory = fields[dash + 1] == "cgroup" && fields[dash + 3].split(separator: ",").contains("memory")
            guard isUnified || isOfMemory else { return nil }
            (root, point) = (fields[3], fields[4])
        }

        /// The directories of a group and of those above it, as far as the mount shows them; the mount's own alone when
        /// the group lies elsewhere.
        func directories(of path: Substring) -> [String] {
            var below = path.split(separator: "/")
            let above = root.split(separator: "/")
            if below.starts(with: above) { below.removeFirst(above.count) } else { below = [] }
            if below.contains("..") { below = [] }
            return (0...below.count).map { depth in
                ([String(point)] + below[..<depth].map(String.init)).joined(separator: "/")
            }
        }
    }

    /// The lines of a file whose size the system does not tell; none when it can't be read.
    private static func lines(of path: String) -> [Substring] {
        guard let file = try? SystemFileSystem.shared.open(path, .read) else { return [] }
        defer { file.close() }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        var count = 0
        while true {
            let read = try? bytes.withUnsafeMutableBytes { buffer in
                // A part that is read short is the file's end.
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), at: count)
            }
            count += read ?? 0
            if count < bytes.count { break }
            bytes.append(contentsOf: [UInt8](repeating: 0, count: bytes.count))
        }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    }
}
