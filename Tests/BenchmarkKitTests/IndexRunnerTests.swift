import StorageBackends
import Testing

@testable import BenchmarkKit

/// An index that is plainly right: a dictionary. It can be told to lie.
private final class ModelIndex: IndexUnderTest {
    enum Lie { case none, lostInsert, wrongValue, missesFound, keptRemove }

    private var pairs: [Int64: UInt64] = [:]
    private let lie: Lie
    private var batches = 0

    init(_ lie: Lie = .none) { self.lie = lie }

    var count: Int { pairs.count }
    var allocatedBytes: Int { 16 * pairs.count }
    var structure: [IndexFigure] { [IndexFigure("data_nodes", 1), IndexFigure("batches", Double(batches))] }

    func load(_ keys: IndexKeys) { for key in keys { pairs[key] = IndexPayload.value(of: key) } }

    func insert(_ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        for key in keys {
            if lie == .lostInsert, key % 64 == 0 { continue }
            if pairs.updateValue(IndexPayload.value(of: key), forKey: key) != nil { tally.hits += 1 }
        }
        return tally
    }

    func insert(_ keys: IndexKeys, nanoseconds: UnsafeMutablePointer<UInt64>) -> IndexTally {
        for place in keys.indices { nanoseconds[place] = UInt64(place) }
        return insert(keys)
    }

    func insertBatched(_ keys: IndexKeys) {
        batches += 1
        _ = insert(keys)
    }

    func remove(_ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        for key in keys where pairs[key] != nil {
            tally.hits += 1
            if lie != .keptRemove || key % 64 != 0 { pairs[key] = nil }
        }
        return tally
    }

    func lookUp(_ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        for key in keys {
            guard let value = pairs[key] ?? (lie == .missesFound ? IndexPayload.value(of: key) : nil) else { continue }
            tally.hits += 1
            if lie == .wrongValue { tally.wrong += 1 }
            tally.checksum &+= value
        }
        return tally
    }

    func lookUpDependent(_ keys: IndexKeys) -> IndexTally { lookUp(keys) }
    func lookUpBatched(_ keys: IndexKeys) -> IndexTally { lookUp(keys) }

    func lookUpByReader(_ keys: IndexKeys, beside other: IndexKeys) -> IndexReading {
        var reading = IndexReading()
        reading.tally = lookUp(keys)
        reading.nanoseconds = other.isEmpty ? 900 : 1_000
        reading.writes = UInt64(other.count)
        return reading
    }

    func scan(from keys: IndexKeys, length: Int) -> IndexTally {
        let sorted = pairs.keys.sorted()
        var tally = IndexTally()
        for first in keys {
            for key in sorted.drop(while: { $0 < first }).prefix(length) {
                tally.pairs += 1
                tally.checksum &+= pairs[key] ?? 0
            }
        }
        return tally
    }

    func walk() -> IndexTally {
        var tally = IndexTally()
        for value in pairs.values {
            tally.pairs += 1
            tally.checksum &+= value
        }
        return tally
    }
}

@Suite struct IndexRunnerTests {
    private static func descriptor(
        _ name: String, _ lie: ModelIndex.Lie = .none,
        _ capabilities: IndexCapabilities = [.change, .order, .batch, .readers, .insertBatch]
    ) -> IndexDescriptor {
        IndexDescriptor(name: name, summary: "model", capabilities: capabilities, library: "model") { ModelIndex(lie) }
    }

    private static func plan(_ indexes: [IndexDescriptor], _ sets: [IndexKeySet] = [.uniform]) -> IndexPlan {
        var plan = IndexPlan(sources: sets.map(IndexKeySource.made), indexes: indexes, command: "alexbench index")
        plan.records = 300
        plan.operations = 200
        plan.repeats = 2
        return plan
    }

    @Test func everyRowOfOneSet() throws {
        let outcome = try IndexRunner(Self.plan([Self.descriptor("a"), Self.descriptor("b")], [.zigZag])).run()
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        let rows = outcome.result.samples.map(\.workload)
        #expect(Set(rows).subtracting(["harness"]) == Set(IndexRow.allCases.map(\.rawValue)))
        for row in IndexRow.allCases {
            for name in ["a", "b"] {
                let rates = outcome.result.samples.filter {
                    $0.workload == row.rawValue && $0.backend == name && $0.metric == "ops_per_second"
                }
                #expect(rates.map(\.repeat) == [1, 2], "\(row), \(name)")
                #expect(rates.allSatisfy { $0.value > 0 && $0.scale == 300 && $0.valueBytes == 8 })
                #expect(rates.allSatisfy { $0.threads == (row == .lookupBesideWriter ? 2 : 1) }, "\(row)")
            }
        }
        for row in [IndexRow.lookup, .lookupMiss, .lookupZipfian] {
            #expect(
                outcome.result.samples.contains { $0.workload == row.rawValue && $0.metric == "dependent_ns_per_op" })
        }
        #expect(
            outcome.result.samples.filter { $0.metric == "hits" && $0.workload == "lookup-miss" }.allSatisfy {
                $0.value == 0
            })
        #expect(outcome.result.streams.count == 2)
        #expect(outcome.result.streams[0].streamHash != outcome.result.streams[1].streamHash)
    }

    @Test func aReaderBesideAWriter() throws {
        var plan = Self.plan([Self.descriptor("a")])
        plan.rows = [.lookupBesideWriter]
        let outcome = try IndexRunner(plan).run()
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        func values(_ metric: String) -> [Double] {
            outcome.result.samples.filter { $0.metric == metric }.map(\.value)
        }
        // Of 200 lookups eight turns of 25, each 900 ns alone and 1 000 ns beside 150 keys written.
        #expect(values("alone_ns_per_op") == [36, 36])
        #expect(values("ns_per_op") == [40, 40])
        #expect(values("share_of_alone") == [0.9, 0.9])
        #expect(values("writer_ops_per_second") == [150e6, 150e6])
        #expect(values("checked_values") == [200, 200])
    }

    /// A batch goes through the call for batches, and has no single insert to time.
    @Test func batches() throws {
        var plan = Self.plan([Self.descriptor("a"), Self.descriptor("b", .none, [.change])])
        plan.rows = [.insertRandom, .insertBatch]
        let outcome = try IndexRunner(plan).run()
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        func values(_ row: IndexRow, _ metric: String) -> [Double] {
            outcome.result.samples.filter {
                $0.workload == row.rawValue && $0.metric == metric && $0.backend == "a"
            }.map(\.value)
        }
        #expect(values(.insertBatch, "batches") == [1, 1] && values(.insertRandom, "batches") == [0, 0])
        #expect(values(.insertBatch, "lookup_ns_per_op").count == 2 && values(.insertBatch, "max_ns").isEmpty)
        #expect(values(.insertRandom, "max_ns").count == 2)
        let lacking = outcome.result.unavailable
        #expect(lacking.map(\.workload) == ["insert-batch"] && lacking.map(\.backend) == ["b"])
        #expect(lacking.allSatisfy { $0.reason == "it has no call for many pairs that is more than single inserts" })
    }

    /// Rows asked for in an order in which `remove` would take away what the next one looks up, and one of them twice.
    @Test func rowsAreRunInAnOrderThatWorks() throws {
        var plan = Self.plan([Self.descriptor("a")])
        plan.rows = [.insertRandom, .remove, .lookup, .scan, .lookup]
        let outcome = try IndexRunner(plan).run()
        #expect(outcome.failure == nil, "\(outcome.failure?.message ?? "")")
        #expect(outcome.result.rows.map(\.workload) == ["lookup", "scan-100", "remove", "insert-random"])
    }

    @Test func severalSetsNameTheirRows() throws {
        let outcome = try IndexRunner(Self.plan([Self.descriptor("a")], [.uniform, .clusters])).run()
        #expect(outcome.failure == nil)
        let rows = Set(outcome.result.samples.map(\.workload))
        #expect(rows.contains("lookup/uniform") && rows.contains("insert-random/clusters"))
        #expect(!rows.contains("lookup") && !rows.contains("insert-adversarial/uniform"))
        #expect(
            outcome.result.rows.contains { $0.workload == "lookup/clusters" && $0.summary.contains("100 clusters") })
    }

    @Test func whatAnIndexLacksIsNamed() throws {
        let outcome = try IndexRunner(Self.plan([Self.descriptor("a"), Self.descriptor("b", .none, [])])).run()
        #expect(outcome.failure == nil)
        let lacking = outcome.result.unavailable.filter { $0.backend == "b" }.map(\.workload)
        #expect(
            Set(lacking) == [
                "lookup-batched", "lookup-beside-writer", "scan-100", "remove", "insert-random", "insert-batch",
                "insert-append", "insert-descending",
            ])
        #expect(!outcome.result.samples.contains { $0.backend == "b" && $0.workload == "remove" })
    }

    @Test(arguments: [
        (ModelIndex.Lie.lostInsert, "it counts"), (.wrongValue, "20 wrong"), (.missesFound, "lookup-miss"),
        (.keptRemove, "remove"),
    ])
    fileprivate func liesAreFound(lie: ModelIndex.Lie, message: String) throws {
        let outcome = try IndexRunner(
            Self.plan([Self.descriptor("a"), Self.descriptor("liar", lie)], [.sequential])
        ).run()
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .verificationFailed && failure.exitCode == 3)
        #expect(failure.message.hasPrefix("liar, "))
        #expect(failure.message.contains(message), "\(failure.message)")
    }

    @Test func cancelled() throws {
        let flag = CancellationFlag()
        flag.cancel()
        let outcome = try IndexRunner(Self.plan([Self.descriptor("a")])).run(cancellation: flag)
        #expect(outcome.failure?.exitCode == 130)
    }

    @Test func verdictsKnowTheIndex() throws {
        let indexes = [Self.descriptor("alex-index"), Self.descriptor("absl-btree"), Self.descriptor("absl-hash")]
        let result = try IndexRunner(Self.plan(indexes)).run().result
        let report = ResultFormat.markdown.render(result)
        #expect(report.contains("alex-index"))
        #expect(report.contains("absl-hash (floor)"))
        let sentences = ResultReport(result).verdicts
        #expect(sentences.contains { $0.contains("alex-index") && $0.contains("absl-btree") })
        #expect(!sentences.contains { $0.contains("absl-hash") })
    }

    @Test func tooLarge() {
        var plan = Self.plan([Self.descriptor("a")])
        plan.records = 90_000_000_000
        let error = #expect(throws: RunError.self) { try IndexRunner(plan) }
        #expect(error?.message.contains("lower --scale") == true)
    }
}
