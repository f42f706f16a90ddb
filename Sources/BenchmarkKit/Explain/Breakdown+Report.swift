extension Breakdown {
    /// The breakdowns of a result, or `nil` for a result of another kind.
    public static func render(_ result: RunResult, format: ResultFormat, colour: Bool, width: Int) -> String? {
        let all = all(of: result)
        guard !all.isEmpty else { return nil }
        var document = ReportDocument()
        document.lines(ResultReport(result).header(isBrief: format == .text))
        for breakdown in all { breakdown.add(to: &document) }
        return format == .markdown ? document.markdown : document.text(colour: colour, width: width)
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
            table.rows.append([
                .init(name), .init(published[key]?.projected.map(Figures.nanoseconds) ?? "–"),
                .init(published[key]?.measured.map(Figures.nanoseconds) ?? "–"), .init(Self.text(interval)),
                .init(share ? Figures.percent(interval.median / whole.median) : "–"),
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
        let sums =
            "The steps sum to \(Figures.nanoseconds(sum.median)) ns, the whole is \(Figures.nanoseconds(whole.median)) "
            + "ns (\(Figures.nanoseconds(whole.lower)) to \(Figures.nanoseconds(whole.upper)))"
        if agrees { return [sums + ": they agree within the interval."] }
        let distance = whole.median - sum.median
        return [
            sums + ": they do not agree, \(Figures.nanoseconds(abs(distance))) ns "
                + (distance > 0 ? "are in no step." : "more are in the steps than in the whole.")
        ]
    }
}
