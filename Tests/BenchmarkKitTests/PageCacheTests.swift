import Foundation
import Glibc
import Testing

@testable import BenchmarkKit

/// Pages of files that are dropped from memory and read back.
@Suite struct PageCacheTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("page-cache-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Whether pages of a file of this folder can be dropped at all: those of a file system in memory can't.
    private func dropsPages() -> Bool { PageCache.drop(filesUnder: folder.path) < PageCache.shareLeftLimit }

    private func makeFile(_ name: String, bytes: Int) throws {
        try Data(repeating: 7, count: bytes).write(to: folder.appendingPathComponent(name))
    }

    @Test func whatIsThereIsNotReadBack() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try makeFile("a", bytes: 1 << 20)
        #expect(PageCache.bring(filesUnder: folder.path) == 0)
        #expect(PageCache.bring(filesUnder: folder.path + "/absent") == 0)
    }

    @Test func whatWasDroppedIsReadBackWhole() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try makeFile("a", bytes: 1 << 20)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("below"), withIntermediateDirectories: true)
        try makeFile("below/b", bytes: 300_000)
        let isDropped = dropsPages()
        let brought = PageCache.bring(filesUnder: folder.path)
        // Where nothing can be dropped, nothing is missing.
        #expect(brought == (isDropped ? (1 << 20) + 300_000 : 0))
        #expect(PageCache.bring(filesUnder: folder.path) == 0)
    }

    /// Room that a file only reserves is no page that could be missing.
    @Test func holesAndReservedRoomAreLeftAlone() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try makeFile("a", bytes: 4096)
        let path = folder.appendingPathComponent("a").path
        let file = open(path, O_RDWR)
        defer { close(file) }
        #expect(file >= 0 && ftruncate(file, 256 << 20) == 0)
        let isDropped = dropsPages()
        let brought = PageCache.bring(filesUnder: folder.path)
        #expect(isDropped ? (1...(1 << 20)).contains(brought) : brought == 0, "\(brought) bytes were read")
    }
}
