import Foundation
import StorageBackends
import Synchronization
import Testing

@testable import BenchmarkKit

@Suite struct ThreadTests {
    @Test(arguments: [1, 2, 5]) func aTeamRunsEachThreadOnceATime(_ count: Int) throws {
        let team = try ThreadTeam(count)
        let calls = Mutex<[Int]>([])
        let arrived = Atomic<Int>(0)
        for round in 1...20 {
            team.run { index in
                calls.withLock { $0.append(index) }
                // Nobody goes on before all are there: they run at the same time.
                arrived.add(1, ordering: .sequentiallyConsistent)
                while arrived.load(ordering: .sequentiallyConsistent) < round * count {}
            }
            #expect(calls.withLock { $0.sorted() } == Array(0..<count))
            calls.withLock { $0 = [] }
        }
    }

    @Test func aSliceIsDealtOutByRecord() {
        let stream = OperationStream(RunnerTests.small, seed: 3, countLimit: 5_000)
        _ = stream.inserts(500)
        stream.begin(RunnerTests.small.phases[2])
        let slice = stream.slice(700)
        let shares = ThreadShares(threads: 3)
        var arrivals: ArrivalTimes? = ArrivalTimes(.poisson, seed: 1)
        shares.deal(slice, arrivals: &arrivals)
        var dealt = 0
        for thread in 0..<3 {
            let part = shares.part(shares.range(of: thread), of: slice)
            let expected = slice.operations.filter { $0.record % 3 == UInt64(thread) }
            #expect(Array(part.operations) == expected, "all of its records, in the stream's order")
            for operation in part.operations where operation.kind == .insert {
                #expect(part.pattern.matches(part.value(of: operation), record: operation.record, version: 0))
            }
            dealt += part.operations.count
        }
        #expect(dealt == 700)
        let ends = shares.responses(nanosecondsPerUnit: 100).map(\.end)
        #expect(ends == ends.sorted() && ends.count == 700)
    }

    private static func roles(_ writers: UInt64) -> Workload {
        var workload = RunnerTests.small
        workload.phases = [
            Workload.Phase(name: "alone", operations: 400, mix: Workload.Mix([.read: 100]), writers: writers),
            Workload.Phase(
                name: "beside", operations: 900,
                mix: Workload.Mix([.read: 40, .readAbsent: 5, .scan: 5, .update: 50]), scanLength: 5, writers: writers),
        ]
        return workload
    }

    /// With writers of their own no record is read by one thread and written by another.
    @Test(arguments: [1, 2] as [UInt64]) func writersAndReadersAreThreadsOfTheirOwn(_ writers: UInt64) {
        let workload = Self.roles(writers)
        let stream = OperationStream(workload, seed: 3, countLimit: 5_000)
        _ = stream.inserts(501)
        stream.begin(workload.phases[1])
        let slice = stream.slice(700)
        let shares = ThreadShares(threads: 4)
        shares.setWriters(Int(writers))
        var arrivals: ArrivalTimes?
        shares.deal(slice, arrivals: &arrivals)
        var dealt = 0
        for thread in 0..<4 {
            let part = shares.part(shares.range(of: thread), of: slice).operations
            #expect(!part.isEmpty && part.allSatisfy { $0.kind.isWrite == (thread < writers) }, "thread \(thread)")
            for operation in part where operation.kind != .readAbsent {
                #expect((operation.record % 2 == 1) == operation.kind.isWrite && operation.record < 501)
            }
            dealt += part.count
        }
        #expect(dealt == 700)
        shares.setWriters(9)
        #expect(shares.writers == 3)
        #expect(OperationStream.record(near: 500, forWriting: true, count: 501) == 499)
    }

    /// Their rates are told apart; one thread alone does everything, and ends in the same state.
    @Test func rolesHaveRatesOfTheirOwn() throws {
        var plan = RunnerTests.plan([Models.model("one", handsOut: true), Models.model("two", handsOut: false)])
        plan.workloads = [Self.roles(1)]
        plan.loop.threads = [1, 2, 3]
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        func threads(_ metric: String, _ row: String) -> Set<Int> {
            Set(outcome.result.samples.filter { $0.metric == metric && $0.workload == row }.map(\.threads))
        }
        #expect(threads("reader_ops_per_second", "alone") == [2, 3])
        #expect(threads("writer_ops_per_second", "alone") == [])
        #expect(threads("reader_ops_per_second", "beside") == [2, 3])
        #expect(threads("writer_ops_per_second", "beside") == [2, 3])
        #expect(outcome.result.streams.count == Set(outcome.result.streams.map(\.repeat)).count)
    }

    /// Writers with a store of their own: both engines' first stores stay as the stream says, the second ones hold the
    /// same pairs, take all updates, and are gone at the end.
    @Test func writersMayHaveAStoreOfTheirOwn() throws {
        let opened = OpenedModels()
        func model(_ name: String, handsOut: Bool) -> BackendDescriptor {
            Models.model(name, handsOut: handsOut) { directory, model in
                opened.stores.append((directory, model))
            }
        }
        var workload = Self.roles(1)
        workload.phases[1].writersElsewhere = true
        var plan = RunnerTests.plan([model("one", handsOut: true), model("two", handsOut: false)], repeats: 1)
        plan.workloads = [workload]
        plan.loop.threads = [3]
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        let stores = opened.stores
        for name in ["one", "two"] {
            let first = try #require(stores.first { $0.directory.hasSuffix("/" + name) }?.model)
            let second = try #require(stores.first { $0.directory.hasSuffix("/\(name).other") })
            #expect(first.putCount == 500 && second.model.putCount > 500 + 500)
            #expect(first.pairs.count == 500 && first.pairs == second.model.pairs)
            #expect(!FileManager.default.fileExists(atPath: second.directory))
        }
        #expect(stores.count == 4)
        let rates = outcome.result.samples.filter { $0.metric == "writer_ops_per_second" && $0.workload == "beside" }
        #expect(rates.count == 2)
    }

    @Test(arguments: [false, true]) func severalThreadsEndInTheSameState(_ handsOut: Bool) throws {
        var plan = RunnerTests.plan([
            Models.model("one", handsOut: handsOut), Models.model("two", handsOut: handsOut),
        ])
        plan.loop.threads = [1, 3]
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        let result = outcome.result
        func rows(_ row: String) -> Set<Int> {
            Set(result.samples.filter { $0.workload == row && $0.metric == "ops_per_second" }.map(\.threads))
        }
        #expect(rows("mixed") == [1, 3] && rows("churn") == [1, 3] && rows("load-random") == [1])
        // The same stream and end state for each number of threads: one receipt a repeat.
        #expect(result.streams.map(\.repeat) == [1, 2])
        let cells = result.samples.map { "\($0.workload) \($0.backend) \($0.threads) \($0.repeat) \($0.metric)" }
        #expect(Set(cells).count == cells.count)
        func hits(_ threads: Int) -> [Double] {
            result.samples.filter { $0.threads == threads && $0.workload == "churn" && $0.metric == "hits" }.map(
                \.value)
        }
        #expect(hits(1) == hits(3) && !hits(1).isEmpty)
        let words = handsOut ? "threads: a handle each" : "threads: one lock around each operation"
        #expect(result.backends.allSatisfy { $0.configuration.contains { $0.hasPrefix(words) } })
        let histogram = try #require(result.histograms.first { $0.workload == "mixed" && $0.threads == 3 })
        #expect(try LatencyHistogram(encoded: histogram.encoded).count == 1_000)
        #expect(result.intervals.contains { $0.workload == "mixed" && $0.threads == 3 })
    }

    /// A wrong answer on any thread is found.
    @Test func aLiarIsFoundOnThreadsToo() throws {
        var plan = RunnerTests.plan([Models.model("liar", .wrongByte(every: 50))])
        plan.loop.threads = [2]
        let failure = try #require(try RunnerTests.run(plan).failure)
        #expect(failure.kind == .verificationFailed && failure.message.contains("wrong answers"))
    }

    @Test func aFailureOnAThreadEndsTheRun() throws {
        var plan = RunnerTests.plan([Models.model("full", .failsAfter(puts: 550))])
        plan.loop.threads = [2]
        let failure = try #require(try RunnerTests.run(plan).failure)
        #expect(failure.message == "full, mixed: the disk is full: free space")
    }

    @Test func numbersOfThreadsThatCanNotBe() throws {
        var plan = RunnerTests.plan([Models.model("one")])
        for threads in [[0], [], [2, 2], [5_000]] {
            plan.loop.threads = threads
            let error = #expect(throws: RunError.self) { try Runner(plan) }
            #expect(error?.message.contains("--threads") == true)
        }
        plan.loop.threads = [1_000]
        #expect(try Runner(plan).warnings.contains { $0.text.hasPrefix("1000 threads on ") })
    }
}
