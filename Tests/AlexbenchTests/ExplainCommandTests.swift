import BenchmarkKit
import Foundation
import Testing

@testable import alexbench

/// `alexbench explain` from the command line.
@Suite struct ExplainCommandTests {
    private static let small = ["--scale", "300", "--ops", "200", "--repeats", "2", "--no-progress"]

    @Test(arguments: Flags.explainable.filter { BackendTable.descriptor(named: $0) != nil })
    func query(backend: String) throws {
        let run = try ChildProcess.run(["explain", "query", "--backend", backend] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("explain-query, \(backend), 300 records"))
        #expect(run.output.contains("index lookup") && run.output.contains("whole, as \(backend) does it"))
        #expect(run.output.contains("agree") || run.output.contains("the rest is the whole less the steps"))
    }

    @Test(arguments: Flags.explainable.prefix(4))
    func insert(backend: String) throws {
        let run = try ChildProcess.run(["explain", "insert", "--backend", backend, "--format", "json"] + Self.small)
        #expect(run.code == 0, "\(run.errors)")
        let result = try RunResult.read(from: Data(run.output.utf8), name: "explain")
        let all = Breakdown.all(of: result)
        #expect(all.map(\.row) == [Explanation.batch, Explanation.insert])
        #expect(all.allSatisfy { $0.parts.count == 7 && $0.beyond.count == 1 && $0.isComplete })
        #expect(result.command == "alexbench explain insert --backend \(backend) --ops 200 --repeats 2 --scale 300")
    }

    @Test(arguments: [
        ["explain"], ["explain", "update"], ["explain", "query", "--backend", "sqlite"],
        ["explain", "insert", "--backend", "alex"], ["explain", "query", "insert"],
    ])
    func badInput(arguments: [String]) throws {
        let run = try ChildProcess.run(arguments)
        #expect(run.code == 64 && run.output.isEmpty && !run.errors.isEmpty, "\(arguments): \(run.errors)")
    }
}
