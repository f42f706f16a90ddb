import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// Comparison, baselines and the handicap from the command line.
@Suite(.serialized) struct CompareCommandTests {
    private static let small = ["--backend", "hash-log", "--no-progress", "--format", "json"]

    private func result(_ scratch: ScratchFolder, _ name: String, scale: String = "300") throws -> String {
        let path = scratch.path(name)
        let run = try ChildProcess.run(
            ["mixed", "--scale", scale, "--repeats", "2", "--output", path] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        return path
    }

    @Test func baselinesByName() throws {
        let scratch = try ScratchFolder()
        let file = try result(scratch, "one.json")
        func run(_ words: [String]) throws -> ChildProcess { try ChildProcess.run(words, in: scratch.url) }
        #expect(try run(["baseline", "list"]).output == "")
        #expect(try run(["baseline", "save", "main", file]).code == 0)
        #expect(try run(["baseline", "list"]).output.hasPrefix("main  "))
        #expect(try run(["baseline", "show", "main", "--format", "csv"]).output.contains(",hash-log,process,300,"))
        #expect(try run(["compare", "main", file]).code == 0)
        #expect(FileManager.default.fileExists(atPath: scratch.path(".alexbench/baselines/main.json")))
        let absent = try run(["compare", "mian", file])
        #expect(absent.code == 5)
        #expect(absent.errors.contains("did you mean main?"), "\(absent.errors)")
        for wrong in ["../main", ".main", "a b", String(repeating: "x", count: 65), "a/b"] {
            let refused = try run(["baseline", "save", wrong, file])
            #expect(refused.code == 64, "\(wrong): \(refused.errors)")
            #expect(refused.errors.contains("is no name of a baseline"))
        }
        #expect(try run(["baseline", "save", "main"]).code == 64)
        #expect(try run(["baseline", "svae", "main", file]).errors.contains("save"))
        #expect(try run(["baseline", "delete", "main"]).code == 0)
        #expect(try run(["baseline", "delete", "main"]).code == 5)
        #expect(try run(["baseline", "save", "main", scratch.path("absent.json")]).code == 1)
    }

    @Test func anotherMachinesBaselineIsRefused() throws {
        let scratch = try ScratchFolder()
        let file = try result(scratch, "one.json")
        let text = try scratch.text(of: "one.json")
        let machine = try #require(text.firstRange(of: try Regex("\"cpu\":\"[^\"]*\"")))
        let other = try scratch.write(
            text.replacingCharacters(in: machine, with: "\"cpu\":\"Other\""), to: "other.json")
        #expect(try ChildProcess.run(["baseline", "save", "theirs", other], in: scratch.url).code == 0)
        let compared = try ChildProcess.run(["compare", "theirs", file], in: scratch.url)
        #expect(compared.code == 6)
        #expect(compared.errors.contains("machine's CPU: the base has Other"), "\(compared.errors)")
        let newer = try scratch.write(
            text.replacing(try Regex("\"schema\": [0-9]+"), with: "\"schema\": 99"), to: "newer.json")
        #expect(try ChildProcess.run(["compare", newer, file]).code == 6)
    }

    /// Two runs of one build, and one slowed down to a third: found, confirmed, and the exit code only on request.
    @Test func twoBuildsAlternating() throws {
        let scratch = try ScratchFolder()
        let program = ChildProcess.executable.path
        let shared = ["--exec", "--scale", "200", "--backend", "hash-log", "--repeats", "2", "--no-progress"]
        let same = try ChildProcess.run(["compare", program, program, "--fail-on-regression"] + shared)
        #expect(same.code == 0, "\(same.errors)")
        #expect(same.output.contains("2 repeats a side can never tell"))
        #expect(same.output.contains("hits"))
        let summary = scratch.path("summary.md")
        let marked = try ChildProcess.run(
            ["compare", program, program, "--format", "github"] + shared,
            environment: ["GITHUB_STEP_SUMMARY": summary])
        #expect(marked.code == 0, "\(marked.errors)")
        #expect(try scratch.text(of: "summary.md") == marked.output)
        // Both were measured in turns with a process beside them.
        for bad in ["/nowhere/fifo,/dev/null", "/dev/null", summary + "," + summary] {
            let refused = try ChildProcess.run(["mixed", "--turns", bad, "--scale", "100"] + Self.small)
            #expect(refused.code == 64 && refused.errors.contains("--turns"), "\(refused.errors)")
        }
        let absent = try ChildProcess.run(["compare", "/nowhere/alexbench", program] + shared)
        #expect(absent.code == 64)
        #expect(absent.errors.contains("/nowhere/alexbench: is no program"))
        let failing = try ChildProcess.run(["compare", program, "/bin/false"] + shared)
        #expect(failing.code == 1 && failing.errors.contains("ended with 1"), "\(failing.errors)")
    }

    @Test func aHandicapIsSaid() throws {
        let run = try ChildProcess.run(
            ["mixed", "--scale", "200", "--repeats", "1", "--handicap", "hash-log=300%"] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        let result = try RunResult.read(from: Data(run.output.utf8), name: "run")
        #expect(result.command.contains("--handicap hash-log=300%"))
        #expect(result.warnings.contains { $0.text.contains("slowed down by 300 % on purpose") })
        #expect(try ChildProcess.run(["mixed", "--handicap", "hash-log"]).code == 64)
        #expect(try ChildProcess.run(["mixed", "--handicap", "hashlog=10%"]).errors.contains("hash-log"))
        #expect(try ChildProcess.run(["mixed", "--budget", "10"]).errors.contains("90s, 10m"))
        #expect(try ChildProcess.run(["compare", "a", "b", "--alpha", "2"]).code == 64)
        #expect(try ChildProcess.run(["compare", "a", "b", "--threshold-absolute", "2"]).code == 64)
    }
}
