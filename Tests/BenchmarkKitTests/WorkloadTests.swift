import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

@Suite struct WorkloadTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Workloads")

    private static let valid = """
        { "name": "w", "records": 1000, "value_bytes": 100, "load": { "row": "load", "batch_records": 10 },
          "phases": [ { "name": "p", "operations": 50, "mix_percent": { "read": 100 } } ] }
        """

    @Test func everyFileOfTheFolderIsRead() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        let names = [
            "analytics", "bulk-load", "commit", "compaction", "delete-heavy", "iot-ingestion", "load-100m",
            "hot-reads", "log-aggregation", "multi-get", "multi-get-10m",
            "oltp", "phase",
            "phase-10m", "phase-1m", "phase-gauge", "phase-growth", "reader-beside-writer", "scan-heavy",
            "scarce-memory", "smoke",
            "time-series",
            "update-hot", "ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e",
            "ycsb-f",
        ]
        #expect(Set(files) == Set(names.map { $0 + ".json" } + ["schema.json"]))
        for file in names.map({ $0 + ".json" }) {
            let workload = try Workload(
                json: Data(contentsOf: Self.folder.appendingPathComponent(file)), file: file)
            #expect(file == workload.name + ".json")
            #expect(try Workload(json: workload.json(), file: file) == workload)
        }
    }

    @Test func aFileSaysWhatIsRun() throws {
        let workload = try Workload(
            json: Data(contentsOf: Self.folder.appendingPathComponent("phase.json")), file: "phase.json")
        #expect(workload.records == 100_000)
        #expect(workload.value == .text && workload.valueBytes == 11)
        #expect(workload.load == Workload.Load(row: "phase-load", batch: Workload.wholeBatch))
        #expect(
            workload.rows == [
                "phase-load", "settle", "phase-query-10k", "phase-query", "phase-mixed-10k", "phase-mixed",
                "phase-analytics",
            ])
        #expect(workload.phases[2].mix == Workload.Mix([.read: 80, .insert: 20]))
    }

    /// What is changed in the valid file, and the whole message.
    @Test(arguments: [
        ("\"records\": 1000", "\"records\": 0", "\"records\" is 0: write a whole number from 1 to 1099511627776"),
        ("\"records\": 1000", "\"records\": 1.5", "\"records\" is 1.5: write a whole number from 1 to 1099511627776"),
        (
            "\"records\": 1000", "\"records\": \"1M\"",
            "\"records\" is \"1M\": write a whole number from 1 to 1099511627776"
        ),
        (
            "\"records\": 1000, ", "",
            "\"records\" is missing: write a whole number from 1 to 1099511627776"
        ),
        (
            "\"value_bytes\": 100", "\"value_bytes\": 100, \"color\": 1",
            "\"color\" is no key of a workload: remove it, or use one of name, records, keys, value, value_bytes, "
                + "compressible_percent, load, phases"
        ),
        (
            "\"operations\": 50", "\"operations\": 50, \"batch\": 1",
            "\"phases[0].batch\" is no key of a workload: remove it, or use one of name, operations, mix_percent, "
                + "distribution, scan_length_pairs, batch_operations, writer_threads, writer_store"
        ),
        (
            "\"read\": 100", "\"reed\": 100",
            "\"phases[0].mix_percent.reed\" is no key of a workload: remove it, or use one of read, read_absent, "
                + "insert, update, remove, scan, read_modify_write"
        ),
        (
            "\"read\": 100", "\"read\": 80, \"insert\": 10",
            "\"phases[0].mix_percent\" is read=80,insert=10: its shares sum to 90, make them sum to 100"
        ),
        (
            "\"read\": 100", "\"remove\": 100",
            "\"phases[0].mix_percent\" is remove=100: it may remove 150 of 200 records, so lower its removes or the "
                + "operations"
        ),
        (
            "\"read\": 100 }", "\"read\": 50, \"insert\": 50 }, \"batch_operations\": 5",
            "\"phases[0].batch_operations\" is 5: a batch holds inserts and updates alone, or reads alone, so take 1 "
                + "or change the mix read=50,insert=50"
        ),
        (
            "\"read\": 100 }", "\"read\": 50, \"insert\": 50 }, \"writer_threads\": 1",
            "\"phases[0].writer_threads\" is 1: threads of their own share out reads, scans and updates of at least "
                + "two records, one operation at a time, so take 0 or change the mix read=50,insert=50"
        ),
        (
            "\"read\": 100 }", "\"read\": 100 }, \"writer_store\": \"second\"",
            "\"phases[0].writer_store\" is \"second\": write \"same\" or \"other\""
        ),
        (
            "\"read\": 100 }", "\"read\": 100 }, \"writer_store\": \"other\"",
            "\"phases[0].writer_store\" is \"other\": without writer_threads nobody would write there, so add them or "
                + "take it out"
        ),
        (
            "\"operations\": 50", "\"operations\": 50, \"distribution\": \"zipf\"",
            "\"phases[0].distribution\" is \"zipf\": write one of "
                + Distribution.forms
        ),
        (
            "\"name\": \"p\"", "\"name\": \"P 1\"",
            "\"phases[0].name\" is \"P 1\": write a name of lower-case letters, digits and hyphens"
        ),
        (
            "\"name\": \"p\"", "\"name\": \"load\"",
            "\"phases[0].name\" is \"load\", which another row has: give each row its own name"
        ),
        (
            "\"value_bytes\": 100", "\"value\": \"words\"",
            "\"value\" is \"words\": write \"text\", or a number of bytes as \"value_bytes\""
        ),
        (
            "\"value_bytes\": 100", "\"value_bytes\": 100, \"value\": \"text\"",
            "\"value_bytes\" is 100: remove it or \"value\": one of them says what values are"
        ),
        (
            "\"value_bytes\": 100", "\"value_bytes\": 100, \"keys\": \"random\"",
            "\"keys\" is \"random\": write \"scattered\", \"ordered\" or \"timestamps\", or "
                + "{ \"file\": \"keys.uint64\" }"
        ),
        (
            "\"value_bytes\": 100", "\"value_bytes\": \"uniform:9-2\"",
            "\"value_bytes\" is \"uniform:9-2\": write \(Lengths.forms), or file:PATH, all from 0 to 16777216"
        ),
        (
            "\"value_bytes\": 100", "\"value_bytes\": 100, \"compressible_percent\": 101",
            "\"compressible_percent\" is 101: write a whole number from 0 to 100"
        ),
        (
            "\"value_bytes\": 100", "\"value\": \"text\", \"compressible_percent\": 50",
            "\"compressible_percent\" is 50: ask for 0 to 100, and for 0 where values are text"
        ),
        (
            "\"operations\": 50", "\"operations\": 50, \"scan_length_pairs\": \"uniform:0-9\"",
            "\"phases[0].scan_length_pairs\" is \"uniform:0-9\": write \(Lengths.forms), all from 1 to 1000000"
        ),
        (
            "\"read\": 100", "\"read\": 99.999, \"insert\": 0.001",
            "\"phases[0].mix_percent.read\" is 99.999: write a percentage from 0 to 100, two decimals at most"
        ),
        (
            "\"read\": 100", "\"read\": 99.25, \"insert\": 0.5",
            "\"phases[0].mix_percent\" is read=99.25,insert=0.5: its shares sum to 99.75, make them sum to 100"
        ),
        (
            "\"batch_records\": 10", "\"batch_records\": \"some\"",
            "\"load.batch_records\" is \"some\": write a whole number from 1 to 1099511627776"
        ),
        ("{ \"row\": \"load\", \"batch_records\": 10 }", "7", "\"load\" is 7: write an object, { … }"),
        ("[ { \"name\": \"p\"", "{ \"name\": \"p\"", "the file is no JSON document: compare it with one in Workloads/"),
    ])
    func mistakesAreNamed(_ from: String, _ to: String, _ message: String) throws {
        var text = Self.valid
        if to.contains("remove") { text = text.replacing("1000", with: "200") }
        #expect(text.contains(from))
        let json = Data(text.replacing(from, with: to).utf8)
        #expect(throws: RunError(.invalid, "w.json: " + message)) { try Workload(json: json, file: "w.json") }
    }

    @Test func canonicalWorkloadsHaveTheirRows() throws {
        let insert = Workload.insert(records: 1_000, value: .bytes(100))
        #expect(
            insert.map(\.rows) == [["insert-random"], ["insert-sequential"], ["load-random"], ["load-sequential"]])
        #expect(insert.map(\.load.batch) == [1, 1, 10_000, 10_000])
        #expect(insert.map(\.keys) == [.scattered, .ordered, .scattered, .ordered])
        let query = Workload.query(records: 1_000, value: .bytes(100))
        #expect(query.rows == ["load-random", "settle", "query", "query-miss", "scan-100"])
        #expect(query.phases.map(\.operations) == [1_000, 1_000, 10])
        let mixed = Workload.mixed(records: 10_000_000, value: .bytes(100))
        #expect(mixed.rows == ["load-random", "settle", "mixed"])
        #expect(mixed.phases[0].operations == RunTuning.usualOperationsLimit)
        for workload in insert + [query, mixed] {
            try workload.check()
            #expect(try Workload(json: workload.json(), file: "w") == workload)
        }
    }

    @Test func distributionsAreReadAndWritten() {
        for text in [
            "uniform", "sequential", "latest", "zipfian:0.99", "zipfian:1.5", "hotspot:0.2:0.8", "exponential:95.0:0.5",
        ] {
            #expect(Distribution(text)?.text == text)
        }
        #expect(Distribution("zipfian") == .zipfian(theta: 0.99))
        #expect(Distribution("hotspot") == .hotspot(keyFraction: 0.2, operationFraction: 0.8))
        #expect(Distribution("exponential") == .exponential(percentile: 95, fraction: 0.8571428571))
        for text in [
            "", "Uniform", "zipfian:", "zipfian:0", "zipfian:-1", "zipfian:nan", "zipfian:11", "zipfian:inf",
            "hotspot:0.2", "hotspot:0:0.5", "hotspot:0.5:1", "hotspot:0.1:0.2:0.3", "exponential:95",
            "exponential:100:0.5", "exponential:0:0.5", "exponential:50:1.5", "uniform:1",
        ] {
            #expect(Distribution(text) == nil, "\(text)")
        }
    }

    @Test func passesAreShorterWhereTheyMayBe() {
        let phase = Workload.Phase(name: "p", operations: 1_000_000, mix: Workload.Mix([.read: 100]))
        let passes = PassPlan(phase, warmUp: nil)
        #expect(
            [passes.warmUp, passes.throughput, passes.dependent, passes.latency]
                == [20_000, 1_000_000, 100_000, 100_000])
        #expect(RunTuning.shortPass(of: 100) == 100)
        #expect(RunTuning.shortPass(of: 60_000) == 50_000)
        let insert = Workload.Phase(name: "p", operations: 100, mix: Workload.Mix([.insert: 100]), batch: 10)
        #expect(PassPlan(insert, warmUp: 0).total == 100)
    }

    /// An offset into the values of a slice has 32 bits, whatever values and batches are asked for.
    @Test func aSliceIsBoundedByBytes() throws {
        let limit = UInt64(UInt32.max)
        for bytes in [0, 1, 100, 4_096, 65_536, 1 << 20, 16 << 20] as [UInt64] {
            for batch in [1, 7, 1_000, 4_000, 100_000] as [UInt64] {
                let workload = Workload(
                    name: "large", records: 10_000_000, value: .bytes(UInt32(bytes)),
                    load: Workload.Load(row: "load", batch: batch))
                guard (try? workload.check()) != nil else { continue }
                let slice = workload.sliceOperations(100_000, batch: batch)
                #expect(slice > 0 && slice % batch == 0, "\(bytes) bytes, batches of \(batch)")
                #expect(slice * (bytes + (batch == 1 ? 4 : 0)) <= limit, "\(bytes) bytes, batches of \(batch)")
                #expect(slice == batch || slice * bytes <= RunTuning.sliceBytesLimit)
                // Usual values are not touched.
                if bytes <= 100 { #expect(slice == 100_000 / batch * batch) }
            }
        }
    }
}
