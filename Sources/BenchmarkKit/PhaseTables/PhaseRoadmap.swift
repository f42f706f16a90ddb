/// The roadmap's expectations and criteria.
enum PhaseRoadmap {
    private typealias Engines = PhaseEngines

    static func sections(_ data: PhaseData) -> [PhaseSection] { [sqlite(data), rocksStorage(data), criteria(data)] }

    /// R.1.
    static func sqlite(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("R.1", "against SQLite")
        let million: UInt64 = 1_000_000
        let rows: [(row: String, what: String, records: UInt64, sqlite: Double, text: String, least: Double)] = [
            ("load-sequential", "sequential insert", million, 0.86, "10–20×", 10),
            ("load-random", "random insert", million, 3.5, "2–5×", 2),
            ("load-sequential", "sequential insert", 10 * million, 8.6, "10–20×", 10),
            ("load-random", "random insert", 10 * million, 35, "2–5×", 2),
        ]
        for one in rows {
            let scale = Figures.scale(one.records)
            let seconds = { (measured: PhaseSection.Measured) in measured.times(Double(one.records) / 1e9) }
            section.figure(
                "\(one.what), \(scale), in total", data, one.row, one.records, "sqlite", published: one.sqlite,
                unit: .seconds, seconds)
            for engine in ["sqlite-tuned", "alex"] {
                section.figure(
                    "\(one.what), \(scale), in total", data, one.row, one.records, engine, unit: .seconds, seconds)
            }
            faster(&section, data, one.row, one.records, "\(one.what), \(scale)", text: one.text, atLeast: one.least)
        }
        let ten = 10 * million
        for (row, what, limit, text, published) in [
            ("query", "point query", 1_000.0, "< 1 µs", 6_500.0),
            ("scan-1000", "range of 1 000", 1e6, "< 1 ms", 6e6),
        ] {
            section.figure("\(what), 10M", data, row, ten, "sqlite", published: published)
            section.figure("\(what), 10M", data, row, ten, "sqlite-tuned")
            let place = data.place(row, ten, ["alex"])
            if place == nil { section.need(row, ten) }
            section.demand(
                "\(what), 10M", "alex", text, unit: .nanoseconds, place?.interval("alex").map { .init($0) },
                source: place?.name ?? "", atMost: limit)
            faster(&section, data, row, ten, "\(what), 10M", text: "6×", atLeast: 6)
        }
        section.say(
            "The documents load in one transaction, so measured are batched loads; SQLite is the faster of its two "
                + "configurations in each ratio. Its 6–7 µs a query are taken as 6.5.")
        return section
    }

    /// The demand that alex is so many times as fast as the faster SQLite.
    private static func faster(
        _ section: inout PhaseSection, _ data: PhaseData, _ row: String, _ records: UInt64, _ what: String,
        text: String, atLeast: Double
    ) {
        let rivals = ["sqlite", "sqlite-tuned"]
        let place = data.place(row, records, ["alex"] + rivals) ?? data.place(row, records, ["alex", "sqlite"])
        guard let place,
            let rival = rivals.filter({ place.interval($0) != nil })
                .min(by: { (place.interval($0)?.median ?? 0) < (place.interval($1)?.median ?? 0) })
        else {
            section.need(row, records)
            return section.demand(
                "\(what): alex faster than SQLite", "alex", text, unit: .times, nil, source: "", atLeast: atLeast)
        }
        section.note(place.name, place.result)
        section.demand(
            "\(what): alex faster than \(rival)", "alex", text, unit: .times,
            place.ratio(rival, to: "alex").map { .init($0) }, source: place.name, atLeast: atLeast)
    }

    /// R.2.
    static func rocksStorage(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("R.2", "against RocksDB and ALEX, 1M records")
        let million: UInt64 = 1_000_000
        for (row, what, published, text, most, least) in [
            ("load-sequential", "sequential insert", 0.376, "0.04–0.08 s", 0.08, 5.0),
            ("insert-random", "random insert, one by one", 37.8, "0.7–1.7 s", 1.7, 20),
        ] {
            let seconds = { (measured: PhaseSection.Measured) in measured.times(1e-3) }
            section.figure(
                "\(what), in total", data, row, million, Engines.rocksStorage, published: published, unit: .seconds,
                seconds)
            let place = data.place(row, million, ["alex"])
            section.demand(
                "\(what), in total", "alex", text, unit: .seconds,
                place?.interval("alex").map { seconds(.init($0)) }, source: place?.name ?? "", atMost: most)
            times(&section, data, row, what, least: least)
        }
        section.figure(
            "point query", data, "phase-query", million, Engines.rocksStorage, published: 3_700)
        let place = data.place("phase-query", million, ["alex"])
        section.demand(
            "point query", "alex", "< 1 µs", unit: .nanoseconds, place?.interval("alex").map { .init($0) },
            source: place?.name ?? "", atMost: 1_000)
        times(&section, data, "phase-query", "point query", least: 4)
        memory(&section, data, million)
        return section
    }

    private static func times(
        _ section: inout PhaseSection, _ data: PhaseData, _ row: String, _ what: String, least: Double
    ) {
        let place = data.place(row, 1_000_000, ["alex", Engines.rocksStorage])
        if let place { section.note(place.name, place.result) } else { section.need(row, 1_000_000) }
        section.demand(
            "\(what): alex faster than \(Engines.rocksStorage)", "alex", "\(CSVReport.number(least))× or more",
            unit: .times, place?.ratio(Engines.rocksStorage, to: "alex").map { .init($0) },
            source: place?.name ?? "", atLeast: least)
    }

    /// Resident memory after the load, as a share of the baseline's.
    private static func memory(_ section: inout PhaseSection, _ data: PhaseData, _ records: UInt64) {
        let (row, metric) = ("phase-load", "resident_bytes")
        let place = data.place(row, records, ["alex", Engines.rocksStorage], metric)
        let share = place?.ratio("alex", to: Engines.rocksStorage, metric)
        section.demand(
            "resident memory after the load, of \(Engines.rocksStorage)'s", "alex", "20–30 %", unit: .percent,
            share.map { PhaseSection.Measured($0).times(100) }, source: place?.name ?? "", atMost: 30)
        section.say(
            "Resident memory counts the mapped pages of alex's log, which the kernel takes back when it needs them.")
    }

    /// R.3.
    static func criteria(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("R.3", "success criteria")
        let gates = Gates.all(data)
        for gate in gates {
            var line = PhaseSection.Line(
                what: gate.criterion, system: "alex", unit: PhaseSection.Unit(rawValue: gate.unit) ?? .count)
            line.publishedText = "–"
            if let measured = gate.measured {
                var figure = PhaseSection.Measured(measured.value)
                (figure.lower, figure.upper) = (measured.lower, measured.upper)
                line.measured = figure
            } else {
                line.absence = gate.verdict == .noFeature ? "n/a" : nil
            }
            line.verdict = gate.verdict.rawValue
            line.source = gate.run
            section.add(line)
            if !gate.remark.isEmpty { section.say("\(gate.criterion): \(gate.remark).") }
            section.say(
                gate.verdict == .notMeasured
                    ? "\(gate.criterion): not measured. This makes it: \(gate.run)"
                    : "\(gate.criterion): \(gate.verdict.rawValue); the run: \(gate.run).")
        }
        for (name, result) in data.results where gates.contains(where: { $0.run.hasPrefix("\(name),") }) {
            section.note(name, result)
        }
        section.say("\(gates.filter(\.verdict.isMet).count) of \(gates.count) criteria are met.")
        return section
    }
}
