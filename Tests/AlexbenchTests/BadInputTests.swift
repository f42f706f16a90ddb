import Foundation
import Testing

@testable import alexbench

/// Each wrong input: what is said of it, and the exit code.
@Suite struct BadInputTests {
    @Test(arguments: [
        (["mixd"], "'mixd': unknown command\ndid you mean mixed?"),
        (["frobnicate"], "commands: insert, query, mixed"),
        (["help", "qurey"], "did you mean query?"),
        (["--scale", "1K"], "a command comes first"),
        (["mixed", "--bakend", "alex"], "'--bakend': unknown flag\ndid you mean --backend?"),
        (["mixed", "-s", "1"], "'-s': unknown flag"),
        (["query", "--mix", "read=100"], "not a flag of query, but of mixed, scale"),
        (["mixed", "--scale"], "--scale: needs a value"),
        (["mixed", "--scale", "--seed", "1"], "--scale: needs a value"),
        (["mixed", "--scale", "1K", "--records", "1K"], "--scale: given twice"),
        (["mixed", "--keep=yes"], "--keep: takes no value"),
        (["mixed", "extra"], "'extra': one argument too many"),
        (["mixed", "--scale", "0"], "--scale 0: is too small\nthe smallest is 1"),
        (["mixed", "--scale", "-5"], "--scale -5: is negative"),
        (["mixed", "--scale=1X"], "--scale 1X: is not a number"),
        (["mixed", "--records", "1e99"], "--records 1e99: is not a number"),
        (["mixed", "--scale", "99999999999999999999"], "is too large"),
        (["mixed", "--scale", "1000G"], "--scale 1000G: is too large"),
        (["mixed", "--scale", ""], "--scale '': is not a number"),
        (["mixed", "--ops", "0"], "--ops 0: is too small"),
        (["mixed", "--repeats", "0"], "--repeats 0: is too small"),
        (["mixed", "--value-size", "1G"], "--value-size 1G: is too large"),
        (["mixed", "--value-size", "uniform:9-1"], "is no distribution of lengths"),
        (["mixed", "--value-size", "uniform:1-99999999"], "is too large"),
        (["mixed", "--value-size", "file:/nowhere/sizes"], "/nowhere/sizes: the file of lengths is not there"),
        (["query", "--scan-length", "0"], "is no length of a scan"),
        (["query", "--keys", "/nowhere/keys"], "--keys /nowhere/keys: the file of keys is not there: check the path"),
        (["insert", "--compressible", "101"], "is not a percentage from 0 to 100"),
        (["mixed", "--mix", "read=99.999,insert=0.001"], "gives read the share '99.999'"),
        (["run", "Workloads/schema.json"], "is the form of workload files, no workload itself"),
        (["mixed", "--mix", "read=50,insert=20"], "sums to 70\nthe shares must sum to 100"),
        (["mixed", "--mix", "read=101"], "gives read the share '101'"),
        (["mixed", "--mix", "reed=100"], "unknown kind 'reed'\ndid you mean read?"),
        (["mixed", "--mix", "read=50,read=50"], "names read twice"),
        (["mixed", "--mix", "read"], "no KIND=PERCENT"),
        (["mixed", "--backend", "rockdb"], "'rockdb' is unknown\ndid you mean rocksdb?"),
        (["mixed", "--backend", ""], "'' is unknown"),
        (["mixed", "--distribution", "zipfain"], "is unknown\ndid you mean zipfian?"),
        (["mixed", "--distribution", "zipfian:x"], "is no distribution"),
        (["mixed", "--durability", "prcess"], "did you mean process?"),
        (["mixed", "--schedule", "rotated"], "did you mean rotate?"),
        (["mixed", "--format", "jsn"], "did you mean json?"),
        (["mixed", "--color", "maybe"], "choices: auto, always, never"),
        (["scale", "--scales", "1K,1X"], "'1X' is not a number"),
        (["scale", "--scales", "1K,1000"], "names 1000 twice"),
        (["run"], "needs FILE…"),
        (["run", "/nowhere/absent.json"], "/nowhere/absent.json: can't be read: No such file"),
        (["compare", "one.json"], "needs BASE CANDIDATE"),
        (["compare", "a", "b", "--threshold", "ten"], "is not a percentage"),
        (["completion", "bsh"], "did you mean bash?"),
        (["mixed", "--output", "/"], "--output /: is a directory"),
        (["mixed", "--output", "/nowhere/x"], "can't be created in /nowhere"),
        (["mixed", "--record", "/nowhere/x"], "--record /nowhere/x: can't be created in /nowhere"),
        (["mixed", "--record", "-"], "--record -: is where the result goes"),
        (["mixed", "--record", "mixed.trace", "--threads", "1,2"], "leave --threads out"),
        (["run", "--trace", "/nowhere/x"], "/nowhere/x: can't be read: No such file"),
        (["run", "--trace", "x", "--output-dir", "y"], "x: can't be read"),
        (["mixed", "--slo", "p99<1ms", "--rate", "5"], "--slo finds the rate that --rate sets: give one of the two"),
        (["mixed", "--memory-limit", "1Mi"], "--memory-limit 1Mi: is too small\nthe smallest is 67108864"),
        (
            ["insert", "--memory-limit", "64Mi"],
            "--memory-limit 64.0 MiB: insert-random has no phase, and its load would run without the limit"
        ),
        (["mixed", "--memory-limit", "64Mi", "--duration", "1s"], "give --ops instead"),
        (["mixed", "--memory-limit", "64Mi", "--memory", "64Mi"], "--memory 64.0 MiB is not below it"),
        (["query", "--slo", "p99<1ms", "--duration", "5s"], "give --ops instead of --duration"),
    ])
    func usage(arguments: [String], message: String) throws {
        let ended = try ChildProcess.run(arguments)
        #expect(ended.code == 64, "\(arguments)")
        #expect(ended.errors.contains(message), "\(arguments) said: \(ended.errors)")
        #expect(ended.errors.hasPrefix("alexbench: "))
        #expect(ended.output.isEmpty, "\(arguments) wrote to standard output")
    }

    /// More memory than there is can't be a limit.
    @Test func limitOfNothing() throws {
        let ended = try ChildProcess.run(["mixed", "--memory-limit", "16Ti", "--dry-run"])
        #expect(ended.code == 1)
        #expect(ended.errors.contains("--memory-limit 16384 GiB: this process has "), "\(ended.errors)")
        #expect(ended.errors.contains("ask for less"))
    }

    /// The backends that this build left out, if any: `make test` says which.
    @Test(
        arguments: BackendTable.entries
            .filter { $0.requirement != nil && BackendTable.descriptor(named: $0.name) == nil }.map(\.name))
    func unbuiltBackend(name: String) throws {
        let ended = try ChildProcess.run(["mixed", "--backend", name])
        #expect(ended.code == 64)
        #expect(ended.errors.contains("'\(name)' is not built into this binary"))
        #expect(ended.errors.contains("make build"))
        #expect(ended.errors.contains("swift build -c release --traits default,"))
    }

    @Test(arguments: BackendTable.entries.compactMap(\.requirement).map(\.trait))
    func remedyOfEachTrait(trait: String) throws {
        let requirement = try #require(BackendTable.entries.compactMap(\.requirement).first { $0.trait == trait })
        #expect(requirement.remedy.contains("install \(requirement.package)"))
        #expect(requirement.remedy.contains("'make build'"))
        #expect(requirement.remedy.contains("--traits default,\(trait)"))
    }

    @Test func absentBaseline() throws {
        let ended = try ChildProcess.run(["compare", "/nowhere/old.json", "/nowhere/new.json"])
        #expect(ended.code == 5)
        #expect(ended.errors.contains("/nowhere/old.json"))
    }

    @Test func foreignResult() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("{}", to: "foreign.json")
        let ended = try ChildProcess.run(["compare", path, path])
        #expect(ended.code == 1)
        #expect(ended.errors.contains("foreign.json"))
    }

    /// Output that can't be written is an error even when the rest went well.
    @Test func fullDisk() throws {
        let shell = URL(fileURLWithPath: "/bin/sh")
        let program = ChildProcess.executable.path
        let ended = try ChildProcess.run(["-c", "'\(program)' list >/dev/full"], executable: shell)
        #expect(ended.code == 1)
        #expect(ended.errors.contains("No space left on device"))
    }
}
