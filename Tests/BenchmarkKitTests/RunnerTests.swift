import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

@Suite struct RunnerTests {
    static let small = Workload(
        name: "small", records: 500, value: .bytes(20), load: Workload.Load(row: "load-random", batch: 64),
        phases: [
            Workload.Phase(
                name: "mixed", operations: 1_000, mix: Workload.Mix([.read: 60, .insert: 20, .readAbsent: 20])),
            Workload.Phase(name: "scan-10", operations: 50, mix: Workload.Mix([.scan: 100]), scanLength: 10),
            Workload.Phase(
                name: "churn", operations: 600, mix: Workload.Mix([.read: 40, .insert: 20, .update: 30, .remove: 10]),
                distribution: .zipfian(theta: 0.99)),
        ])

    static func plan(_ backends: [BackendDescriptor], repeats: Int = 2, _ workload: Workload = small) -> RunPlan {
        var plan = RunPlan(workloads: [workload], backends: backends, harness: Models.null, command: "alexbench run")
        plan.repeats = repeats
        plan.sliceOperations = 100
        plan.seed = 7
        return plan
    }

    static func run(_ plan: RunPlan) throws -> Runner.Outcome { try Runner(plan).run() }

    @Test func aRunIsComplete() throws {
        let outcome = try Self.run(Self.plan([Models.model("one"), Models.model("two"), Models.null]))
        #expect(outcome.failure == nil)
        func metrics(_ row: String, _ backend: String) -> Set<String> {
            Set(outcome.result.samples.filter { $0.workload == row && $0.backend == backend }.map(\.metric))
        }
        let counts: Set = ["hits", "misses", "checked_values", "disk_bytes", "resident_bytes"]
        let throughput: Set = ["ops_per_second", "ns_per_op", "elapsed_ns"]
        #expect(metrics("load-random", "one") == counts.union(throughput).union(["all_in_ops_per_second"]))
        #expect(metrics("settle", "two") == ["elapsed_ns", "ns_per_op", "disk_bytes", "resident_bytes"])
        #expect(
            metrics("mixed", "two")
                == counts.union(throughput).union(["dependent_ns_per_op", "p50_ns", "p99_ns", "max_ns"]))
        #expect(
            metrics("scan-10", "one")
                == counts.union(throughput).union(["ns_per_pair", "scanned_pairs", "p50_ns", "max_ns"]))
        #expect(metrics("harness", "null") == ["ns_per_op", "check_ns_per_value", "timer_ns"])
        // Every figure once for each repeat.
        let cells = outcome.result.samples.map { "\($0.workload) \($0.backend) \($0.repeat) \($0.metric)" }
        #expect(Set(cells).count == cells.count)
        #expect(Set(outcome.result.samples.map(\.repeat)) == [1, 2])
        #expect(outcome.result.backends.map(\.name) == ["one", "two", "null"])
        #expect(outcome.result.streams.map(\.repeat) == [1, 2])
        let disk = outcome.result.samples.filter { $0.metric == "disk_bytes" && $0.backend == "one" }
        #expect(disk.allSatisfy { $0.value >= 10_000 })
    }

    private static let batches = Workload(
        name: "batches", records: 500, value: .bytes(20), load: Workload.Load(row: "load-random", batch: 64),
        phases: [
            Workload.Phase(
                name: "multi-get-64", operations: 1_000, mix: Workload.Mix([.read: 90, .readAbsent: 10]), batch: 64)
        ])

    /// Reads in batches are counted by the key and checked; no pass of theirs times one operation.
    @Test(arguments: [1, 2]) func readsInBatches(_ threads: Int) throws {
        var plan = Self.plan([Models.model("one", handsOut: true), Models.model("two")], repeats: 1, Self.batches)
        plan.loop.threads = [threads]
        let outcome = try Self.run(plan)
        #expect(outcome.failure == nil)
        for backend in ["one", "two"] {
            var figures: [String: Double] = [:]
            for sample in outcome.result.samples where sample.workload == "multi-get-64" && sample.backend == backend {
                figures[sample.metric] = sample.value
            }
            // Warm-up and throughput: 100 + 1000 keys.
            #expect((figures["hits"] ?? 0) + (figures["misses"] ?? 0) == 1_100)
            #expect(figures["checked_values"] == figures["hits"])
            let (elapsed, mean) = (figures["elapsed_ns"] ?? 0, figures["ns_per_op"] ?? 0)
            #expect(abs(elapsed / 1_000 - mean) <= 1)
            #expect(figures["dependent_ns_per_op"] == nil && figures["p50_ns"] == nil)
        }
        let row = try #require(outcome.result.rows.first { $0.workload == "multi-get-64" })
        #expect(row.summary.contains("read 90 %, read absent 10 %, uniform, 64 keys a call"), "\(row.summary)")
        let liar = Self.plan([Models.model("liar", .wrongByte(every: 50))], repeats: 1, Self.batches)
        #expect(try Self.run(liar).failure?.kind == .verificationFailed)
    }

    @Test func hitsAndMissesFollowTheMix() throws {
        let outcome = try Self.run(Self.plan([Models.model("one")], repeats: 1))
        func value(_ row: String, _ metric: String) -> Double? {
            outcome.result.samples.first { $0.workload == row && $0.metric == metric }?.value
        }
        // 100 + 1000 + 1000 + 1000 operations, 60 % and 20 % of them.
        let hits = try #require(value("mixed", "hits"))
        let misses = try #require(value("mixed", "misses"))
        #expect(abs(hits - 1860) < 150)
        #expect(abs(misses - 620) < 120)
        #expect(value("mixed", "checked_values") == hits)
    }

    @Test(arguments: [Schedule.rotate, .random, .sequential])
    func theStreamIsTheSameUnderEverySchedule(_ schedule: Schedule) throws {
        var plan = Self.plan([Models.model("one"), Models.model("two")])
        let reference = try Self.run(plan).result.streams
        plan.schedule = schedule
        plan.sliceOperations = 37
        let outcome = try Self.run(plan)
        #expect(outcome.failure == nil)
        #expect(outcome.result.streams == reference)
        #expect(reference.count == 2 && reference[0].streamHash != reference[1].streamHash)
    }

    @Test(arguments: [
        (ModelBackend.Lie.wrongByte(every: 50), "wrong answers, the first for key"),
        (.forgets(every: 90), "wrong answers, the first for key"),
        (.findsAll, "wrong answers, the first for key"),
        (.shortScan, "pairs scanned"),
        (.foreignPair, "key 42 is not in the stream's state"),
    ])
    func aLiarIsFound(_ lie: ModelBackend.Lie, _ words: String) throws {
        let outcome = try Self.run(Self.plan([Models.model("honest"), Models.model("liar", lie)]))
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .verificationFailed)
        #expect(failure.exitCode == 3)
        #expect(failure.message.hasPrefix("verification failed: liar, "), "\(failure.message)")
        #expect(failure.message.contains(words), "\(failure.message)")
    }

    /// Forgetting a pair that no read asks for shows in the digest alone, and the key is named.
    @Test func aForgottenPairIsNamed() throws {
        let workload = Workload(
            name: "load", records: 100, value: .bytes(8), load: Workload.Load(row: "load-random", batch: 10))
        let outcome = try Self.run(Self.plan([Models.model("liar", .forgets(every: 100))], workload))
        let key = KeyMapping(seed: 7, ordered: false).key(ofRecord: 99)
        let failure = try #require(outcome.failure)
        #expect(failure.message.contains("key \(key) is missing"), "\(failure.message)")
        #expect(failure.message.contains("99 pairs, not 100"))
    }

    @Test func whatABackendLacksIsUnavailable() throws {
        let unordered = Models.model("hash", capabilities: Capabilities.engine.subtracting(.scan))
        let fixed = Models.model("fixed", capabilities: Capabilities.engine.subtracting(.update))
        let elsewhere = Models.model("elsewhere", classes: [.power])
        let outcome = try Self.run(Self.plan([unordered, fixed, elsewhere]))
        #expect(outcome.failure == nil)
        func reason(_ row: String, _ backend: String) -> String? {
            outcome.result.unavailable.first { $0.workload == row && $0.backend == backend }?.reason
        }
        #expect(reason("scan-10", "hash") == "it can't scan in key order")
        #expect(reason("churn", "hash") == nil)
        #expect(reason("churn", "fixed") == "it can't update a key")
        #expect(reason("mixed", "elsewhere") == "it does not offer the class process")
        for cell in outcome.result.unavailable {
            #expect(
                !outcome.result.samples.contains { $0.workload == cell.workload && $0.backend == cell.backend })
        }
        #expect(outcome.result.samples.contains { $0.workload == "churn" && $0.backend == "hash" })
    }

    @Test func enginesTakeTurnsInRotatedOrder() throws {
        var order = TurnOrder(.rotate, repeat: 1, seed: 1)
        let turns = (0..<6).map { _ in order.next(3) }
        #expect(turns == [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]])
        var second = TurnOrder(.rotate, repeat: 2, seed: 1)
        #expect(second.next(3) == [1, 2, 0])
        var fixed = TurnOrder(.sequential, repeat: 1, seed: 1)
        #expect((0..<2).map { _ in fixed.next(2) } == [[0, 1], [0, 1]])
        var random = TurnOrder(.random, repeat: 1, seed: 1)
        #expect(Set((0..<50).map { _ in random.next(3) }).count == 6)
    }

    @Test func theLogShowsTheTurns() throws {
        let log = CallLog()
        var plan = Self.plan([Models.model("a", log: log), Models.model("b", log: log)], repeats: 1)
        plan.workloads[0].load.batch = 1
        plan.workloads[0].phases = []
        #expect(try Self.run(plan).failure == nil)
        #expect(log.names.prefix(8) == ["a", "b", "b", "a", "b", "a", "a", "b"])
    }
}
