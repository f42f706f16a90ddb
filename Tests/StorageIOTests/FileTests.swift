import Testing

@testable import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct FileTests {
    /// Short transfers and interruptions go on where they stopped; no progress is an error where bytes must move.
    @Test func transferLoops() throws {
        var answers: [Int64] = [1, -Int64(EINTR), 2, -Int64(EINTR), 4]
        var seen: [Int] = []
        let done = try transfer("pwrite", "file", count: 7, endIsError: true) { done in
            seen.append(done)
            return answers.removeFirst()
        }
        #expect(done == 7)
        #expect(seen == [0, 1, 1, 3, 3])
        #expect(throws: StorageIOError(call: "pwrite", name: "file", code: EIO)) {
            try transfer("pwrite", "file", count: 7, endIsError: true) { $0 == 0 ? 3 : 0 }
        }
        #expect(throws: StorageIOError(call: "pwrite", name: "file", code: ENOSPC)) {
            try transfer("pwrite", "file", count: 7, endIsError: true) { _ in -Int64(ENOSPC) }
        }
        #expect(try transfer("pread", "file", count: 7, endIsError: false) { $0 == 0 ? 3 : 0 } == 3)
    }

    @Test func errorsNameCallPathAndRemedy() {
        #expect {
            try SystemFileSystem.shared.open("/nowhere/at/all", .read)
        } throws: { error in
            (error as? StorageIOError) == StorageIOError(call: "open", name: "/nowhere/at/all", code: ENOENT)
        }
        let full = StorageIOError(call: "fallocate", name: "x.segment", code: ENOSPC)
        #expect(full.description.contains("fallocate on x.segment failed"))
        #expect(full.description.contains("free some space"))
    }

    /// A request that no machine can fill is halved until it fits.
    @Test func regionHalves() throws {
        let region = try AddressRegion(bytes: 1 << 50)
        #expect(region.bytes >= AddressRegion.leastBytes)
        #expect(region.bytes < 1 << 50)
        #expect(region.bytes.nonzeroBitCount == 1)
    }

    @Test func filesOfTheSystem() throws {
        var template = Array("/tmp/storageio-test-XXXXXX".utf8CString)
        #expect(mkdtemp(&template) != nil)
        let directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let system = SystemFileSystem()
        defer { rmdir(directory) }
        let file = try system.open(directory + "/a", .create)
        try Array("hello".utf8).withUnsafeBytes { try file.write($0, at: 3) }
        #expect(try file.size() == 8)
        try file.allocate(from: 0, to: 8192)
        #expect(try file.size() == 8192)
        var bytes = [UInt8](repeating: 1, count: 10_000)
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) } == 8192)
        #expect(Array(bytes[0..<8]) == [0, 0, 0] + Array("hello".utf8))

        let region = try AddressRegion(bytes: AddressRegion.leastBytes)
        try file.map(0..<8192, into: region, at: 4096, access: .writePopulated)
        region.base.storeBytes(of: 77, toByteOffset: 4096, as: UInt8.self)
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) } == 8192)
        #expect(bytes[0] == 77)
        region.unmap(4096..<12288)

        #expect(try file.tryLock())
        // As a child process does between fork and exec, another descriptor of the same description stays open.
        let inherited = try #require(copiedDescriptor(of: directory + "/a"))
        let second = try system.open(directory + "/a", .readWrite)
        #expect(try !second.tryLock())
        #expect(try second.identity() == file.identity())
        file.close()
        #expect(try second.tryLock())
        second.close()
        #expect(close(inherited) == 0)
        try system.rename(directory + "/a", to: directory + "/b")
        try system.syncDirectory(directory)
        #expect(try system.list(directory) == ["b"])
        try system.remove(directory + "/b")
    }

    /// A copy of the lowest descriptor that is open on `path`: the first one that opened it.
    private func copiedDescriptor(of path: String) -> Int32? {
        for number in Int32(0)..<1024 {
            var name = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(number)", &name, name.count - 1)
            guard count > 0 else { continue }
            let target = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if target == path { return dup(number) }
        }
        return nil
    }
}
