import Foundation
import Glibc

/// A limit of what the system lets a process have, the page cache of its files included: a control group of its own,
/// which the process enters when this is made and which `leave` removes.
///
/// Only what the process takes from then on is charged to the group. Beyond the limit the system first takes pages of
/// files back; a process that needs more of its own is killed.
struct MemoryLimit: Sendable {
    private let process: Int32
    private let home: MemoryGroup
    private let parent: String
    /// The group's folder.
    let folder: String
    /// Whether the group above did not hand memory down before.
    private var handsDown = false

    /// What to do where no group can be made.
    private static let remedy =
        "run as root, or where you may make control groups (systemd-run --user --scope alexbench …), or leave "
        + "--memory-limit out"
    /// Why there is nothing to limit.
    static let nowhere = "no control group of Linux bounds this process's memory: \(remedy)"
    private static let prefix = "alexbench-"

    /// Makes the group with its limit and moves the process there, all threads of it.
    /// - Parameter root: As `MemoryGroup` has it.
    /// - Throws: `RunError` naming the file that could not be written; then nothing is left behind.
    init(
        _ bytes: UInt64, process: Int32 = MemoryGroup.ownProcess, root: String = ""
    ) throws(RunError) {
        guard let home = MemoryGroup(of: process, root: root), let parent = home.parent else {
            throw RunError(.environment, Self.nowhere)
        }
        self.process = process
        self.home = home
        self.parent = parent
        folder = "\(parent)/\(Self.prefix)\(process)"
        Self.removeLeftovers(in: parent)
        rmdir(folder)
        guard mkdir(folder, 0o755) == 0 else {
            throw Self.failure("\(folder) can't be made (\(GroupFile.reason))", bytes)
        }
        if let wrong = handDown() ?? bound(bytes) ?? GroupFile.write("\(process)", to: "\(folder)/cgroup.procs") {
            remove()
            throw Self.failure(wrong, bytes)
        }
    }

    /// Moves the process back to where it was and removes the group.
    func leave() throws(RunError) {
        let wrong = GroupFile.write("\(process)", to: "\(home.folder)/cgroup.procs")
        guard wrong == nil, remove() else {
            throw RunError(
                .environment,
                "the process can't leave its memory limit: \(wrong ?? "\(folder) can't be removed"); remove that "
                    + "control group with rmdir once the program has ended")
        }
    }

    private static func failure(_ what: String, _ bytes: UInt64) -> RunError {
        RunError(.environment, "no control group can limit memory to \(Figures.memory(bytes)): \(what); \(remedy)")
    }

    /// Has the group above hand memory down, if it does not.
    private mutating func handDown() -> String? {
        let file = "\(parent)/cgroup.subtree_control"
        guard home.version == .second, !GroupFile.words(file).contains("memory") else { return nil }
        let wrong = GroupFile.write("+memory", to: file)
        handsDown = wrong == nil
        return wrong
    }

    /// Sets the limit, and that nothing beyond it goes to swap space, where the system counts that.
    private func bound(_ bytes: UInt64) -> String? {
        let file = "\(folder)/\(home.limitFile)"
        if let wrong = GroupFile.write("\(bytes)", to: file) { return wrong }
        let (swap, text) =
            home.version == .first ? ("memory.memsw.limit_in_bytes", "\(bytes)") : ("memory.swap.max", "0")
        if GroupFile.exists("\(folder)/\(swap)"), let wrong = GroupFile.write(text, to: "\(folder)/\(swap)") {
            return wrong
        }
        let set = GroupFile.words(file).first ?? "nothing"
        // The system rounds to pages.
        return UInt64(set).map { $0 <= bytes && $0 > bytes - 65_536 } == true ? nil : "\(file) says \(set)"
    }

    /// Removes the group, and has the group above as it was. Whether it is gone.
    @discardableResult
    private func remove() -> Bool {
        defer { if handsDown { _ = GroupFile.write("-memory", to: "\(parent)/cgroup.subtree_control") } }
        for _ in 0..<RunTuning.groupRemovals {
            if rmdir(folder) == 0 { return true }
            guard errno == EBUSY else { return false }
            usleep(RunTuning.groupRemovalMicroseconds)
        }
        return false
    }

    /// Removes groups of programs that were killed under their limit.
    private static func removeLeftovers(in parent: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            guard let process = Int32(name.dropFirst(prefix.count)), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            rmdir("\(parent)/\(name)")
        }
    }
}
