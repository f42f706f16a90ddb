import Foundation
import Glibc
import StorageBackends
import Synchronization
import Testing

@testable import BenchmarkKit

@Suite struct TurnRelayTests {
    /// Two FIFOs in a folder of their own.
    private final class Fifos {
        let folder: String
        var paths: [String] { [folder + "/first", folder + "/second"] }

        init() throws {
            var template = Array((FileManager.default.temporaryDirectory.path + "/relay-test-XXXXXX").utf8CString)
            try #require(mkdtemp(&template) != nil)
            folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            for path in paths { try #require(mkfifo(path, 0o600) == 0) }
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func put(_ byte: UInt8, into place: Int) throws {
            let descriptor = open(paths[place], O_RDWR)
            defer { close(descriptor) }
            var byte = byte
            try #require(write(descriptor, &byte, 1) == 1)
        }
    }

    /// Whoever has the turn works alone, and the two alternate step by step.
    @Test func twoAlternate() throws {
        let fifos = try Fifos()
        let relays = [
            try TurnRelay(reading: fifos.paths[0], writing: fifos.paths[1]),
            try TurnRelay(reading: fifos.paths[1], writing: fifos.paths[0]),
        ]
        let steps = Mutex<[Int]>([])
        let second = relays[1]
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            second.take()
            for _ in 0..<50 {
                steps.withLock { $0.append(1) }
                second.passOn()
            }
            ended.signal()
        }
        try fifos.put(TurnRelay.turn, into: 0)
        relays[0].take()
        for _ in 0..<50 {
            steps.withLock { $0.append(0) }
            relays[0].passOn()
        }
        try fifos.put(TurnRelay.end, into: 1)
        ended.wait()
        let taken = steps.withLock { $0 }
        let alternating = [Int]((0..<100).map { $0 % 2 })
        #expect(taken == alternating)
    }

    /// Once the other has ended, nobody waits any more, however much is left.
    @Test func theOtherHasEnded() throws {
        let fifos = try Fifos()
        let relay = try TurnRelay(reading: fifos.paths[0], writing: fifos.paths[1])
        try fifos.put(TurnRelay.end, into: 0)
        relay.take()
        for _ in 0..<1_000 { relay.passOn() }
        // It has not written a turn that nobody takes.
        let descriptor = open(fifos.paths[1], O_RDWR | O_NONBLOCK)
        defer { close(descriptor) }
        var byte: UInt8 = 0
        let got = read(descriptor, &byte, 1)
        #expect(got == -1 && errno == EAGAIN)
    }

    /// A run asks for its turn before each slice, and measures the same as one without.
    @Test func aRunTakesTurns() throws {
        let fifos = try Fifos()
        let workload = Workload(
            name: "mixed", records: 300, load: Workload.Load(row: "load-random", batch: 50),
            phases: [Workload.Phase(name: "mixed", operations: 400, mix: Workload.Mix([.read: 80, .insert: 20]))])
        var plan = RunnerTests.plan([Models.model("one")], repeats: 1, workload)
        let plain = try Runner(plan).run().result
        plan.turns = try TurnRelay(reading: fifos.paths[0], writing: fifos.paths[1])
        let outgoing = open(fifos.paths[1], O_RDWR)
        defer { close(outgoing) }
        let turns = Mutex(0)
        let path = fifos.paths[0]
        let partner = Thread {
            let incoming = open(path, O_RDWR)
            defer { close(incoming) }
            var byte = TurnRelay.turn
            _ = write(incoming, &byte, 1)
            while read(outgoing, &byte, 1) == 1, byte != TurnRelay.end {
                turns.withLock { $0 += 1 }
                _ = write(incoming, &byte, 1)
            }
        }
        partner.start()
        let outcome = try Runner(plan).run()
        var byte = TurnRelay.end
        _ = write(outgoing, &byte, 1)
        #expect(outcome.failure == nil)
        let digests = outcome.result.streams.map(\.stateDigest)
        let plainDigests = plain.streams.map(\.stateDigest)
        #expect(digests == plainDigests)
        // Three slices of the load, and those of four passes of the phase: 40 of warm-up, and three times 400.
        let slices = 3 + 1 + 3 * 4
        let given = turns.withLock { $0 }
        #expect(given == slices)
    }

    @Test func aPathThatIsNoFIFO() throws {
        let fifos = try Fifos()
        let file = fifos.folder + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        for bad in [file, fifos.folder + "/absent", fifos.folder] {
            let error = #expect(throws: RunError.self) {
                try TurnRelay(reading: fifos.paths[0], writing: bad)
            }
            #expect(error?.message.contains(bad) == true)
        }
    }
}
