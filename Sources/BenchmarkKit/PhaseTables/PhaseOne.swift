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

    private static func beside(_ what: String, _ section: inout PhaseSection, _ data: PhaseData, _ row: String) {
        for engine in Engines.beside { section.figure(what, data, row, records, engine) }
    }

    static func bulkInsert(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.1", "bulk insert of 100K records in one batch")
        let row = "phase-load"
        let total = { (measured: PhaseSection.Measured) in measured.times(Double(records) / 1e6) }
        for (engine, nanoseconds, milliseconds) in [
            (Engines.foundation, 3_967.0, 397.0), (Engines.rocksStorage, 861, 86),
        ] {
            section.figure("a key", data, row, records, engine, published: nanoseconds)
            section.figure(
                "in total", data, row, records, engine, published: milliseconds, unit: .milliseconds, total)
        }
        beside("a key", &section, data, row)
        section.claim(data, row, records, Engines.rocksStorage, fasterThan: Engines.foundation, published: 4.60)
        section.claim(data, row, records, Engines.current, fasterThan: Engines.rocksStorage, published: nil)
        section.reckon(Published.bulkSums)
        return section
    }

    static func query(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.2", "query, 100K records")
        for row in ["phase-query", "phase-query-10k"] {
            let what = row.hasSuffix("10k") ? "10 000 queries, as the documents ran it" : "1M queries"
            for (engine, nanoseconds, rate) in [
                (Engines.foundation, 534.0, 1.87), (Engines.rocksStorage, 1_864, 0.54),
            ] {
                section.figure(what, data, row, records, engine, published: nanoseconds)
                section.figure(
                    what, data, row, records, engine, published: rate, unit: .millionsPerSecond
                ) { $0.asRate }
            }
            beside(what, &section, data, row)
            section.claim(data, row, records, Engines.foundation, fasterThan: Engines.rocksStorage, published: 3.49)
            section.claim(data, row, records, Engines.current, fasterThan: Engines.rocksStorage, published: nil)
        }
        section.reckon(Published.querySums)
        return section
    }

    static func mixed(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.3", "mixed, 80 % reads and 20 % inserts, 100K records")
        for row in ["phase-mixed", "phase-mixed-10k"] {
            let what = row.hasSuffix("10k") ? "10 000 operations, as the documents ran it" : "1M operations"
            section.figure(what, data, row, records, Engines.foundation, published: 4_450)
            section.figure(what, data, row, records, Engines.rocksStorage, published: 7_255)
            beside(what, &section, data, row)
            section.claim(data, row, records, Engines.foundation, fasterThan: Engines.rocksStorage, published: 1.63)
            section.claim(data, row, records, Engines.current, fasterThan: Engines.rocksStorage, published: nil)
        }
        for (engine, published) in [(Engines.foundation, 4_220.0), (Engines.rocksStorage, 7_160)] {
            expected(&section, data, records, engine, reads: 0.8, mixed: "phase-mixed", published: published)
        }
        section.reckon(Published.mixedSums)
        return section
    }

    /// What the document expects of a mix, from its own measured parts: reads and a batch's inserts.
    static func expected(
        _ section: inout PhaseSection, _ data: PhaseData, _ records: UInt64, _ engine: String, reads: Double,
        mixed row: String, published: Double?
    ) {
        let share = Figures.fixed(reads, reads == 0.8 ? 1 : 2)
        let rest = Figures.fixed(1 - reads, reads == 0.8 ? 1 : 2)
        var line = PhaseSection.Line(
            what: "expected: \(share) × query + \(rest) × bulk insert", system: engine, unit: .nanoseconds,
            published: published)
        let parts = ["phase-query", "phase-load", row].map { part in
            data.place(part, records, [engine]).flatMap { $0.interval(engine)?.median }
        }
        guard let query = parts[0], let insert = parts[1] else { return section.add(line) }
        let expected = reads * query + (1 - reads) * insert
        line.measured = PhaseSection.Measured(expected)
        line.source = "the medians above"
        section.add(line)
        guard let mixed = parts[2] else { return }
        let distance = abs(mixed - expected) / expected
        section.say(
            "\(engine), \(row): expected of its measured parts are \(Figures.nanoseconds(expected)) ns, measured are "
                + "\(Figures.nanoseconds(mixed)) ns"
                + (distance > 0.1
                    ? ": the mix inserts one record at a time, which costs another time than a batch's." : "."))
    }

    // MARK: - Breakdowns

    /// Adds a part, or several as one, beside its published figure.
    static func part(
        _ section: inout PhaseSection, _ found: (breakdown: Breakdown, name: String, result: RunResult)?,
        _ what: String,
        _ names: [String], published: Double?
    ) {
        var line = PhaseSection.Line(what: what, system: "–", unit: .nanoseconds, published: published)
        if let found {
            line.system = found.breakdown.backend
            line.source = found.name
            line.measured = found.breakdown.combined(names).map { PhaseSection.Measured($0) }
            section.note(found.name, found.result)
        }
        section.add(line)
    }

    static func whole(
        _ section: inout PhaseSection, _ found: (breakdown: Breakdown, name: String, result: RunResult)?,
        _ what: String,
        published: Double?
    ) {
        var line = PhaseSection.Line(what: what, system: "–", unit: .nanoseconds, published: published)
        if let found {
            line.system = found.breakdown.backend
            line.source = found.name
            line.measured = PhaseSection.Measured(found.breakdown.whole)
            section.note(found.name, found.result)
            for sentence in found.breakdown.sentences {
                section.say("\(found.breakdown.row), \(found.breakdown.backend): \(sentence)")
            }
        }
        section.add(line)
    }

    static let remap = ["open", "map", "unmap"]
    static let overhead = ["header", "check", "allocation", "copy", "wrapping"]

    static func insertParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.4", "an insert in parts, 100K records")
        var shares: [String] = []
        for (row, how) in [(Explanation.insert, "one by one"), (Explanation.batch, "one batch")] {
            let found = data.breakdown(row, Engines.foundation, records)
            if found == nil { section.need(row, records) }
            for (what, names, published) in [
                ("file write", ["file-write"], 100.0), ("flush", ["flush"], 50), ("remap", remap, 3_700),
                ("index insert", ["index-insert"], 100),
            ] {
                part(&section, found, "\(how): \(what)", names, published: published)
            }
            whole(&section, found, "\(how): the whole", published: 3_967)
            if let found, let remap = found.breakdown.combined(remap) {
                shares.append("\(Figures.percent(remap.median / found.breakdown.whole.median)) \(how)")
            }
        }
        if !shares.isEmpty {
            section.say(
                "The document gives the remap 93 % of an insert of 3 967 ns, which is its figure of a batch; measured "
                    + "are \(shares.joined(separator: ", ")). A batch maps anew once, whatever its size, so its time "
                    + "goes into three calls of write(2) a record.")
        }
        section.reckon([
            Published.Sum(text: "100 + 50 + 3 700 + 100, ns", published: 3_967, recomputed: 100 + 50 + 3_700 + 100)
        ])
        return section
    }

    static func queryParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.5", "a query in parts, 100K records")
        let found = data.breakdown(Explanation.query, Engines.foundation, records)
        if found == nil { section.need(Explanation.query, records) }
        for (kind, figures) in [("projected", [218.0, 151, 20, 389]), ("measured", [218, 151, 165, 534])] {
            part(&section, found, "index lookup, as \(kind)", ["index-lookup"], published: figures[0])
            part(&section, found, "map read, as \(kind)", ["map-read"], published: figures[1])
            part(&section, found, "overhead, as \(kind)", overhead, published: figures[2])
            whole(&section, found, "the whole, as \(kind)", published: figures[3])
        }
        if let found, let measured = found.breakdown.combined(overhead) {
            section.say(
                "Overhead: the document projects 20 ns and reckons 165 from the whole, measured are "
                    + "\(Figures.nanoseconds(measured.median)) ns in runs that do one step more.")
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
        let found = data.breakdown(Explanation.query, Engines.rocksStorage, records)
        if found == nil { section.need(Explanation.query, records) }
        part(&section, found, "index lookup", ["index-lookup"], published: 218)
        var rest = PhaseSection.Line(
            what: "RocksDB's read, and the cache before it", system: Engines.rocksStorage, unit: .nanoseconds,
            published: 1_646)
        if let found {
            rest.measured = PhaseSection.Measured(found.breakdown.rest)
            rest.source = found.name
        }
        section.add(rest)
        whole(&section, found, "the whole", published: 1_864)
        section.reckon([
            Published.Sum(text: "218 + 1 646, ns", published: 1_864, recomputed: 218 + 1_646),
            Published.Sum(text: "218 ÷ 1 864, %", published: 11.7, recomputed: 21_800.0 / 1_864),
        ])
        return section
    }

    static func overheadParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P1.7", "the overhead of a query in parts, 100K records")
        let found = data.breakdown(Explanation.query, Engines.foundation, records)
        if found == nil { section.need(Explanation.query, records) }
        part(&section, found, "length header", ["header"], published: 50)
        part(&section, found, "copy: allocation and bytes", ["allocation", "copy"], published: 30)
        part(&section, found, "bounds checks", ["check"], published: 20)
        immeasurable(&section, "type conversions", "conversions", published: 15)
        part(&section, found, "result wrapping", ["wrapping"], published: 30)
        var cache = PhaseSection.Line(
            what: "cache: map read in random order less in the file's order", system: Engines.foundation,
            unit: .nanoseconds, published: 20)
        if let found, let inOrder = data.breakdown(Explanation.queryInOrder, Engines.foundation, records),
            let random = found.breakdown.part("map-read"), let ordered = inOrder.breakdown.part("map-read"),
            random.nanoseconds.count == ordered.nanoseconds.count
        {
            cache.measured = MedianInterval(zip(random.nanoseconds, ordered.nanoseconds).map { $0 - $1 })
                .map { PhaseSection.Measured($0) }
            cache.source = found.name
        }
        section.add(cache)
        part(&section, found, "all overhead", overhead, published: 165)
        section.reckon([
            Published.Sum(
                text: "50 + 30 + 20 + 15 + 30 + 20, ns", published: 165, recomputed: 50 + 30 + 20 + 15 + 30 + 20),
            Published.Sum(text: "534 − 218 − 151, ns", published: 165, recomputed: 534 - 218 - 151),
        ])
        return section
    }

    /// A part that the document names and no run can tell apart.
    static func immeasurable(_ section: inout PhaseSection, _ what: String, _ key: String, published: Double) {
        var line = PhaseSection.Line(what: what, system: "–", unit: .nanoseconds, published: published)
        line.absence = "n/a"
        line.verdict = "n/a"
        section.add(line)
        section.say("\(section.id), \(what): \(Published.immeasurable[key] ?? "it can't be run apart").")
    }
}
