import StorageIO
import Testing

@testable import AlexStorage

/// Many keys at once answer as each of them alone does, in every state of a store.
@Suite struct BatchedReadTests {
    private static let keys = Array(-3..<140 as Range<Int64>) + [.min, .max]
    /// None, one, and lengths around a group of 32 and two of them.
    private static let lengths = [0, 1, 2, 31, 32, 33, 63, 64, 65, 200]

    private func value(_ key: Int64, _ step: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: key &+ Int64(step)), count: Int(key & 127) + step % 3)
    }

    /// Lists of keys of every length, with misses and repeats, each answered in its order.
    private func compare(_ store: AlexStore, _ random: inout SeededGenerator, _ note: String) throws {
        let reader = store.reader()
        for length in Self.lengths {
            let asked = (0..<length).map { _ in Self.keys.randomElement(using: &random)! }
            let single = try asked.map { try store.bytes(forKey: $0) }
            var (own, beside): ([[UInt8]?], [[UInt8]?]) = ([], [])
            try asked.withUnsafeBufferPointer { asked in
                try store.forEachValue(forKeys: asked) { at, value in
                    #expect(at == own.count)
                    own.append(value.map { Array($0) })
                }
                try reader.forEachValue(forKeys: asked) { at, value in
                    #expect(at == beside.count)
                    beside.append(value.map { Array($0) })
                }
            }
            #expect(own == single && beside == single, "\(note), \(length) keys: \(asked)")
        }
    }

    /// Over several segments, after puts, updates, removals, a checkpoint, a compaction, a close and a crash.
    @Test(arguments: Durability.allCases, [.off, .always(passing: 0.005)] as [AbsentKeyFilter])
    func equalsSingleReads(durability: Durability, filter: AbsentKeyFilter) throws {
        let directory = try ScratchDirectory()
        var options = tinyOptions(segmentBytes: 8192)
        options.durability = durability
        options.absentKeyFilter = filter
        var open: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var random = SeededGenerator(state: 11)
        var segments = 0
        for round in 0..<6 {
            segments = max(segments, try change(open, round, directory, &random))
            if round >= 3 {
                // Closed in round 3, left as by a crash in the others.
                open = nil
                open = try AlexStore(directory: directory.path, options: options)
            }
        }
        #expect(segments > 2)
        try open?.close()
    }

    /// Changes the store in a round's way and compares before and after; returns the segments that there were.
    private func change(
        _ store: AlexStore?, _ round: Int, _ directory: ScratchDirectory, _ random: inout SeededGenerator
    ) throws -> Int {
        let store = try #require(store)
        try compare(store, &random, "before round \(round)")
        for step in 0..<120 {
            let key = Self.keys.randomElement(using: &random)!
            if step % 4 == 3 { try store.remove(key) } else { try store.put(value(key, step), forKey: key) }
        }
        let segments = directory.segmentPaths.count
        if round == 1 { try store.checkpoint() }
        if round == 2 { try store.compact(.everything) }
        try compare(store, &random, "round \(round)")
        if round == 3 { try store.close() }
        return segments
    }

    /// A damaged record ends the call after the values before it; those behind it are not handed out.
    @Test func damageEndsTheCall() throws {
        let directory = try ScratchDirectory()
        var options = tinyOptions()
        options.automaticCompaction = nil
        let store = try AlexStore(directory: directory.path, options: options)
        for key in 0..<100 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 40), forKey: key) }
        // Records of 64 bytes: that of key 50.
        let file = try SystemFileSystem.shared.open(try #require(directory.segmentPaths.first), .readWrite)
        try [0x41 as UInt8].withUnsafeBytes {
            try file.write($0, at: LogFormat.segmentHeaderBytes + 50 * 64 + LogFormat.recordHeaderBytes)
        }
        file.close()
        let reader = store.reader()
        let asked = Array(0..<100 as Range<Int64>)
        for isBeside in [false, true] {
            var visited = 0
            #expect {
                try asked.withUnsafeBufferPointer { asked in
                    if isBeside {
                        try reader.forEachValue(forKeys: asked) { _, _ in visited += 1 }
                    } else {
                        try store.forEachValue(forKeys: asked) { _, _ in visited += 1 }
                    }
                }
            } throws: { error in
                guard case AlexStoreError.damaged = error else { return false }
                return true
            }
            #expect(visited == 50)
        }
        // The store goes on: neither pin nor freeze is left behind.
        try store.put([2], forKey: 1)
        #expect(try reader.bytes(forKey: 1) == [2])
    }
}
