import Foundation

extension PhaseSection {
    func add(to document: inout ReportDocument) {
        document.heading("\(id): \(title)")
        document.lines(missing.map { "Not measured: \($0.what.joined(separator: ", ")). This makes it: \($0.command)" })
        document.lines(sources.isEmpty ? [] : ["Published on: \(Published.machine)"] + sources)
        let hasShares = lines.contains { $0.share != nil }
        let shares = hasShares ? ["published share", "measured share"] : []
        document.table(
            .init(
                header: ["figure", "backend", "unit", "published", "measured", "interval", "measured ÷ published"]
                    + shares + ["verdict"],
                rows: lines.map { line in
                    (line.cells + (hasShares ? line.shareCells : []) + [line.verdict]).map { .init($0) }
                }))
        document.lines(sentences)
        for picture in pictures { document.blocks.append(.picture(picture.title, file: picture.file)) }
        Self.addArithmetic(sums, to: &document)
    }

    /// The document's own arithmetic, worked out again.
    static func addArithmetic(_ sums: [Published.Sum], to document: inout ReportDocument) {
        let rows = sums.map { sum in
            [
                ReportDocument.Cell(sum.text), .init(CSVReport.number(sum.published)),
                .init(Figures.fixed(sum.recomputed, sum.recomputed < 100 ? 2 : 0)), .init(sum.verdict),
            ]
        }
        document.table(.init(header: ["the document's arithmetic", "published", "recomputed", "verdict"], rows: rows))
    }

    static let columns = [
        "table", "figure", "backend", "unit", "published", "measured", "lower", "upper", "ratio", "verdict", "source",
    ]

    /// The lines as rows of the CSV; a part's share is a row of its own, which has the verdict.
    var csv: [[String]] {
        func number(_ value: Double?) -> String { value.map { $0.isFinite ? CSVReport.number($0) : "" } ?? "" }
        func row(
            _ line: Line, _ what: String, _ unit: Unit, _ published: String, _ measured: Measured?, _ ratio: Double?,
            _ verdict: String
        ) -> [String] {
            [
                id, what, line.system, unit.rawValue, published, number(measured?.value), number(measured?.lower),
                number(measured?.upper), number(ratio), verdict, line.source,
            ]
        }
        return lines.flatMap { line -> [[String]] in
            let published = line.publishedText ?? number(line.published)
            guard let share = line.share else {
                return [row(line, line.what, line.unit, published, line.measured, line.ratio, line.verdict)]
            }
            return [
                row(line, line.what, line.unit, published, line.measured, line.ratio, "–"),
                row(
                    line, "\(line.what), share", .percent, number(share.published), share.measured, nil, line.verdict),
            ]
        }
            + sums.map {
                [
                    id, "arithmetic: \($0.text)", "", "", number($0.published), number($0.recomputed), "", "", "",
                    $0.verdict, "recomputed",
                ]
            }
    }

    // MARK: - Numbers

    static func text(_ value: Double, _ unit: Unit) -> String {
        guard value.isFinite else { return "∞" }
        let text =
            switch unit {
            case .nanoseconds: Breakdown.difference(value)
            case .times: Figures.ratio(value)
            case .percent: percent(value)
            case .count: CSVReport.number(value)
            default: abs(value) < 999.5 ? Figures.short(value) : Figures.fixed(value, 0)
            }
        return text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }

    /// A tenth of a percent, and as many digits more as keep what is short of a hundred from reading as a hundred.
    private static func percent(_ value: Double) -> String {
        var digits = abs(value) < 0.95 ? 2 : 1
        while value < 100, digits < 6, Figures.fixed(value, digits).hasPrefix("100") { digits += 1 }
        return Figures.fixed(value, digits)
    }

    /// The value with its unit: `3.29×`, `41.0 %`.
    static func quantity(_ value: Double, _ unit: Unit) -> String {
        let text = text(value, unit)
        // Long times bring a unit of their own.
        if unit == .nanoseconds, text.last?.isLetter == true { return text }
        switch unit {
        case .times: return text + "×"
        case .count: return text
        default: return "\(text) \(unit.rawValue)"
        }
    }

    /// The interval: `3.1 to 3.4`, with its coverage where that is less than 95 %; a dash where there is none.
    static func interval(_ measured: Measured, _ unit: Unit) -> String {
        let repeats = measured.repeats == 1 ? "– (1 repeat)" : "– (\(measured.repeats) repeats)"
        guard measured.lower.isFinite, measured.upper.isFinite else { return repeats }
        guard measured.lower < measured.upper else { return measured.repeats == 1 ? repeats : "–" }
        let ends = (text(measured.lower, unit), text(measured.upper, unit))
        guard ends.0 != ends.1 else { return "–" }
        let text = "\(ends.0) to \(ends.1)"
        return measured.isLoose ? "\(text) (\(Figures.percent(measured.coverage)))" : text
    }

    /// Value and interval in a sentence: `3.29× (3.11 to 3.40)`.
    static func spelt(_ measured: Measured, _ unit: Unit) -> String {
        let interval = interval(measured, unit).replacing(" (", with: ", ").replacing(")", with: "")
        let value = quantity(measured.value, unit)
        return interval.hasPrefix("–") ? value : "\(value) (\(interval))"
    }
}

extension PhaseSection.Line {
    /// Measured ÷ published, of figures that are no ratios themselves.
    var ratio: Double? {
        guard let measured, let published, published != 0, unit != .times else { return nil }
        return measured.value / published
    }

    var cells: [String] {
        [
            what, system, unit.rawValue, publishedText ?? published.map { PhaseSection.text($0, unit) } ?? "–",
            measured.map { PhaseSection.text($0.value, unit) } ?? absence ?? "not measured",
            measured.map { PhaseSection.interval($0, unit) } ?? "–",
            ratio.map { PhaseSection.text($0, .times) } ?? "–",
        ]
    }

    var shareCells: [String] {
        guard let share else { return ["–", "–"] }
        return [
            PhaseSection.text(share.published, .percent) + " %", PhaseSection.spelt(share.measured, .percent),
        ]
    }
}

extension Published.Sum {
    /// Right as far as rounding goes: of the sum, or of the figures that it was made of before they were rounded.
    var verdict: String {
        let digits = CSVReport.number(published).split(separator: ".").dropFirst().first?.count ?? 0
        let distance = abs(recomputed - published)
        if distance <= max(0.002 * abs(published), 0.501 * pow(10, -Double(digits))) { return "right" }
        let share = distance / abs(published)
        return share < 0.01 ? "off by \(Figures.percent(share))" : "wrong"
    }
}
