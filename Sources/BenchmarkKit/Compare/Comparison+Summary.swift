extension Comparison {
    /// Markdown for a job's summary page: the outcome in the heading, changed figures, everything else folded away.
    var summary: String {
        var document = ReportDocument()
        document.heading("alexbench compare: \(headline)", level: 3)
        if case .notComparable(let differences) = outcome {
            document.lines(differences)
            return document.markdown
        }
        let changed = changes.filter { ![.unclear, .equal, .within].contains($0.verdict) }
        document.table(table(changed))
        document.lines(geometricMeans + closing)
        var rest = ReportDocument()
        rest.lines(
            [
                "Base: \(base.command), commit \(base.commit), \(base.date)",
                "Candidate: \(candidate.command), commit \(candidate.commit), \(candidate.date)",
            ])
        rest.table(table(changes))
        return document.markdown + "\n<details><summary>All \(changes.count) figures</summary>\n\n" + rest.markdown
            + "\n</details>\n"
    }

    private var headline: String {
        switch outcome {
        case .fine: "no regression"
        case .regression(let names): names.count == 1 ? "1 regression" : "\(names.count) regressions"
        case .notComparable: "not comparable"
        }
    }
}
