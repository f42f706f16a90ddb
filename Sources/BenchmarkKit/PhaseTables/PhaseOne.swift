/// Phase 1: the foundation, its breakdowns, and the baseline of the time.
enum PhaseOne {
    static let records: UInt64 = 100_000
    private typealias Engines = PhaseEngines

    static func sections(_ data: PhaseData) -> [PhaseSection] {
        [
            bulkInsert(data), query(data), mixed(data), insertParts(data), queryParts(data), rocksStorageParts(data),
            overheadParts(data),
        ]
    }

    static func bulkInsert(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.1", "bulk insert of 100K records in one batch")
        let row = "phase-load"
        for (engine, nanoseconds, milliseconds) in [
            (Engines.foundation, 3_967.0, 397.0), (Engines.rocksStorage, 861, 86),
        ] {
            section.figure(data, row, records, engine, as: "a key", published: nanoseconds)
            section.figure(
                data, row, records, engine, as: "in total", published: milliseconds, unit: .milliseconds
            ) { $0 * Double(records) / 1e6 }
        }
        section.figures(data, row, records, Engines.beside, as: "a key")
        section.claim(data, row, records, Engines.rocksStorage, fasterThan: Engines.foundation, published: 4.60)
        section.claim(data, row, records, Engines.current, fasterThan: Engines.rocksStorage, published: nil)
        section.reckon(Published.bulkSums)
        return section
    }

    static func query(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.2", "query, 100K records")
        for row in ["phase-query", "phase-query-10k"] {
            for (engine, nanoseconds, rate) in [
                (Engines.foundation, 534.0, 1.87), (Engines.rocksStorage, 1_864, 0.54),
            ] {
                section.figure(data, row, records, engine, published: nanoseconds)
                section.figure(data, row, records, engine, published: rate, unit: .millionsPerSecond) { 1_000 / $0 }
            }
            section.figures(data, row, records, Engines.beside)
            section.claim(data, row, records, Engines.foundation, fasterThan: Engines.rocksStorage, published: 3.49)
            section.claim(data, row, records, Engines.current, fasterThan: Engines.rocksStorage, published: nil)
        }
        section.reckon(Published.querySums)
        return section
    }

    static func mixed(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.3", "mixed, 80 % reads and 20 % inserts, 100K records")
        for row in ["phase-mixed", "phase-mixed-10k"] {
            section.figure(data, row, records, Engines.foundation, published: 4_450)
            section.figure(data, row, records, Engines.rocksStorage, published: 7_255)
            section.figures(data, row, records, Engines.beside)
            section.claim(data, row, records, Engines.foundation, fasterThan: Engines.rocksStorage, published: 1.63)
            section.claim(data, row, records, Engines.current, fasterThan: Engines.rocksStorage, published: nil)
        }
        for (engine, published) in [(Engines.foundation, 4_220.0), (Engines.rocksStorage, 7_160)] {
            section.expect(data, records, engine, reads: 0.8, mixed: "phase-mixed", published: published)
        }
        section.reckon(Published.mixedSums)
        return section
    }

    // MARK: - Breakdowns

    static let remap = ["open", "map", "unmap"]
    static let overhead = ["header", "check", "allocation", "copy", "wrapping"]

    /// The operation taken apart, or the command that does it.
    static func apart(
        _ section: inout PhaseSection, _ data: PhaseData, _ row: String, _ backend: String, _ records: UInt64
    ) -> PhaseData.TakenApart? {
        let found = data.breakdown(row, backend, records)
        if found == nil {
            section.need(
                "\(row) of \(backend) at \(Figures.scale(records))",
                from: PhaseEngines.source(apart: row, backend, records))
        }
        return found
    }

    static func insertParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.4", "an insert in parts, 100K records")
        for (row, how) in [(Explanation.insert, "one by one"), (Explanation.batch, "one batch")] {
            let found = apart(&section, data, row, Engines.foundation, records)
            for (what, names, published) in [
                ("file write", ["file-write"], 100.0), ("flush", ["flush"], 50), ("remap", remap, 3_700),
                ("index insert", ["index-insert"], 100),
            ] {
                section.part("\(what), \(how)", Engines.foundation, found, names, published: (published, 3_967))
            }
            section.whole("the whole, \(how)", Engines.foundation, found, published: 3_967)
        }
        section.say(
            "The document's 3 967 ns are a batch's, of which it gives the remap 93 %. A batch maps anew once, whatever "
                + "its size.")
        section.reckon([
            Published.Sum(text: "100 + 50 + 3 700 + 100, ns", published: 3_967, recomputed: 100 + 50 + 3_700 + 100),
            Published.Sum(text: "3 700 ÷ 3 967, %", published: 93, recomputed: 370_000.0 / 3_967),
        ])
        return section
    }

    static func queryParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.5", "a query in parts, 100K records")
        let found = apart(&section, data, Explanation.query, Engines.foundation, records)
        for (kind, figures) in [("as projected", [218.0, 151, 20, 389]), ("as published", [218, 151, 165, 534])] {
            for (what, names, published) in [
                ("index lookup", ["index-lookup"], figures[0]), ("map read", ["map-read"], figures[1]),
                ("overhead", overhead, figures[2]),
            ] {
                section.part("\(what), \(kind)", Engines.foundation, found, names, published: (published, figures[3]))
            }
            section.whole("the whole, \(kind)", Engines.foundation, found, published: figures[3])
        }
        section.reckon([
            Published.Sum(text: "218 + 151 + 20, ns", published: 389, recomputed: 218 + 151 + 20),
            Published.Sum(text: "218 + 151 + 165, ns", published: 534, recomputed: 218 + 151 + 165),
            Published.Sum(text: "3 902 ÷ 389, times", published: 10.0, recomputed: 3_902.0 / 389),
            Published.Sum(text: "3 902 ÷ 534, times", published: 7.3, recomputed: 3_902.0 / 534),
        ])
        return section
    }

    static func rocksStorageParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.6", "RocksStorage's query in parts, 100K records")
        let found = apart(&section, data, Explanation.query, Engines.rocksStorage, records)
        section.part("index lookup", Engines.rocksStorage, found, ["index-lookup"], published: (218, 1_864))
        section.rest(
            "RocksDB's read, and the cache before it", Engines.rocksStorage, found, published: (1_646, 1_864))
        section.whole("the whole", Engines.rocksStorage, found, published: 1_864)
        section.reckon([
            Published.Sum(text: "218 + 1 646, ns", published: 1_864, recomputed: 218 + 1_646),
            Published.Sum(text: "218 ÷ 1 864, %", published: 11.7, recomputed: 21_800.0 / 1_864),
        ])
        return section
    }

    static func overheadParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.7", "the overhead of a query in parts, 100K records")
        let engine = Engines.foundation
        let found = apart(&section, data, Explanation.query, engine, records)
        section.part("length header", engine, found, ["header"], published: (50, 534))
        section.part("copy: allocation and bytes", engine, found, ["allocation", "copy"], published: (30, 534))
        section.part("bounds checks", engine, found, ["check"], published: (20, 534))
        section.immeasurable(
            "type conversions", engine, published: 15, why: Published.immeasurable["conversions"] ?? "")
        section.part("result wrapping", engine, found, ["wrapping"], published: (30, 534))
        var cache = PhaseSection.Line(
            what: "cache: map read in random order less in the file's order", system: engine, unit: .nanoseconds,
            published: 20)
        if let found, let inOrder = data.breakdown(Explanation.queryInOrder, engine, records),
            let random = found.breakdown.part("map-read"), let ordered = inOrder.breakdown.part("map-read"),
            random.nanoseconds.count == ordered.nanoseconds.count
        {
            let differences = zip(random.nanoseconds, ordered.nanoseconds).map { $0 - $1 }
            cache.measured = MedianInterval(differences).map { .init($0) }
            cache.source = found.name
            if let share = MedianInterval(zip(differences, found.breakdown.wholes).map { 100 * $0 / $1 }) {
                section.judge(&cache, share: 100 * 20 / 534, .init(share), of: "the whole")
            }
        }
        section.add(cache)
        section.part(
            "all overhead but cache and conversions", engine, found, overhead, published: (165 - 20 - 15, 534))
        section.say(
            "The published overhead of 165 ns holds 15 of conversions and 20 of cache effects, the measured one "
                + "neither: conversions can't be run apart, and the cache's cost lies in the map read. So its line has "
                + "130.")
        section.reckon([
            Published.Sum(
                text: "50 + 30 + 20 + 15 + 30 + 20, ns", published: 165, recomputed: 50 + 30 + 20 + 15 + 30 + 20),
            Published.Sum(text: "534 − 218 − 151, ns", published: 165, recomputed: 534 - 218 - 151),
        ])
        return section
    }
}

extension PhaseSection {
    /// What the document expects of a mix, from its own measured parts, reads and a batch's inserts: repeat by repeat.
    mutating func expect(
        _ data: PhaseData, _ records: UInt64, _ engine: String, reads: Double, mixed row: String, published: Double?
    ) {
        let digits = reads == 0.8 ? 1 : 2
        let (share, rest) = (Figures.fixed(reads, digits), Figures.fixed(1 - reads, digits))
        let what = PhaseEngines.words(row, nil)
        var line = Line(
            what: "\(what), expected: \(share) × query + \(rest) × bulk insert", system: engine, unit: .nanoseconds,
            published: published)
        let expected = Self.expected(data, records, engine, reads: reads)
        if let place = data.place("phase-query", records), let interval = MedianInterval(Array(expected.values)) {
            line.measured = Measured(interval)
            line.source = place.name
            note(place.name, place.result)
            if let measured = data.place(row, records)?.times(engine),
                let mixed = Statistics.median(Array(measured.values)),
                let ratio = Self.ratio(measured, expected)
            {
                let times = Measured(ratio)
                say(
                    "\(engine), \(what): expected of its measured parts are \(Figures.time(interval.median)), measured "
                        + "are \(Figures.time(mixed)), \(Self.spelt(times, .times)) of it: "
                        + (times.isLoose
                            ? "too few repeats to tell."
                            : times.holds(1) ? "no difference can be told." : "they differ."))
            }
        } else {
            need("phase-query", records)
            need("phase-load", records)
        }
        add(line)
    }

    /// The same by repeat, of the repeats that have both parts.
    static func expected(
        _ data: PhaseData, _ records: UInt64, _ engine: String, reads: Double
    ) -> [Int: Double] {
        guard let query = data.place("phase-query", records), let load = data.place("phase-load", records),
            query.name == load.name
        else { return [:] }
        let inserts = load.times(engine)
        return query.times(engine).reduce(into: [:]) { all, one in
            all[one.key] = inserts[one.key].map { reads * one.value + (1 - reads) * $0 }
        }
    }

    /// How many times the first is the second, over the repeats that both have.
    static func ratio(_ first: [Int: Double], _ second: [Int: Double]) -> RatioEstimate? {
        let both = first.keys.filter { second[$0] != nil }.sorted()
        return RatioEstimate.paired(both.compactMap { first[$0] }, both.compactMap { second[$0] })
    }
}
