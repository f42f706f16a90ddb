import BenchmarkKit
import Foundation
import Testing

/// What is counted in a traced child is what the child did.
@Suite struct ObservationTests {
    @Test(arguments: [(10, 7), (0, 3), (1, 0)])
    func countsAreExact(syncs: Int, writes: Int) throws {
        let scratch = try ScratchFolder()
        let observer = CommitObserver(executable: ChildProcess.executable.path)
        let seen = try observer.calibrate(directory: scratch.url.path, syncs: syncs, writes: writes)
        #expect(seen.syncs == UInt64(syncs))
        #expect(seen.writes == UInt64(writes))
        #expect(seen.bytes == UInt64(8 * writes))
    }

    @Test func anUntraceableProgramIsNotGuessedAt() throws {
        let observer = CommitObserver(executable: "/nowhere/alexbench")
        #expect(throws: ObservationFailure.self) {
            try observer.calibrate(directory: "/nowhere", syncs: 1, writes: 1)
        }
    }

    /// One sync a commit in class power, none in class process, as each engine says of itself.
    @Test(arguments: [
        ("sqlite", "power", 1.0), ("rocksdb", "power", 1), ("lmdb", "power", 2), ("sqlite", "process", 0),
    ])
    func enginesAreSeen(backend: String, durability: String, syncs: Double) throws {
        let isBuilt = try ChildProcess.run(["list", "--format", "csv"]).output.contains("\n\(backend),built")
        let run = try ChildProcess.run([
            "mixed", "--scale", "20", "--ops", "10", "--repeats", "1", "--warmup", "1", "--no-progress", "--format",
            "json", "--durability", durability, "--backend", backend,
        ])
        guard isBuilt else {
            #expect(run.code == 64)
            return
        }
        #expect(run.code == 0, "\(run.errors)")
        let result = try RunResult.read(from: Data(run.output.utf8), name: "result")
        let seen = result.observations.first { $0.metric == ObservedMetric.syncsPerCommit }
        // An engine may add a sync now and then, of a checkpoint.
        let value = try #require(seen?.value)
        #expect(syncs == 0 ? value == 0 : value >= syncs && value < syncs + 0.1, "\(value)")
        #expect(ObservedClasses(result).mismatched == [])
    }

    @Test func receiptsCanBeLeftOut() throws {
        let run = try ChildProcess.run([
            "mixed", "--scale", "20", "--ops", "10", "--repeats", "1", "--no-progress", "--format", "json",
            "--backend", "alex", "--no-receipts",
        ])
        let result = try RunResult.read(from: Data(run.output.utf8), name: "result")
        #expect(result.observations.allSatisfy { $0.metric != ObservedMetric.syncsPerCommit })
        #expect(result.command.hasSuffix("--no-receipts --ops 10 --repeats 1 --scale 20"), "\(result.command)")
    }
}
