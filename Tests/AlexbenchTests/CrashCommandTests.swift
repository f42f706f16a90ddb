import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// `alexbench crash` from the command line to the result.
@Suite(.serialized) struct CrashCommandTests {
    private static let small = ["crash", "--scale", "2K", "--kills", "2", "--no-progress", "--power-losses", "0"]
    private static let counts = ["acknowledged_lost", "partial_batches", "holes", "wrong_values", "phantoms"]

    @Test func csv() throws {
        let run = try ChildProcess.run(
            Self.small + ["--durability", "memory,process", "--backend", "alex,hash-log", "--format", "csv"])
        #expect(run.code == 0, "\(run.errors)")
        let lines = run.output.split(whereSeparator: \.isNewline).map(String.init)
        #expect(lines.first == "workload,backend,durability,scale,value_bytes,threads,repeat,metric,value,unit")
        for backend in ["alex", "hash-log"] {
            for durability in ["memory", "process"] {
                let row = "crash,\(backend),\(durability),2000,100,1"
                for metric in Self.counts {
                    #expect(lines.contains { $0.hasPrefix("\(row),2,\(metric),0,") }, "\(row)")
                }
                for metric in ["open_ns", "first_read_ns", "acknowledged_commits"] {
                    let line = try #require(lines.first { $0.hasPrefix("\(row),1,\(metric),") })
                    #expect(try #require(Double(line.split(separator: ",")[8])) > 0, "\(line)")
                }
            }
        }
    }

    /// Every engine that is built is killed, and what it kept is told; nothing but an engine's own loss ends with 3.
    @Test func allEngines() throws {
        let run = try ChildProcess.run(
            [
                "crash", "--scale", "500", "--kills", "1", "--no-progress", "--durability", "process", "--power-losses",
                "0",
            ])
        #expect(run.code == 0, "\(run.errors)\n\(run.output)")
        let floors = ["limit", "two-reads", "hash-log", "null"]
        for name in BackendTable.entries.map(\.name)
        where !floors.contains(name) && !name.contains("alex-") && name != "rocksdb-alex" {
            guard BackendTable.descriptor(named: name) != nil else { continue }
            #expect(run.output.contains("class process: \(name): kept all "), "\(name)")
        }
        #expect(run.output.contains("promise of the class"))
    }

    /// Simulated power losses of the engine of this package stand beside its kills.
    @Test func powerLosses() throws {
        let words = ["crash", "--scale", "500", "--kills", "1", "--no-progress", "--power-losses", "60"]
        let run = try ChildProcess.run(words + ["--backend", "alex"])
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("class power: alex: kept all that was durable (72 simulated power losses)"))
        let csv = try ChildProcess.run(words + ["--backend", "alex,hash-log", "--durability", "power", "--format=csv"])
        #expect(csv.output.contains("power-loss,alex,power,0,0,1,1,acknowledged_lost,0,states\r\n"), "\(csv.output)")
        let other = try ChildProcess.run(words + ["--backend", "hash-log", "--durability", "process"])
        #expect(other.code == 0 && !other.output.contains("ower loss"), "\(other.output)")
    }

    /// What can't be reopened says so.
    @Test func whatCannotTakePart() throws {
        let run = try ChildProcess.run(Self.small + ["--backend", "alex,null,limit", "--durability", "process"])
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("n/a: null, class process: it keeps nothing"))
        #expect(run.output.contains("n/a: limit, class process: it takes ascending keys alone"))
        let alone = try ChildProcess.run(Self.small + ["--backend", "null"])
        #expect(alone.code == 64)
        #expect(alone.errors.contains("names nothing to kill and reopen"))
    }

    /// Ctrl-C keeps the kills that were finished.
    @Test func interrupted() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("result.json")
        let started = try ChildProcess.start(
            ["crash", "--scale", "1K", "--kills", "100000", "--backend", "alex", "--format", "json", "--output", path])
        for _ in 0..<6000 where !FileManager.default.fileExists(atPath: path) { usleep(10_000) }
        kill(started.process.processIdentifier, SIGINT)
        let ended = try started.finish()
        #expect(ended.code == 130, "\(ended.errors)")
        let result = try RunResult.read(from: Data(contentsOf: URL(fileURLWithPath: path)), name: "result")
        #expect(result.samples.contains { $0.metric == "acknowledged_commits" })
    }

    @Test(arguments: [
        (["--durability", "proces"], "--durability proces: 'proces' is unknown\ndid you mean process?"),
        (["--durability", "power,sync"], "names power twice"), (["--kills", "0"], "too small"),
        (["--value-size", "4"], "too small"), (["--backend", "rockdb"], "did you mean rocksdb"),
    ])
    func usage(arguments: [String], message: String) throws {
        let ended = try ChildProcess.run(["crash"] + arguments)
        #expect(ended.code == 64, "\(arguments)")
        #expect(ended.errors.contains(message), "\(arguments) said: \(ended.errors)")
    }
}
