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
        let published: [String: (time: Double, rocks: Double, original: Double, progress: Double)] = [
            Engines.deferred: (1_051, 3.46, 3.71, 81.2), Engines.zeroCopy: (905, 4.23, 4.31, 85.4),
        ]
        for row in Published.queryAtMillion.rows {
            for rung in Engines.rungs {
                let its = published[rung]
                section.figure(data, row, records, rung, published: its?.time)
                section.claim(data, row, records, rung, fasterThan: Engines.rocksStorage, published: its?.rocks)
                section.figure(
                    data, row, records, rung, as: "times the original 3 902 ns", published: its?.original, unit: .times
                ) { original / $0 }
                section.figure(
                    data, row, records, rung, as: "progress from 3 902 to 390 ns", published: its?.progress,
                    unit: .percent
                ) { 100 * (original - $0) / (original - goal) }
            }
            section.figure(data, row, records, Engines.rocksStorage, published: 3_831)
        }
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

    // MARK: - The mix, and the gauge

    private static let mixedPublished: [String: (time: Double, rocks: Double)] = [
        Engines.deferred: (2_268, 31.73), Engines.zeroCopy: (2_328, 29.23),
    ]

    static func mixedEvolution(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.2", "how the mix became faster, 1M records")
        for row in Published.mixedAtMillion.rows {
            for rung in Engines.rungs {
                let its = mixedPublished[rung]
                section.figure(data, row, records, rung, published: its?.time)
                section.claim(data, row, records, rung, fasterThan: Engines.rocksStorage, published: its?.rocks)
            }
            section.figure(data, row, records, Engines.rocksStorage, published: 68_054)
        }
        gauge(&section, data)
        section.reckon([
            Published.Sum(text: "71 966 ÷ 2 268, times", published: 31.73, recomputed: 71_966.0 / 2_268),
            Published.Sum(text: "68 054 ÷ 2 328, times", published: 29.23, recomputed: 68_054.0 / 2_328),
        ])
        return section
    }

    /// What the gauge of the documents' baseline costs, and whether their ratios come of it: from runs with it.
    private static func gauge(_ section: inout PhaseSection, _ data: PhaseData) {
        section.say(Published.gauge)
        let row = "phase-gauge"
        let walks = [
            (Engines.gauge, "our own leaves"), (Engines.gaugeOfThree, "a reconstruction with a leaf for each 3 keys"),
        ]
        section.figure(data, row, records, Engines.rocksStorage, as: "no gauge")
        for (engine, leaves) in walks {
            section.figure(
                data, row, records, engine, as: "at each insert a walk over \(leaves)", published: 68_054)
        }
        for rung in [Engines.deferred, Engines.zeroCopy] {
            section.figure(data, row, records, rung, as: "beside the gauge", published: mixedPublished[rung]?.time)
            for (engine, _) in walks {
                section.claim(data, row, records, rung, fasterThan: engine, published: mixedPublished[rung]?.rocks)
            }
        }
        guard let place = data.place(row, records) else { return }
        for (engine, leaves) in walks {
            // A fifth of the operations are inserts.
            guard let added = difference(place, engine, Engines.rocksStorage).map({ PhaseSection.Measured($0) }) else {
                continue
            }
            let walk = added.map { $0 / 0.2 }
            let claims = [Engines.deferred, Engines.zeroCopy].compactMap { rung -> String? in
                guard let published = mixedPublished[rung]?.rocks, let ratio = place.ratio(engine, to: rung) else {
                    return nil
                }
                let verdict = PhaseSection.verdict(published, .init(ratio)).word
                return "\(rung) is \(Figures.ratio(ratio.ratio))× as fast, published are \(published)×: \(verdict)"
            }
            let cost =
                walk.isLoose || walk.holds(0)
                ? "nothing that can be told" : "\(PhaseSection.spelt(walk, .nanoseconds)) an insert"
            section.say(
                "A walk over \(leaves) adds \(cost)"
                    + (claims.isEmpty ? "." : "; beside it " + claims.joined(separator: ", ") + "."))
        }
    }

    // MARK: - Parts and rivals

    static func parts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.3", "a query in parts before and after zero-copy, 1M records")
        for (when, rung, published, rest) in [
            ("before", Engines.deferred, [350.0, 250, 451, 1_051], PhaseOne.overhead),
            ("after", Engines.zeroCopy, [350, 250, 305, 905], ["header", "check"]),
        ] {
            let found = PhaseOne.apart(&section, data, Explanation.query, rung, records)
            for (what, names, figure) in [
                ("index lookup", ["index-lookup"], published[0]), ("map read", ["map-read"], published[1]),
                ("overhead", rest, published[2]),
            ] { section.part("\(what), \(when)", rung, found, names, published: (figure, published[3])) }
            section.whole("the whole, \(when)", rung, found, published: published[3])
        }
        if let today = data.breakdown(Explanation.query, Engines.current, records) {
            section.part("index lookup, today", Engines.current, today, ["index-lookup"], published: nil)
            section.rest("the log's read, checksum included, today", Engines.current, today, published: nil)
            section.whole("the whole, today", Engines.current, today, published: nil)
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
            for row in figure.rows {
                section.figure(data, row, records, Engines.zeroCopy, published: figure.alex)
                section.figure(data, row, records, Engines.rocksStorage, published: figure.rocksStorage)
                section.figure(data, row, records, "sqlite", published: figure.sqlite)
                section.figures(
                    data, row, records, [Engines.current, "rocksdb", "rocksdb-tuned", "sqlite-tuned"])
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
        section.say(Published.gauge + " P3.2 measures it.")
        section.reckon(Published.millionSums)
        return section
    }

    // MARK: - Growth

    static func growth(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.5", "how a query's time grows with the records")
        let row = "phase-query"
        let published = [Engines.deferred: 2.0, Engines.rocksStorage: 3.1]
        for engine in Engines.all {
            for (from, to) in [(UInt64(100_000), records), (records, 10_000_000)] {
                let its = to == records ? published[engine] : nil
                let what = "query: time at \(Figures.scale(to)) ÷ time at \(Figures.scale(from))"
                guard let small = data.place(row, from), let large = data.place(row, to),
                    let ratio = growth(large.times(engine), small.times(engine))
                else {
                    if its != nil || engine == Engines.current {
                        for scale in [from, to] where data.place(row, scale)?.interval(engine) == nil {
                            section.need(row, scale)
                        }
                        section.claim(what, engine, nil, published: its, source: "")
                    }
                    continue
                }
                section.note(small.name, small.result)
                section.note(large.name, large.result)
                guard PhaseData.Machine(small.result.environment) == PhaseData.Machine(large.result.environment) else {
                    section.say(
                        "\(small.name) and \(large.name) were measured on two machines: of growth from one to the "
                            + "other nothing can be said. Measure both on one: make results FLAGS=--fresh ONLY=phase")
                    continue
                }
                section.claim(what, engine, ratio, published: its, source: "\(small.name), \(large.name)")
            }
        }
        section.say(
            "The two scales are two runs, so nothing is paired: the interval is the rank sum's, and of too few repeats "
                + "for 95 % the whole range.")
        section.show("Growth with the records", "phase-growth.svg")
        section.reckon([
            Published.Sum(text: "1 051 ÷ 525, times", published: 2.0, recomputed: 1_051.0 / 525),
            Published.Sum(text: "3 642 ÷ 1 169, times", published: 3.1, recomputed: 3_642.0 / 1_169),
        ])
        return section
    }

    /// How many times the first are the second, of two runs.
    private static func growth(_ large: [Int: Double], _ small: [Int: Double]) -> PhaseSection.Measured? {
        let (tops, bottoms) = (large.values.sorted(), small.values.sorted())
        guard let ratio = RatioEstimate.unpaired(tops, bottoms) else { return nil }
        var measured = PhaseSection.Measured(ratio)
        guard !ratio.upper.isFinite, min(tops.count, bottoms.count) > 1 else { return measured }
        // The range leaves out only the two orders in which one sample lies wholly beyond the other: of equally likely
        // orders there are as many as ways to choose the places of one sample.
        measured.lower = tops[0] / bottoms[bottoms.count - 1]
        measured.upper = tops[tops.count - 1] / bottoms[0]
        let orders = (1...tops.count).reduce(1.0) { $0 * Double(bottoms.count + $1) / Double($1) }
        measured.coverage = 1 - 2 / orders
        return measured
    }

    /// How much less the second takes than the first, over paired repeats.
    static func difference(_ place: PhaseData.Place, _ first: String, _ second: String) -> MedianInterval? {
        let (ones, others) = (place.times(first), place.times(second))
        return MedianInterval(ones.compactMap { number, one in others[number].map { one - $0 } })
    }
}
