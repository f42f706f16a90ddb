@testable import BenchmarkKit

/// A result with everything that has a picture: several scales and threads, percentiles, series over time, an index's
/// structure, an engine that is unknown, one that can't, and names that try to be markup.
enum PictureFixture {
    static let hostile = "<script>throw new Error('not text')</script>"

    static var result: RunResult {
        var result = ReportFixture.result(repeats: 3, scales: [1_000, 10_000, 100_000, 1_000_000])
        result.command = "alexbench \(hostile) & \"quotes\""
        result.unavailable[0].reason = "\(hostile), which is a long reason and has to go on several lines"
        for series in 0..<3 { result.intervals.append(interval(series)) }
        addLadder(to: &result)
        addStructure(to: &result)
        for (place, backend) in ["alex", "sqlite", "limit"].enumerated() {
            result.histograms.append(histogram(backend, base: [800, 6_000, 500][place]))
        }
        for threads in [1, 2, 4] {
            add("threads", "alex", "ops_per_second", 1e6 * Double(threads), threads: threads, to: &result)
            add("threads", "sqlite", "ops_per_second", 2e5, threads: threads, to: &result)
        }
        return result
    }

    private static func interval(_ number: Int) -> RunResult.IntervalSeries {
        var random = SeededRandom(seed: UInt64(number))
        let rates = (0..<60).map { place in
            let isStalled = number == 1 && place % 17 == 16
            return (1e6 / Double(number + 1) * (1 + 0.03 * random.normal()) * (isStalled ? 0.1 : 1)).rounded()
        }
        return RunResult.IntervalSeries(
            workload: "mixed", backend: ["alex", "rocksdb-tuned", "sqlite"][number], scale: 1_000_000, threads: 1,
            repeat: 1, intervalMilliseconds: 500, operationsPerSecond: rates,
            p99Nanoseconds: rates.map { (1e10 / $0).rounded() })
    }

    /// A hundred thousand operations with a tail.
    private static func histogram(_ backend: String, base: Double) -> RunResult.Histogram {
        var random = SeededRandom(seed: 7)
        let histogram = LatencyHistogram()
        for number in 1...100_000 {
            let tail = number % 1_000 == 0 ? Double(number) / 500 : 1
            histogram.record(UInt64(max(1, base * tail * (1 + 0.1 * abs(random.normal())))))
        }
        return RunResult.Histogram(
            workload: "mixed", backend: backend, scale: 1_000_000, threads: 1, repeat: 1, kind: "service",
            encoded: histogram.encoded)
    }

    private static func addLadder(to result: inout RunResult) {
        let steps: [(String, Double)] = [
            ("p50_ns", 1), ("p99_ns", 3), ("p999_ns", 12), ("p9999_ns", 80), ("max_ns", 900),
        ]
        for (backend, base) in [("alex", 400.0), ("rocksdb-tuned", 3_000), ("sqlite", 5_000), ("limit", 300)] {
            for (metric, factor) in steps { add("ladder", backend, metric, base * factor, to: &result) }
        }
    }

    private static func addStructure(to result: inout RunResult) {
        for (backend, bytes) in [("alex", 11.4), ("b-tree", 18.2), (hostile, 16.0)] {
            add("lognormal", backend, "bytes_per_key", bytes, to: &result)
            add("lognormal", backend, "depth", (bytes / 4).rounded(), to: &result)
        }
        add("lognormal", "alex", "prediction_error_mean", 2.7, to: &result)
        for (place, keys) in ["uniform", "lognormal", "clusters", "sequential", hostile].enumerated() {
            for (backend, base) in [("alex-index", 40.0), ("b-tree", 180), ("std-map", 300), ("limit", 20)] {
                let time = base * Double(place + 1)
                add("lookup/\(keys)", backend, "ops_per_second", 1e9 / time, to: &result)
                add("lookup/\(keys)", backend, "p99_ns", time * 4, to: &result)
            }
            add("lookup/\(keys)", "alex-index", "prediction_error_mean", Double(place) * 3, to: &result)
        }
    }

    private static func add(
        _ row: String, _ backend: String, _ metric: String, _ value: Double, threads: Int = 1,
        to result: inout RunResult
    ) {
        for number in 1...3 {
            let noise = 1 + 0.02 * Double(number - 2)
            result.samples.append(
                RunResult.Sample(
                    workload: row, backend: backend, durability: "process", scale: 1_000_000, valueBytes: 100,
                    threads: threads, repeat: number, metric: metric, value: value * noise, unit: "1"))
        }
    }
}
