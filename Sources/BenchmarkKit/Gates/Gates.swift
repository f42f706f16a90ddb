import Foundation

// The success criteria of the roadmap, each judged by a measurement of this project and by nothing else.
//
// A criterion is met when the whole interval of its figure is on the right side of the bound. Where no result has the
// figure it is not measured, and the command that makes it stands there. Where the engine lacks the feature it says so.

/// The gates in the roadmap's order.
public enum Gates {
    static let million: UInt64 = 1_000_000
    static let hundredMillion: UInt64 = 100_000_000
    private typealias Measured = PhaseSection.Measured
    private static let subject = PhaseEngines.current

    /// All criteria, judged by these results.
    /// - Parameter results: Result files by their names.
    public static func all(results: [String: RunResult]) -> [Gate] { all(PhaseData(results)) }

    static func all(_ data: PhaseData) -> [Gate] {
        [
            mapRead(data), append(data), batch(data), sequential(data), recovery(data), compaction(data), filter(data),
            simd(data), layout(data), load(data), query(data), splits(data), overall(data),
        ]
    }

    private static func mapRead(_ data: PhaseData) -> Gate {
        let backend = PhaseEngines.zeroCopy
        let found = data.breakdown(Explanation.query, backend, million)
        return Gate(
            "map-read", "map read", "< 500 ns", unit: .nanoseconds, .below(500),
            found?.breakdown.combined(["map-read"]).map { Measured($0) },
            run: found.map { "\($0.name), step map-read" } ?? "",
            source: PhaseEngines.source(apart: Explanation.query, backend, million), backend: backend)
    }

    /// Millions of operations a second of one engine in a row.
    private static func rate(_ place: PhaseData.Place?, _ engine: String) -> Measured? {
        place?.interval(engine, Metric.operationsPerSecond).map { Measured($0).map { $0 / 1e6 } }
    }

    private static func append(_ data: PhaseData) -> Gate {
        let place = data.place("insert-sequential", million)
        return Gate(
            "append", "append", "> 5 M/s", unit: .millionsPerSecond, .above(5), rate(place, "limit"), run: run(place),
            source: PhaseEngines.source("insert-sequential", million), backend: "limit",
            remark: "by `limit`, the engine's log with an array for its index: the log's rate is at least this")
    }

    private static func batch(_ data: PhaseData) -> Gate {
        let single = data.place("insert-random", million)
        // Of the same result, so that repeats are pairs.
        let batched = single.flatMap { single in
            var row = single.row
            row.workload = "load-random"
            return single.index.ratio(Metric.nanosecondsPerOperation, subject, single.row, to: row)
        }
        return Gate(
            "batch", "batch against single keys, random", "10–50×", unit: .times, .atLeast(10),
            batched.map { Measured($0) }, run: "\(run(single)) ÷ load-random, batches of 10 000",
            source: PhaseEngines.source("insert-random", million),
            remark: "class process, where a single insert costs no system call: the roadmap's tenfold was to come from "
                + "costs that single inserts here do not have")
    }

    private static func sequential(_ data: PhaseData) -> Gate {
        let place = data.place("insert-sequential", million)
        return Gate(
            "sequential", "sequential insert", "> 2 M/s", unit: .millionsPerSecond, .above(2), rate(place, subject),
            run: run(place), source: PhaseEngines.source("insert-sequential", million))
    }

    private static func recovery(_ data: PhaseData) -> Gate {
        let place = data.place(GateRows.recovery, million, GateRows.openSeconds)
        return Gate(
            "recovery", "recovery of 1M keys", "< 1 s", unit: .milliseconds, .below(1_000),
            place?.interval(subject, GateRows.openSeconds).map { Measured($0).map { $0 * 1_000 } }, run: run(place),
            source: PhaseEngines.source(GateRows.recovery, million),
            remark: "after kill -9, with no checkpoint, from the open to the end of the first read; files in the page "
                + "cache")
    }

    private static func compaction(_ data: PhaseData) -> Gate {
        let place = data.largest(GateRows.compaction, GateRows.rateAlone)
        // The share of the rate that is lost is 1 less the inverse.
        let lost = pair(place, GateRows.rateAlone, GateRows.rateBeside).map { $0.map { 100 * (1 - 1 / $0) } }
        return Gate(
            "compaction", "throughput lost to compaction", "< 10 %", unit: .percent, .below(10), lost, run: run(place),
            source: PhaseEngines.source(GateRows.compaction, million),
            remark: "one thread's reads and updates while another compacts half of garbage in the background")
    }

    private static func filter(_ data: PhaseData) -> Gate {
        let place = data.largest(GateRows.filter, GateRows.skipped)
        return Gate(
            "filter", "absent keys that the filter skips", "≥ 99 %", unit: .percent, .atLeast(99),
            place?.interval(subject, GateRows.skipped).map { Measured($0) }, run: run(place),
            source: PhaseEngines.source(GateRows.filter, million),
            remark: "asked to let 0.5 % pass, right after the keys came; as it comes a store has a filter as long as "
                + "looks at absent keys pay for it, which end in the index anyway")
    }

    private static func simd(_ data: PhaseData) -> Gate {
        let place = data.largest(GateRows.vectors, GateRows.vectorTime)
        return Gate(
            "simd", "SIMD on bulk operations", "2–4×", unit: .times, .atLeast(2),
            pair(place, GateRows.scalarTime, GateRows.vectorTime), run: run(place),
            source: PhaseEngines.source(GateRows.vectors, million),
            remark: "scalar twin ÷ vector loop, over the predictions for all keys of a full node of the index, the one "
                + "bulk operation with a vector form; searches within a node were slower without branches")
    }

    private static func layout(_ data: PhaseData) -> Gate {
        let place = data.largest(GateRows.cache, GateRows.missesBefore)
        func misses(_ metric: String) -> Double? { place?.interval(subject, metric)?.median }
        var words = "the engine keeps no hot records apart from cold ones"
        if let place, let before = misses(GateRows.missesBefore), let after = misses(GateRows.missesAfter) {
            words +=
                "; beside it, and deciding nothing: a scan of \(Figures.scale(place.row.scale)) records has "
                + "\(Figures.short(before)) last-level misses before compaction has put them in the keys' order and "
                + "\(Figures.short(after)) after"
            if let query = misses(GateRows.queryMisses) { words += ", a query \(Figures.short(query)) misses" }
            words += ", in cachegrind's simulation"
        }
        return Gate(
            "layout", "fewer cache misses by an adaptive layout", "≥ 50 %", unit: .percent, lacking: words,
            run: run(place), source: PhaseEngines.source(GateRows.cache, million))
    }

    private static func load(_ data: PhaseData) -> Gate {
        let place = data.place("load-100m", hundredMillion)
        return Gate(
            "100m-load", "load of 100M keys", "< 30 s", unit: .seconds, .below(30),
            place?.interval(subject).map { Measured($0).map { $0 * Double(hundredMillion) / 1e9 } }, run: run(place),
            source: PhaseEngines.source("load-100m", hundredMillion), remark: "values of 16 bytes")
    }

    private static func query(_ data: PhaseData) -> Gate {
        let place = data.place("query-100m", hundredMillion)
        return Gate(
            "100m-query", "query at 100M keys", "< 2 µs", unit: .nanoseconds, .below(2_000),
            place?.interval(subject).map { Measured($0) }, run: run(place),
            source: PhaseEngines.source("query-100m", hundredMillion), remark: "values of 16 bytes")
    }

    private static func splits(_ data: PhaseData) -> Gate {
        let place = data.largest(GateRows.splits, GateRows.singleSplits)
        var measured: Measured?
        if let place, let single = place.interval(subject, GateRows.singleSplits)?.median,
            let batch = place.interval(subject, GateRows.batchSplits)?.median
        {
            // No split at all in a batch counts as one, so that the ratio stays a number.
            measured = Measured(single / max(batch, 1))
        }
        return Gate(
            "splits", "fewer splits by batches", "10–100×", unit: .times, .atLeast(10), measured, run: run(place),
            source: PhaseEngines.source(GateRows.splits, million),
            remark: "exact counts of data nodes split by the same random keys, one by one and in batches of 10 000")
    }

    /// The geometric mean of load, query and mix at 1M.
    private static func overall(_ data: PhaseData) -> Gate {
        let rows = ["phase-load", "phase-query", "phase-mixed"]
        let places = rows.compactMap { data.place($0, million) }
        let ratios = places.map { $0.index.bothByRepeat($0.row, PhaseEngines.rocksStorage, subject) }
        var measured: Measured?
        if ratios.count == rows.count, Set(places.map(\.name)).count == 1, let first = ratios.first {
            let repeats = first.keys.filter { number in ratios.allSatisfy { $0[number] != nil } }.sorted()
            let means = repeats.map { number in
                exp(ratios.compactMap { $0[number] }.reduce(0) { $0 + log($1) } / Double(rows.count))
            }
            measured = MedianInterval(means).map { Measured($0) }
        }
        return Gate(
            "overall", "against the RocksDB baseline, overall", "5–10×", unit: .times, .atLeast(5), measured,
            run: places.first.map { "\($0.name), rows \(rows.joined(separator: ", "))" } ?? "",
            source: PhaseEngines.source("phase-load", million),
            remark: "geometric mean of load, query and mix against rocksdb-alex, which is without its gauge")
    }

    /// How many times one metric of a row is another, repeat by repeat.
    private static func pair(_ place: PhaseData.Place?, _ first: String, _ second: String) -> Measured? {
        place.flatMap { place in
            RatioEstimate.paired(
                place.index.values(place.row, first, subject), place.index.values(place.row, second, subject))
        }.map { Measured($0) }
    }

    private static func run(_ place: PhaseData.Place?) -> String {
        place.map { "\($0.name), row \($0.row.workload) at \(Figures.scale($0.row.scale))" } ?? ""
    }
}

extension SampleIndex {
    /// `first` ÷ `second` of each repeat that both have.
    func bothByRepeat(_ row: Row, _ first: String, _ second: String) -> [Int: Double] {
        let (tops, bottoms) = (
            byRepeat(row, Metric.nanosecondsPerOperation, first), byRepeat(row, Metric.nanosecondsPerOperation, second)
        )
        var ratios: [Int: Double] = [:]
        for (number, top) in tops {
            if let bottom = bottoms[number], bottom > 0, top > 0 { ratios[number] = top / bottom }
        }
        return ratios
    }
}
