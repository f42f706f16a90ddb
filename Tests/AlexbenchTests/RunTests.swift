import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// Tiny runs from the command line to the result.
@Suite(.serialized) struct RunTests {
    private static let small = ["--repeats", "2", "--no-progress", "--backend", "alex,hash-log"]
    private static let columns = "workload,backend,durability,scale,value_bytes,threads,repeat,metric,value,unit"

    /// `insert` fills stores for the rows that are asked for, and for no others.
    @Test func insertRows() throws {
        let run = try ChildProcess.run([
            "insert", "--scale", "500", "--workload", "load-sequential,insert-random", "--backend", "alex", "--repeats",
            "1", "--no-progress", "--no-receipts", "--format", "csv",
        ])
        #expect(run.code == 0, "\(run.errors)")
        let lines = run.output.split(whereSeparator: \.isNewline).dropFirst()
        let rows = Set(lines.map { String($0.prefix { $0 != "," }) })
        #expect(rows.subtracting(["harness", "run"]) == ["load-sequential", "insert-random"])
        let wrong = try ChildProcess.run(["insert", "--workload", "load-radnom"])
        #expect(wrong.code == 64 && wrong.errors.contains("load-random"), "\(wrong.errors)")
    }

    @Test(arguments: ["insert", "query", "mixed"])
    func csv(command: String) throws {
        let run = try ChildProcess.run([command, "--scale", "500", "--format", "csv"] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        let lines = run.output.split(whereSeparator: \.isNewline)
        #expect(lines.first?.hasPrefix(Self.columns) == true)
        #expect(lines.contains { $0.contains(",alex,process,500,100,1,2,ops_per_second,") })
        #expect(lines.contains { $0.contains(",hash-log,process,500,100,1,2,ops_per_second,") })
    }

    @Test func json() throws {
        let scratch = try ScratchFolder()
        let file = scratch.path("result.json")
        let run = try ChildProcess.run(["mixed", "--scale", "500", "--format", "json", "--output", file] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.isEmpty)
        let text = try scratch.text(of: "result.json")
        let result = try RunResult.read(from: Data(text.utf8), name: file)
        #expect(result.command == "alexbench mixed --backend alex,hash-log --repeats 2 --scale 500")
        #expect(!text.contains(FileManager.default.temporaryDirectory.path), "the result holds a path")
        #expect(try ChildProcess.run(["compare", file, file]).code == 0)
        let larger = scratch.path("larger.json")
        let other = try ChildProcess.run(
            ["mixed", "--scale", "600", "--format", "json", "--output", larger] + Self.small)
        #expect(other.code == 0, "\(other.errors)")
        #expect(try ChildProcess.run(["compare", file, larger]).code == 6)
    }

    @Test(arguments: ["text", "markdown"])
    func table(format: String) throws {
        let run = try ChildProcess.run(["mixed", "--scale", "500", "--format", format] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("hash-log"))
        #expect(!run.output.contains("\u{1B}["), "colour without a terminal")
    }

    @Test func scaleSweeps() throws {
        let run = try ChildProcess.run(["scale", "--scales", "200,400", "--format", "csv"] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        for scale in [200, 400] { #expect(run.output.contains("mixed,alex,process,\(scale),")) }
    }

    @Test func workloadFile() throws {
        let smoke = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Workloads/smoke.json")
        let run = try ChildProcess.run(["run", smoke.path, "--format", "csv"] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains(",alex,process,"))
        let scratch = try ScratchFolder()
        let text = try String(contentsOf: smoke, encoding: .utf8)
        let wrong = try scratch.write(
            text.replacing("\"name\": \"smoke\"", with: "\"nmae\": 1, \"name\": \"smoke\""), to: "wrong.json")
        let refused = try ChildProcess.run(["run", wrong] + Self.small)
        #expect(refused.code == 64)
        #expect(refused.errors.contains("nmae"))
    }

    /// In one result of several files each row says whose it is.
    @Test func severalWorkloadFiles() throws {
        let scratch = try ScratchFolder()
        let phase = #""phases": [{"name": "reads", "operations": 50, "mix_percent": {"read": 100}}]"#
        var paths: [String] = []
        for name in ["first", "second"] {
            let load = #""load": {"row": "load-random", "batch_records": 10}"#
            let text = #"{"name": "\#(name)", "records": 100, "value_bytes": 20, \#(load), \#(phase)}"#
            paths.append(try scratch.write(text, to: name + ".json"))
        }
        let run = try ChildProcess.run(["run"] + paths + ["--format", "csv"] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        let rows = Set(run.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.prefix { $0 != "," } })
        for name in ["first", "second"] {
            for row in ["load-random", "settle", "reads"] { #expect(rows.contains("\(name)-\(row)"), "\(rows)") }
        }
        #expect(!rows.contains("reads") && !rows.contains("settle"))
    }

    @Test func dryRun() throws {
        let arguments = [
            "mixed", "--scale", "1K", "--dry-run", "--backend", "alex,hash-log", "--directory", "/nowhere-yet",
        ]
        let run = try ChildProcess.run(arguments)
        #expect(run.code == 0, "\(run.errors)")
        try Golden.expect(Self.withoutWarnings(run.output), equals: "dry-run.txt")
        #expect(!FileManager.default.fileExists(atPath: "/nowhere-yet"))
    }

    /// Warnings depend on the machine and the build.
    private static func withoutWarnings(_ text: String) -> String {
        text.components(separatedBy: "\n").filter { !$0.hasPrefix("warning") }.joined(separator: "\n")
    }

    @Test func directories() throws {
        let scratch = try ScratchFolder()
        _ = try scratch.write("kept", to: "mine.txt")
        let run = try ChildProcess.run(["mixed", "--scale", "500", "--directory", scratch.url.path] + Self.small)
        #expect(run.code == 1 || run.code == 64)
        #expect(run.errors.contains("empty"), "\(run.errors)")
        #expect(try scratch.text(of: "mine.txt") == "kept")
        let stores = scratch.path("stores")
        let own = try ChildProcess.run(["mixed", "--scale", "500", "--directory", stores] + Self.small)
        #expect(own.code == 0, "\(own.errors)")
        let left = (try? FileManager.default.contentsOfDirectory(atPath: stores)) ?? []
        #expect(left == [], "the stores are still there")
        let kept = try ChildProcess.run(["mixed", "--scale", "500", "--keep", "--directory", stores] + Self.small)
        #expect(kept.code == 0, "\(kept.errors)")
        #expect(try !FileManager.default.contentsOfDirectory(atPath: stores).isEmpty)
    }

    @Test func moreKeysThanMemory() throws {
        let run = try ChildProcess.run(["mixed", "--scale", "90G", "--dry-run", "--backend", "alex"])
        #expect(run.code == 1 || run.code == 64)
        #expect(run.errors.contains("memory"), "\(run.errors)")
    }

    @Test func fullDisk() throws {
        let run = try ChildProcess.run(["mixed", "--scale", "100", "--output", "/dev/full"] + Self.small)
        #expect(run.code == 1)
        #expect(run.errors.contains("--output /dev/full: can't be written: No space left on device"))
    }

    /// Ctrl-C ends with 130, leaves no store behind and writes what was measured.
    @Test(arguments: [SIGINT, SIGTERM])
    func interruption(signal: Int32) throws {
        let scratch = try ScratchFolder()
        let stores = scratch.path("stores")
        let result = scratch.path("result.json")
        let started = try ChildProcess.start(
            [
                "mixed", "--scale", "1K", "--ops", "1K", "--repeats", "200", "--backend", "alex,hash-log",
                "--directory",
                stores, "--format", "json", "--output", result,
            ])
        let deadline = Date(timeIntervalSinceNow: 120)
        while !FileManager.default.fileExists(atPath: result), Date() < deadline, started.process.isRunning {
            usleep(10_000)
        }
        kill(started.process.processIdentifier, signal)
        let ended = try started.finish()
        #expect(ended.code == 130, "\(ended.errors)")
        #expect(((try? FileManager.default.contentsOfDirectory(atPath: stores)) ?? []) == [], "stores are left")
        let data = Data(try scratch.text(of: "result.json").utf8)
        #expect(try !RunResult.read(from: data, name: "result.json").samples.isEmpty)
    }
}
