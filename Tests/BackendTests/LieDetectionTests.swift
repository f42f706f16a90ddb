import StorageBackends
import Testing

/// The measured loops catch a backend that answers wrongly.
@Suite("Lies are detected")
struct LieDetectionTests {
    /// Puts twenty records, changes some, and asks for everything.
    static var script: Script {
        var script = Script.inserts(20)
        for record in 0..<UInt64(10) { script.append(.update, record: record, version: 1) }
        script.append(.remove, record: 19)
        for record in 0..<UInt64(19) { script.append(.read, record: record, version: record < 10 ? 1 : 0) }
        for record in 19..<UInt64(25) { script.append(.readAbsent, record: record) }
        // A scan of two pairs from any key but the last ones.
        let sorted = (0..<UInt64(19)).sorted {
            BackendCase.keys.key(ofRecord: $0) < BackendCase.keys.key(ofRecord: $1)
        }
        for record in sorted.prefix(10) { script.append(.scan, record: record, length: 2) }
        return script
    }

    @Test("the truth passes")
    func truth() throws {
        let tally = try LyingBackend(nil).run(Self.script)
        #expect(tally.mismatches == 0)
        #expect(tally.firstMismatch == nil)
    }

    @Test("a lie does not", arguments: LyingBackend.Lie.allCases.filter { !LyingBackend.Lie.ofBatches.contains($0) })
    func lies(_ lie: LyingBackend.Lie) throws {
        let tally = try LyingBackend(lie).run(Self.script)
        #expect(tally.mismatches > 0)
        #expect(tally.firstMismatch != nil)
    }

    @Test("a lie is found by the dependent and the timed loop too", arguments: [LyingBackend.Lie.wrongByte, .forgets])
    func otherLoops(_ lie: LyingBackend.Lie) throws {
        let expected = try LyingBackend(lie).run(Self.script)
        try Self.script.withSlice { slice in
            var timed = Tally()
            var nanoseconds = [UInt64](repeating: 0, count: slice.operations.count)
            try nanoseconds.withUnsafeMutableBufferPointer {
                try LyingBackend(lie).runTimed(slice, nanoseconds: $0, tally: &timed)
            }
            #expect(timed == expected)
            var dependent = Tally()
            try LyingBackend(lie).runDependent(slice, tally: &dependent)
            #expect(dependent == expected)
        }
    }

    @Test(
        "a lie is found in batches of reads",
        arguments: [nil, .wrongByte, .shortValue, .forgets, .mixesUp] + LyingBackend.Lie.ofBatches)
    func batches(_ lie: LyingBackend.Lie?) throws {
        let backend = LyingBackend(lie)
        _ = try backend.load(.inserts(20), batch: 1)
        var script = Script()
        for record in 0..<UInt64(20) { script.append(.read, record: record) }
        let tally = try backend.load(script, batch: 8)
        #expect((tally.mismatches > 0) == (lie != nil))
        if lie == nil { #expect(tally.checkedValues == 20 && tally.hits == 20) }
    }

    @Test("values go unchecked only when that is asked for")
    func unchecked() throws {
        #expect(try LyingBackend(.wrongByte).run(Self.script, checksValues: false).mismatches == 0)
    }
}
