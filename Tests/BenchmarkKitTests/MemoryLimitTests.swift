import Foundation
import Glibc
import StorageBackends
import Testing

@testable import BenchmarkKit

/// A made-up tree of the files that tell of control groups, under a temporary folder.
private final class GroupTree {
    let root: String

    init() {
        root = FileManager.default.temporaryDirectory.path + "/alexbench-groups-\(UUID().uuidString)"
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ text: String, _ path: String) throws {
        let file = URL(fileURLWithPath: root + path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func text(_ path: String) -> String? { GroupFile.text(root + path) }

    /// What the system says of process 7 and of its mounts.
    func describe(groups: String, mounts: [String]) throws {
        try write(groups, "/proc/7/cgroup")
        let others = (0..<9).map { "\($0) 1 0:\($0) / /mnt/\($0) rw - ext4 /dev/x rw" }
        try write((others + mounts).joined(separator: "\n") + "\n", "/proc/self/mountinfo")
    }

    var group: MemoryGroup? { MemoryGroup(of: 7, root: root) }

    static let first = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory"
    static let second = "38 31 0:38 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate"

    /// The second version: a user's slice without processes, and a session in it with process 7.
    static func withSession() throws -> GroupTree {
        let tree = GroupTree()
        try tree.describe(groups: "0::/user/session\n", mounts: [second])
        try tree.write("cpu memory\n", "/sys/fs/cgroup/cgroup.controllers")
        try tree.write("1\n", "/sys/fs/cgroup/cgroup.procs")
        for (folder, processes) in [("/user", ""), ("/user/session", "7\n8\n")] {
            try tree.write("memory pids\n", "/sys/fs/cgroup\(folder)/cgroup.controllers")
            try tree.write(processes, "/sys/fs/cgroup\(folder)/cgroup.procs")
            try tree.write("max\n", "/sys/fs/cgroup\(folder)/memory.max")
            try tree.write("", "/sys/fs/cgroup\(folder)/cgroup.subtree_control")
        }
        return tree
    }
}

/// The control group that bounds a process's memory: found, entered, left, removed.
@Suite struct MemoryLimitTests {
    @Test func firstVersion() throws {
        let tree = GroupTree()
        let groups = "9:name=systemd:/\n4:cpu,memory:/api/a:b\n0::/\n"
        try tree.describe(groups: groups, mounts: [GroupTree.second, GroupTree.first])
        try tree.write("9223372036854771712\n", "/sys/fs/cgroup/memory/api/a:b/memory.limit_in_bytes")
        let group = try #require(tree.group)
        #expect(group.version == .first)
        #expect(group.folder == tree.root + "/sys/fs/cgroup/memory/api/a:b")
        #expect(group.parent == group.folder)
        let mount = tree.root + "/sys/fs/cgroup/memory"
        #expect(group.upwards == [mount + "/api/a:b", mount + "/api", mount])
    }

    /// A group with processes can't hand memory down: the one above it is taken, and of two the nearer.
    @Test func secondVersion() throws {
        let tree = try GroupTree.withSession()
        let group = try #require(tree.group)
        #expect(group.version == .second)
        #expect(group.folder == tree.root + "/sys/fs/cgroup/user/session")
        #expect(group.parent == tree.root + "/sys/fs/cgroup/user")
        // The root may have processes.
        try tree.write("9\n", "/sys/fs/cgroup/user/cgroup.procs")
        #expect(group.parent == tree.root + "/sys/fs/cgroup")
        try tree.write("cpu\n", "/sys/fs/cgroup/cgroup.controllers")
        #expect(group.parent == nil)
        #expect(tree.group == nil)
    }

    /// From inside a container the hierarchy's paths are the host's, and a part alone is mounted.
    @Test func aPartOfTheHierarchy() throws {
        let tree = GroupTree()
        let mount = "35 31 0:32 /box/7 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory"
        try tree.write("max", "/sys/fs/cgroup/memory/inner/memory.limit_in_bytes")
        try tree.describe(groups: "4:memory:/box/7/inner\n", mounts: [mount])
        #expect(tree.group?.folder == tree.root + "/sys/fs/cgroup/memory/inner")
        try tree.describe(groups: "4:memory:/box/7\n", mounts: [mount])
        #expect(tree.group?.folder == tree.root + "/sys/fs/cgroup/memory")
        for elsewhere in ["/box/77", "/", "/box/7/inner/../inner"] {
            try tree.describe(groups: "4:memory:\(elsewhere)\n", mounts: [mount])
            #expect(tree.group == nil, "\(elsewhere)")
        }
        #expect(MemoryGroup(of: 8, root: tree.root) == nil)
    }

    /// The least of the machine's memory and all limits upwards.
    @Test func availableBytes() throws {
        let tree = try GroupTree.withSession()
        func available(_ machine: UInt64) -> UInt64 {
            MemoryGroup.availableBytes(machine: machine, process: 7, root: tree.root)
        }
        #expect(available(1000) == 1000)
        try tree.write("900\n", "/sys/fs/cgroup/user/memory.max")
        #expect(available(1000) == 900)
        try tree.write("800\n", "/sys/fs/cgroup/user/session/memory.max")
        #expect(available(1000) == 800)
        #expect(available(700) == 700)
        #expect(MemoryGroup.availableBytes(machine: 5, process: 8, root: tree.root) == 5)
    }

    /// Files of /proc tell no length and come page by page; the maps of this process are many pages.
    @Test func filesWithoutALengthAreReadWhole() throws {
        let maps = try #require(GroupFile.text("/proc/self/maps"))
        #expect(maps.utf8.count > 4 * 4096 && maps.hasSuffix("\n"))
        #expect(maps.contains("[stack]"))
    }

    @Test func withoutAGroupTheRemedyIsNamed() {
        let error = #expect(throws: RunError.self) { try MemoryLimit(1 << 30, process: 7, root: "/nowhere") }
        #expect(error?.kind == .environment)
        #expect(error?.message.contains("no control group of Linux bounds this process's memory: run as root") == true)
    }

    /// What failed halfway leaves nothing: a plain file system makes the group's folder and no files in it.
    @Test func aGroupHalfMadeIsRemoved() throws {
        let tree = try GroupTree.withSession()
        let folder = tree.root + "/sys/fs/cgroup/user"
        let gone = folder + "/alexbench-2147483647"
        let others = folder + "/alexbench-\(getpid())"
        for name in [gone, others] {
            try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
        }
        let error = #expect(throws: RunError.self) { try MemoryLimit(1 << 30, process: 7, root: tree.root) }
        let message = error?.message ?? ""
        #expect(message.contains("no control group can limit memory to 1.00 GiB: "), "\(message)")
        #expect(message.contains("/alexbench-7/memory.max can't be opened (No such file or directory); run as root"))
        #expect(!GroupFile.exists(folder + "/alexbench-7"))
        // Memory was handed down for the group, and is no longer.
        #expect(tree.text("/sys/fs/cgroup/user/cgroup.subtree_control") == "-memory")
        // What a killed program left goes, what belongs to one that runs stays.
        #expect(!GroupFile.exists(gone) && GroupFile.exists(others))
    }

    /// A group that hands memory down already is left so.
    @Test func aGroupThatHandsDownIsLeftSo() throws {
        let tree = try GroupTree.withSession()
        try tree.write("memory\n", "/sys/fs/cgroup/user/cgroup.subtree_control")
        #expect(throws: RunError.self) { try MemoryLimit(1 << 30, process: 7, root: tree.root) }
        #expect(tree.text("/sys/fs/cgroup/user/cgroup.subtree_control") == "memory\n")
    }

    /// On this system: a process that sleeps is put under a limit and taken out again, or the refusal names the remedy.
    @Test func aProcessIsLimited() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = ["60"]
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let number = process.processIdentifier
        guard SystemGroups.canBeMade else {
            print("note: this system lets no control group be made, so that the refusal alone is tested")
            let error = #expect(throws: RunError.self) { try MemoryLimit(64 << 20, process: number) }
            #expect(error?.message.contains("--memory-limit out") == true, "\(error?.message ?? "")")
            return
        }
        let before = try #require(MemoryGroup(of: number))
        let limit = try MemoryLimit(64 << 20, process: number)
        let inside = try #require(MemoryGroup(of: number))
        #expect(inside.folder == limit.folder && inside.folder != before.folder)
        #expect(MemoryGroup.availableBytes(process: number) == 64 << 20)
        try limit.leave()
        #expect(MemoryGroup(of: number) == before)
        #expect(!GroupFile.exists(limit.folder))
    }

    /// Plans that can't be run under a limit, and why.
    @Test func refusals() throws {
        let tree = try GroupTree.withSession()
        let group = try #require(tree.group)
        func refusal(_ change: (inout RunPlan) -> Void) -> RunError? {
            var plan = RunnerTests.plan([Models.model("one")])
            plan.memoryLimitBytes = 256 << 20
            change(&plan)
            do throws(RunError) {
                try Runner.checkMemoryLimit(plan, available: 1 << 30, group: group)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.memoryLimitBytes = nil } == nil)
        #expect(refusal { $0.memoryLimitBytes = 63 << 20 }?.message.contains("the smallest is 64.0 MiB") == true)
        #expect(refusal { $0.memoryLimitBytes = 2 << 30 }?.message.contains("this process has 1.00 GiB") == true)
        #expect(refusal { $0.memoryLimitBytes = 2 << 30 }?.kind == .environment)
        #expect(refusal { $0.memoryBytes = 255 << 20 } == nil)
        #expect(refusal { $0.memoryBytes = 256 << 20 }?.message.contains("--memory 256 MiB is not below it") == true)
        #expect(refusal { $0.loop.durationNanoseconds = 1_000_000_000 }?.message.contains("--ops instead") == true)
        #expect(refusal { $0.workloads[0].phases = [] }?.message.contains("small has no phase") == true)
        var plan = RunnerTests.plan([Models.model("one")])
        plan.memoryLimitBytes = 256 << 20
        let error = #expect(throws: RunError.self) {
            try Runner.checkMemoryLimit(plan, available: 1 << 30, group: nil)
        }
        #expect(error?.message.contains("bounds this process's memory") == true)
    }

    /// Engines one by one, caches of their own below the limit, and those that can't be opened again not at all.
    @Test func aPlanUnderItsLimit() {
        var plan = RunnerTests.plan([
            Models.model("one"), Models.model("two", capabilities: Capabilities.engine.subtracting(.reopen)),
        ])
        #expect(Runner.limited(plan).schedule == .rotate && Runner.limited(plan).memoryBytes == nil)
        #expect(Runner.eligible(plan).map(\.name) == ["one", "two"])
        plan.memoryLimitBytes = 256 << 20
        #expect(Runner.limited(plan).schedule == .sequential)
        #expect(Runner.limited(plan).memoryBytes == 128 << 20)
        #expect(Runner.eligible(plan).map(\.name) == ["one"])
        plan.memoryBytes = 1 << 20
        #expect(Runner.limited(plan).memoryBytes == 1 << 20)
        #expect(Runner.labels(plan).contains { $0.summary.hasPrefix("under a memory limit: 256 MiB for the process") })
    }

    /// A limit is part of what was measured: results under different ones are not compared.
    @Test func resultsOfOtherLimitsAreNotCompared() throws {
        let base = ReportFixture.result(repeats: 5)
        var candidate = base
        candidate.environment.memoryLimitBytes = 512 << 20
        #expect(Comparability.differences(candidate, candidate).isEmpty)
        let differences = Comparability.differences(base, candidate)
        #expect(differences.first?.hasPrefix("memory limit: the base has none, the candidate 512 MiB") == true)
        #expect(Rerun(first: base, second: candidate).exitCode == 6)
        #expect(ResultFormat.text.render(candidate).contains(", limited to 512 MiB"))
        let read = try RunResult.read(from: Data(JSONReport.render(candidate).utf8), name: "candidate")
        #expect(read.environment.memoryLimitBytes == 512 << 20)
        #expect(!JSONReport.render(base).contains("memory_limit_bytes"))
    }
}

/// What the system allows, found out without the code under test.
enum SystemGroups {
    /// Whether a group that bounds memory can be made beside this process and a process be moved there.
    static var canBeMade: Bool {
        guard let parent = MemoryGroup(of: getpid())?.parent else { return false }
        let folder = "\(parent)/tests-\(getpid())-\(UUID().uuidString)"
        guard mkdir(folder, 0o755) == 0 else { return false }
        defer { rmdir(folder) }
        return access("\(folder)/cgroup.procs", W_OK) == 0 && access("\(parent)/cgroup.procs", W_OK) == 0
    }
}
