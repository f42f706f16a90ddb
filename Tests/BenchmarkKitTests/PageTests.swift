import Foundation
import Testing

@testable import BenchmarkKit

/// The HTML page and the Markdown with charts.
struct PageTests {
    private static let page = HTMLPage([("mixed", PictureFixture.result), ("plain", ReportFixture.result())])

    @Test func sameBytes() { #expect(Self.page.render() == Self.page.render()) }

    /// What `make browser-test` opens is this fixture. UPDATE_GOLDEN=1 writes it.
    @Test func fixtureForTheBrowser() throws {
        let file = Golden.folder.appending(path: "pictures.json")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(ResultFormat.json.render(PictureFixture.result).utf8).write(to: file)
        }
        let read = try RunResult.read(from: Data(contentsOf: file), name: "pictures.json")
        // As texts, because a file keeps the repeats of a figure together.
        let isSame = ResultFormat.json.render(read) == ResultFormat.json.render(PictureFixture.result)
        #expect(isSame, "UPDATE_GOLDEN=1 writes pictures.json anew")
    }

    @Test func nothingIsFetched() {
        let text = Self.page.render()
        for word in ["http://", "https://", "src=", "url(", "@import", "<link", "xlink:"] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test func hostileNamesAreText() {
        let result = PictureFixture.result
        let text = HTMLPage([(PictureFixture.hostile, result)]).render()
        #expect(text.components(separatedBy: "<script").count == 2, "only the page's own script")
        #expect(text.contains("&lt;script&gt;throw"))
        let charted = ChartedMarkdown(result, name: "a b)<x>")
        for file in charted.files {
            #expect(!file.svg.contains("<script"))
            #expect(charted.text.contains("](a%20b%29%3Cx%3E-"))
        }
    }

    /// Every chart says what it shows, in words and in a table.
    @Test func accessible() {
        let text = Self.page.render()
        let charts = text.components(separatedBy: "<svg ").dropFirst()
        #expect(charts.count > 20)
        for chart in charts {
            #expect(chart.contains("role=\"img\"") && chart.contains("<title id=") && chart.contains("<desc id="))
        }
        let ids = text.components(separatedBy: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(Set(ids).count == ids.count, "each id once")
        for figure in text.components(separatedBy: "<figure>").dropFirst() {
            #expect(figure.components(separatedBy: "</section>")[0].contains("<table>"))
        }
    }

    @Test func lossesComeFirst() throws {
        let text = HTMLPage([("r", ReportFixture.result())]).render()
        let lost = try #require(text.range(of: "class=\"lost\"")).lowerBound
        let won = try #require(text.range(of: "class=\"won\"")).lowerBound
        let chart = try #require(text.range(of: "<svg ")).lowerBound
        #expect(lost < won && won < chart)
        #expect(text.contains("Remedy: use a larger --scale."))
    }

    @Test func emptyResultsRender() {
        let empty = RunResult(command: "c", date: "d", commit: "e", environment: ReportFixture.environment)
        #expect(HTMLPage([("empty", empty)]).render().contains("empty"))
        #expect(HTMLPage([]).render().contains("No result."))
        #expect(ChartedMarkdown(empty, name: "empty").files.isEmpty)
    }

    /// Figures that no axis can take are left out of the picture and stay in the table.
    @Test func brokenFiguresStayOut() {
        var result = ReportFixture.result(repeats: 1)
        for place in result.samples.indices {
            result.samples[place].value = [0, -1, .nan, .infinity][place % 4]
        }
        let text = HTMLPage([("broken", result)]).render()
        #expect(!text.contains("=\"nan\"") && !text.contains("=\"inf\""))
    }

    /// Results that have tables elsewhere are named, not shown.
    @Test func namesWhatIsElsewhere() {
        let result = ReportFixture.result(scales: [1000])
        let page = HTMLPage([("mixed-1K", result), ("query-1K", result)], elsewhere: ["phase", "index-1M"]).render()
        #expect(page.contains("phase, index-1M.</p>"))
        #expect(!HTMLPage([("mixed-1K", result), ("query-1K", result)]).render().contains("Not on this page"))
        #expect(PhaseReport.hasTables("explain-query-alex-1M") && PhaseReport.hasTables("gates"))
        #expect(["insert-alex-1M", "query-100K", "load-100m"].allSatisfy(PhaseReport.hasTables))
        #expect(["absent-keys-1M", "query-threads", "multi-get-10m"].allSatisfy(PhaseReport.hasTables))
        #expect(["query-1M", "query-10M", "multi-get", "scale"].allSatisfy { !PhaseReport.hasTables($0) })
    }
}
