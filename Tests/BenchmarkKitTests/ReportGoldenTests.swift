import Foundation
import Testing

@testable import BenchmarkKit

/// Each format as a file that a person can read.
struct ReportGoldenTests {
    @Test(arguments: ResultFormat.allCases)
    func format(_ format: ResultFormat) throws {
        let text = format.render(ReportFixture.result())
        #expect(text == format.render(ReportFixture.result()))
        try Golden.expect(text, "result.\(format.fileExtension)")
    }

    @Test func colour() throws {
        try Golden.expect(ResultFormat.text.render(ReportFixture.result(), colour: true), "result-colour.txt")
    }

    @Test func fewRepeatsInANarrowTerminal() throws {
        try Golden.expect(ResultFormat.text.render(ReportFixture.result(repeats: 3), width: 50), "result-narrow.txt")
    }

    @Test func severalScales() throws {
        let result = ReportFixture.result(repeats: 3, scales: [1_000, 10_000, 100_000, 1_000_000])
        try Golden.expect(ResultFormat.text.render(result), "scale.txt")
    }

    @Test func emptyResultRenders() {
        let empty = RunResult(command: "c", date: "d", commit: "e", environment: ReportFixture.environment)
        for format in ResultFormat.allCases { #expect(!format.render(empty).isEmpty) }
        #expect(CSVReport.render(empty) == CSVReport.columns.joined(separator: ",") + "\r\n")
    }

    /// Tables fit the terminal, whatever its width allows for.
    @Test(arguments: [60, 100, 120])
    func tablesFit(width: Int) throws {
        let document = ResultReport(ReportFixture.result()).document(isBrief: false)
        for case .table(let table) in document.blocks {
            for block in ReportDocument.set(table, colour: false, width: width) {
                for line in block.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
            }
        }
    }
}
