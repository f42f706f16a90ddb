import AlexStorage
import StorageIO
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Failures that have no other suite: see `Failures.md`.
@Suite struct FailureTests {
    private func filled(_ directory: ScratchDirectory) throws -> AlexStore {
        let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 64 << 10))
        for key in 0..<200 as Range<Int64> { try store.put([UInt8](repeating: UInt8(key), count: 900), forKey: key) }
        try store.sync()
        return store
    }

    /// Another program cuts a file that is mapped: `verify`, which looks at lengths first, says so; a read beyond the
    /// end ends the process, as a library installs no handler of SIGBUS.
    @Test func fileCutUnderAnOpenStore() async throws {
        let directory = try ScratchDirectory()
        let store = try filled(directory)
        let path = directory.segmentPaths[0]
        #expect(truncate(path, 8192) == 0)
        #expect(try store.verify().damage?.file == path)
        #expect(try store.bytes(forKey: 0) == [UInt8](repeating: 0, count: 900))
        let other = try ScratchDirectory()
        await #expect(processExitsWith: .signal(SIGBUS)) { [other = other.path as String] in
            let store = try AlexStore(directory: other, options: tinyOptions(segmentBytes: 64 << 10))
            for key in 0..<50 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 900), forKey: key) }
            let name = try SystemFileSystem.shared.list(other + "/segments")[0]
            truncate(other + "/segments/" + name, 8192)
            _ = try store.bytes(forKey: 49)
        }
    }

    /// A store whose files are reached by hard links is the same store.
    @Test func hardLinkedStoreIsLocked() throws {
        let directory = try ScratchDirectory()
        let other = try ScratchDirectory()
        let store = try filled(directory)
        #expect(mkdir(other.path + "/segments", 0o755) == 0)
        for name in ["LOCK", "MANIFEST"]
            + (try SystemFileSystem.shared.list(directory.segmentsPath)).map({ "segments/" + $0 })
        {
            #expect(link(directory.path + "/" + name, other.path + "/" + name) == 0, "\(name)")
        }
        #expect(throws: AlexStoreError.locked(directory: other.path)) { try AlexStore(directory: other.path) }
        try store.close()
    }

    /// A child process after fork(2) can't close the store, nor take its lock away by dropping it.
    @Test(arguments: [Durability.process, .power]) func forkedChild(durability: Durability) async throws {
        let directory = try ScratchDirectory()
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String, name = durability.rawValue as String] in
            var options = AlexStoreOptions(durability: Durability(rawValue: name) ?? .process)
            options.segmentBytesLimit = 4 << 20
            var store: AlexStore? = try AlexStore(directory: path, options: options)
            // So that the thread that grows the file is there, too.
            for key in 0..<50 as Range<Int64> { try store?.put([UInt8](repeating: 1, count: 50_000), forKey: key) }
            let child = fork()
            if child == 0 {
                do throws(AlexStoreError) {
                    try store?.close()
                    _exit(2)
                } catch {
                    guard case .unsupported = error else { _exit(3) }
                }
                store = nil
                _exit(0)
            }
            var status: Int32 = 0
            guard child > 0, waitpid(child, &status, 0) == child, status == 0 else { exit(4) }
            let lock = try SystemFileSystem.shared.open(path + "/LOCK", .readWrite)
            guard try !lock.tryLock() else { exit(5) }
            lock.close()
            try store?.put([2], forKey: 7)
            guard try store?.verify().isSound == true, store?.count == 50 else { exit(6) }
            try store?.close()
            store = try AlexStore(directory: path, options: options)
            guard store?.recovery.wasClean == true, try store?.bytes(forKey: 7) == [2] else { exit(7) }
            try store?.close()
        }
    }

    /// Files of ten years ago, or of ten years ahead, are the same files.
    @Test(arguments: [-1, 1]) func fileTimesDoNotMatter(sign: Int) throws {
        let directory = try ScratchDirectory()
        try filled(directory).close()
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        now.tv_sec += sign * 10 * 365 * 86_400
        let names =
            ["MANIFEST", "LOCK", "segments"] + directory.segmentPaths.map { $0.dropFirst(directory.path.count + 1) }
        for name in names.map(String.init) {
            #expect(utimensat(AT_FDCWD, directory.path + "/" + name, [now, now], 0) == 0, "\(name)")
        }
        let store = try AlexStore(directory: directory.path)
        #expect(store.recovery.wasClean && store.count == 200)
        #expect(try store.verify().isSound)
        try store.close()
    }
}
