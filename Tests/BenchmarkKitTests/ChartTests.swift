import Foundation
import FoundationXML
import Testing

@testable import BenchmarkKit

/// Axes, text and the shapes of charts.
struct ChartTests {
    @Test func linearTicksAreRoundAndInside() {
        for upper in [0.037, 1, 4.62, 99, 100, 3_160_000, 7e11] {
            let axis = ChartAxis.linear(upTo: upper)
            #expect(axis.ticks.first?.value == 0)
            #expect((2...6).contains(axis.ticks.count), "\(upper)")
            #expect(axis.ticks.allSatisfy { $0.value <= upper * 1.0001 })
            #expect(axis.share(0) == 0 && axis.share(upper) == 1 && axis.share(upper * 2) == 1)
        }
        #expect(ChartAxis.linear(upTo: 4_620_000).ticks.map(\.label) == ["0", "2M", "4M"])
        #expect(ChartAxis.linear(upTo: 0.3).ticks.map(\.label) == ["0", "0.1", "0.2", "0.3"])
    }

    @Test func logarithmicTicksArePowersOfTen() {
        let wide = ChartAxis.logarithmic(over: [351, 19_700_000], label: Figures.timeTick)
        #expect(wide.ticks.map(\.label) == ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms"])
        #expect(wide.lower == 200 && wide.upper == 20_000_000)
        let narrow = ChartAxis.logarithmic(over: [130, 900], label: Figures.timeTick)
        #expect(narrow.ticks.map(\.label) == ["100 ns", "200 ns", "500 ns", "1 µs"])
        #expect(abs(wide.share(200 * 10) - 0.2) < 1e-9, "a power of ten is a fifth of five")
        let one = ChartAxis.logarithmic(over: [1_000])
        #expect(one.lower < one.upper)
        let far = ChartAxis.logarithmic(over: [1, 1e12])
        #expect(far.ticks.count <= 7)
    }

    /// A broken figure must not break the picture.
    @Test func axesTakeAnything() {
        for values in [[], [0], [-1, .nan], [.infinity], [5, .infinity]] as [[Double]] {
            let axis = ChartAxis.logarithmic(over: values)
            #expect(axis.lower > 0 && axis.upper > axis.lower && axis.upper.isFinite)
            #expect((0...1).contains(axis.share(0)) && (0...1).contains(axis.share(.nan)))
        }
        for upper in [0, -3, .nan, .infinity] as [Double] {
            #expect(ChartAxis.linear(upTo: upper).share(upper).isFinite)
        }
    }

    @Test func ninesAreEquallyFarApart() {
        let axis = ChartAxis.nines([0.5, 0.9, 0.99, 0.999].map { ChartAxis.Tick(value: $0, label: "\($0)") })
        let steps = [0.9, 0.99, 0.999].map(axis.share)
        #expect(abs((steps[1] - steps[0]) - (steps[2] - steps[1])) < 1e-9)
        #expect(axis.share(0.5) == 0 && axis.share(0.999) == 1)
        #expect(
            ["p50_ns", "p99_ns", "p999_ns", "p9999_ns", "max_ns"].map(Metric.share) == [0.5, 0.99, 0.999, 0.9999, 1])
        #expect(Metric.share("settle_ns") == nil)
    }

    @Test func textIsText() {
        #expect(Markup.escaped("<script>&\"'") == "&lt;script&gt;&amp;&quot;&#39;")
        #expect(Markup.escaped("a\u{0}\u{1B}\u{202E}b\n") == "a\u{FFFD}\u{FFFD}\u{FFFD}b ")
        #expect(Markup.escaped("µs – 😀") == "µs – 😀")
        #expect(Markup.wrapped("one two three", 50) == ["one two", "three"])
        #expect(Markup.fitted("rocksdb-tuned", 60).hasSuffix("…"))
        #expect([12, 12.34, -0.04, -0.5, .nan].map(Markup.number) == ["12", "12.3", "0", "-0.5", "0"])
    }

    @Test func colours() {
        let palette = ChartPalette(["alex", "b-tree", "array", "alex-4k", "map", "sorted"])
        #expect(palette.colour(of: "alex") == 0)
        let others = ["b-tree", "array", "alex-4k", "map", "sorted"].map(palette.colour)
        #expect(Set(others).count == 5 && others.allSatisfy { $0 >= ChartPalette.known.count })
        #expect(ChartPalette(["b-tree"]).colour(of: "b-tree") == ChartPalette(["b-tree", "alex"]).colour(of: "b-tree"))
        #expect(ChartPalette.light.count == ChartPalette.dark.count)
        for theme in [ChartStyle.light, ChartStyle.dark] {
            for colour in theme.colours { #expect(contrast(colour, theme.paper) >= 3, "\(colour)") }
            for colour in [theme.ink, theme.quiet] { #expect(contrast(colour, theme.paper) >= 4.5, "\(colour)") }
        }
    }

    /// A floor far beyond the engines is cut and does not squash them; near them it has its full length.
    @Test func floorsDoNotSquashEngines() {
        func drawing(floor: Double) -> String {
            let bars = [
                Chart.Bar(name: "alex", colour: 0, value: 100, lower: 90, upper: 110, text: "100"),
                Chart.Bar(name: "limit", colour: 7, isFloor: true, value: floor, lower: floor, upper: floor, text: "f"),
            ]
            return ChartDrawing(
                Chart(title: "t", unit: "u", summary: "s", content: .bars(bars, label: .number)), id: "c"
            ).shapes
        }
        #expect(drawing(floor: 10_000).contains("Cut bars") && drawing(floor: 10_000).contains("class=\"cut\""))
        #expect(!drawing(floor: 150).contains("Cut bars"))
    }

    @Test func goldenPictures() throws {
        let figures = ResultCharts(ResultReport(ReportFixture.result())).figures
        #expect(figures.map(\.name) == ["throughput", "dependent", "latency", "space"])
        for figure in figures.prefix(3) { try Golden.expect(figure.file, "chart-\(figure.name).svg") }
    }

    /// Each kind of chart is drawn, and as sound XML whatever the names.
    @Test func everyKindIsDrawn() {
        let figures = ResultCharts(ResultReport(PictureFixture.result)).figures
        #expect(
            figures.map(\.name)
                == ["throughput", "dependent", "latency", "series", "scale", "threads", "space", "structure"])
        for figure in figures {
            #expect(XMLParser(data: Data(figure.file.utf8)).parse(), "\(figure.name)")
            for chart in figure.charts { #expect(!chart.isEmpty, "\(figure.name): \(chart.title)") }
        }
        let lookups = figures[0].charts.filter { $0.title == "lookup" }
        guard case .dots(let dots) = lookups.first?.content else {
            Issue.record("a family of rows has no chart of dots")
            return
        }
        #expect(lookups.count == 1 && dots.lines.count == 5)
        #expect(dots.engines.map(\.name) == ["b-tree", "alex-index", "std-map", "limit"])
        let errors = figures[7].charts.first { $0.title == "lookup" }
        #expect(errors?.notes == ["At the left edge: 0."])
    }

    private func contrast(_ one: String, _ other: String) -> Double {
        func luminance(_ colour: String) -> Double {
            let number = UInt32(colour.dropFirst(), radix: 16) ?? 0
            func part(_ shift: UInt32) -> Double {
                let share = Double((number >> shift) & 255) / 255
                return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
        }
        let pair = [luminance(one), luminance(other)].sorted()
        return (pair[1] + 0.05) / (pair[0] + 0.05)
    }

    /// Paths are steps from place to place, each place rounded by itself.
    @Test func pathsAreSteps() {
        #expect(Markup.path([(12, 3), (52, 3)]) == "M12 3h40")
        #expect(Markup.path([(12, 3), (12, 1.5)]) == "M12 3v-1.5")
        #expect(Markup.path([(12, 3), (13.5, 1), (14.5, 5), (14, 5)]) == "M12 3l1.5-2 1 4-0.5 0")
        #expect(Markup.path([(0, 0), (0.04, 0), (0.08, 1), (0.12, 2)]) == "M0 0l0 0 0.1 1 0 1")
        #expect(Markup.path([(1, 2)]) == "M1 2")
        #expect(Markup.path([]) == "")
    }
}
