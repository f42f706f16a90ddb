import Foundation
import Glibc
import Testing

@testable import BenchmarkKit

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

    /// The phases run in a control group with the limit, which is gone afterwards; the load runs outside. Where the
    /// system lets no group be made, the run is refused before it loads anything.
    @Test func memoryLimit() throws {
        let built = try ChildProcess.run(["list", "--format", "csv"]).output
        let engines = ["alex", "lmdb", "lmdb-tuned", "rocksdb-tuned", "null"].filter {
            built.contains("\n\($0),built")
        }
        let started = try ChildProcess.start([
            "mixed", "--scale", "5000", "--value-size", "16Ki", "--ops", "500", "--memory-limit", "64Mi",
            "--repeats", "1", "--no-progress", "--no-receipts", "--format", "json", "--backend",
            engines.joined(separator: ","),
        ])
        let home = MemoryGroup(of: getpid())
        let number = started.process.processIdentifier
        var seen: Set<String> = []
        var least = UInt64.max
        while started.process.isRunning {
            guard let group = MemoryGroup(of: number) else { continue }
            seen.insert(group.folder)
            if group != home { least = min(least, MemoryGroup.availableBytes(process: number)) }
            usleep(500)
        }
        let run = try started.finish()
        guard Self.groupsCanBeMade else {
            print("note: this system lets no control group be made, so that the refusal alone is tested")
            #expect(run.code == 1 && run.output.isEmpty)
            #expect(run.errors.contains("control group") && run.errors.contains("--memory-limit out"), "\(run.errors)")
            return
        }
        #expect(run.code == 0, "\(run.errors)")
        let parent = try #require(home?.parent)
        let own = "\(parent)/alexbench-\(number)"
        #expect(seen.contains(own) && seen.contains(home?.folder ?? ""), "\(seen)")
        #expect(least == 64 << 20)
        #expect(!GroupFile.exists(own))
        let result = try RunResult.read(from: Data(run.output.utf8), name: "result")
        #expect(result.environment.memoryLimitBytes == 64 << 20)
        #expect(result.command.contains("--memory-limit 64Mi"))
        #expect(result.rows.contains { $0.workload == "mixed" && $0.summary.hasPrefix("under a memory limit: 64") })
        // Half of the limit, where nothing else is asked for.
        #expect(result.backends.allSatisfy { $0.name != "rocksdb-tuned" || "\($0)".contains("block_cache=LRU 251") })
        for name in engines where name != "null" {
            #expect(result.samples.contains { $0.workload == "mixed" && $0.backend == name }, "\(name)")
        }
        for row in ["load-random", "mixed"] {
            #expect(result.unavailable.contains { $0.backend == "null" && $0.workload == row })
        }
        #expect(result.unavailable.allSatisfy { $0.reason.contains("can't reopen its store") })
        for receipt in result.backends where receipt.name.hasPrefix("lmdb") {
            let isTuned = receipt.name == "lmdb-tuned"
            #expect(receipt.readBack.contains { $0.contains("NORDAHEAD") } == isTuned, "\(receipt.readBack)")
            #expect(receipt.configuration.contains { $0.hasPrefix("under --memory-limit: NORDA") } == isTuned)
        }
    }

    /// Whether a control group can be made beside this process, found out without the program.
    private static var groupsCanBeMade: Bool {
        guard let parent = MemoryGroup(of: getpid())?.parent else { return false }
        let folder = "\(parent)/tests-\(getpid())"
        guard mkdir(folder, 0o755) == 0 else { return false }
        defer { rmdir(folder) }
        return access("\(folder)/cgroup.procs", W_OK) == 0 && access("\(parent)/cgroup.procs", W_OK) == 0
    }

    @Test func memoryLimitInTheDryRun() throws {
        let run = try ChildProcess.run(["mixed", "--scale", "1000", "--memory-limit", "512Mi", "--dry-run"])
        guard MemoryGroup(of: getpid()) != nil else {
            #expect(run.code == 1 && run.errors.contains("bounds this process's memory"), "\(run.errors)")
            return
        }
        #expect(run.code == 0, "\(run.errors)")
        let limit = "limit       512 MiB of the system's memory, page cache included"
        #expect(run.output.contains("\n\(limit), 256 MiB for an engine's own caches\n"), "\(run.output)")
        #expect(run.output.contains("\nschedule    sequential, "))
    }

    /// Fewer operations than records are labelled so.
    @Test func samplesAreLabelled() throws {
        let result = try Self.run(["mixed", "--scale", "300", "--ops", "100", "--backend", "alex"])
        #expect(result.rows.contains { $0.summary.hasPrefix("sampled at 300 records: 100 operations") })
        let whole = try Self.run(["mixed", "--scale", "100", "--ops", "100", "--backend", "alex"])
        #expect(!whole.rows.contains { $0.summary.contains("sampled") })
    }
}
