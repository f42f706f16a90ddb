import LearnedIndex
import StorageIO
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct VerifyTests {
    private func filled(_ directory: ScratchDirectory, _ durability: Durability) throws -> AlexStore {
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        let store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<100 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 100), forKey: key) }
        try store.putBatch([(key: 1, value: [2]), (key: 2, value: [3])])
        try store.remove(3)
        return store
    }

    /// Check and compaction tell how far they are, and stop when told to, with the store as it was.
    @Test func progress() throws {
        let directory = try ScratchDirectory()
        let store = try filled(directory, .process)
        for isCompaction in [false, true] {
            let before = (try store.statistics(), try store.contents().map(\.value))
            let names = try SystemFileSystem.shared.list(directory.segmentsPath)
            func work(_ progress: (Double) -> Bool) throws -> Bool {
                if !isCompaction { return try store.verify(progress: progress).isSound }
                return try store.compact(.everything, progress: progress).segmentsTaken > 0
            }
            #expect(throws: AlexStoreError.cancelled) { _ = try work { _ in false } }
            #expect(try store.statistics().perSegment.map(\.records).reduce(0, +) == before.0.lastSequence)
            #expect(try store.contents().map(\.value) == before.1)
            #expect(try SystemFileSystem.shared.list(directory.segmentsPath).count >= names.count)
            var shares: [Double] = []
            #expect(
                try work { share in
                    shares.append(share)
                    return true
                })
            #expect(!shares.isEmpty && shares == shares.sorted() && (0...1).contains(shares[shares.count - 1]))
        }
        #expect(try store.verify().isSound)
        try store.close()
    }

    @Test(arguments: Durability.allCases) func soundStore(durability: Durability) throws {
        let directory = try ScratchDirectory()
        let store = try filled(directory, durability)
        try store.putWithoutWaiting([9], forKey: 1000)
        try store.sync()
        do {
            let report = try store.verify()
            #expect(report.isSound, "\(report)")
            let segments = try store.statistics().segments
            #expect(report.segments == segments && segments > 2)
            #expect(report.records == 104 && report.deletes == 1 && report.commits == 103 && report.keys == 100)
            #expect(try report.bytes == store.statistics().logBytes)
            try store.put([1], forKey: 50)
            try store.remove(50)
            try store.put([1], forKey: 50)
            #expect(try store.verify().records == 107)
        }
        try store.close()
        #expect(throws: AlexStoreError.closed) { try store.verify() }
    }

    /// Damage below an open store is told with its file and offset, also where nothing has been read yet.
    @Test func damageBelowAnOpenStore() throws {
        let directory = try ScratchDirectory()
        let store = try filled(directory, .process)
        let path = directory.segmentPaths[1]
        let file = try SystemFileSystem.shared.open(path, .readWrite)
        defer { file.close() }
        let offset = 4096 + 3 * 128
        func flip(_ at: Int) throws {
            var byte = [UInt8](repeating: 0, count: 1)
            _ = try byte.withUnsafeMutableBytes { try file.read(into: $0, at: at) }
            byte[0] ^= 4
            try byte.withUnsafeBytes { try file.write($0, at: at) }
        }
        for at in [offset, offset + 8, offset + 12, offset + 16, offset + 17, offset + 60] {
            try flip(at)
            let report = try store.verify()
            #expect(report.damage?.file == path && report.damage?.offset == offset, "byte \(at): \(report)")
            #expect(report.segments == 1)
            try flip(at)
        }
        for at in [0, 20, 33, 41, 50, 57, 65, 73, 200, 4089] {
            try flip(at)
            #expect(try store.verify().damage?.offset == 0, "byte \(at)")
            try flip(at)
        }
        #expect(try store.verify().isSound)
    }

    @Test func damagedNamesAndIndex() throws {
        let directory = try ScratchDirectory()
        let store = try filled(directory, .process)
        let manifest = directory.path + "/MANIFEST"
        let bytes = try readFile(manifest)
        var changed = bytes
        changed[20] ^= 1
        try writeFile(manifest, changed)
        #expect(try store.verify().damage?.file == manifest)
        try writeFile(manifest, bytes)
        #expect(try store.verify().isSound)

        let path = directory.segmentPaths[1]
        try SystemFileSystem.shared.rename(path, to: path + ".away")
        #expect(try store.verify().damage?.file == path)
        try SystemFileSystem.shared.rename(path + ".away", to: path)
        #expect(try store.verify().isSound)

        let removed = store.state.pointee.index.removeValue(forKey: 7)
        let place = try #require(removed)
        #expect(try store.verify().damage?.file == "index in memory")
        try store.state.pointee.index.updateValue(place + 8, forKey: 7)
        #expect(try store.verify().damage?.file == "index in memory")
        try store.state.pointee.index.updateValue(place, forKey: 7)
        #expect(try store.verify().isSound)
    }

    /// A manifest whose replacement was not acknowledged may be on the disk: no damage, whoever has replaced it and
    /// however often that has failed.
    @Test func manifestInDoubt() throws {
        let directory = try ScratchDirectory()
        let faults = FaultFileSystem()
        var options = tinyOptions()
        options.fileSystem = faults
        options.checkpointsOnClose = false
        var store = try AlexStore(directory: directory.path, options: options)
        func expectSound(_ place: String) throws {
            let report = try store.verify()
            #expect(report.isSound, "\(place): \(report)")
        }
        for key in 0..<50 as Range<Int64> { try store.put([1], forKey: key) }
        for round in 0..<3 as Range<Int64> {
            // The segments, the checkpoint, then the store's own directory.
            faults.arm(at: 2, code: EIO, isForGood: false, only: "syncDirectory")
            #expect(throws: AlexStoreError.self) { try store.checkpoint() }
            faults.disarm()
            try expectSound("a checkpoint")
            try store.put([2], forKey: round)
            try expectSound("a checkpoint, and a put behind it")
        }
        // Before the renaming: the last that got its name is on the disk still.
        faults.arm(at: 0, code: ENOSPC, isForGood: false, only: "write", onPath: "MANIFEST")
        #expect(throws: AlexStoreError.self) { try store.checkpoint() }
        faults.disarm()
        try expectSound("no room for a manifest")
        try store.checkpoint()
        try expectSound("a checkpoint that is in force")
        try store.close()

        store = try AlexStore(directory: directory.path, options: options)
        faults.arm(at: 0, code: EIO, isForGood: false, only: "syncDirectory")
        #expect(throws: AlexStoreError.self) { try store.put([3], forKey: 3) }
        faults.disarm()
        try expectSound("a first write that was refused")
        try store.put([3], forKey: 3)
        try expectSound("a first write")
        try store.close()
        store = try AlexStore(directory: directory.path, options: options)
        #expect(store.recovery.wasClean && store.count == 50)
        try store.close()
    }
}
