import Foundation
import Glibc

/// The system's cache of file pages.
enum PageCache {
    /// A store counts as cold when no more than this share of its pages stayed.
    static let shareLeftLimit = 0.05

    /// Writes the files of a folder to the disk (fsync(2)), asks the system to drop their pages (posix_fadvise(2) with
    /// POSIX_FADV_DONTNEED), and returns the share of pages that stayed (mincore(2)).
    static func drop(filesUnder directory: String) -> Double {
        var left = 0
        var all = 0
        forEachFile(under: directory) { file, bytes in
            guard bytes > 0 else { return }
            fsync(file)
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            let pages = residentPages(file, bytes: bytes)
            left += pages.resident
            all += pages.all
        }
        return all > 0 ? Double(left) / Double(all) : 0
    }

    /// Reads back what the system has taken out of memory of a folder's files, so that all their pages are in the page
    /// cache (mincore(2)). Holes of a file, and the room that is only reserved in it, are left alone (SEEK_DATA of
    /// lseek(2)).
    /// - Returns: Bytes that were read back: 0 where all was there.
    static func bring(filesUnder directory: String) -> UInt64 {
        var brought: UInt64 = 0
        forEachFile(under: directory) { file, _ in
            var begin = lseek(file, 0, seekData)
            while begin >= 0 {
                let end = lseek(file, begin, seekHole)
                guard end > begin else { break }
                brought += readThrough(file, from: Int(begin), to: Int(end))
                begin = lseek(file, end, seekData)
            }
        }
        return brought
    }

    /// Opens each regular file below a folder for reading, one by one.
    private static func forEachFile(under directory: String, _ visit: (_ file: Int32, _ bytes: Int) -> Void) {
        guard let walk = FileManager.default.enumerator(atPath: directory) else { return }
        for case let path as String in walk {
            let file = open("\(directory)/\(path)", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            var status = stat()
            guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            visit(file, Int(status.st_size))
        }
    }

    // <unistd.h> has them behind _GNU_SOURCE, which Swift's importer does not set.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4
    /// Bytes of one read, in which a page that is there is read once more: 128 KiB.
    private static let strideBytes = 128 << 10

    /// Reads each stride of which a page is missing.
    private static func readThrough(_ file: Int32, from begin: Int, to end: Int) -> UInt64 {
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        let first = begin / pageBytes * pageBytes
        let length = end - first
        let mapped = mmap(nil, length, PROT_READ, MAP_SHARED, file, off_t(first))
        guard let map = mapped, map != MAP_FAILED else { return 0 }
        defer { munmap(map, length) }
        let count = (length + pageBytes - 1) / pageBytes
        var states = [UInt8](repeating: 0, count: count)
        guard mincore(map, length, &states) == 0, states.contains(where: { $0 & 1 == 0 }) else { return 0 }
        let pages = strideBytes / pageBytes
        var brought: UInt64 = 0
        withUnsafeTemporaryAllocation(byteCount: strideBytes, alignment: pageBytes) { buffer in
            for page in stride(from: 0, to: count, by: pages) {
                guard states[page..<min(page + pages, count)].contains(where: { $0 & 1 == 0 }) else { continue }
                let read = pread(file, buffer.baseAddress, strideBytes, off_t(first + page * pageBytes))
                if read > 0 { brought += UInt64(read) }
            }
        }
        return brought
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
