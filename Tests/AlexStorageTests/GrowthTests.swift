import StorageIO
import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A gate that is passed once it was opened, or after ten seconds, so that a test that is wrong ends.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)
    /// Whether somebody has stood before it, and whether somebody gave up.
    let isReached = Atomic(false)
    let isForced = Atomic(false)

    func open() { isOpen.store(true, ordering: .relaxed) }

    func pass() {
        isReached.store(true, ordering: .relaxed)
        for _ in 0..<10_000 {
            if isOpen.load(ordering: .relaxed) { return }
            usleep(1000)
        }
        isForced.store(true, ordering: .relaxed)
    }
}

/// Sets the limit of descriptors, and returns the one before.
@discardableResult
private func limitDescriptors(_ count: rlim_t) -> rlim_t {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let before = limit.rlim_cur
    limit.rlim_cur = count
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return before
}

/// Leaves so many descriptors to be had, whichever are open, and returns the limit before. The process must end soon.
private func leaveDescriptors(_ count: Int) throws -> rlim_t {
    let last = try SystemFileSystem.shared.list("/proc/self/fd").compactMap { Int32($0) }.max() ?? 0
    // What is free below the last one is filled.
    var next: Int32 = 0
    while next < last {
        next = open("/dev/null", O_RDONLY)
        if next < 0 { throw StorageIOError(call: "open", name: "/dev/null", code: errno) }
    }
    return limitDescriptors(rlim_t(Int(next) + 1 + count))
}

/// Rows 14 and 15 of the failure table: what can't grow is told, reads go on, and writes do once there is room.
@Suite struct GrowthTests {
    /// While the next step of the file is allocated, which may take as long as it likes, the writer goes on for as long
    /// as it has room.
    @Test(arguments: [Durability.process, .power]) func slowAllocationKeepsNobodyWaiting(durability: Durability) throws
    {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = tinyOptions(segmentBytes: 16 << 20)
        options.durability = durability
        options.fileSystem = faults
        options.growsInBackground = true
        options.growthStepBytes = 1 << 20
        let store = try AlexStore(directory: directory.path, options: options)
        let gate = Gate()
        let writer = pthread_self()
        faults.onAllocate.withLock { slot in
            slot = {
                // The store's own thread allocates what it needs at once; the other one is held up.
                if pthread_self() != writer { gate.pass() }
            }
        }
        let value = [UInt8](repeating: 5, count: 10_000)
        var written = 0
        while store.state.pointee.log.files.growth.pending == nil && written < 1000 {
            try store.put(value, forKey: Int64(written))
            written += 1
        }
        for _ in 0..<10_000 where !gate.isReached.load(ordering: .relaxed) { usleep(1000) }
        let isReached = gate.isReached.load(ordering: .relaxed)
        #expect(isReached, "no step was ordered")
        // The step before has left room for 45 of these at least.
        for _ in 0..<30 {
            try store.put(value, forKey: Int64(written))
            written += 1
        }
        #expect(try store.bytes(forKey: 0) == value)
        let isForced = gate.isForced.load(ordering: .relaxed)
        #expect(!isForced, "a put has waited for the allocation")
        gate.open()
        faults.onAllocate.withLock { $0 = nil }
        for _ in 0..<300 {
            try store.put(value, forKey: Int64(written))
            written += 1
        }
        #expect(store.count == written)
        try store.close()
    }

    private func expectSound(_ store: AlexStore, _ expected: Model) throws {
        for (key, value) in expected { #expect(try store.bytes(forKey: key) == value, "key \(key)") }
        #expect(store.count == expected.count)
        #expect(try store.verify().damage == nil)
    }

    /// A long commit that was refused once its room was made leaves an empty tail, behind which the next segment is
    /// prepared; a longer commit takes the tail nonetheless. Neither lies over the other.
    @Test func longCommitsBeforeAPreparedSegment() throws {
        let directory = try ScratchDirectory()
        var options = AlexStoreOptions(durability: .power)
        options.segmentBytesLimit = 64 << 10
        options.automaticCompaction = nil
        options.fileSystem = FaultFileSystem()
        var store = try AlexStore(directory: directory.path, options: options)
        let committer = store.committer()
        try committer.put([1], forKey: 1)
        var expected: Model = [1: [2]]
        #expect(throws: AlexStoreError.conflict(key: 1)) {
            try committer.transaction(attempts: 1) { transaction in
                _ = try transaction.bytes(forKey: 1)
                try transaction.put([UInt8](repeating: 3, count: 3 << 20), forKey: 2)
                try committer.put([2], forKey: 1)
            }
        }
        let files = store.state.pointee.log.files
        var isPrepared = false
        if case .segment = files.growth.pending { isPrepared = true }
        #expect(isPrepared, "no segment was ordered")
        files.growth.worker?.wait()
        expected[3] = [UInt8](repeating: 4, count: 40 << 20)
        try committer.put(expected[3] ?? [], forKey: 3)
        for key in 10..<30 as Range<Int64> {
            expected[key] = [UInt8](repeating: UInt8(key), count: 3000)
            try committer.put(expected[key] ?? [], forKey: key)
        }
        try expectSound(store, expected)
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        try expectSound(store, expected)
        try store.close()
        #expect(directory.segmentPaths.allSatisfy { $0.hasSuffix(".segment") })
    }

    /// The tail of a store that was reopened grows beyond the 16 MiB that it ended in, and a new segment follows,
    /// whether made at once or ahead: it lies behind all that the tail was given.
    @Test(arguments: [false, true]) func reopenedTailGrows(growsInBackground: Bool) throws {
        let directory = try ScratchDirectory()
        var options = AlexStoreOptions()
        options.segmentBytesLimit = 20 << 20
        options.growsInBackground = growsInBackground
        options.automaticCompaction = nil
        options.checkpointsOnClose = false
        options.fileSystem = FaultFileSystem()
        var store = try AlexStore(directory: directory.path, options: options)
        var expected: Model = [:]
        func put(_ key: Int64, bytes: Int) throws {
            expected[key] = [UInt8](repeating: UInt8(key), count: bytes)
            try store.put(expected[key] ?? [], forKey: key)
        }
        for key in 0..<4 as Range<Int64> { try put(key, bytes: 3900 << 10) }
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        try put(4, bytes: 1)
        store.state.pointee.log.files.growth.worker?.wait()
        for key in 5..<9 as Range<Int64> { try put(key, bytes: 1 << 20) }
        for key in 9..<20 as Range<Int64> { try put(key, bytes: 3 << 20) }
        try expectSound(store, expected)
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        try expectSound(store, expected)
        try store.close()
    }

    /// A small file system in memory, for as long as the test runs.
    private final class SmallDisk {
        let directory: ScratchDirectory
        var path: String { directory.path }

        init(bytes: Int) throws {
            directory = try ScratchDirectory()
            try mountSize(bytes, flags: 0)
        }

        func grow(to bytes: Int) throws { try mountSize(bytes, flags: UInt(MS_REMOUNT)) }

        private func mountSize(_ bytes: Int, flags: UInt) throws {
            if mount("tmpfs", path, "tmpfs", flags, "size=\(bytes)") != 0 {
                throw StorageIOError(call: "mount", name: path, code: errno)
            }
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }
    }

    /// Whether this process may mount: root, as a rule.
    private static let canMount: Bool = {
        guard let disk = try? SmallDisk(bytes: 1 << 20) else { return false }
        return !disk.path.isEmpty
    }()

    /// A disk that is really full: puts, a transaction, a compaction and a checkpoint are refused whole, reads go on,
    /// and all of it goes on once there is room.
    @Test(
        .enabled(if: canMount, "mounts a small tmpfs, for which it must be root"),
        arguments: [Durability.process, .power])
    func fullDisk(durability: Durability) throws {
        let disk = try SmallDisk(bytes: 6 << 20)
        var options = tinyOptions(segmentBytes: 1 << 20)
        options.durability = durability
        options.growthStepBytes = 256 << 10
        var store = try AlexStore(directory: disk.path + "/store", options: options)
        var expected: Model = [:]
        var refused: AlexStoreError?
        var number: Int64 = 0
        while refused == nil && number < 1000 {
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 20_000)
            do throws(AlexStoreError) {
                try store.put(value, forKey: number % 250)
                expected[number % 250] = value
                number += 1
            } catch { refused = error }
        }
        #expect(number > 150)
        func isFull(_ error: any Error) -> Bool {
            guard case .io(let reason) = error as? AlexStoreError else { return false }
            return reason.code == ENOSPC && reason.description.contains("free some space")
        }
        #expect(refused.map(isFull) == true, "\(String(describing: refused))")
        #expect { try store.compact(.everything) } throws: { isFull($0) }
        #expect {
            try store.transaction { transaction in
                for key in 0..<20 as Range<Int64> {
                    try transaction.put([UInt8](repeating: 7, count: 50_000), forKey: key)
                }
            }
        } throws: { isFull($0) }
        #expect(try model(of: store) == expected)
        try disk.grow(to: 64 << 20)
        try store.put([1], forKey: 1)
        expected[1] = [1]
        try store.checkpoint()
        #expect(try store.compact(.everything).recordsKept == UInt64(expected.count))
        #expect(try store.verify().damage == nil)
        try store.close()
        store = try AlexStore(directory: disk.path + "/store", options: options)
        #expect(try model(of: store) == expected)
        try store.close()
    }

    /// A limit on the size of files is an error where the file would outgrow it, not a signal that ends the process.
    @Test(arguments: [Durability.process, .power]) func fileSizeLimit(durability: Durability) async throws {
        let directory = try ScratchDirectory()
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String, name = durability.rawValue as String] in
            var limit = rlimit(rlim_cur: 300_000, rlim_max: .max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            var options = tinyOptions(segmentBytes: 1 << 20)
            options.durability = Durability(rawValue: name) ?? .process
            let store = try AlexStore(directory: path, options: options)
            let value = [UInt8](repeating: 1, count: 10_000)
            var taken: Int64 = 0
            var code: Int32 = 0
            while code == 0 {
                do throws(AlexStoreError) {
                    try store.put(value, forKey: taken)
                    taken += 1
                } catch {
                    guard case .io(let reason) = error, reason.description.contains("ulimit -f") else { exit(2) }
                    code = reason.code
                }
            }
            guard code == EFBIG, taken > 20, try store.bytes(forKey: taken - 1) == value else { exit(3) }
            limit.rlim_cur = .max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for key in taken..<(taken + 100) { try store.put(value, forKey: key) }
            guard try store.verify().damage == nil, store.count == Int(taken) + 100 else { exit(4) }
            try store.close()
        }
    }

    /// Without a descriptor to be had a new segment is refused with a typed error, and begins once there is one.
    @Test func openFilesLimit() async throws {
        let directory = try ScratchDirectory()
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try AlexStore(directory: path, options: tinyOptions(segmentBytes: 64 << 10))
            let value = [UInt8](repeating: 1, count: 10_000)
            try store.put(value, forKey: 0)
            let next = open("/dev/null", O_RDONLY)
            close(next)
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let before = limit.rlim_cur
            limit.rlim_cur = rlim_t(next)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var taken: Int64 = 1
            var code: Int32 = 0
            while code == 0 && taken < 100 {
                do throws(AlexStoreError) {
                    try store.put(value, forKey: taken)
                    taken += 1
                } catch {
                    guard case .io(let reason) = error, reason.description.contains("ulimit -n") else { exit(2) }
                    code = reason.code
                }
            }
            guard code == EMFILE, try store.bytes(forKey: taken - 1) == value else { exit(3) }
            limit.rlim_cur = before
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            for key in taken..<(taken + 20) { try store.put(value, forKey: key) }
            guard try store.verify().damage == nil, store.count == Int(taken) + 20 else { exit(4) }
            try store.close()
        }
    }

    /// However many segments there are, few files are open: with eight descriptors to be had a store of two hundred is
    /// written, synced, compacted, closed and opened again, and a store that was not closed is recovered.
    @Test(arguments: [Durability.process, .power]) func fewOpenFiles(durability: Durability) async throws {
        let directory = try ScratchDirectory()
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String, name = durability.rawValue as String] in
            let before = try leaveDescriptors(8)
            defer { limitDescriptors(before) }
            var options = tinyOptions(segmentBytes: 8192)
            options.durability = Durability(rawValue: name) ?? .process
            options.addressSpaceBytes = 1 << 40
            options.fileSystem = FaultFileSystem()
            options.automaticCompaction = nil
            options.checkpointBytes = 256 << 10
            // Each value takes a segment.
            let value = [UInt8](repeating: 1, count: 4000)
            var store: AlexStore? = try AlexStore(directory: path, options: options)
            for key in 0..<100 as Range<Int64> { try store?.put(value, forKey: key) }
            try store?.sync()
            for key in 100..<200 as Range<Int64> { try store?.put(value, forKey: key) }
            try store?.close()
            store = try AlexStore(directory: path, options: options)
            for key in 0..<100 as Range<Int64> { try store?.put(value, forKey: key) }
            // As a crash would leave it.
            store = nil
            store = try AlexStore(directory: path, options: options)
            guard try store?.verify().damage == nil, try store?.compact(.everything).segmentsTaken ?? 0 >= 300 else {
                exit(2)
            }
            try store?.put(value, forKey: 7)
            try store?.committer().compactInBackground(.everything)
            try store?.committer().checkpoint()
            try store?.close()
            store = try AlexStore(directory: path, options: options)
            guard store?.count == 200, try store?.verify().damage == nil else { exit(3) }
            try store?.close()
        }
    }

    /// A salvage opens few files at a time, too: with fewer descriptors than segments nothing is left out.
    @Test func salvageOfManySegments() async throws {
        let (directory, target) = (try ScratchDirectory(), try ScratchDirectory())
        let (path, copy) = (directory.path, target.path)
        await #expect(processExitsWith: .success) { [path = path as String, copy = copy as String] in
            var options = tinyOptions(segmentBytes: 8192)
            options.addressSpaceBytes = 1 << 40
            options.fileSystem = FaultFileSystem()
            let store = try AlexStore(directory: path, options: options)
            for key in 0..<100 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 4000), forKey: key) }
            try store.close()
            let before = try leaveDescriptors(80)
            defer { limitDescriptors(before) }
            let report = try AlexStore.salvage(directory: path, to: copy, options: options)
            guard report.isSound, report.keys == 100, report.segments.count == 100 else { exit(2) }
        }
    }
}
