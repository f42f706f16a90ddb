import BenchmarkKit
import StorageBackends
import Testing

/// Several threads on one store: every answer right, the end state the stream's, on every backend in every class.
@Suite("Conformance: threads")
struct ThreadConformanceTests {
    private static func workload(ordered: Bool) -> Workload {
        Workload(
            name: "threads", records: 2_000, keys: ordered ? .ordered : .scattered, value: .bytes(40),
            load: Workload.Load(row: "load", batch: 500),
            phases: [
                Workload.Phase(
                    name: "churn", operations: 1_500,
                    mix: Workload.Mix([.read: 50, .readAbsent: 10, .insert: 20, .update: 15, .remove: 5]))
            ])
    }

    @Test("two threads end in the stream's state", arguments: BackendCase.all(having: [.unorderedInsert, .remove]))
    func threads(_ backend: BackendCase) throws {
        // A commit that is synced takes long: fewer of them.
        var workload = Self.workload(ordered: false)
        if backend.durability == .power { workload.phases[0].operations = 150 }
        var plan = RunPlan(workloads: [workload], backends: [backend.backend])
        plan.durability = backend.durability
        plan.repeats = 1
        plan.sliceOperations = 400
        plan.loop.threads = [2]
        let outcome = try Runner(plan).run()
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        let rates = outcome.result.samples.filter { $0.workload == "churn" && $0.metric == "ops_per_second" }
        #expect(rates.map(\.threads) == [2])
        let receipts = outcome.result.backends.flatMap(\.configuration).filter { $0.hasPrefix("threads: ") }
        #expect(receipts.count == 1)
    }

    @Test("a session sees the store, and its close leaves it open", arguments: BackendCase.all)
    func sessions(_ backend: BackendCase) throws {
        let directory = try TemporaryDirectory()
        var options = BackendOptions(
            directory: directory.path, durability: backend.durability, expectedRecords: BackendCase.records,
            keys: BackendCase.keys)
        options.threads = 2
        let store = try backend.backend.open(options)
        _ = try store.load(.inserts(50), batch: 10)
        let seventh = BackendCase.keys.key(ofRecord: 7)
        let fresh = BackendCase.keys.key(ofRecord: 50)
        // A read keeps a view of the store where the engine has such: the session's write must show all the same.
        #expect(try store.value(fresh) == nil)
        if let session = try store.makeSession() {
            #expect(try session.value(seventh) == Script.value(record: 7))
            let value = Script.value(record: 7)
            #expect(try session.values([seventh, fresh, seventh]) == [value, nil, value])
            try session.put(fresh, Script.value(record: 50))
            try session.close()
            #expect(try store.value(fresh) == Script.value(record: 50))
        }
        #expect(try store.value(seventh) == Script.value(record: 7))
        try store.close()
    }
}
