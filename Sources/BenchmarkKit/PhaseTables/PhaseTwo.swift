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
            section.figure(
                "\(step.what), before", data, step.row, records, Engines.foundation, published: step.alex.before)
            section.figure(
                "\(step.what), after", data, step.row, records, Engines.deferred, published: step.alex.after)
            section.figure(
                "\(step.what), before", data, step.row, records, Engines.rocksStorage,
                published: step.rocksStorage.before)
            section.figure(
                "\(step.what), after", data, step.row, records, Engines.rocksStorage,
                published: step.rocksStorage.after)
            section.figure("\(step.what), today", data, step.row, records, Engines.current)
            section.claim(
                data, step.row, records, Engines.foundation, fasterThan: Engines.rocksStorage,
                published: step.rocksStorage.before / step.alex.before)
            section.claim(
                data, step.row, records, Engines.deferred, fasterThan: Engines.rocksStorage,
                published: step.rocksStorage.after / step.alex.after)
        }
        section.say(
            "RocksStorage did not change between the two: its two published figures are two runs of one program, and "
                + "stand beside one measurement. Of its queries they differ by 1.59 times.")
        section.reckon(Published.stepSums)
        return section
    }

    static func improvement(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.2", "improvement by deferred remapping, 100K records")
        for (row, published) in [("phase-load", 1.02), ("phase-query", 1.02), ("phase-mixed", 4.47)] {
            section.claim(
                data, row, records, Engines.deferred, fasterThan: Engines.foundation, published: published)
        }
        section.reckon(Array(Published.stepSums.prefix(3)))
        return section
    }

    /// Bytes of a record in `Workloads/phase-growth.json`: header and value.
    private static let growthRecordBytes = 12 + 1_000
    private static let growthInserts = 50_000

    static func growth(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.3", "inserts of 1 000 bytes against the growth of the map")
        let row = "phase-growth"
        let all: [(engine: String, what: String, bytes: Int?, theory: Double?)] = [
            (Engines.foundation, "every write", nil, 3_950), ("\(Engines.deferred)-1m", "1 MiB", 1 << 20, nil),
            ("\(Engines.deferred)-4m", "4 MiB", 4 << 20, nil), (Engines.deferred, "16 MiB", 16 << 20, 254),
            ("\(Engines.deferred)-64m", "64 MiB", 64 << 20, nil),
        ]
        for one in all {
            section.figure(
                "a write, a new map after \(one.what)", data, row, growthRecords, one.engine,
                published: one.theory)
            var remaps = PhaseSection.Line(
                what: "new maps for \(growthInserts) inserts, reckoned from their bytes", system: one.engine,
                unit: .count)
            let count = one.bytes.map { Double(growthInserts * growthRecordBytes) / Double($0) }
            remaps.measured = PhaseSection.Measured((count ?? Double(growthInserts)).rounded())
            remaps.source = "arithmetic"
            section.add(remaps)
        }
        if data.place(row, growthRecords, [Engines.deferred]) == nil { section.need(row, growthRecords) }
        section.claim(data, row, growthRecords, Engines.deferred, fasterThan: Engines.foundation, published: 15.6)
        section.reckon([
            Published.Sum(text: "100 + 50 + 3 700 + 100, ns", published: 3_950, recomputed: 3_950),
            Published.Sum(text: "100 + 50 + 3 700 ÷ 1 000 + 100, ns", published: 254, recomputed: 253.7),
            Published.Sum(text: "3 950 ÷ 254, times", published: 15.6, recomputed: 3_950.0 / 254),
            Published.Sum(text: "3 700 ÷ 16 384, ns", published: 0.23, recomputed: 3_700.0 / 16_384),
        ])
        return section
    }

    static let growthRecords: UInt64 = 10_000

    static func mixes(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.4", "two mixes, expected and measured, 100K records")
        let all: [(name: String, row: String, reads: Double, alex: Double, rocks: Double, measured: Double?)] = [
            ("OLTP 80/20", "phase-mixed", 0.8, 1_194, 1_112, 997),
            ("analytics 95/5", "phase-analytics", 0.95, 693, 1_155, nil),
        ]
        for mix in all {
            PhaseOne.expected(
                &section, data, records, Engines.deferred, reads: mix.reads, mixed: mix.row, published: mix.alex)
            PhaseOne.expected(
                &section, data, records, Engines.rocksStorage, reads: mix.reads, mixed: mix.row,
                published: mix.rocks)
            section.figure(
                "\(mix.name), measured", data, mix.row, records, Engines.deferred, published: mix.measured)
            for engine in [Engines.rocksStorage] + Engines.beside {
                section.figure("\(mix.name), measured", data, mix.row, records, engine)
            }
            section.claim(
                data, mix.row, records, Engines.deferred, fasterThan: Engines.rocksStorage,
                published: mix.rocks / (mix.measured ?? mix.alex))
        }
        section.reckon([
            Published.Sum(text: "0.8 × 525 + 0.2 × 3 873, ns", published: 1_194, recomputed: 0.8 * 525 + 0.2 * 3_873),
            Published.Sum(text: "0.8 × 1 169 + 0.2 × 884, ns", published: 1_112, recomputed: 0.8 * 1_169 + 0.2 * 884),
            Published.Sum(
                text: "0.95 × 525 + 0.05 × 3 873, ns", published: 693, recomputed: 0.95 * 525 + 0.05 * 3_873),
            Published.Sum(
                text: "0.95 × 1 169 + 0.05 × 884, ns", published: 1_155, recomputed: 0.95 * 1_169 + 0.05 * 884),
        ])
        return section
    }

    static func sqlite(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P2.5", "against SQLite, 1M records")
        let million: UInt64 = 1_000_000
        for (row, sqlite, alex, times) in [
            ("phase-query", 2_173.0, 525.0, 4.14), ("phase-mixed", 6_524, 997, 6.54),
        ] {
            section.figure(row, data, row, million, Engines.deferred, published: alex)
            section.figure(row, data, row, million, "sqlite", published: sqlite)
            section.figure(row, data, row, million, "sqlite-tuned")
            section.figure(row, data, row, million, Engines.current)
            section.claim(data, row, million, Engines.deferred, fasterThan: "sqlite", published: times)
            section.claim(data, row, million, Engines.current, fasterThan: "sqlite", published: nil)
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
        let found = data.breakdown(Explanation.insert, Engines.foundation, records)
        if found == nil { section.need(Explanation.insert, records) }
        PhaseOne.part(&section, found, "open and close of the file", ["open"], published: 500)
        PhaseOne.part(&section, found, "map", ["map"], published: 2_000)
        PhaseOne.part(&section, found, "unmap", ["unmap"], published: 500)
        PhaseOne.part(
            &section, found, "virtual memory: the first read through the new map", ["touch"], published: 700)
        PhaseOne.part(&section, found, "the remap: open, map, unmap", PhaseOne.remap, published: 3_700)
        section.say(
            "Virtual memory is measured as what a read of the new record adds to an insert: the page's fault, and its "
                + "end with the map. It lies beyond an insert that nobody reads, so the remap's sum is without it.")
        section.reckon([
            Published.Sum(
                text: "500 + 2 000 + 500 + 700, ns", published: 3_700, recomputed: 500 + 2_000 + 500 + 700)
        ])
        return section
    }
}
