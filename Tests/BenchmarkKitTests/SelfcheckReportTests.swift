import BenchmarkKit
import Foundation
import Testing

/// The verdicts of `selfcheck`, on each side of every bound.
@Suite struct SelfcheckReportTests {
    private static func trials(_ kind: String, _ count: Int, told: Int) throws -> [SelfcheckState.Trial] {
        try (1...count).map { number in
            let figures = number <= told ? #"["mixed alex ops_per_second"]"# : "[]"
            let text = """
                {"kind": "\(kind)", "number": \(number), "seed": 1, "told": \(figures), "told_worse": \(figures),
                 "seconds": \(number)}
                """
            return try JSONDecoder().decode(SelfcheckState.Trial.self, from: Data(text.utf8))
        }
    }

    private static func line(
        _ target: String, _ change: (inout SelfcheckState) throws -> Void
    ) throws -> SelfcheckReport.Line {
        var state = SelfcheckState(command: "alexbench selfcheck", design: "", directory: "/tmp")
        try change(&state)
        return try #require(SelfcheckReport(state, trials: 100).lines.first { $0.target == target })
    }

    @Test(arguments: [(0, true), (4, true), (5, false), (100, false)])
    func falseAlarms(told: Int, isMet: Bool) throws {
        let line = try Self.line("T3") { $0.trials = try Self.trials("same", 100, told: told) }
        #expect(line.isMet == isMet && line.text.hasPrefix("\(told) false alarms in 100"), "\(line)")
    }

    @Test(arguments: [(100, true), (95, true), (94, false), (0, false)])
    func found(told: Int, isMet: Bool) throws {
        let line = try Self.line("T4") { $0.trials = try Self.trials("planted", 100, told: told) }
        #expect(line.isMet == isMet && line.text.hasPrefix("\(told) of 100"), "\(line)")
    }

    /// Of another row, or bytes: that the slow-down was found says only its own row's times.
    @Test func foundElsewhereIsNotFound() throws {
        for figure in ["load-random alex ops_per_second", "mixed alex resident_bytes"] {
            let line = try Self.line("T4") { state in
                state.trials = try Self.trials("planted", 100, told: 100)
                for place in state.trials.indices { state.trials[place].toldWorse = [figure] }
            }
            #expect(line.isMet == false, "\(figure): \(line)")
        }
    }

    @Test func unfinishedHasNoVerdict() throws {
        for target in ["T1", "T2", "T3", "T4"] {
            let line = try Self.line(target) { state in
                state.trials = try Self.trials("same", 99, told: 0) + Self.trials("planted", 99, told: 99)
            }
            #expect(line.isMet == nil, "\(line)")
        }
    }

    @Test(arguments: [(10.0, 10.0, true), (10.1, 1.0, false), (1.0, 10.1, false)])
    func costs(operation: Double, check: Double, isMet: Bool) throws {
        let line = try Self.line("T1") { state in
            state.costs = [.init(operation: operation, check: check, timer: 1)]
        }
        #expect(line.isMet == isMet, "\(line)")
    }

    @Test(arguments: [(1.0, true), (1.049, true), (0.951, true), (1.06, false), (0.94, false)])
    func loops(ratio: Double, isMet: Bool) throws {
        let line = try Self.line("T2") { state in
            var loop = SelfcheckState.Loop(
                engine: "lmdb", workload: "query", row: "query", metric: "ns_per_op", records: 10)
            loop.loop = [Double](repeating: 100, count: 10)
            loop.alexbench = [Double](repeating: 100 * ratio, count: 10)
            state.loops = [loop]
        }
        #expect(line.isMet == isMet && line.text.contains("within 5 %"), "\(line)")
    }
}
