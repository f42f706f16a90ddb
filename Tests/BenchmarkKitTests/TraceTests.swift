import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

/// Operations recorded in one run and replayed in another.
@Suite struct TraceTests {
    private static let mix = Workload.Mix([
        .read: 40, .readAbsent: 10, .insert: 20, .update: 15, .remove: 5, .scan: 5, .readModifyWrite: 5,
    ])

    private static func workload(
        _ value: Workload.Value = .bytes(20), keys: Workload.KeyOrder = .scattered
    ) -> Workload {
        Workload(
            name: "small", records: 500, keys: keys, value: value,
            load: Workload.Load(row: "load-random", batch: 64),
            phases: [
                Workload.Phase(
                    name: "churn", operations: 600, mix: mix, distribution: .zipfian(theta: 0.99),
                    scanLengths: .uniform(1...20)),
                Workload.Phase(name: "query", operations: 300, mix: Workload.Mix([.read: 100])),
                Workload.Phase(
                    name: "puts", operations: 64, mix: Workload.Mix([.insert: 50, .update: 50]), batch: 8),
            ])
    }

    /// A trace of a workload, and what its recording came to.
    private static func record(
        _ workload: Workload, seed: UInt64 = 7
    ) throws -> (data: Data, stream: RunResult.StreamReceipt) {
        var plan = RunnerTests.plan([Models.model("one")], workload)
        plan.recordsTrace = true
        plan.seed = seed
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil)
        return (try #require(outcome.trace), try #require(outcome.result.streams.first))
    }

    private static func replay(_ data: Data) throws -> RunPlan {
        let trace = try OperationTrace(data: data, file: "small.trace")
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")], trace.workload)
        plan.trace = trace
        // The trace's own seed must do.
        plan.seed = 99
        return plan
    }

    @Test(
        arguments: [
            (.bytes(20), .scattered), (.text, .ordered), (.lengths(.uniform(0...300)), .timestamps),
        ] as [(Workload.Value, Workload.KeyOrder)])
    func aReplayIsTheRecordedRun(_ value: Workload.Value, _ keys: Workload.KeyOrder) throws {
        let (data, recorded) = try Self.record(Self.workload(value, keys: keys))
        var plan = try Self.replay(data)
        // Neither the slices nor the schedule matter.
        plan.sliceOperations = 37
        plan.schedule = .sequential
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        #expect(outcome.result.streams.count == 2)
        for stream in outcome.result.streams {
            #expect(stream.streamHash == recorded.streamHash)
            #expect(stream.stateDigest == recorded.stateDigest)
            #expect(stream.operations == recorded.operations)
            #expect(stream.seed == 7)
        }
        let row = try #require(outcome.result.rows.first { $0.workload == "churn" })
        #expect(row.summary.hasSuffix("; replayed from a trace"))
    }

    /// Values stay verifiable: an engine that lies is found in a replay too.
    @Test func aReplayFindsAWrongValue() throws {
        var plan = try Self.replay(try Self.record(Self.workload()).data)
        plan.backends = [Models.model("liar", .wrongByte(every: 400))]
        #expect(try RunnerTests.run(plan).failure?.kind == .verificationFailed)
    }

    /// In the open loop, and with another warm-up, all of the trace's operations are run.
    @Test func otherPassesRunTheSameOperations() throws {
        let (data, recorded) = try Self.record(Self.workload())
        for warmUp in [0, 17] as [UInt64] {
            var plan = try Self.replay(data)
            plan.repeats = 1
            plan.warmUpOperations = warmUp
            plan.loop.rate = 1_000_000
            let outcome = try RunnerTests.run(plan)
            #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
            #expect(outcome.result.streams.map(\.streamHash) == [recorded.streamHash])
            #expect(outcome.result.samples.contains { $0.metric == "response_p50_ns" })
        }
    }

    @Test func whatCanNotBeReplayedIsRefused() throws {
        let data = try Self.record(Self.workload()).data
        func refused(_ words: String, _ change: (inout RunPlan) throws -> Void) throws {
            var plan = try Self.replay(data)
            try change(&plan)
            let error = #expect(throws: RunError.self, "\(words)") { try Runner(plan) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.exitCode == 64)
        }
        try refused("\"records\" is 500 in the trace and 400") { $0.workloads[0].records = 400 }
        try refused("\"value\" is 20 bytes in the trace and 21 bytes") { $0.workloads[0].value = .bytes(21) }
        try refused("\"load.batch_records\" is 64") { $0.workloads[0].load.batch = 1 }
        try refused("\"compressible_percent\" is 0") { $0.workloads[0].compressiblePercent = 50 }
        try refused("\"phases\" is of one form") { $0.workloads[0].phases[1].operations = 7 }
        try refused("leave --threads out") { $0.loop.threads = [1, 2] }
        try refused("leave --threads out") { $0.loop.threads = [2] }
        try refused("leave --duration and --slo out") { $0.loop.durationNanoseconds = 1_000_000_000 }
        try refused("leave --duration and --slo out") { $0.loop.objective = try LatencyObjective("p99<1ms") }
        try refused("lower --warmup") { $0.warmUpOperations = 1_000_000 }
        try refused("give one of the two") { $0.recordsTrace = true }
        try refused("run them one by one") { $0.workloads.append(SamplingFixture.other) }
    }

    @Test func whatCanNotBeRecordedIsRefused() throws {
        func refused(_ words: String, _ workload: Workload, threads: [Int] = [1]) {
            var plan = RunnerTests.plan([Models.model("one")], workload)
            plan.recordsTrace = true
            plan.loop.threads = threads
            let error = #expect(throws: RunError.self, "\(words)") { try Runner(plan) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        refused("leave --threads out", Self.workload(), threads: [1, 2])
        var workload = Self.workload()
        workload.phases = []
        refused("has no phase", workload)
        workload = Self.workload()
        workload.phases[1].operations = 1 << 30
        refused("lower --ops", workload)
    }

    @Test func eachKindOfDamageIsRefused() throws {
        let whole = Array(try Self.record(Self.workload()).data)
        func refused(_ bytes: [UInt8], _ words: String) {
            let error = #expect(throws: RunError.self, "\(words)") {
                try OperationTrace(data: Data(bytes), file: "bad.trace")
            }
            let message = error?.message ?? ""
            #expect(message.hasPrefix("bad.trace: ") && message.contains(words), "\(message)")
            #expect(message.contains("--record"), "no remedy: \(message)")
        }
        /// With the checksum that its bytes have.
        func sealed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
            var bytes = Array(whole.dropLast(OperationTrace.checksumBytes))
            change(&bytes)
            let sum = OperationTrace.checksum(bytes[...])
            return bytes + (0..<8).map { UInt8(truncatingIfNeeded: sum >> UInt64(8 * $0)) }
        }
        #expect(sealed { _ in } == whole)
        refused([], "it is no trace of operations")
        refused(Array("{\"name\": 1}".utf8), "it is no trace of operations")
        refused(Array(whole[..<8]), "it ends after 8 bytes")
        var later = whole
        later[8] = 2
        refused(later, "\"version\" is 2, and this program reads version 1")
        // Each length, and a flipped bit in each part.
        for length in stride(from: 44, to: whole.count, by: 61) { refused(Array(whole[..<length]), "checksum") }
        for place in [12, 16, 100, whole.count / 2, whole.count - 20, whole.count - 1] {
            var flipped = whole
            flipped[place] ^= 4
            refused(flipped, "checksum")
        }
        let summary = OperationTrace.summaryBytes
        refused(sealed { $0.insert(2, at: $0.count - summary) }, "something follows its")
        refused(sealed { $0.remove(at: $0.count - summary - 1) }, "is cut off or of no kind")
        refused(
            sealed {
                $0[12] = 255
                $0[14] = 255
            }, "its header is cut off")
        refused(sealed { $0[$0.count - summary - 1] = 0x80 }, "is cut off or of no kind")
    }

    /// Operations that could not be done, in a trace that is whole otherwise.
    @Test func impossibleOperationsAreRefused() throws {
        let workload = Self.workload()
        func refused(_ operations: [(StorageBackends.Operation.Kind, UInt64)], _ words: String) {
            var writer = TraceWriter()
            writer.beginPhase()
            for (kind, record) in operations {
                writer.append(
                    StorageBackends.Operation(kind, key: 0, record: record, version: 0, length: 1))
            }
            writer.beginPhase()
            writer.beginPhase()
            let data = writer.data(
                workload: workload, seed: 1, summary: OperationTrace.Summary(hash: 0, digest: [0, 0]))
            guard !words.isEmpty else {
                #expect(throws: Never.self) { try OperationTrace(data: data, file: "made.trace") }
                return
            }
            let error = #expect(throws: RunError.self) { try OperationTrace(data: data, file: "made.trace") }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        let absent = KeyMapping.absentRecords
        refused([(.read, 499), (.insert, 0), (.update, 500), (.remove, 3), (.readAbsent, absent)], "")
        refused([(.read, 499), (.read, 500)], "operation 2 is for record 500, which is not there")
        refused([(.remove, 3), (.remove, 3)], "operation 2 is for record 3, which is not there")
        refused([(.remove, 3), (.scan, 3)], "operation 2 is for record 3")
        refused([(.readModifyWrite, 1 << 40)], "operation 1 is for record")
        refused([(.readAbsent, absent &+ absent)], "operation 1 is for record")
        var other = TraceWriter()
        for _ in 0..<3 { other.beginPhase() }
        other.append(StorageBackends.Operation(.read, key: 0, record: 1, version: 0, length: 1))
        let data = other.data(
            workload: workload, seed: 1, summary: OperationTrace.Summary(hash: 0, digest: [0, 0]))
        let error = #expect(throws: RunError.self) { try OperationTrace(data: data, file: "made.trace") }
        #expect(error?.message.contains("is read, which phase puts has not in its mix") == true)
    }

    /// A trace whose operations come to other keys now than when it was recorded is told at the end.
    @Test func aTraceOfAnotherProgramIsTold() throws {
        var writer = TraceWriter()
        let workload = Self.workload()
        for operations in [600 as UInt64, 300, 64] {
            writer.beginPhase()
            for _ in 0..<operations {
                let kind: StorageBackends.Operation.Kind = operations == 64 ? .insert : .read
                writer.append(StorageBackends.Operation(kind, key: 0, record: 1, version: 0, length: 1))
            }
        }
        let data = writer.data(
            workload: workload, seed: 1, summary: OperationTrace.Summary(hash: 1, digest: [2, 3]))
        var plan = try Self.replay(data)
        plan.warmUpOperations = 0
        plan.loop.rate = 1_000_000
        let failure = try #require(try RunnerTests.run(plan).failure)
        #expect(failure.kind == .verificationFailed)
        #expect(failure.message.hasPrefix("small.trace: its operations came to other keys or values"))
    }
}

/// A second workload.
private enum SamplingFixture {
    static let other = Workload(name: "other", records: 10, load: Workload.Load(row: "other", batch: 1))
}
