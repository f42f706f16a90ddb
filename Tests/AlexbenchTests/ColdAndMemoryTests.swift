import BenchmarkKit
import Foundation
import Testing

/// Cold starts and equal memory.
@Suite struct ColdAndMemoryTests {
    private static func run(_ words: [String]) throws -> RunResult {
        let run = try ChildProcess.run(
            words + ["--repeats", "1", "--no-progress", "--no-receipts", "--format", "json"])
        #expect(run.code == 0, "\(run.errors)")
        return try RunResult.read(from: Data(run.output.utf8), name: "result")
    }

    /// Stores are reopened with all their records, and the pages of their files are gone.
    @Test func cold() throws {
        let result = try Self.run(["mixed", "--scale", "500", "--ops", "200", "--cold", "--backend", "alex,hash-log"])
        #expect(result.rows.contains { $0.workload == "mixed" && $0.summary.hasPrefix("cold: ") })
        #expect(result.command.contains("--cold"))
        let onDisk = !["tmpfs", "overlay"].contains(result.environment.fileSystem)
        #expect(!onDisk || !result.warnings.contains { $0.text.contains("stayed in the page cache") })
        // What is to be cold is not read back.
        #expect(!result.warnings.contains { $0.text.contains("out of memory between") })
        #expect(result.samples.contains { $0.workload == "mixed" && $0.backend == "alex" })
    }

    @Test func memory() throws {
        let built = try ChildProcess.run(["list", "--format", "csv"]).output
        let engines = ["alex", "rocksdb", "rocksdb-tuned", "sqlite"].filter { built.contains("\n\($0),built") }
        #expect(engines.contains("alex"))
        let result = try Self.run(
            ["mixed", "--scale", "200", "--ops", "50", "--memory", "16Mi", "--backend", engines.joined(separator: ",")])
        for receipt in result.backends {
            let setting = receipt.configuration.first { $0.hasPrefix("under --memory: ") } ?? ""
            switch receipt.name {
            case "alex": #expect(setting.contains("n/a"))
            case "sqlite":
                #expect(setting.contains("cache_size=-16384"))
                #expect(receipt.readBack.contains("cache_size=-16384"), "\(receipt.readBack)")
            default:
                #expect(setting.contains("block_cache=LRU 12582912"))
                #expect(receipt.readBack.contains("block_cache_capacity=12582912"), "\(receipt.readBack)")
            }
        }
        #expect(result.warnings.contains { $0.text.hasPrefix("alex has no cache of its own") })
    }

    /// Fewer operations than records are labelled so.
    @Test func samplesAreLabelled() throws {
        let result = try Self.run(["mixed", "--scale", "300", "--ops", "100", "--backend", "alex"])
        #expect(result.rows.contains { $0.summary.hasPrefix("sampled at 300 records: 100 operations") })
        let whole = try Self.run(["mixed", "--scale", "100", "--ops", "100", "--backend", "alex"])
        #expect(!whole.rows.contains { $0.summary.contains("sampled") })
    }
}
