/// One table of the phase documents beside its measurement.
struct PhaseTable {
    let id: String
    let title: String
    let records: UInt64
    let figures: [Published.Figure]
    let sums: [Published.Sum]
    var remarks: [String] = []

    static let bulkInsert = PhaseTable(
        id: "P1.1", title: "bulk insert", records: 100_000, figures: [Published.bulk], sums: Published.bulkSums)
    static let query = PhaseTable(
        id: "P1.2", title: "query", records: 100_000, figures: [Published.query], sums: Published.querySums)
    static let mixed = PhaseTable(
        id: "P1.3", title: "mixed", records: 100_000, figures: [Published.mixed], sums: Published.mixedSums)
    static let million = PhaseTable(
        id: "P3.4", title: "against SQLite and RocksDB", records: 1_000_000,
        figures: [Published.queryAtMillion, Published.mixedAtMillion], sums: Published.millionSums,
        remarks: [Published.gauge])

    func add(to document: inout ReportDocument, from results: [String: RunResult]) {
        document.heading("\(id): \(title), \(Figures.scale(records)) records")
        for figure in figures {
            for row in [figure.row, figure.literalRow].compactMap({ $0 }) {
                guard let source = PhaseSource(row: row, records: records, in: results) else {
                    document.lines([PhaseSource.missing(row: row, records: records)])
                    continue
                }
                document.lines(source.description)
                document.table(table(figure, source))
                document.lines(source.restatement(figure, records: records) + sentences(figure, source))
            }
        }
        document.lines(expectedMixed(results) + remarks)
        Self.addArithmetic(sums, to: &document)
    }

    private func table(_ figure: Published.Figure, _ source: PhaseSource) -> ReportDocument.Table {
        var table = ReportDocument.Table(
            header: [
                "\(figure.what), ns an operation", "published", "measured", "measured ÷ published",
                "alex faster, published", "alex faster, measured", "verdict",
            ], rows: [])
        for engine in source.engines {
            guard let interval = source.interval(engine) else { continue }
            let published = source.published(figure, engine)
            table.rows.append([
                .init(engine + (engine == Roster.subject ? "" : published.map { " (published: \($0.system))" } ?? "")),
                .init(published.map { Figures.nanoseconds($0.nanoseconds) } ?? "–"),
                .init(PhaseSource.text(interval)),
                .init(published.map { Figures.ratio(interval.median / $0.nanoseconds) } ?? "–"),
                .init(publishedRatio(figure, published, engine)), .init(source.measuredRatio(engine)),
                .init(verdict(figure, published, engine, source).word),
            ])
        }
        return table
    }

    /// 0.8 of a query and 0.2 of a load's insert beside the mixed figure, as the document reckons it.
    private func expectedMixed(_ results: [String: RunResult]) -> [String] {
        guard figures.contains(where: { $0.row == Published.mixed.row }),
            let load = PhaseSource(row: Published.bulk.row, records: records, in: results),
            let query = PhaseSource(row: Published.query.row, records: records, in: results),
            let mixed = PhaseSource(row: Published.mixed.row, records: records, in: results)
        else { return [] }
        return mixed.engines.compactMap { engine in
            guard let insert = load.interval(engine)?.median, let read = query.interval(engine)?.median,
                let measured = mixed.interval(engine)?.median
            else { return nil }
            let expected = Figures.nanoseconds(0.8 * read + 0.2 * insert)
            return "Mixed, \(engine): 0.8 of a query and 0.2 of a bulk insert would be \(expected) ns, measured are "
                + "\(Figures.nanoseconds(measured)) ns (the mix inserts one record at a time)"
        }
    }

    private func publishedRatio(
        _ figure: Published.Figure, _ published: (nanoseconds: Double, system: String)?, _ engine: String
    ) -> String {
        guard let published, engine != Roster.subject else { return "–" }
        return Figures.ratio(published.nanoseconds / figure.alex)
    }

    /// Whether document and measurement agree, in a word and, where they don't, in a sentence.
    private func verdict(
        _ figure: Published.Figure, _ published: (nanoseconds: Double, system: String)?, _ engine: String,
        _ source: PhaseSource
    ) -> (word: String, sentence: String?) {
        guard let published, engine != Roster.subject, let speed = source.speed(engine) else { return ("–", nil) }
        let expected = published.nanoseconds / figure.alex
        let begin =
            "\(id), \(source.row), \(engine): in the document alex is \(Figures.ratio(expected)) times as fast as "
            + "\(published.system), measured \(source.measuredRatio(engine)) times"
        if (speed.lower...speed.upper).contains(expected) { return ("reproduced", nil) }
        if speed.lower <= 1, speed.upper >= 1 { return ("not reproduced", "\(begin): no difference can be told.") }
        if (speed.ratio > 1) != (expected > 1) { return ("contradicted", "\(begin): the other one is faster.") }
        let size = speed.ratio > expected ? "larger" : "smaller"
        return ("\(size) ratio", "\(begin): the same one is faster, the ratio is \(size).")
    }

    private func sentences(_ figure: Published.Figure, _ source: PhaseSource) -> [String] {
        let lines = source.engines.compactMap { engine in
            verdict(figure, source.published(figure, engine), engine, source).sentence
        }
        // What speaks against the engine stands first.
        let against = lines.filter { !$0.hasSuffix("larger.") }
        return against + lines.filter { $0.hasSuffix("larger.") } + source.assertionNotes
    }

    /// The document's own arithmetic, worked out again.
    static func addArithmetic(_ sums: [Published.Sum], to document: inout ReportDocument) {
        let rows = sums.map { sum in
            // A published figure may be rounded, or the quotient of figures that were not yet rounded.
            let isRight = abs(sum.recomputed - sum.published) <= 0.008 * abs(sum.published)
            return [
                ReportDocument.Cell(sum.text), .init(CSVReport.number(sum.published)),
                .init(Figures.fixed(sum.recomputed, sum.recomputed < 100 ? 2 : 0)), .init(isRight ? "right" : "wrong"),
            ]
        }
        document.table(.init(header: ["the document's arithmetic", "published", "recomputed", "verdict"], rows: rows))
    }
}
