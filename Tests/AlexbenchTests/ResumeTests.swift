import BenchmarkKit
import Foundation
import Testing

/// Runs that stop go on where they stopped; runs are made again and their claims tried.
@Suite struct ResumeTests {
    private static let workloads = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Workloads")
    private static let few = ["--backend", "alex,hash-log", "--no-progress", "--repeats", "3"]

    private static func result(_ path: String) throws -> RunResult {
        try RunResult.read(from: try Data(contentsOf: URL(fileURLWithPath: path)), name: path)
    }

    @Test func completeIsLeftAndIncompleteGoesOn() throws {
        let scratch = try ScratchFolder()
        let smoke = Self.workloads.appendingPathComponent("smoke.json").path
        let folder = scratch.path("results")
        let words = ["run", smoke, "--output-dir", folder, "--resume"] + Self.few
        let first = try ChildProcess.run(words)
        #expect(first.code == 0, "\(first.errors)")
        let file = "\(folder)/smoke.json"
        let whole = try Self.result(file)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))

        let second = try ChildProcess.run(words)
        #expect(second.errors.contains("smoke: complete"), "\(second.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)

        // As if it had been stopped in the third repeat.
        var stopped = whole
        let third = stopped.samples.filter { $0.repeat == 3 }
        stopped.samples.removeAll { $0.repeat == 3 }
        stopped.samples += third.prefix(3)
        stopped.streams.removeAll { $0.repeat == 3 }
        try Data(ResultFormat.json.render(stopped).utf8).write(to: URL(fileURLWithPath: file))
        let resumed = try ChildProcess.run(words)
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("smoke: 2 of 3 repeats are done"), "\(resumed.errors)")
        let again = try Self.result(file)
        #expect(again.streams == whole.streams)
        #expect(again.samples.count == whole.samples.count)
        #expect(again.samples.filter { $0.repeat < 3 } == whole.samples.filter { $0.repeat < 3 })
        #expect(again.observations.map(\.metric).sorted() == whole.observations.map(\.metric).sorted())
    }

    /// What was written last stays whole, and with room again the run goes on from it.
    @Test func aFullDiskLosesOneRepeat() throws {
        let scratch = try ScratchFolder()
        let smoke = Self.workloads.appendingPathComponent("smoke.json").path
        let flags = ["--resume", "--backend", "null", "--no-progress", "--repeats"]
        let sizes = try ["1", "6"].map { repeats in
            let roomy = try ChildProcess.run(["run", smoke, "--output-dir", scratch.path(repeats)] + flags + [repeats])
            #expect(roomy.code == 0, "\(roomy.errors)")
            return try Data(contentsOf: URL(fileURLWithPath: scratch.path("\(repeats)/smoke.json"))).count
        }

        // No file may become longer than a result of half the repeats (ulimit's unit is 512 bytes).
        let words = ["run", smoke, "--output-dir", scratch.path("narrow")] + flags + ["6"]
        let limited = "ulimit -f \((sizes[0] + sizes[1]) / 2 / 512); exec '\(ChildProcess.executable.path)' \"$@\""
        let full = try ChildProcess.run(
            ["-c", limited, "sh"] + words, executable: URL(fileURLWithPath: "/bin/sh"))
        #expect(full.code == 1, "\(full.errors)")
        #expect(full.errors.contains("smoke.json: can't be written: File too large"), "\(full.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("narrow")) == ["smoke.json"])
        let kept = try Self.result(scratch.path("narrow/smoke.json"))
        #expect(!kept.samples.isEmpty && kept.samples.allSatisfy { $0.repeat < 6 })
        let resumed = try ChildProcess.run(words)
        #expect(resumed.code == 0 && resumed.errors.contains(" of 6 repeats are done"), "\(resumed.errors)")
        #expect(try Self.result(scratch.path("narrow/smoke.json")).samples.contains { $0.repeat == 6 })
    }

    @Test func anotherCommandIsNotContinued() throws {
        let scratch = try ScratchFolder()
        let smoke = Self.workloads.appendingPathComponent("smoke.json").path
        let words = ["run", smoke, "--output-dir", scratch.url.path] + Self.few
        #expect(try ChildProcess.run(words).code == 0)
        let other = try ChildProcess.run(words + ["--resume", "--seed", "5"])
        #expect(other.code == 6)
        #expect(other.errors.contains("can't be continued: the command was"), "\(other.errors)")
        let lone = try ChildProcess.run(["run", smoke, "--resume"] + Self.few)
        #expect(lone.code == 64)
        #expect(lone.errors.contains("--output-dir"))
        let both = try ChildProcess.run(words + ["--output", "x"])
        #expect(both.code == 64)
    }

    /// Completeness is asked before commit and command: a result of another program is left, one that stopped is not
    /// mixed with it.
    @Test func anotherProgramsResultIsLeftOrRefused() throws {
        let scratch = try ScratchFolder()
        let smoke = Self.workloads.appendingPathComponent("smoke.json").path
        let words = ["run", smoke, "--output-dir", scratch.url.path, "--resume"] + Self.few
        #expect(try ChildProcess.run(words).code == 0)
        let file = URL(fileURLWithPath: scratch.path("smoke.json"))
        var other = try Self.result(file.path)
        other.commit = "0123456789ab"
        let bytes = Data(ResultFormat.json.render(other).utf8)
        try bytes.write(to: file)
        let left = try ChildProcess.run(words)
        #expect(left.code == 0 && left.errors.contains("smoke: complete"), "\(left.errors)")
        #expect(left.errors.contains("the program's commit was '0123456789ab'"), "\(left.errors)")
        let more = try ChildProcess.run(Array(words.dropLast()) + ["4"])
        #expect(more.code == 0 && more.errors.contains("of 3 repeats, not 4"), "\(more.errors)")
        let wider = try ChildProcess.run(words.map { $0 == "alex,hash-log" ? "alex,hash-log,limit" : $0 })
        #expect(wider.code == 6 && wider.errors.contains("it lacks limit"), "\(wider.errors)")
        #expect(try Data(contentsOf: file) == bytes)

        other.streams.removeAll { $0.repeat == 3 }
        try Data(ResultFormat.json.render(other).utf8).write(to: file)
        let refused = try ChildProcess.run(words)
        #expect(refused.code == 6, "\(refused.errors)")
        #expect(
            refused.errors.contains("holds 2 of 3 whole repeats and can't be continued: the program's commit was"),
            "\(refused.errors)")
        #expect(refused.errors.contains("Remove it"), "\(refused.errors)")
    }

    /// The workload's file has changed since: the old result is none of the new one.
    @Test func anotherNumberOfOperationsIsNotComplete() throws {
        let scratch = try ScratchFolder()
        let text = try String(contentsOf: Self.workloads.appendingPathComponent("phase-growth.json"), encoding: .utf8)
            .replacing("10000", with: "100")
        let small = try scratch.write(text.replacing("50000", with: "200"), to: "phase-growth.json")
        let words = ["run", small, "--output-dir", scratch.path("results"), "--resume"] + Self.few
        #expect(try ChildProcess.run(words).code == 0)
        #expect(try ChildProcess.run(words).errors.contains("phase-growth: complete"))
        _ = try scratch.write(text.replacing("50000", with: "300"), to: "phase-growth.json")
        let changed = try ChildProcess.run(words)
        #expect(changed.code == 6, "\(changed.errors)")
        #expect(changed.errors.contains("a repeat of phase-growth was 520 operations and is 730"), "\(changed.errors)")
    }

    @Test func rerunTriesTheClaims() throws {
        let scratch = try ScratchFolder()
        let file = scratch.path("first.json")
        let run = try ChildProcess.run(
            ["query", "--scale", "300", "--ops", "200", "--format", "json", "--output", file] + Self.few)
        #expect(run.code == 0, "\(run.errors)")
        let again = try ChildProcess.run(["rerun", file, "--no-progress", "--output", scratch.path("second.json")])
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output.contains("makes no claim"), "\(again.output)")
        let (one, two) = (try Self.result(file), try Self.result(scratch.path("second.json")))
        #expect(one.streams == two.streams)
        #expect(one.command == two.command)

        var elsewhere = one
        elsewhere.environment.cpu = "Another"
        let moved = try scratch.write(ResultFormat.json.render(elsewhere), to: "moved.json")
        let refused = try ChildProcess.run(["rerun", moved, "--no-progress"])
        #expect(refused.code == 6, "\(refused.errors)")
        #expect(refused.output.contains("processor: Another then"), "\(refused.output)")

        elsewhere = one
        elsewhere.command = "alexbench list"
        let wrong = try scratch.write(ResultFormat.json.render(elsewhere), to: "wrong.json")
        let foreign = try ChildProcess.run(["rerun", wrong])
        #expect(foreign.code == 1)
        #expect(foreign.errors.contains("does not measure"), "\(foreign.errors)")
        #expect(try ChildProcess.run(["rerun", scratch.path("absent.json")]).code == 5)
        let dry = try ChildProcess.run(["rerun", file, "--dry-run"])
        #expect(dry.output == one.command + "\n")
    }

    @Test func dryRunOfAFolderMakesNone() throws {
        let scratch = try ScratchFolder()
        let smoke = Self.workloads.appendingPathComponent("smoke.json").path
        let run = try ChildProcess.run(["run", smoke, "--dry-run", "--output-dir", scratch.path("none")])
        #expect(run.code == 0 && run.output.contains("smoke"), "\(run.output) \(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("none")))
    }
}
