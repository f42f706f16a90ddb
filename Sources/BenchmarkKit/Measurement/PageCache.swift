import Foundation
import Glibc

/// The system's cache of file pages.
enum PageCache {
    /// A store counts as cold when no more than this share of its pages stayed.
    static let shareLeftLimit = 0.05

    /// Writes the files of a folder to the disk (fsync(2)), asks the system to drop their pages (posix_fadvise(2) with
    /// POSIX_FADV_DONTNEED), and returns the share of pages that stayed (mincore(2)).
    static func drop(filesUnder directory: String) -> Double {
        guard let walk = FileManager.default.enumerator(atPath: directory) else { return 0 }
        var left = 0
        var all = 0
        for case let path as String in walk {
            let file = open("\(directory)/\(path)", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            var status = stat()
            guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { continue }
            fsync(file)
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            let pages = residentPages(file, bytes: Int(status.st_size))
            left += pages.resident
            all += pages.all
        }
        return all > 0 ? Double(left) / Double(all) : 0
    }

    private static func residentPages(_ file: Int32, bytes: Int) -> (resident: Int, all: Int) {
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        let count = (bytes + pageBytes - 1) / pageBytes
        guard let map = mmap(nil, bytes, PROT_READ, MAP_SHARED, file, 0), map != MAP_FAILED else { return (0, 0) }
        defer { munmap(map, bytes) }
        var states = [UInt8](repeating: 0, count: count)
        guard mincore(map, bytes, &states) == 0 else { return (0, 0) }
        return (states.reduce(0) { $0 + Int($1 & 1) }, count)
    }
}
