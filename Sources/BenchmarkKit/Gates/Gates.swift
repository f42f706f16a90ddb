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
        let found = data.breakdown(Explanation.query, PhaseEngines.zeroCopy, million)
        return Gate(
            "map-read", "map read < 500 ns", unit: "ns", .below(500),
            found?.breakdown.combined(["map-read"]).map { Measured($0) },
            run: found.map { "\($0.name), step map-read of \(PhaseEngines.zeroCopy)" } ?? "",
            missing: "alexbench explain query --scale 1M --backend \(PhaseEngines.zeroCopy)")
    }

    private static func append(_ data: PhaseData) -> Gate {
        let place = data.place("insert-sequential", million, ["limit"], Metric.operationsPerSecond)
        return Gate(
            "append", "append > 5 M/s", unit: "M/s", .above(5),
            place?.interval("limit", Metric.operationsPerSecond).map { Measured($0).times(1e-6) },
            run: run(place), missing: PhaseEngines.command("insert-sequential", million),
            remark: "by `limit`, the engine's log with an array for its index: the log's rate is at least this")
    }

    private static func batch(_ data: PhaseData) -> Gate {
        var measured: Measured?
        let (single, batch) = (
            data.place("insert-random", million, ["alex"]), data.place("load-random", million, ["alex"])
        )
        if let single, let batch, single.name == batch.name {
            measured = RatioEstimate.unpaired(times(single), times(batch)).map { Measured($0) }
        }
        return Gate(
            "batch", "batch 10–50× single-key on random keys", unit: "×", .atLeast(10), measured,
            run: "\(run(single)) ÷ load-random, batches of 10 000",
            missing: PhaseEngines.command("insert-random", million),
            remark: "class process, where a single insert costs no system call: the roadmap's tenfold was to come from "
                + "costs that single inserts here do not have")
    }

    private static func sequential(_ data: PhaseData) -> Gate {
        let place = data.place("insert-sequential", million, ["alex"], Metric.operationsPerSecond)
        return Gate(
            "sequential", "sequential insert > 2 M/s", unit: "M/s", .above(2),
            place?.interval("alex", Metric.operationsPerSecond).map { Measured($0).times(1e-6) }, run: run(place),
            missing: PhaseEngines.command("insert-sequential", million))
    }

    private static func recovery(_ data: PhaseData) -> Gate {
        let place = data.place(GateRows.recovery, million, ["alex"], GateRows.openSeconds)
        return Gate(
            "recovery", "recovery < 1 s for 1M keys", unit: "s", .below(1),
            place?.interval("alex", GateRows.openSeconds).map { Measured($0) }, run: run(place),
            missing: PhaseEngines.command(GateRows.recovery, million),
            remark: "after kill -9, with no checkpoint, from the open to the end of the first read; files in the page "
                + "cache")
    }

    private static func compaction(_ data: PhaseData) -> Gate {
        let place = data.places(GateRows.compaction, GateRows.rateAlone).max { $0.row.scale < $1.row.scale }
        let ratio = place.flatMap { place in
            RatioEstimate.paired(
                place.index.values(place.row, GateRows.rateAlone, "alex"),
                place.index.values(place.row, GateRows.rateBeside, "alex"))
        }
        // The share of the rate that is lost is 1 less the inverse.
        let measured = ratio.map { ratio -> Measured in
            var share = Measured(ratio)
            (share.value, share.lower, share.upper) = (
                100 * (1 - 1 / ratio.ratio), 100 * (1 - 1 / ratio.lower), 100 * (1 - 1 / ratio.upper)
            )
            return share
        }
        return Gate(
            "compaction", "compaction costs < 10 % of throughput", unit: "%", .below(10), measured, run: run(place),
            missing: PhaseEngines.command(GateRows.compaction, million),
            remark: "one thread's reads and updates while another compacts half of garbage in the background")
    }

    private static func filter(_ data: PhaseData) -> Gate {
        let place = data.places(GateRows.filter, GateRows.skipped).max { $0.row.scale < $1.row.scale }
        return Gate(
            "filter", "filter skips ≥ 99 % of absent keys", unit: "%", .atLeast(99),
            place?.interval("alex", GateRows.skipped).map { Measured($0) }, run: run(place),
            missing: PhaseEngines.command(GateRows.filter, million),
            remark:
                "asked to let 0.5 % pass, right after the keys came; the filter is an option, off as it comes, for "
                + "an absent key ends in the index anyway")
    }

    private static func simd(_ data: PhaseData) -> Gate {
        let place = data.places(GateRows.vectors, GateRows.vectorTime).max { $0.row.scale < $1.row.scale }
        let ratio = place.flatMap { place in
            RatioEstimate.paired(
                place.index.values(place.row, GateRows.scalarTime, "alex"),
                place.index.values(place.row, GateRows.vectorTime, "alex"))
        }
        return Gate(
            "simd", "SIMD 2–4× on bulk operations", unit: "×", .atLeast(2), ratio.map { Measured($0) },
            run: run(place), missing: PhaseEngines.command(GateRows.vectors, million),
            remark: "scalar twin ÷ vector loop, over the predictions for all keys of a full node of the index, the one "
                + "bulk operation with a vector form; searches within a node were slower without branches")
    }

    private static func layout(_ data: PhaseData) -> Gate {
        var gate = Gate(
            "layout", "adaptive layout: ≥ 50 % fewer cache misses",
            lacking: "the engine keeps no hot records apart from cold ones")
        if let place = data.places(GateRows.cache, GateRows.missesBefore).max(by: { $0.row.scale < $1.row.scale }),
            let before = place.interval("alex", GateRows.missesBefore)?.median,
            let after = place.interval("alex", GateRows.missesAfter)?.median, before > 0
        {
            let share = 100 * (1 - after / before)
            gate.measured = (share, share, share)
            gate.run = run(place)
            gate.remark +=
                "; what compaction's order of keys saves a scan of all records, in percent of its last-level misses in "
                + "cachegrind's simulation, stands here and decides nothing"
        }
        return gate
    }

    private static func load(_ data: PhaseData) -> Gate {
        let place = data.place("load-100m", hundredMillion, ["alex"])
        return Gate(
            "100m-load", "100M keys loaded in < 30 s", unit: "s", .below(30),
            place?.interval("alex").map { Measured($0).times(Double(hundredMillion) / 1e9) }, run: run(place),
            missing: PhaseEngines.command("load-100m", hundredMillion), remark: "values of 16 bytes")
    }

    private static func query(_ data: PhaseData) -> Gate {
        let place = data.place("query-100m", hundredMillion, ["alex"])
        return Gate(
            "100m-query", "query < 2 µs at 100M keys", unit: "ns", .below(2_000),
            place?.interval("alex").map { Measured($0) }, run: run(place),
            missing: PhaseEngines.command("load-100m", hundredMillion), remark: "values of 16 bytes")
    }

    private static func splits(_ data: PhaseData) -> Gate {
        let place = data.places(GateRows.splits, GateRows.singleSplits).max { $0.row.scale < $1.row.scale }
        var measured: Measured?
        if let place, let single = place.interval("alex", GateRows.singleSplits)?.median,
            let batch = place.interval("alex", GateRows.batchSplits)?.median
        {
            // No split at all in a batch counts as one, so that the ratio stays a number.
            measured = Measured(single / max(batch, 1))
        }
        return Gate(
            "splits", "10–100× fewer splits in batch mode", unit: "×", .atLeast(10), measured, run: run(place),
            missing: PhaseEngines.command(GateRows.splits, million),
            remark: "exact counts of data nodes split by the same random keys, one by one and in batches of 10 000")
    }

    /// The geometric mean of load, query and mix at 1M.
    private static func overall(_ data: PhaseData) -> Gate {
        let rows = ["phase-load", "phase-query", "phase-mixed"]
        let places = rows.compactMap { data.place($0, million, ["alex", PhaseEngines.rocksStorage]) }
        let ratios = places.map { $0.index.bothByRepeat($0.row, PhaseEngines.rocksStorage, "alex") }
        var measured: Measured?
        if ratios.count == rows.count, let first = ratios.first {
            let repeats = first.keys.filter { number in ratios.allSatisfy { $0[number] != nil } }.sorted()
            let means = repeats.map { number in
                exp(ratios.compactMap { $0[number] }.reduce(0) { $0 + log($1) } / Double(rows.count))
            }
            measured = MedianInterval(means).map { Measured($0) }
        }
        return Gate(
            "overall", "5–10× the RocksDB baseline overall", unit: "×", .atLeast(5), measured,
            run: places.first.map { "\($0.name), \(rows.joined(separator: ", "))" } ?? "",
            missing: PhaseEngines.command("phase-load", million),
            remark: "geometric mean of load, query and mix against rocksdb-alex, which is without its gauge")
    }

    private static func times(_ place: PhaseData.Place) -> [Double] {
        place.index.values(place.row, Metric.nanosecondsPerOperation, "alex")
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
