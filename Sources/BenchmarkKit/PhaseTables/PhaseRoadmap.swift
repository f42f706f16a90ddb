/// The roadmap's expectations and criteria.
enum PhaseRoadmap {
    private typealias Engines = PhaseEngines
    private static let million: UInt64 = 1_000_000
    private static let subject = Engines.current

    static func sections(_ data: PhaseData) -> [PhaseSection] { [sqlite(data), rocksStorage(data), criteria(data)] }

    /// A line of the roadmap's two tables: what the baseline took, and what was expected of this engine.
    private struct Target {
        let row: String
        let records: UInt64
        let unit: PhaseSection.Unit
        /// The baseline's figure in the unit.
        let baseline: Double
        /// The engine's, as the document has it, and its worse end in the unit.
        let text: String
        let most: Double
        /// How many times as fast, as the document has it, and its worse end.
        let times: String
        let least: Double

        /// From nanoseconds an operation: of rows that are told in total, from those of all records.
        func inUnit(_ nanoseconds: Double) -> Double {
            switch unit {
            case .seconds: nanoseconds * Double(records) / 1e9
            case .milliseconds: nanoseconds * Double(records) / 1e6
            default: nanoseconds
            }
        }

        var label: String {
            let scale = Figures.scale(records)
            return unit == .nanoseconds ? "at \(scale)" : "\(scale) in total"
        }
    }

    private static func add(
        _ target: Target, _ section: inout PhaseSection, _ data: PhaseData, baseline: String, beside: [String] = []
    ) {
        let place = data.place(target.row, target.records)
        let words = "\(PhaseEngines.words(target.row, place)), \(target.label)"
        section.figure(
            data, target.row, target.records, baseline, as: target.label, published: target.baseline,
            unit: target.unit, target.inUnit)
        for engine in beside {
            section.figure(
                data, target.row, target.records, engine, as: target.label, unit: target.unit, target.inUnit)
        }
        let own = place?.interval(subject)
        if let place, own != nil {
            section.note(place.name, place.result)
        } else {
            section.need(target.row, target.records)
        }
        section.demand(
            words, subject, target.text, unit: target.unit,
            own.map { PhaseSection.Measured($0).map(target.inUnit) }, source: own == nil ? "" : place?.name ?? "",
            atMost: target.most)
        // The faster of the baseline's configurations.
        let rival =
            ([baseline] + beside).filter { place?.interval($0) != nil }
            .min { (place?.interval($0)?.median ?? 0) < (place?.interval($1)?.median ?? 0) }
        let ratio = rival.flatMap { place?.ratio($0, to: subject) }
        section.demand(
            "\(words): \(subject) faster than \(rival ?? baseline)", subject, target.times, unit: .times,
            ratio.map { .init($0) }, source: ratio == nil ? "" : place?.name ?? "", atLeast: target.least)
    }

    /// R.1.
    static func sqlite(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("R.1", "against SQLite")
        let ten = 10 * million
        let targets = [
            Target(
                row: "load-sequential", records: million, unit: .milliseconds, baseline: 860, text: "40–80 ms",
                most: 80, times: "10–20×", least: 10),
            Target(
                row: "load-random", records: million, unit: .seconds, baseline: 3.5, text: "0.7–1.7 s", most: 1.7,
                times: "2–5×", least: 2),
            Target(
                row: "load-sequential", records: ten, unit: .milliseconds, baseline: 8_600, text: "430–860 ms",
                most: 860, times: "10–20×", least: 10),
            Target(
                row: "load-random", records: ten, unit: .seconds, baseline: 35, text: "7–17 s", most: 17, times: "2–5×",
                least: 2),
            Target(
                row: "query", records: ten, unit: .nanoseconds, baseline: 6_500, text: "< 1 µs", most: 1_000,
                times: "6–7×", least: 6),
            Target(
                row: "scan-1000", records: ten, unit: .nanoseconds, baseline: 6e6, text: "< 1 ms", most: 1e6,
                times: "6× or more", least: 6),
        ]
        for target in targets { add(target, &section, data, baseline: "sqlite", beside: ["sqlite-tuned"]) }
        section.say(
            "The documents load in one transaction, so measured are batched loads; a ratio is against the faster of "
                + "SQLite's two configurations. Its 6–7 µs a query are taken as 6.5.")
        return section
    }

    /// R.2.
    static func rocksStorage(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("R.2", "against RocksDB and ALEX, 1M records")
        let targets = [
            Target(
                row: "load-sequential", records: million, unit: .milliseconds, baseline: 376, text: "40–80 ms",
                most: 80, times: "5–10×", least: 5),
            Target(
                row: "insert-random", records: million, unit: .seconds, baseline: 37.8, text: "0.7–1.7 s", most: 1.7,
                times: "20–50×", least: 20),
            Target(
                row: "phase-query", records: million, unit: .nanoseconds, baseline: 3_700, text: "< 1 µs", most: 1_000,
                times: "4–7×", least: 4),
        ]
        for target in targets { add(target, &section, data, baseline: Engines.rocksStorage) }
        memory(&section, data)
        return section
    }

    /// Peak resident memory, from results of one engine alone in its process.
    private static func memory(_ section: inout PhaseSection, _ data: PhaseData) {
        let what = "peak resident memory, \(subject)'s of \(Engines.rocksStorage)'s"
        let (engines, text) = ([subject, Engines.rocksStorage], "20–30 %")
        let peaks = engines.compactMap { data.residentPeak($0, million) }
        guard peaks.count == engines.count else {
            var line = PhaseSection.Line(what: what, system: subject, unit: .percent, publishedText: text)
            (line.absence, line.verdict) = ("n/a", "n/a")
            section.add(line)
            for engine in engines {
                section.need("memory of \(engine) alone", from: PhaseEngines.alone(engine, million))
            }
            return section.say(
                "\(what): n/a, not measurable in a process that all engines share. 'alexbench insert --scale 1M "
                    + "--backend \(subject)' and the same with \(Engines.rocksStorage), each alone, measure it.")
        }
        for (engine, peak) in zip(engines, peaks) {
            section.note(peak.name, peak.result)
            var line = PhaseSection.Line(
                what: "peak resident memory, alone in its process", system: engine, unit: .megabytes)
            line.measured = .init(peak.bytes / 1e6)
            line.source = peak.name
            section.add(line)
        }
        section.demand(
            what, subject, text, unit: .percent, .init(100 * peaks[0].bytes / peaks[1].bytes),
            source: "\(peaks[0].name), \(peaks[1].name)", atMost: 30)
        section.say(
            "Peaks are the most by which the process grew over all rows and repeats of 'alexbench insert': one figure, "
                + "without an interval. They hold the mapped pages of \(subject)'s log, which the kernel takes back "
                + "when it needs them.")
    }

    /// R.3.
    static func criteria(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("R.3", "success criteria")
        let gates = Gates.all(data)
        for gate in gates {
            var line = PhaseSection.Line(
                what: gate.subject, system: gate.backend, unit: gate.unit, publishedText: gate.bound,
                measured: gate.measured)
            line.absence = gate.verdict == .noFeature ? "n/a" : nil
            line.verdict = gate.verdict.rawValue
            line.source = gate.run
            section.add(line)
            if gate.verdict == .notMeasured { section.need(gate.subject, from: gate.source) }
            let words = [gate.remark, gate.run.isEmpty ? "" : "measured in \(gate.run)"].filter { !$0.isEmpty }
            if !words.isEmpty { section.say("\(gate.criterion): \(words.joined(separator: "; ")).") }
        }
        for (name, result) in data.results where gates.contains(where: { $0.run.hasPrefix("\(name),") }) {
            section.note(name, result)
        }
        section.say("\(gates.filter(\.verdict.isMet).count) of \(gates.count) criteria are met.")
        return section
    }
}
