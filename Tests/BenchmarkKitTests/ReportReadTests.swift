import Foundation
import Testing

@testable import BenchmarkKit

/// Reading result files back, good and bad.
struct ReportReadTests {
    private let json = ResultFormat.json.render(ReportFixture.result(repeats: 2))

    private func message(_ text: String) -> String? {
        do throws(ReportError) {
            _ = try RunResult.read(from: Data(text.utf8), name: "old.json")
            return nil
        } catch {
            return error.message
        }
    }

    @Test func everythingComesBack() throws {
        let result = try RunResult.read(from: Data(json.utf8), name: "r")
        let expected = ReportFixture.result(repeats: 2)
        #expect(Set(result.samples) == Set(expected.samples))
        #expect(result.samples.count == expected.samples.count)
        #expect(ResultFormat.json.render(result) == json)
        #expect(result.environment == expected.environment && result.streams == expected.streams)
        #expect(ResultFormat.text.render(result) == ResultFormat.text.render(expected))
    }

    @Test func brokenFiguresSurvive() throws {
        var result = ReportFixture.result(repeats: 1)
        result.samples[0].value = .infinity
        let back = try RunResult.read(from: Data(ResultFormat.json.render(result).utf8), name: "r")
        #expect(back.samples.contains { $0.value == .infinity })
    }

    @Test func newerSchema() throws {
        let text = try #require(message(json.replacing("\"schema\": 2", with: "\"schema\": 99")))
        #expect(text.contains("old.json") && text.contains("schema") && text.contains("99") && text.contains("newer"))
    }

    @Test(arguments: [0, 1, 40, 400, 2_000])
    func truncated(length: Int) throws {
        let text = try #require(message(String(json.prefix(length))))
        #expect(text.contains("old.json") && text.contains("cut off") && text.contains("--format json"))
    }

    @Test func foreign() throws {
        #expect(try #require(message("{\"results\": []}")).contains("\"schema\" is missing"))
        #expect(try #require(message("[1, 2]")).contains("old.json"))
        #expect(try #require(message("{\"schema\": 1}")).contains("is missing"))
    }

    @Test func wrongTypeNamesItsKey() throws {
        let text = try #require(message(json.replacing("\"cores\":2", with: "\"cores\":\"two\"")))
        #expect(text.contains("environment.cores"))
    }

    @Test func unevenSamples() throws {
        let text = try #require(message(json.replacing("\"repeats\":[1,2]", with: "\"repeats\":[1]")))
        #expect(text.contains("samples"))
    }

    /// RFC 4180: quotes around what needs them, doubled inside.
    @Test func csvQuoting() {
        #expect(CSVReport.quoted("plain") == "plain")
        #expect(CSVReport.quoted("a,b") == "\"a,b\"")
        #expect(CSVReport.quoted("say \"x\"\n") == "\"say \"\"x\"\"\n\"")
        #expect(CSVReport.number(3) == "3")
        #expect(CSVReport.number(0.1) == "0.1")
        #expect(CSVReport.number(.infinity) == "inf")
    }
}
