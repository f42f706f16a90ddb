/// Phase 2: deferred remapping.
enum PhaseTwo {
    static let records: UInt64 = 100_000
    private typealias Engines = PhaseEngines

    static func sections(_ data: PhaseData) -> [PhaseSection] {
        [beforeAndAfter(data), improvement(data), growth(data), mixes(data), sqlite(data), remapParts(data)]
    }

    static func beforeAndAfter(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.1", "before and after deferred remapping, 100K records")
        for step in Published.steps {
            for row in step.rows {
                let (alex, rocks) = (step.alex, step.rocksStorage)
                for (engine, label, published) in [
                    (Engines.foundation, "before", alex.before), (Engines.deferred, "after", alex.after),
                    (Engines.rocksStorage, "before", rocks.before), (Engines.rocksStorage, "after", rocks.after),
                ] { section.figure(data, row, records, engine, as: label, published: published) }
                section.figure(data, row, records, Engines.current, as: "today")
                section.claim(
                    data, row, records, Engines.foundation, fasterThan: Engines.rocksStorage,
                    published: rocks.before / alex.before)
                section.claim(
                    data, row, records, Engines.deferred, fasterThan: Engines.rocksStorage,
                    published: rocks.after / alex.after)
            }
        }
        section.say(
            "RocksStorage did not change between the two: its two published figures are two runs of one program, and "
                + "stand beside one measurement. Of its queries they differ by 1.59 times.")
        section.reckon(Published.stepSums)
        return section
    }

    static func improvement(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.2", "improvement by deferred remapping, 100K records")
        for (step, published) in zip(Published.steps, [1.02, 1.02, 4.47]) {
            for row in step.rows {
                section.claim(
                    data, row, records, Engines.deferred, fasterThan: Engines.foundation, published: published)
            }
        }
        section.reckon(Array(Published.stepSums.prefix(3)))
        return section
    }

    // MARK: - Growth

    /// `Workloads/phase-growth.json`: bytes of a record, header and value; records loaded, and inserted after that.
    private static let growthRecordBytes: UInt64 = 12 + 1_000
    static let growthRecords: UInt64 = 10_000
    private static let growthInserts: UInt64 = 50_000

    /// The map grows to whole steps of this size, so its size before and after tells how often it was made anew.
    private static func expectedRemaps(step: UInt64?) -> UInt64 {
        guard let step else { return growthInserts }
        func steps(_ records: UInt64) -> UInt64 { (records * growthRecordBytes + step - 1) / step }
        return steps(growthRecords + growthInserts) - steps(growthRecords)
    }

    static func growth(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.3", "inserts of 1 000 bytes against the growth of the map")
        let row = "phase-growth"
        let all: [(engine: String, what: String, step: UInt64?, theory: Double?)] = [
            (Engines.foundation, "every write", nil, 3_950), ("\(Engines.deferred)-1m", "1 MiB", 1 << 20, nil),
            ("\(Engines.deferred)-4m", "4 MiB", 4 << 20, nil), (Engines.deferred, "16 MiB", 16 << 20, 254),
            ("\(Engines.deferred)-64m", "64 MiB", 64 << 20, nil),
        ]
        let place = data.place(row, growthRecords)
        for one in all {
            section.figure(
                data, row, growthRecords, one.engine, as: "a new map after \(one.what)", published: one.theory)
            let expected = expectedRemaps(step: one.step)
            var remaps = PhaseSection.Line(
                what: "new maps after \(one.what), expected of the file's growth: \(expected)", system: one.engine,
                unit: .count)
            if let place, let count = place.interval(one.engine, remapsMetric) {
                remaps.measured = .init(count)
                remaps.source = place.name
                remaps.verdict = count.median == Double(expected) ? "as expected" : "not as expected"
                if count.median != Double(expected) {
                    section.say(
                        "\(one.engine): \(expected) new maps are expected, counted are "
                            + "\(CSVReport.number(count.median)).")
                }
            } else {
                section.need("\(remapsMetric) of \(row)", from: PhaseEngines.source(row, growthRecords))
            }
            section.add(remaps)
        }
        section.claim(data, row, growthRecords, Engines.deferred, fasterThan: Engines.foundation, published: 15.6)
        if let place { largerSteps(&section, place, Array(all.dropFirst())) }
        section.reckon([
            Published.Sum(text: "100 + 50 + 3 700 + 100, ns", published: 3_950, recomputed: 3_950),
            Published.Sum(text: "100 + 50 + 3 700 ÷ 1 000 + 100, ns", published: 254, recomputed: 253.7),
            Published.Sum(text: "3 950 ÷ 254, times", published: 15.6, recomputed: 3_950.0 / 254),
            Published.Sum(text: "3 700 ÷ 16 384, ns", published: 0.23, recomputed: 3_700.0 / 16_384),
        ])
        return section
    }

    /// New maps that a row of a repeat made.
    private static let remapsMetric = "remaps"

    /// Whether it matters how far beyond the first size the map grows at once.
    private static func largerSteps(
        _ section: inout PhaseSection, _ place: PhaseData.Place,
        _ sizes: [(engine: String, what: String, step: UInt64?, theory: Double?)]
    ) {
        guard let first = sizes.first else { return }
        let ratios = sizes.dropFirst().compactMap { size in
            place.ratio(first.engine, to: size.engine).map { (size.what, PhaseSection.Measured($0)) }
        }
        guard !ratios.isEmpty else { return }
        let isOne = ratios.allSatisfy { $0.1.holds(1) }
        section.say(
            "Against growth by \(first.what): "
                + ratios.map { "\($0.0) is \(PhaseSection.spelt($0.1, .times)) as fast" }.joined(separator: ", ")
                + (isOne ? ". From \(first.what) on the size makes no difference that can be told." : "."))
    }

    // MARK: - Mixes

    static func mixes(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.4", "two mixes, expected and measured, 100K records")
        let all: [(row: String, reads: Double, alex: Double, rocks: Double, measured: Double?, times: Double?)] = [
            ("phase-mixed", 0.8, 1_194, 1_112, 997, 7.02), ("phase-analytics", 0.95, 693, 1_155, nil, nil),
        ]
        for mix in all {
            for (engine, published) in [(Engines.deferred, mix.alex), (Engines.rocksStorage, mix.rocks)] {
                section.expect(data, records, engine, reads: mix.reads, mixed: mix.row, published: published)
            }
            let ratio = PhaseSection.ratio(
                PhaseSection.expected(data, records, Engines.rocksStorage, reads: mix.reads),
                PhaseSection.expected(data, records, Engines.deferred, reads: mix.reads))
            section.claim(
                "\(PhaseEngines.words(mix.row, nil)), expected ÷ expected: \(Engines.deferred) faster than "
                    + Engines.rocksStorage, Engines.deferred, ratio.map { .init($0) }, published: mix.rocks / mix.alex,
                source: data.place("phase-query", records)?.name ?? "")
            section.figure(data, mix.row, records, Engines.deferred, as: "measured", published: mix.measured)
            section.figures(data, mix.row, records, [Engines.rocksStorage] + Engines.beside, as: "measured")
            section.claim(
                data, mix.row, records, Engines.deferred, fasterThan: Engines.rocksStorage, published: mix.times)
        }
        section.say(
            "The document's 1.12 for OLTP is RocksStorage's expected 1 112 ns over its own engine's measured 997: two "
                + "kinds. Expected over expected it is 0.93, measured over measured 7.02, and these are judged. Its "
                + "1.67 for analytics is expected over expected.")
        section.reckon([
            Published.Sum(text: "0.8 × 525 + 0.2 × 3 873, ns", published: 1_194, recomputed: 0.8 * 525 + 0.2 * 3_873),
            Published.Sum(text: "0.8 × 1 169 + 0.2 × 884, ns", published: 1_112, recomputed: 0.8 * 1_169 + 0.2 * 884),
            Published.Sum(
                text: "0.95 × 525 + 0.05 × 3 873, ns", published: 693, recomputed: 0.95 * 525 + 0.05 * 3_873),
            Published.Sum(
                text: "0.95 × 1 169 + 0.05 × 884, ns", published: 1_155, recomputed: 0.95 * 1_169 + 0.05 * 884),
            Published.Sum(text: "1 112 ÷ 997, times", published: 1.12, recomputed: 1_112.0 / 997),
            Published.Sum(text: "7 004 ÷ 997, times", published: 7.02, recomputed: 7_004.0 / 997),
            Published.Sum(text: "1 155 ÷ 693, times", published: 1.67, recomputed: 1_155.0 / 693),
        ])
        return section
    }

    static func sqlite(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.5", "against SQLite, 1M records")
        let million: UInt64 = 1_000_000
        for (row, sqlite, alex, times) in [
            ("phase-query", 2_173.0, 525.0, 4.14), ("phase-mixed", 6_524, 997, 6.54),
        ] {
            for row in [row, row + "-10k"] {
                section.figure(data, row, million, Engines.deferred, published: alex)
                section.figure(data, row, million, "sqlite", published: sqlite)
                section.figures(data, row, million, ["sqlite-tuned", Engines.current])
                section.claim(data, row, million, Engines.deferred, fasterThan: "sqlite", published: times)
                section.claim(data, row, million, Engines.current, fasterThan: "sqlite", published: nil)
            }
        }
        section.say("The document takes its own figures at 100K for those at 1M; measured are both at 1M.")
        section.reckon([
            Published.Sum(text: "2 173 ÷ 525, times", published: 4.14, recomputed: 2_173.0 / 525),
            Published.Sum(text: "6 524 ÷ 997, times", published: 6.54, recomputed: 6_524.0 / 997),
        ])
        return section
    }

    static func remapParts(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.6", "a remap in parts, 100K records")
        let engine = Engines.foundation
        let found = PhaseOne.apart(&section, data, Explanation.insert, engine, records)
        let all = PhaseOne.remap + ["touch"]
        for (what, name, published) in [
            ("open and close of the file", "open", 500.0), ("map", "map", 2_000), ("unmap", "unmap", 500),
            ("virtual memory: the first read through the new map", "touch", 700),
        ] {
            section.part(what, engine, found, [name], published: (published, 3_700), of: all, called: "a remap")
        }
        section.part("the remap and the first read", engine, found, all, published: (3_700, nil))
        section.part("the remap alone: open, map, unmap", engine, found, PhaseOne.remap, published: nil)
        section.say(
            "Virtual memory is measured as what a read of the new record adds to an insert: the page's fault, and its "
                + "end with the map. An insert that nobody reads does without it.")
        section.reckon([
            Published.Sum(
                text: "500 + 2 000 + 500 + 700, ns", published: 3_700, recomputed: 500 + 2_000 + 500 + 700)
        ])
        return section
    }
}
