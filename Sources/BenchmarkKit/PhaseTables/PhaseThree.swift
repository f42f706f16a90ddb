/// Phase 3: reads without a copy, at 1M.
enum PhaseThree {
    static let records: UInt64 = 1_000_000
    private typealias Engines = PhaseEngines
    /// The documents' first baseline, and their goal.
    private static let original = 3_902.0
    private static let goal = 390.0

    static func sections(_ data: PhaseData) -> [PhaseSection] {
        [
            queryEvolution(data), mixedEvolution(data), parts(data), rivals(data), growth(data), remaining(data),
            savings(data),
        ]
    }

    static func queryEvolution(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.1", "how queries became faster, 1M records")
        let row = "phase-query"
        let published: [String: (time: Double, rocks: Double, original: Double, progress: Double)] = [
            Engines.deferred: (1_051, 3.46, 3.71, 81.2), Engines.zeroCopy: (905, 4.23, 4.31, 85.4),
        ]
        for rung in Engines.rungs {
            let its = published[rung]
            section.figure("query", data, row, records, rung, published: its?.time)
            section.claim(data, row, records, rung, fasterThan: Engines.rocksStorage, published: its?.rocks)
            section.figure(
                "times the original 3 902 ns", data, row, records, rung, published: its?.original, unit: .times
            ) { $0.asRate.times(original / 1_000) }
            section.figure(
                "progress from 3 902 to 390 ns", data, row, records, rung, published: its?.progress, unit: .percent
            ) { progress($0) }
        }
        section.figure("query", data, row, records, Engines.rocksStorage, published: 3_831)
        section.say(
            "The original 3 902 ns and the goal of 390 are the documents' machine's: progress towards them on another "
                + "machine is arithmetic, no comparison of engines. A figure beyond 100 % lies below 390 ns.")
        section.show("Query over the rungs", "phase-evolution.svg")
        section.reckon([
            Published.Sum(text: "3 642 ÷ 1 051, times", published: 3.46, recomputed: 3_642.0 / 1_051),
            Published.Sum(text: "3 902 ÷ 1 051, times", published: 3.71, recomputed: 3_902.0 / 1_051),
            Published.Sum(text: "3 902 ÷ 905, times", published: 4.31, recomputed: 3_902.0 / 905),
            Published.Sum(
                text: "(3 902 − 1 051) ÷ (3 902 − 390), %", published: 81.2, recomputed: 100 * 2_851.0 / 3_512),
            Published.Sum(text: "(3 902 − 905) ÷ (3 902 − 390), %", published: 85.4, recomputed: 100 * 2_997.0 / 3_512),
            Published.Sum(text: "(3 902 − 780) ÷ (3 902 − 390), %", published: 89, recomputed: 100 * 3_122.0 / 3_512),
            Published.Sum(text: "(3 902 − 650) ÷ (3 902 − 390), %", published: 95, recomputed: 100 * 3_252.0 / 3_512),
        ])
        return section
    }

    private static func progress(_ measured: PhaseSection.Measured) -> PhaseSection.Measured {
        func share(_ time: Double) -> Double { 100 * (original - time) / (original - goal) }
        var result = measured
        (result.value, result.lower, result.upper) = (
            share(measured.value), share(measured.upper), share(measured.lower)
        )
        return result
    }

    static func mixedEvolution(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.2", "how the mix became faster, 1M records")
        let row = "phase-mixed"
        let published: [String: (time: Double, rocks: Double)] = [
            Engines.deferred: (2_268, 31.73), Engines.zeroCopy: (2_328, 29.23),
        ]
        for rung in Engines.rungs {
            section.figure("mixed", data, row, records, rung, published: published[rung]?.time)
            section.claim(
                data, row, records, rung, fasterThan: Engines.rocksStorage, published: published[rung]?.rocks)
        }
        section.figure("mixed", data, row, records, Engines.rocksStorage, published: 68_054)
        gauge(&section, data)
        section.reckon([
            Published.Sum(text: "71 966 ÷ 2 268, times", published: 31.73, recomputed: 71_966.0 / 2_268),
            Published.Sum(text: "68 054 ÷ 2 328, times", published: 29.23, recomputed: 68_054.0 / 2_328),
        ])
        return section
    }

    /// What the gauge of the documents' baseline costs, from runs with it.
    private static func gauge(_ section: inout PhaseSection, _ data: PhaseData) {
        section.say(Published.gauge)
        let row = "phase-gauge"
        let names: [(String, String, Double?)] = [
            (Engines.rocksStorage, "mixed, without the gauge", nil),
            ("rocksdb-alex-gauge", "mixed, the index's own leaves walked at each insert", nil),
            ("rocksdb-alex-gauge-3", "mixed, reconstruction: a leaf for each 3 keys walked at each insert", 68_054.0),
        ]
        for (engine, what, published) in names {
            section.figure(what, data, row, records, engine, published: published)
        }
        if data.place(row, records, ["rocksdb-alex-gauge-3"]) != nil {
            section.claim(
                data, row, records, Engines.rocksStorage, fasterThan: "rocksdb-alex-gauge-3", published: nil)
        }
    }

    static func parts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.3", "a query in parts before and after zero-copy, 1M records")
        let all = [
            ("before", Engines.deferred, Published.queryPartsBefore),
            ("after", Engines.zeroCopy, Published.queryPartsAfter),
        ]
        for (when, rung, published) in all {
            let found = data.breakdown(Explanation.query, rung, records)
            if found == nil { section.need(Explanation.query, records) }
            let rest = rung == Engines.deferred ? PhaseOne.overhead : ["header", "check"]
            PhaseOne.part(
                &section, found, "\(when): index lookup", ["index-lookup"],
                published: published["index-lookup"]?.measured)
            PhaseOne.part(
                &section, found, "\(when): map read", ["map-read"], published: published["map-read"]?.measured)
            PhaseOne.part(&section, found, "\(when): overhead", rest, published: published["overhead"]?.measured)
            PhaseOne.whole(&section, found, "\(when): the whole", published: published["whole"]?.measured)
        }
        if let today = data.breakdown(Explanation.query, Engines.current, records) {
            PhaseOne.part(&section, today, "today: index lookup", ["index-lookup"], published: nil)
            var rest = PhaseSection.Line(
                what: "today: the log's read, checksum included", system: Engines.current, unit: .nanoseconds)
            rest.measured = PhaseSection.Measured(today.breakdown.rest)
            rest.source = today.name
            section.add(rest)
            PhaseOne.whole(&section, today, "today: the whole", published: nil)
        }
        section.reckon([
            Published.Sum(text: "350 + 250 + 451, ns", published: 1_051, recomputed: 350 + 250 + 451),
            Published.Sum(text: "350 + 250 + 305, ns", published: 905, recomputed: 350 + 250 + 305),
        ])
        return section
    }

    static func rivals(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.4", "against SQLite and RocksDB, 1M records")
        for figure in [Published.queryAtMillion, Published.mixedAtMillion] {
            let rows = [figure.row] + (figure.literalRow.map { [$0] } ?? [])
            for row in rows {
                section.figure(row, data, row, records, Engines.zeroCopy, published: figure.alex)
                section.figure(row, data, row, records, Engines.rocksStorage, published: figure.rocksStorage)
                section.figure(row, data, row, records, "sqlite", published: figure.sqlite)
                for engine in [Engines.current, "rocksdb", "rocksdb-tuned", "sqlite-tuned"] {
                    section.figure(row, data, row, records, engine)
                }
                section.claim(
                    data, row, records, Engines.zeroCopy, fasterThan: "sqlite",
                    published: figure.sqlite.map { $0 / figure.alex })
                section.claim(
                    data, row, records, Engines.zeroCopy, fasterThan: Engines.rocksStorage,
                    published: figure.rocksStorage / figure.alex)
                for rival in ["sqlite", "sqlite-tuned", Engines.rocksStorage, "rocksdb", "rocksdb-tuned"] {
                    section.claim(data, row, records, Engines.current, fasterThan: rival, published: nil)
                }
            }
        }
        section.say(Published.gauge)
        section.reckon(Published.millionSums)
        return section
    }

    static func growth(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.5", "how a query's time grows with the records")
        let row = "phase-query"
        let published = [Engines.deferred: 2.0, Engines.rocksStorage: 3.1]
        for engine in Engines.all {
            for (from, to) in [(UInt64(100_000), records), (records, 10_000_000)] {
                let isPublished = to == records ? published[engine] : nil
                var line = PhaseSection.Line(
                    what: "time at \(Figures.scale(to)) ÷ time at \(Figures.scale(from))", system: engine,
                    unit: .times, published: isPublished)
                if let small = data.place(row, from, [engine]), let large = data.place(row, to, [engine]),
                    let ratio = RatioEstimate.unpaired(
                        large.index.values(large.row, Metric.nanosecondsPerOperation, engine),
                        small.index.values(small.row, Metric.nanosecondsPerOperation, engine))
                {
                    line.measured = PhaseSection.Measured(ratio)
                    line.source = "\(small.name), \(large.name)"
                    section.note(small.name, small.result)
                    section.note(large.name, large.result)
                    if let isPublished {
                        let verdict = PhaseSection.verdict(isPublished, PhaseSection.Measured(ratio))
                        line.verdict = verdict.word
                        if let clause = verdict.clause {
                            section.say(
                                "P3.5, \(engine): the document has \(Figures.ratio(isPublished)) times, measured are "
                                    + "\(Figures.ratio(ratio.ratio)): "
                                    + clause.replacing("the same one is faster, ", with: "") + ".")
                        }
                    }
                } else if isPublished == nil {
                    continue
                } else {
                    section.need(row, data.place(row, from, [engine]) == nil ? from : to)
                }
                section.add(line)
            }
        }
        if data.place(row, 10_000_000, [Engines.current]) == nil { section.need(row, 10_000_000) }
        section.show("Growth from 100K to 10M records", "phase-growth.svg")
        section.reckon([
            Published.Sum(text: "1 051 ÷ 525, times", published: 2.0, recomputed: 1_051.0 / 525),
            Published.Sum(text: "3 642 ÷ 1 169, times", published: 3.1, recomputed: 3_642.0 / 1_169),
        ])
        return section
    }

    static func remaining(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.6", "what was left to gain, projected beside measured, 1M records")
        let row = "phase-query"
        section.figure("today's start: zero-copy", data, row, records, Engines.zeroCopy, published: 905)
        let found = data.breakdown(Explanation.query, Engines.zeroCopy, records)
        if found == nil { section.need(Explanation.query, records) }
        for (what, saving, after) in [
            ("cache tuning of the index", 80.0, 825.0), ("bounds checks left out", 35, 790),
            ("prefetch of the map", 30, 760), ("metadata: the key before the length", 40, 720),
        ] {
            var line = PhaseSection.Line(what: what + ", saved", system: "–", unit: .nanoseconds, published: saving)
            switch saving {
            case 35:
                line.system = Engines.zeroCopy
                line.source = found?.name ?? ""
                line.measured = found?.breakdown.combined(["check"]).map { PhaseSection.Measured($0) }
            case 40:
                line.system = Engines.keyFirst
                if let place = data.place(row, records, [Engines.zeroCopy, Engines.keyFirst]),
                    let saved = difference(place, Engines.zeroCopy, Engines.keyFirst)
                {
                    line.measured = PhaseSection.Measured(saved)
                    line.source = place.name
                }
            default:
                line.absence = "n/a"
                line.verdict = "n/a"
            }
            section.add(line)
            section.add(
                PhaseSection.Line(what: what + ", result", system: "–", unit: .nanoseconds, published: after))
        }
        section.say(
            "Cache tuning is no step of the ladder: the index is this project's own throughout, and its lookup is in "
                + "P3.3 beside the published 350 ns. Prefetch helps reads that advance together, which are no single "
                + "query: 'alexbench index' measures them (row lookup-batched).")
        section.figure("the engine as it is", data, row, records, Engines.current)
        section.reckon([
            Published.Sum(text: "905 − 80, ns", published: 825, recomputed: 905 - 80),
            Published.Sum(text: "825 − 35, ns", published: 790, recomputed: 825 - 35),
            Published.Sum(text: "790 − 30, ns", published: 760, recomputed: 790 - 30),
            Published.Sum(text: "760 − 40, ns", published: 720, recomputed: 760 - 40),
        ])
        return section
    }

    /// How much less the second takes than the first, over paired repeats.
    private static func difference(_ place: PhaseData.Place, _ first: String, _ second: String) -> MedianInterval? {
        let metric = Metric.nanosecondsPerOperation
        let (ones, others) = (
            place.index.byRepeat(place.row, metric, first), place.index.byRepeat(place.row, metric, second)
        )
        return MedianInterval(
            ones.keys.filter { others[$0] != nil }.sorted().compactMap { number in
                ones[number].flatMap { one in others[number].map { one - $0 } }
            })
    }

    static func savings(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.7", "what zero-copy saved, in parts, 1M records")
        let found = data.breakdown(Explanation.query, Engines.deferred, records)
        if found == nil { section.need(Explanation.query, records) }
        PhaseOne.part(&section, found, "allocation", ["allocation"], published: 20)
        PhaseOne.part(&section, found, "copy of the bytes", ["copy"], published: 15)
        PhaseOne.immeasurable(&section, "compiler's optimisations", "compiler", published: 30)
        PhaseOne.immeasurable(&section, "cache effects", "cache", published: 50)
        PhaseOne.immeasurable(&section, "branch prediction", "branches", published: 25)
        PhaseOne.immeasurable(&section, "TLB", "TLB", published: 6)
        var total = PhaseSection.Line(
            what: "all of it: deferred less zero-copy", system: Engines.zeroCopy, unit: .nanoseconds, published: 146)
        if let place = data.place("phase-query", records, [Engines.deferred, Engines.zeroCopy]),
            let saved = difference(place, Engines.deferred, Engines.zeroCopy)
        {
            section.note(place.name, place.result)
            total.measured = PhaseSection.Measured(saved)
            total.source = place.name
        } else {
            section.need("phase-query", records)
        }
        section.add(total)
        section.claim(
            data, "phase-query", records, Engines.zeroCopy, fasterThan: Engines.deferred, published: 1_051.0 / 905)
        section.reckon([
            Published.Sum(
                text: "20 + 15 + 30 + 50 + 25 + 6, ns", published: 146, recomputed: 20 + 15 + 30 + 50 + 25 + 6),
            Published.Sum(text: "1 051 − 905, ns", published: 146, recomputed: 1_051 - 905),
            Published.Sum(text: "146 ÷ 1 051, %", published: 14, recomputed: 14_600.0 / 1_051),
        ])
        return section
    }
}
