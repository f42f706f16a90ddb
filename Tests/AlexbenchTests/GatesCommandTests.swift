import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// `alexbench gates` from the command line.
@Suite struct GatesCommandTests {
    @Test func measuresAndJudges() throws {
        let scratch = try ScratchFolder()
        let file = scratch.path("gates.json")
        let folder = String(scratch.path("x").dropLast(2))
        let run = try ChildProcess.run([
            "gates", folder, "--scale", "20K", "--repeats", "2", "--no-progress", "--format", "json", "--output", file,
        ])
        #expect(run.code == 2, "\(run.errors)")
        let result = try RunResult.read(from: Data(try scratch.text(of: "gates.json").utf8), name: file)
        for (row, metric) in [
            (GateRows.splits, GateRows.singleSplits), (GateRows.compaction, GateRows.rateAlone),
            (GateRows.compaction, GateRows.rateBeside), (GateRows.filter, GateRows.skipped),
            (GateRows.recovery, GateRows.openSeconds), (GateRows.vectors, GateRows.vectorTime),
            (GateRows.vectors, GateRows.scalarTime),
        ] {
            let those = result.samples.filter { $0.workload == row && $0.metric == metric }
            #expect(!those.isEmpty && those.allSatisfy { $0.value > 0 && $0.scale == 20_000 }, "\(row): \(run.errors)")
        }
        // Where valgrind is missing a warning says so.
        let hasCache = result.samples.contains { $0.workload == GateRows.cache }
        #expect(hasCache != result.warnings.contains { $0.text.contains("valgrind is missing") }, "\(run.errors)")
        let judged = try ChildProcess.run(["gates", folder, "--judge-only"])
        #expect(judged.code == 2 && judged.output.contains("fewer splits by batches"))
        #expect(judged.output.contains("gates.json, row gate-splits at 20K"), "\(judged.output)")
    }

    @Test func simulatedMissesAreRead() {
        let text = "==1== D1  misses:  5 (\n==1== LLd misses:        1,234,567  (  1,000,000 rd   +  234,567 wr)\n"
        #expect(GateMeasurement.misses(in: text) == 1_234_567)
        #expect(GateMeasurement.misses(in: "nothing") == nil)
    }

    @Test(arguments: [
        (["gates", "absent"], 5), (["gates", "--judge-only", "--format", "json"], 64), (["gates", "a", "b"], 64),
        (["gates", "--scale", "10"], 64),
    ])
    func badInput(arguments: [String], code: Int) throws {
        let run = try ChildProcess.run(arguments)
        #expect(Int(run.code) == code && run.output.isEmpty && !run.errors.isEmpty, "\(arguments): \(run.errors)")
    }
}
