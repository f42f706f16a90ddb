import Foundation

/// One table of the phase documents: lines of published and measured figures, and what has to be said of them.
struct PhaseSection {
    /// A median or a ratio with its interval.
    struct Measured: Hashable {
        var value: Double
        var lower: Double
        var upper: Double

        init(_ interval: MedianInterval) { (value, lower, upper) = (interval.median, interval.lower, interval.upper) }
        init(_ ratio: RatioEstimate) { (value, lower, upper) = (ratio.ratio, ratio.lower, ratio.upper) }

        init(_ value: Double) { (self.value, lower, upper) = (value, value, value) }

        /// In another unit.
        func times(_ factor: Double) -> Measured {
            var copy = self
            (copy.value, copy.lower, copy.upper) = (value * factor, lower * factor, upper * factor)
            return copy
        }

        /// One thousand over it: nanoseconds as millions a second.
        var asRate: Measured {
            var copy = self
            (copy.value, copy.lower, copy.upper) = (1_000 / value, 1_000 / upper, 1_000 / lower)
            return copy
        }
    }

    enum Unit: String {
        case nanoseconds = "ns"
        case milliseconds = "ms"
        case seconds = "s"
        case millionsPerSecond = "M/s"
        case times = "×"
        case percent = "%"
        case count = "count"
    }

    struct Line {
        var what: String
        var system: String
        var unit: Unit
        var published: Double?
        /// How the document puts it, where that is no plain number: `10–20×`.
        var publishedText: String?
        var measured: Measured?
        var verdict = "–"
        var source = ""
        /// Why there is no figure, where that is another reason than a missing result.
        var absence: String?
    }

    let id: String
    let title: String
    private(set) var lines: [Line] = []
    private(set) var sentences: [String] = []
    private var sources: [String] = []
    private var missing: [String] = []
    private(set) var sums: [Published.Sum] = []
    private(set) var pictures: [(title: String, file: String)] = []

    init(_ id: String, _ title: String) {
        self.id = id
        self.title = title
    }

    // MARK: - Filling

    mutating func add(_ line: Line) { lines.append(line) }
    mutating func say(_ sentence: String) { if !sentences.contains(sentence) { sentences.append(sentence) } }
    mutating func reckon(_ sums: [Published.Sum]) { self.sums += sums }
    mutating func show(_ title: String, _ file: String) { pictures.append((title, file)) }

    mutating func need(_ row: String, _ records: UInt64) {
        let line =
            "Not measured: \(row) at \(Figures.scale(records)). This makes it: \(PhaseEngines.command(row, records))"
        if !missing.contains(line) { missing.append(line) }
    }

    mutating func note(_ name: String, _ result: RunResult) {
        let machine = result.environment
        let line =
            "Measured on: \(machine.cpu), \(machine.cores) cores, \(machine.kernel), \(machine.fileSystem), "
            + "\(machine.swiftName); \(name), \(result.date), commit \(result.commit)"
        if !sources.contains(line) { sources.append(line) }
        for warning in result.backends where warning.library.contains("assertions on") {
            say(
                "\(warning.name) was built with its assertions on, 1.4 to 1.8 times slower: no ratio for publishing. "
                    + "'make rivals' builds it without.")
        }
    }

    /// An engine's figure in a row: a line, measured or not.
    mutating func figure(
        _ what: String, _ data: PhaseData, _ row: String, _ records: UInt64, _ engine: String,
        published: Double? = nil, unit: Unit = .nanoseconds,
        _ change: (Measured) -> Measured = { $0 }
    ) {
        var line = Line(what: what, system: engine, unit: unit, published: published)
        if let place = data.place(row, records, [engine]), let interval = place.interval(engine) {
            note(place.name, place.result)
            line.measured = change(Measured(interval))
            line.source = place.name
        } else if published != nil {
            need(row, records)
        } else {
            // Of engines that merely stand beside, only those that ran.
            return
        }
        add(line)
    }

    /// The claim that one engine is so many times as fast as another.
    mutating func claim(
        _ data: PhaseData, _ row: String, _ records: UInt64, _ engine: String, fasterThan other: String,
        published: Double?
    ) {
        var line = Line(
            what: "\(row): \(engine) faster than \(other)", system: engine, unit: .times, published: published)
        guard let place = data.place(row, records, [engine, other]), let ratio = place.ratio(other, to: engine) else {
            if published != nil {
                need(row, records)
                add(line)
            }
            return
        }
        note(place.name, place.result)
        line.measured = Measured(ratio)
        line.source = place.name
        if let published {
            let verdict = Self.verdict(published, Measured(ratio))
            line.verdict = verdict.word
            if let clause = verdict.clause {
                say(
                    "\(id), \(row), \(engine) against \(other): the document has \(Figures.ratio(published)) times, "
                        + "measured are \(Figures.ratio(ratio.ratio)): \(clause).")
            }
        }
        add(line)
    }

    /// Whether a ratio is what was published, in a word and, where not, in a clause.
    static func verdict(_ published: Double, _ measured: Measured) -> (word: String, clause: String?) {
        if (measured.lower...measured.upper).contains(published) { return ("reproduced", nil) }
        if measured.lower <= 1, measured.upper >= 1 { return ("not reproduced", "no difference can be told") }
        if (measured.value > 1) != (published > 1) { return ("contradicted", "it is the other way round") }
        let size = measured.value > published ? "larger" : "smaller"
        return ("\(size) ratio", "the same one is faster, the ratio is \(size)")
    }

    /// A demand on a measured value: met, short, or undecided where the interval holds its bound.
    mutating func demand(
        _ what: String, _ system: String, _ text: String, unit: Unit, _ measured: Measured?, source: String,
        atLeast: Double? = nil, atMost: Double? = nil
    ) {
        var line = Line(what: what, system: system, unit: unit, publishedText: text, measured: measured)
        line.source = source
        if let measured {
            let isMet = atLeast.map { measured.lower >= $0 } ?? true && atMost.map { measured.upper <= $0 } ?? true
            let isShort = atLeast.map { measured.upper < $0 } ?? false || atMost.map { measured.lower > $0 } ?? false
            line.verdict = isMet ? "met" : isShort ? "not met" : "undecided"
            if !isMet {
                say(
                    "\(id), \(what): demanded is \(text), measured are \(Self.text(measured.value, unit)) "
                        + "\(unit.rawValue): \(line.verdict).")
            }
        } else {
            line.verdict = "not measured"
        }
        add(line)
    }

    // MARK: - Setting

    func add(to document: inout ReportDocument) {
        document.heading("\(id): \(title)")
        document.lines(missing)
        document.lines(sources.isEmpty ? [] : ["Published on: \(Published.machine)"] + sources)
        document.table(
            .init(
                header: [
                    "figure", "backend", "unit", "published", "measured", "interval", "measured ÷ published", "verdict",
                ],
                rows: lines.map { $0.cells.map { .init($0) } }))
        document.lines(sentences)
        for picture in pictures { document.blocks.append(.picture(picture.title, file: picture.file)) }
        Self.addArithmetic(sums, to: &document)
    }

    /// The document's own arithmetic, worked out again.
    static func addArithmetic(_ sums: [Published.Sum], to document: inout ReportDocument) {
        let rows = sums.map { sum in
            // A published figure may be rounded, or the quotient of figures that were not yet rounded.
            let digits = CSVReport.number(sum.published).split(separator: ".").dropFirst().first?.count ?? 0
            let rounding = 0.501 * pow(10, -Double(digits))
            let isRight = abs(sum.recomputed - sum.published) <= max(0.008 * abs(sum.published), rounding)
            return [
                ReportDocument.Cell(sum.text), .init(CSVReport.number(sum.published)),
                .init(Figures.fixed(sum.recomputed, sum.recomputed < 100 ? 2 : 0)), .init(isRight ? "right" : "wrong"),
            ]
        }
        document.table(.init(header: ["the document's arithmetic", "published", "recomputed", "verdict"], rows: rows))
    }

    static let columns = [
        "table", "figure", "backend", "unit", "published", "measured", "lower", "upper", "ratio", "verdict", "source",
    ]

    /// The lines as rows of the CSV.
    var csv: [[String]] {
        func number(_ value: Double?) -> String { value.map { $0.isFinite ? CSVReport.number($0) : "" } ?? "" }
        return lines.map { line in
            [
                id, line.what, line.system, line.unit.rawValue, line.publishedText ?? number(line.published),
                number(line.measured?.value), number(line.measured?.lower), number(line.measured?.upper),
                number(line.ratio), line.verdict, line.source,
            ]
        }
            + sums.map {
                [
                    id, "arithmetic: \($0.text)", "", "", number($0.published), number($0.recomputed), "", "", "", "",
                    "recomputed",
                ]
            }
    }

    static func text(_ value: Double, _ unit: Unit) -> String {
        guard value.isFinite else { return "∞" }
        switch unit {
        case .nanoseconds: return Breakdown.difference(value)
        case .times: return Figures.ratio(value)
        case .percent: return Figures.fixed(value, 1)
        case .count: return CSVReport.number(value)
        default: return Figures.short(value)
        }
    }
}

extension PhaseSection.Line {
    /// Measured ÷ published, of figures that are no ratios themselves.
    var ratio: Double? {
        guard let measured, let published, published != 0, unit != .times else { return nil }
        return measured.value / published
    }

    var cells: [String] {
        func text(_ value: Double) -> String { PhaseSection.text(value, unit) }
        let interval = measured.map { $0.lower == $0.upper ? "–" : "\(text($0.lower)) to \(text($0.upper))" }
        return [
            what, system, unit.rawValue, publishedText ?? published.map(text) ?? "–",
            measured.map { text($0.value) } ?? absence ?? "not measured", interval ?? "–",
            ratio.map(Figures.ratio) ?? "–", verdict,
        ]
    }
}
