import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

@Suite struct LengthTests {
    private static func counts(_ lengths: Lengths, _ range: ClosedRange<UInt32>) -> [Int] {
        let drawer = LengthDrawer(lengths)
        var counts = Array(repeating: 0, count: range.count)
        // As values have them: by record and version, not one after the other.
        for record in 0..<100_000 as Range<UInt64> {
            let length = drawer.length(ofRecord: record, version: UInt32(record % 3), seed: 5)
            counts[Int(length - range.lowerBound)] += 1
        }
        return counts
    }

    /// Chi-square in standard deviations from its mean.
    private static func deviation(_ counts: [Int], _ weights: [Double]) -> Double {
        let total = Double(counts.reduce(0, +))
        let weight = weights.reduce(0, +)
        let statistic = zip(counts, weights).reduce(0.0) {
            let expected = total * $1.1 / weight
            return $0 + (Double($1.0) - expected) * (Double($1.0) - expected) / expected
        }
        let freedom = Double(counts.count - 1)
        return (statistic - freedom) / (2 * freedom).squareRoot()
    }

    @Test func lengthsFollowTheirDistribution() throws {
        let uniform = Self.counts(.uniform(16...115), 16...115)
        #expect(abs(Self.deviation(uniform, Array(repeating: 1, count: 100))) < 5)
        #expect(Self.deviation(uniform, (0..<100).map { 1 + 0.2 * Double($0) / 100 }) > 5)
        let zipfian = Self.counts(.zipfian(10...109, theta: 0.99), 10...109)
        let weights = (1...100).map { pow(Double($0), -0.99) }
        #expect(abs(Self.deviation(zipfian, weights)) < 5)
        #expect(Self.deviation(zipfian, (1...100).map { pow(Double($0), -0.95) }) > 5)
        let histogram = try LengthHistogram(
            path: "h", text: "# bytes,count\n7,3\n5,1\n\n 6 , 0\n9,6\n7,10\n", limit: 99)
        #expect(histogram.lengths == [5, 7, 9] && histogram.cumulative == [1, 14, 20])
        let drawn = Self.counts(.histogram(histogram), 5...9)
        #expect(drawn[1] == 0 && drawn[3] == 0)
        #expect(abs(Self.deviation([drawn[0], drawn[2], drawn[4]], [1, 13, 6])) < 5)
        #expect(Self.deviation([drawn[0], drawn[2], drawn[4]], [1, 12, 7]) > 5)
    }

    @Test func meansAreThoseOfManyDraws() throws {
        let histogram = try LengthHistogram(path: "h", text: "5,1\n7,13\n9,6", limit: 99)
        #expect(Lengths.histogram(histogram).mean == 7.5)
        #expect(Lengths.fixed(9).mean == 9 && Lengths.uniform(1...4).mean == 2.5)
        for theta in [0.5, 0.99, 1, 2, 3] {
            let exact = (1...5000).reduce((0.0, 0.0)) {
                ($0.0 + pow(Double($1), -theta), $0.1 + pow(Double($1), 1 - theta))
            }
            let mean = Lengths.zipfian(11...5010, theta: theta).mean
            #expect(abs(mean - (10 + exact.1 / exact.0)) < 0.01 * mean, "theta \(theta)")
        }
    }

    @Test func formsAreReadAndWritten() {
        for text in ["0", "100", "uniform:16-1024", "uniform:5-5", "zipfian:1-100:0.99", "zipfian:1-100:2.0"] {
            #expect(Lengths(text)?.text == text)
        }
        #expect(Lengths("zipfian:1-2") == .zipfian(1...2, theta: 0.99))
        for text in [
            "", "-1", "+1", "1.5", "uniform", "uniform:2-1", "uniform:1-2-3", "uniform:1-2:3", "zipfian:1-2:0",
        ] {
            #expect(Lengths(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("", "sizes.csv: it holds no length: write one a line as length,count, such as 100,250"),
        ("5,0", "sizes.csv: it holds no length: write one a line as length,count, such as 100,250"),
        (
            "5,1\n6",
            "sizes.csv: line 2 is \"6\": write a length from 0 to 1000, a comma and a count up to 1099511627776,"
                + " such as 100,250"
        ),
        (
            "1001,1",
            "sizes.csv: line 1 is \"1001,1\": write a length from 0 to 1000, a comma and a count up to "
                + "1099511627776, such as 100,250"
        ),
    ])
    func mistakesOfAHistogramAreNamed(_ text: String, _ message: String) {
        #expect(throws: RunError(.invalid, message)) { try LengthHistogram(path: "sizes.csv", text: text, limit: 1000) }
    }
}
