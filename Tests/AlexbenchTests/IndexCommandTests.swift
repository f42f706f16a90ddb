import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// `alexbench index` from the command line to the result.
@Suite(.serialized) struct IndexCommandTests {
    private static let small = ["index", "--scale", "2K", "--ops", "500", "--repeats", "2", "--no-progress"]
    private static let columns = "workload,backend,durability,scale,value_bytes,threads,repeat,metric,value,unit"

    @Test func csv() throws {
        let run = try ChildProcess.run(Self.small + ["--format", "csv"])
        #expect(run.code == 0, "\(run.errors)")
        let lines = run.output.split(whereSeparator: \.isNewline)
        #expect(lines.first.map(String.init) == Self.columns)
        for row in IndexRow.allCases where row != .insertAdversarial {
            let threads = row == .lookupBesideWriter ? 2 : 1
            #expect(
                run.output.contains("\(row.rawValue),alex-index,memory,2000,8,\(threads),2,ops_per_second,"), "\(row)")
        }
        for row in ["lookup", "lookup-miss", "lookup-zipfian"] {
            #expect(run.output.contains("\(row),sorted-array,memory,2000,8,1,1,dependent_ns_per_op,"))
        }
        for metric in [
            "bytes_per_key", "allocated_bytes_max", "data_nodes", "depth", "prediction_error_mean",
            "segments_per_million_keys",
        ] {
            #expect(run.output.contains("bulk-load,alex-index,memory,2000,8,1,1,\(metric),"), "\(metric)")
        }
        #expect(run.output.contains("insert-random,alex-index,memory,2000,8,1,1,max_ns,"))
        #if IndexPeers
            for peer in ["absl-btree", "std-map", "absl-hash"] {
                #expect(run.output.contains("insert-random,\(peer),memory,2000,8,1,2,ops_per_second,"))
            }
        #endif
    }

    @Test func severalSetsAndRows() throws {
        let run = try ChildProcess.run(
            Self.small + [
                "--keyset", "clusters,extremes", "--workload", "lookup,insert-adversarial", "--format", "csv",
            ])
        #expect(run.code == 0, "\(run.errors)")
        let rows = Set(run.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.prefix { $0 != "," } })
        #expect(rows.subtracting(["harness"]) == ["lookup/clusters", "lookup/extremes", "insert-adversarial/extremes"])
    }

    @Test func keyFile() throws {
        let scratch = try ScratchFolder()
        var data = Data()
        for word in [UInt64(3_000)] + (0..<3_000).map({ UInt64($0) * 5 }) {
            withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
        }
        try data.write(to: scratch.url.appendingPathComponent("some_uint64"))
        let arguments = ["index", "--ops", "500", "--repeats", "1", "--no-progress", "--format", "json"]
        let run = try ChildProcess.run(arguments + ["--keys", scratch.path("some_uint64"), "--workload", "lookup"])
        #expect(run.code == 0, "\(run.errors)")
        let result = try RunResult.read(from: Data(run.output.utf8), name: "output")
        #expect(result.samples.allSatisfy { $0.scale == 3_000 })
        #expect(result.rows.contains { $0.summary.contains("3000 distinct keys of the file some_uint64") })
        #expect(!result.command.contains(scratch.url.path), "\(result.command)")
        let absent = try ChildProcess.run(["index", "--keys", "/nowhere/some"])
        #expect(absent.code == 64)
        #expect(absent.errors.contains("--keys /nowhere/some: the file of keys is not there"), "\(absent.errors)")
    }

    @Test(arguments: [
        (["--keyset", "unifrom"], "--keyset unifrom: 'unifrom' is unknown\ndid you mean uniform?"),
        (["--keyset", "uniform,uniform"], "names uniform twice"),
        (["--backend", "alex"], "did you mean alex-index?"), (["--backend", "absl-btre"], "did you mean absl-btree?"),
        (["--workload", "lokup"], "did you mean lookup?"),
        (["--keys", "/"], "--keys /: the file of keys can't be read"),
        (["--mix", "read=100"], "not a flag of index"),
    ])
    func usage(arguments: [String], message: String) throws {
        let ended = try ChildProcess.run(["index"] + arguments)
        #expect(ended.code == 64, "\(arguments)")
        #expect(ended.errors.contains(message), "\(arguments) said: \(ended.errors)")
    }

    @Test func dryRun() throws {
        let run = try ChildProcess.run(
            ["index", "--dry-run", "--keyset", "all", "--scale", "1K", "--backend", "alex-index,sorted-array"])
        #expect(run.code == 0)
        let text = run.output.components(separatedBy: "\n").filter { !$0.hasPrefix("warning") }.joined(separator: "\n")
        try Golden.expect(text, equals: "dry-run-index.txt")
    }
}
