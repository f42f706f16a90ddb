import Testing

@testable import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A tree of files as the kernel shows them, made up.
private final class MadeUpTree {
    let root: String

    init(_ files: [String: String]) throws {
        var template = Array("/tmp/systemmemory-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StorageIOError(call: "mkdtemp", name: "/tmp", code: errno) }
        root = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        for (path, text) in files {
            var directory = root
            for part in path.split(separator: "/").dropLast() {
                directory += "/" + part
                try SystemFileSystem.shared.makeDirectory(directory)
            }
            let file = try SystemFileSystem.shared.open(root + path, .replace)
            defer { file.close() }
            try Array(text.utf8).withUnsafeBytes { try file.write($0, at: 0) }
        }
    }

    deinit { Self.remove(root) }

    private static func remove(_ path: String) {
        if let names = try? SystemFileSystem.shared.list(path) {
            for name in names { remove(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    func limit(physical: Int = 1 << 40) -> Int { SystemMemory.limitBytes(root: root, physicalBytes: physical) }
}

@Suite struct SystemMemoryTests {
    private static let unified = "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let memoryV1 = """
        22 1 254:0 / / rw,relatime - ext4 /dev/root rw
        34 31 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
        35 31 0:32 / /sys/fs/cgroup/memory rw shared:7 - cgroup cgroup rw,memory

        """

    /// What this machine says is between a page and what it has.
    @Test func thisMachine() {
        #expect(SystemMemory.physicalBytes > 1 << 20)
        let limit = SystemMemory.limitBytes()
        #expect(limit > 0 && limit <= SystemMemory.physicalBytes)
        #expect(SystemMemory.limitBytes(physicalBytes: 4096) == 4096)
    }

    /// Where nothing can be read, nothing limits but the machine.
    @Test func nothingThere() throws {
        #expect(try MadeUpTree([:]).limit(physical: 77) == 77)
        #expect(try MadeUpTree(["/proc/self/cgroup": "0::/a\n"]).limit(physical: 77) == 77)
        let noMemory = try MadeUpTree([
            "/proc/self/cgroup": "3:cpu:/a\n", "/proc/self/mountinfo": Self.memoryV1,
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "5\n",
        ])
        #expect(noMemory.limit(physical: 77) == 77)
    }

    /// Version 2: the least on the way up counts, wherever it is; "max" is none; siblings don't count.
    @Test(arguments: [
        (["max", "max", "max"], 1 << 40), (["max", "max", "4096000"], 4_096_000), (["max", "5000", "max"], 5000),
        (["300", "5000", "6000"], 300), (["9000", "5000", "6000"], 5000),
    ])
    func versionTwo(limits: [String], expected: Int) throws {
        let tree = try MadeUpTree([
            "/proc/self/cgroup": "0::/outer/inner\n", "/proc/self/mountinfo": Self.unified,
            "/sys/fs/cgroup/memory.max": limits[0] + "\n", "/sys/fs/cgroup/outer/memory.max": limits[1] + "\n",
            "/sys/fs/cgroup/outer/inner/memory.max": limits[2] + "\n",
            "/sys/fs/cgroup/outer/sibling/memory.max": "1\n",
        ])
        #expect(tree.limit() == expected)
        #expect(tree.limit(physical: 100) == 100)
    }

    /// Version 1: the hierarchy of the controller for memory alone.
    @Test func versionOne() throws {
        let tree = try MadeUpTree([
            "/proc/self/cgroup": "9:name=systemd:/x\n5:cpu:/wrong\n4:hugetlb,memory:/a/b\n0::/elsewhere\n",
            "/proc/self/mountinfo": Self.memoryV1,
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "8192\n",
            "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "12288\n",
            "/sys/fs/cgroup/memory/wrong/memory.limit_in_bytes": "1\n",
            "/sys/fs/cgroup/cpu/a/memory.limit_in_bytes": "2\n",
        ])
        #expect(tree.limit() == 8192)
    }

    /// Both kinds at once: the least of both.
    @Test func bothVersions() throws {
        let files = [
            "/proc/self/cgroup": "4:memory:/a\n0::/b\n",
            "/proc/self/mountinfo": Self.memoryV1
                + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "7000\n",
            "/sys/fs/cgroup/unified/b/memory.max": "6000\n",
        ]
        #expect(try MadeUpTree(files).limit() == 6000)
        #expect(try MadeUpTree(files.merging(["/sys/fs/cgroup/unified/b/memory.max": "max\n"]) { $1 }).limit() == 7000)
    }

    /// In a container the mount may show one group as its top, and the process may be said to be outside of it.
    @Test(arguments: ["0::/docker/one/deep\n", "0::/docker/one\n", "0::/../other\n", "0::/docker/two\n"])
    func mountOfOneGroup(group: String) throws {
        let tree = try MadeUpTree([
            "/proc/self/cgroup": group,
            "/proc/self/mountinfo": "31 23 0:28 /docker/one /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "/sys/fs/cgroup/memory.max": "10000\n", "/sys/fs/cgroup/deep/memory.max": "5000\n",
            "/sys/fs/cgroup/docker/one/memory.max": "1\n", "/sys/fs/cgroup/docker/memory.max": "1\n",
        ])
        #expect(tree.limit() == (group.contains("deep") ? 5000 : 10000))
    }

    /// A list of mounts that is longer than a page, and longer than what is read at once.
    @Test(arguments: [5000, 16 << 10, 50_000])
    func longList(bytes: Int) throws {
        let line = "22 1 254:0 / /mnt rw - ext4 /dev/root rw\n"
        let many = String(repeating: line, count: bytes / line.utf8.count + 1)
        let tree = try MadeUpTree([
            "/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": many + Self.unified,
            "/sys/fs/cgroup/a/memory.max": "4242\n",
        ])
        #expect(tree.limit() == 4242)
    }
}
