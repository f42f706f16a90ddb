extension Breakdown {
    /// The breakdowns of a result, or `nil` for a result of another kind.
    public static func render(_ result: RunResult, format: ResultFormat, colour: Bool, width: Int) -> String? {
        let all = all(of: result)
        guard !all.isEmpty else { return nil }
        var document = ReportDocument()
        document.lines(header(result, isBrief: format == .text))
        for breakdown in all { breakdown.add(to: &document) }
        return format == .markdown ? document.markdown : document.text(colour: colour, width: width)
    }

    /// The result's header. In brief the steps have one line, for they say the same of themselves.
    private static func header(_ result: RunResult, isBrief: Bool) -> [String] {
        guard isBrief, let step = result.backends.first(where: { Roster.isStep($0.name) }) else {
            return ResultReport(result).header(isBrief: isBrief)
        }
        var whole = result
        whole.backends.removeAll { Roster.isStep($0.name) }
        let steps = result.backends.count - whole.backends.count
        return ResultReport(whole).header(isBrief: true)
            + ["\(steps) steps, each: \(step.library); \(step.durabilitySettings)"]
    }

    func add(to document: inout ReportDocument) {
        document.heading("\(row), \(backend), \(Figures.scale(records)) records: ns an operation")
        document.table(table)
        document.lines(sentences)
    }

    /// What each step is called in a report, and what it is.
    static func words(_ part: String) -> String {
        switch part {
        case "loop": "harness's loop"
        case "index-lookup": "index lookup"
        case "map-read": "map read"
        case "header": "length header"
        case "check": "bounds checks"
        case "allocation": "copy: allocation"
        case "copy": "copy: bytes"
        case "wrapping": "result wrapping"
        case "file-write": "file write"
        case "open": "remap: open"
        case "map": "remap: map"
        case "unmap": "remap: unmap"
        case "index-insert": "index insert"
        case "touch": "first read through the new map"
        default: part
        }
    }

    private var table: ReportDocument.Table {
        var table = ReportDocument.Table(
            header: ["step", "published: projected", "published: measured", "measured", "share of the whole"], rows: [])
        let published = Published.parts(of: row, backend: backend, records: records)
        func add(_ name: String, _ key: String, _ interval: MedianInterval, share: Bool = true) {
            let isTime = Self.isTime(interval)
            table.rows.append([
                .init(name), .init(published[key]?.projected.map(Figures.nanoseconds) ?? "–"),
                .init(published[key]?.measured.map(Figures.nanoseconds) ?? "–"),
                .init(isTime ? Self.text(interval) : "can't be told from nothing"),
                .init(share && isTime ? Figures.percent(interval.median / whole.median) : "–"),
            ])
        }
        for part in parts { add(Self.words(part.name), part.name, part.interval) }
        if !isComplete { add("the rest", "rest", rest) }
        add("sum of the steps", "sum", isComplete ? sum : whole)
        add("whole, as \(backend) does it", "whole", whole)
        for part in beyond { add("beyond the whole: \(Self.words(part.name))", part.name, part.interval, share: false) }
        return table
    }

    /// A difference with its interval: a share says little of one that is near zero.
    static func text(_ interval: MedianInterval) -> String {
        let arm = max(interval.upper - interval.median, interval.median - interval.lower)
        let text = Self.difference(interval.median)
        return interval.count > 1 ? "\(text) ± \(Figures.nanoseconds(arm))" : text
    }

    static func difference(_ nanoseconds: Double) -> String {
        // What rounds to nothing has no sign.
        let text = Figures.nanoseconds(abs(nanoseconds))
        return nanoseconds < 0 && text != "0.00" ? "−" + text : text
    }

    var sentences: [String] {
        guard isComplete else {
            return ["Only the index is known apart: the rest is the whole less the steps, and adds up by its making."]
        }
        let difference =
            "The steps sum to \(Figures.nanoseconds(sum.median)) ns, the whole is \(Figures.nanoseconds(whole.median)) "
            + "ns; the difference, repeat by repeat, is \(Self.difference(rest.median)) ns"
        guard rest.count > 1 else { return [difference + ": one repeat does not tell whether they agree."] }
        let interval = " (\(Self.difference(rest.lower)) to \(Self.difference(rest.upper)))"
        if agrees { return [difference + interval + ": they agree, for the interval holds 0."] }
        return [
            difference + interval + ": they do not agree, "
                + (rest.median > 0 ? "so much is in no step." : "so much more is in the steps than in the whole.")
        ]
    }
}
