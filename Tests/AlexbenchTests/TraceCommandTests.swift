import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// `--record` and `--trace`, and the defaults of flags.
@Suite struct TraceCommandTests {
    private static let few = ["--no-progress", "--repeats", "2", "--format", "json"]

    private static func streams(_ path: String) throws -> [RunResult.StreamReceipt] {
        try RunResult.read(from: try Data(contentsOf: URL(fileURLWithPath: path)), name: path).streams
    }

    @Test func recordThenReplay() throws {
        let scratch = try ScratchFolder()
        let (first, second, trace) = (scratch.path("a.json"), scratch.path("b.json"), scratch.path("mixed.trace"))
        let mix = "read=50,insert=20,update=20,remove=10"
        let recorded = try ChildProcess.run(
            ["mixed", "--scale", "400", "--ops", "300", "--mix", mix, "--seed", "5", "--backend", "alex"]
                + ["--output", first, "--record", trace] + Self.few)
        #expect(recorded.code == 0, "\(recorded.errors)")
        for words in [["run"], ["mixed"], ["mixed", "--scale", "400", "--value-size", "100"]] {
            let replayed = try ChildProcess.run(
                words + ["--trace", trace, "--backend", "hash-log,alex", "--output", second] + Self.few)
            #expect(replayed.code == 0, "\(replayed.errors)")
            let (before, after) = (try Self.streams(first)[0], try Self.streams(second))
            #expect(after.count == 2)
            for stream in after {
                #expect(stream.streamHash == before.streamHash && stream.stateDigest == before.stateDigest)
            }
        }
        // Where to write is no part of the command that repeats a run.
        let command = try RunResult.read(from: Data(contentsOf: URL(fileURLWithPath: first)), name: first).command
        #expect(!command.contains("--record"))

        for (words, message) in [
            (["mixed", "--scale", "1K"], "\"records\" is 400 in the trace and 1000 in the workload"),
            (["mixed", "--value-size", "10"], "\"value\" is 100 bytes in the trace and 10 bytes in the workload"),
            (["mixed", "--ops", "10"], "--ops: the trace \(trace) decides it"),
            (["mixed", "--seed", "5"], "--seed: the trace \(trace) decides it"),
            (["query"], "its workload is mixed, not query"),
            (["run", "--output-dir", scratch.path("folder")], "--trace: has no meaning beside --output-dir"),
        ] {
            let ended = try ChildProcess.run(words + ["--trace", trace, "--backend", "alex"])
            #expect(ended.code == 64, "\(words)")
            #expect(ended.errors.contains(message), "\(words) said: \(ended.errors)")
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: trace))
        try bytes.dropLast(100).write(to: URL(fileURLWithPath: trace))
        let cut = try ChildProcess.run(["run", "--trace", trace])
        #expect(cut.code == 64)
        #expect(cut.errors.contains("--trace \(trace): its checksum is not that of its"), "\(cut.errors)")
    }

    /// A flag of an optional value has its declared default too.
    @Test func anAbsentFlagHasItsDefault() {
        let arguments = ParsedArguments(command: "mixed")
        #expect(arguments[Flags.repeats] == UInt64(RunTuning.usualRepeats))
        #expect(arguments[Flags.seed] == 1)
        #expect(arguments[Flags.batch] == Workload.usualBatch)
        #expect(arguments[Flags.scale] == nil)
        var given = arguments
        given.set(Flags.repeats, 3 as UInt64?, text: "3")
        #expect(given[Flags.repeats] == 3)
    }
}
