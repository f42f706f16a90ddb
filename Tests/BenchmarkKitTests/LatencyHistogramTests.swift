import Foundation
import Testing

@testable import BenchmarkKit

@Suite struct LatencyHistogramTests {
    /// Latencies of several shapes, seeded.
    static let shapes: [(name: String, values: [UInt64])] = {
        var random = SplitMix(seed: 42)
        func draw(_ count: Int, _ one: (inout SplitMix) -> Double) -> [UInt64] {
            (0..<count).map { _ in UInt64(min(one(&random), 1e13)) }
        }
        return [
            ("uniform", draw(20_000) { $0.unit() * 1e6 }), ("small", draw(20_000) { $0.unit() * 150 }),
            ("exponential", draw(20_000) { -log(1 - $0.unit()) * 2_000 }),
            ("heavy tail", draw(20_000) { 300 / pow(1 - $0.unit(), 1.5) }),
            ("two humps", draw(20_000) { $0.unit() < 0.95 ? 400 + $0.unit() * 50 : 4e6 + $0.unit() * 1e5 }),
            ("hours", draw(2_000) { 3.6e12 * (0.5 + $0.unit() * 0.5) }), ("one", [77_777_777]),
        ]
    }()

    static func histogram(_ values: [UInt64]) -> LatencyHistogram {
        let histogram = LatencyHistogram()
        for value in values { histogram.record(value) }
        return histogram
    }

    @Test(arguments: shapes.indices) func percentilesStayWithinTheBound(_ shape: Int) {
        let (name, values) = Self.shapes[shape]
        let histogram = Self.histogram(values)
        let sorted = values.sorted()
        for perMille in [0, 1, 10, 250, 500, 750, 900, 990, 999, 1000] {
            let rank = max((sorted.count * perMille + 999) / 1000, 1)
            let exact = Double(sorted[rank - 1])
            let told = Double(histogram.percentile(Double(perMille) / 1000))
            #expect(abs(told - exact) <= exact * LatencyHistogram.relativeErrorLimit, "\(name) at \(perMille)")
            #expect(histogram.countBeyond(Double(perMille) / 1000) == UInt64(sorted.count - rank))
        }
        #expect(histogram.count == UInt64(values.count))
        #expect(histogram.least == sorted.first && histogram.greatest == sorted.last)
        #expect(histogram.sum == values.reduce(0, +))
        #expect(histogram.nonEmptyBuckets.reduce(0) { $0 + $1.count } == histogram.count)
    }

    /// Every bucket's ends fall into it, buckets meet without a gap, and each is narrow enough.
    @Test func bucketsCoverTheRange() {
        var next: UInt64 = 0
        for index in 0..<LatencyHistogram.bucketCount {
            let values = LatencyHistogram.values(ofBucket: index)
            #expect(values.lowerBound == next)
            #expect(LatencyHistogram.bucket(of: values.lowerBound) == index)
            #expect(LatencyHistogram.bucket(of: values.upperBound) == index)
            #expect(values.count == 1 || UInt64(values.count) * 64 <= values.lowerBound)
            next = values.upperBound + 1
        }
        #expect(next == 1 << 42 && next > 3_600_000_000_000)
        for beyond in [next, .max] { #expect(LatencyHistogram.bucket(of: beyond) == LatencyHistogram.bucketCount - 1) }
    }

    @Test func countsAboveALimit() {
        let histogram = Self.histogram((1...100).map { $0 })
        #expect(histogram.count(above: 0) == 100)
        #expect(histogram.count(above: 60) == 40)
        #expect(histogram.count(above: 100) == 0)
        #expect(histogram.count(above: .max) == 0)
        #expect(LatencyHistogram().count(above: 5) == 0)
        #expect(LatencyHistogram().percentile(0.5) == 0 && LatencyHistogram().mean == 0)
    }

    @Test func mergingIsRecordingTogether() {
        let together = Self.histogram(Self.shapes.flatMap(\.values))
        let merged = LatencyHistogram()
        for shape in Self.shapes { merged.merge(Self.histogram(shape.values)) }
        #expect(merged.encoded == together.encoded)
        #expect(merged.sum == together.sum && merged.least == together.least && merged.greatest == together.greatest)
        merged.merge(LatencyHistogram())
        #expect(merged.encoded == together.encoded)
        merged.removeAll()
        #expect(merged.encoded == LatencyHistogram().encoded)
    }

    @Test(arguments: shapes.indices) func theTextReadsBack(_ shape: Int) throws {
        let histogram = Self.histogram(Self.shapes[shape].values)
        let again = try LatencyHistogram(encoded: histogram.encoded)
        #expect(again.encoded == histogram.encoded)
        #expect(again.percentile(0.99) == histogram.percentile(0.99))
        #expect(again.mean == histogram.mean)
    }

    @Test func extremesReadBack() throws {
        let empty = try LatencyHistogram(encoded: LatencyHistogram().encoded)
        #expect(empty.isEmpty && empty.encoded == "LH1:")
        let ends = Self.histogram([0, .max, .max])
        #expect(ends.sum == .max)
        #expect(try LatencyHistogram(encoded: ends.encoded).greatest == .max)
    }

    /// A usual latency pass must not make a result file large.
    @Test func theTextIsSmall() {
        var random = SplitMix(seed: 3)
        let values = (0..<50_000).map { _ in UInt64(200 - log(1 - random.unit()) * 3_000) }
        #expect(Self.histogram(values).encoded.utf8.count < 1_500)
    }

    @Test func hostileTextsAreRefused() throws {
        func encoded(_ bytes: [UInt8]) -> String { "LH1:" + Data(bytes).base64EncodedString() }
        let overlong: [UInt8] = Array(repeating: 0xFF, count: 9)
        let texts: [(text: String, words: String)] = [
            ("", "begins with ''"), ("{}", "begins with '{}'"), ("LH2:AA==", "form 'LH2'"), ("LH1:???", "no Base64"),
            (encoded([1]), "cut off"), (encoded([1, 5, 5]), "cut off"), (encoded([1, 5, 5, 5, 5]), "cut off"),
            (encoded([1, 0x85]), "cut off"),
            (encoded([2, 5, 5, 5, 5, 1]), "says it has 2 values, and its buckets have 1"),
            (encoded([1, 5, 5, 5, 6, 1]), "not its buckets'"), (encoded([1, 5, 6, 5, 5, 1]), "not its buckets'"),
            (encoded([1, 4, 5, 5, 5, 1]), "not its buckets'"), (encoded([0, 5, 5, 5, 5, 0]), "bucket of 0"),
            (encoded([1, 5, 5, 5, 0xFF, 0x7F, 1]), "more than"),
            (encoded([1, 5, 5, 5] + overlong + [1, 1]), "more than"),
            (encoded([1, 5, 5, 5, 0x85, 0x00, 1]), "no program wrote"),
            (encoded(overlong + [2, 5, 5, 5]), "no program wrote"),
            (encoded([1, 5, 5, 5] + [5] + overlong + [1, 0] + overlong + [1]), "a bucket of"),
        ]
        for (text, words) in texts {
            let error = #expect(throws: LatencyHistogramError.self, "\(text)") { try LatencyHistogram(encoded: text) }
            #expect(error?.message.contains(words) == true, "\(text): \(error?.message ?? "none")")
        }
        #expect(try LatencyHistogram(encoded: encoded([1, 5, 5, 5, 5, 1])).least == 5)
    }

    /// Any change of one byte of a good text gives an error or a histogram whose numbers agree, never a trap.
    @Test func anyChangedByteIsHandled() {
        let text = Self.histogram([1, 2, 2, 900, 70_000]).encoded
        for place in text.utf8.indices {
            for byte in UInt8(32)..<127 {
                var bytes = Array(text.utf8)
                bytes[text.utf8.distance(from: text.utf8.startIndex, to: place)] = byte
                guard let changed = try? LatencyHistogram(encoded: String(decoding: bytes, as: UTF8.self)) else {
                    continue
                }
                #expect(changed.nonEmptyBuckets.reduce(0) { $0 + $1.count } == changed.count)
            }
        }
    }
}
