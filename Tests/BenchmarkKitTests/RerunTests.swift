import Testing

@testable import BenchmarkKit

/// Claims of a result, tried on another.
@Suite struct RerunTests {
    @Test func theSameFiguresHold() {
        let first = ReportFixture.result()
        let rerun = Rerun(first: first, second: first)
        #expect(rerun.differences == [])
        #expect(!rerun.claims.isEmpty)
        #expect(rerun.exitCode == 0, "\(rerun.lines)")
        #expect(rerun.lines.last == "\(rerun.claims.count) of \(rerun.claims.count) claims hold.")
    }

    @Test func aWinThatIsGoneFails() {
        let first = ReportFixture.result()
        let rerun = Rerun(first: first, second: ReportFixture.result(slowDown: 100))
        #expect(rerun.exitCode == 2, "\(rerun.lines)")
        #expect(rerun.claims.contains { !$0.holds && $0.text.contains("query") })
    }

    @Test func anotherEngineIsNotComparable() {
        let first = ReportFixture.result()
        var second = first
        second.backends[1].library = "RocksDB 9"
        let rerun = Rerun(first: first, second: second)
        #expect(rerun.exitCode == 6)
        #expect(rerun.lines.contains { $0.contains("rocksdb-tuned: RocksDB 7.8.3 (release build) then") })
    }
}
