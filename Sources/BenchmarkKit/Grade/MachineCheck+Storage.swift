import Foundation
import Glibc

// The folder where stores would go: file system, free space, what a sync takes, and whether syncs can be observed.
extension MachineCheck {
    /// A sync of a page that returns faster than any disk or flash can answer is not reaching one.
    private static let syncNanosecondsLeast = 10_000.0
    private static let syncs = 20

    static func storage(_ directory: String) -> [MachineCheck] {
        let type = FileSystemProbe.type(at: directory)
        var checks = [
            ["tmpfs", "ramfs"].contains(type)
                ? MachineCheck(
                    "file system", "\(type), in memory", .advice, remedy: "name a folder on a disk with --directory")
                : MachineCheck("file system", type)
        ]
        if let free = FileSystemProbe.freeBytes(at: directory) {
            let finding = "\(Figures.memory(free)) free"
            checks.append(
                free >= 4 << 30
                    ? MachineCheck("disk", finding)
                    : MachineCheck(
                        "disk", finding, free < 256 << 20 ? .pointless : .advice,
                        remedy: "free some space, or name another folder with --directory"))
        }
        checks.append(sync(directory))
        return checks
    }

    /// The median time of fdatasync(2) after a write of one page to a file that has it already.
    private static func sync(_ directory: String) -> MachineCheck {
        var template = Array("\(FileSystemProbe.existingParent(of: directory))/alexbench-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else {
            return MachineCheck(
                "sync", "no file can be made in \(directory) (\(String(cString: strerror(errno))))", .pointless,
                remedy: "name a folder that is writable with --directory")
        }
        unlink(template)
        defer { close(file) }
        let page = [UInt8](repeating: 1, count: 4096)
        var times: [Double] = []
        for _ in 0...syncs {
            guard pwrite(file, page, page.count, 0) == page.count else { break }
            let begin = monotonicNanoseconds()
            guard fdatasync(file) == 0 else { break }
            times.append(Double(monotonicNanoseconds() - begin))
        }
        // The first one also grows the file.
        guard times.count > 1, let median = Statistics.median(Array(times.dropFirst())) else {
            return MachineCheck(
                "sync", "fails in \(directory) (\(String(cString: strerror(errno))))", .pointless,
                remedy: "name another folder with --directory")
        }
        let finding = "fdatasync takes \(Figures.short(median / 1000)) µs (median of \(syncs))"
        return median >= syncNanosecondsLeast
            ? MachineCheck("sync", finding)
            : MachineCheck(
                "sync", finding + ", less than a disk can", .advice,
                remedy: "class power measures nothing here: name a folder on a real disk")
    }

    /// Whether a traced child's syncs and writes are counted right.
    static func tracing(_ directory: String, _ observer: CommitObserver?) -> MachineCheck {
        let remedy = "allow ptrace (in a container: --cap-add SYS_PTRACE), or run with --no-receipts"
        guard let observer else {
            return MachineCheck("observation", "the program's own path is unknown", .advice, remedy: remedy)
        }
        do {
            let folder = try RunDirectory(named: nil)
            defer { folder.remove() }
            let seen = try observer.calibrate(directory: folder.path, syncs: 10, writes: 7)
            let finding = "10 syncs and 7 writes made in a traced child, \(seen.syncs) and \(seen.writes) counted"
            return seen.syncs == 10 && seen.writes == 7
                ? MachineCheck("observation", finding)
                : MachineCheck("observation", finding, .advice, remedy: remedy)
        } catch let failure as ObservationFailure {
            return MachineCheck("observation", failure.reason, .advice, remedy: remedy)
        } catch {
            return MachineCheck("observation", "\(error)", .advice, remedy: remedy)
        }
    }
}
