import Foundation
import Testing

@testable import BenchmarkKit

/// The phase tables from made-up results.
struct PhaseTests {
    /// The fixture's rows under the names of the phase workload.
    private func phaseResult(scale: UInt64, library: String = "RocksDB 7.8.3 (release build)") -> RunResult {
        var result = ReportFixture.result(scales: [scale])
        let names = ["load-random": "phase-load", "query": "phase-query", "mixed": "phase-mixed"]
        for place in result.samples.indices {
            let old = result.samples[place].workload
            result.samples[place].workload = names[old] ?? old
        }
        result.backends[1].library = library
        return result
    }

    private var results: [String: RunResult] {
        ["phase-100K.json": phaseResult(scale: 100_000), "phase-1M.json": phaseResult(scale: 1_000_000)]
    }

    @Test(arguments: ["phase-1.md", "phase-2.md", "phase-3.md", "targets.md", "README.md"])
    func golden(name: String) throws {
        let files = PhaseReport.render(results: results)
        #expect(files == PhaseReport.render(results: results))
        try Golden.expect(try #require(files[name]), "phase-report-\(name)")
    }

    @Test func missingDataNamesItsCommand() throws {
        let files = PhaseReport.render(results: [:])
        for name in ["phase-1.md", "phase-2.md", "phase-3.md"] {
            #expect(try #require(files[name]).contains("alexbench run Workloads/phase"))
        }
    }

    /// The two wrong lines of phase 1 and the one of phase 3 are called wrong, and no others.
    @Test func publishedArithmetic() throws {
        let text = PhaseReport.render(results: [:]).values.joined()
        #expect(text.contains("4220 | 1221 | wrong"))
        #expect(text.contains("7160 | 1663 | wrong"))
        #expect(text.contains("95 | 92.60 | wrong"))
        #expect(text.components(separatedBy: "| wrong").count - 1 == 3)
    }

    @Test func contradictionIsSaid() throws {
        var slow = phaseResult(scale: 100_000)
        for place in slow.samples.indices where slow.samples[place].backend == "alex" {
            if slow.samples[place].metric == "ns_per_op" { slow.samples[place].value *= 100 }
        }
        let text = try #require(PhaseReport.render(results: ["r.json": slow])["phase-1.md"])
        #expect(text.contains("contradicted") && text.contains("the other one is faster"))
    }

    @Test func assertionBuildIsNotPublished() throws {
        let result = phaseResult(scale: 100_000, library: "RocksDB 7.8.3 (system library, assertions on)")
        let text = try #require(PhaseReport.render(results: ["r.json": result])["phase-1.md"])
        #expect(text.contains("†") && text.contains("no ratio for publishing"))
        #expect(ResultFormat.text.render(result).contains("not for publishing"))
    }

    @Test func readmeBlock() throws {
        let readme = "a\n\(PhaseReport.begin)\nstale-block\n\(PhaseReport.end)\nb\n"
        let once = try PhaseReport.rewrite(readme: readme, results: ["mixed.json": ReportFixture.result()])
        #expect(!once.contains("stale-block") && once.hasPrefix("a\n") && once.hasSuffix("b\n"))
        let lost = try #require(once.range(of: "alex lost")).lowerBound
        #expect(lost < (try #require(once.range(of: "alex ran"))).lowerBound)
        #expect(once == (try PhaseReport.rewrite(readme: once, results: ["mixed.json": ReportFixture.result()])))
        #expect(throws: ReportError.self) { try PhaseReport.rewrite(readme: "none", results: [:]) }
    }
}
