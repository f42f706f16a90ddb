/// The targets beside what the results measured: `Results/targets.md`.
///
/// Steps: for each clause take the result that has all of its engines in its row, the floor too if any has, with the
/// most repeats; make the ratio from the pairs of repeats; judge its median. What is short stands first.
struct TargetTable {
    let results: [String: RunResult]
    private let indices: [String: SampleIndex]

    /// What a clause came to.
    enum Outcome: Int, Comparable {
        case short, missing, unavailable, metAtFloor, met

        static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
    }

    /// A row of the table.
    struct Line {
        var outcome: Outcome
        var cells: [String]
    }

    init(_ results: [String: RunResult]) {
        self.results = results
        indices = results.mapValues { SampleIndex($0) }
    }

    var markdown: String {
        var document = ReportDocument()
        document.heading("Targets", level: 1)
        document.lines([
            "Made by 'make report' from the results in this folder; edit nothing here by hand.",
            "Unless a row says otherwise: 1M records, 100-byte values, class process, one thread. Ratios are "
                + "medians of paired repeats of one run, ± the longer arm of the 95 % interval. SQLite is the faster "
                + "of its two configurations. A ratio that is short is met all the same at \(Targets.floorShare) "
                + "times the time of \(Targets.floor) or less.",
            "E14 and E15 (single inserts at 10M, memory) and the learned index alone stand in index-targets.md.",
        ])
        let lines = lines()
        let met = lines.filter { $0.outcome >= .metAtFloor }.count
        let short = lines.filter { $0.outcome == .short }.count
        document.lines(["Of \(lines.count) clauses \(met) are met and \(short) are short; what is short stands first."])
        document.table(
            .init(
                header: ["target", "row", "demand", "alex", "the other", "measured", "verdict"],
                rows: lines.map { $0.cells.map { .init($0) } }))
        document.lines(tuningBugs())
        return document.markdown
    }

    /// Every clause, the short ones first, else in the order of the targets.
    func lines() -> [Line] {
        let all = Targets.all.flatMap { target in target.clauses.map { line($0, of: target) } }
        let rank: [Outcome: Int] = [.short: 0, .missing: 1, .unavailable: 3, .metAtFloor: 2, .met: 2]
        return all.enumerated().sorted {
            (rank[$0.element.outcome] ?? 0, $0.offset) < (rank[$1.element.outcome] ?? 0, $1.offset)
        }.map(\.element)
    }

    private func line(_ clause: Targets.Clause, of target: Targets.Target) -> Line {
        let begin = ["\(target.id) \(target.what)", target.row]
        switch clause {
        case .unavailable(let demand, let why):
            return Line(outcome: .unavailable, cells: begin + [demand, "n/a", "n/a", "n/a", "n/a: \(why)"])
        case .rate(let above):
            return rate(above, target, begin)
        case .itself(let times, let row, let threads, let metric):
            return itself(times, target, row, threads, metric, begin)
        case .time(let atMost, let metric):
            return time(atMost, target, metric, begin)
        case .harness(let metric, let atMost):
            return harness(metric, atMost, target, begin)
        case .within(let times, let floor, let metric):
            let demand = "≤ \(CSVReport.number(times)) times the time of \(floor)\(suffix(metric))"
            return compared(target, metric, [floor], begin + [demand]) { time, _ in
                (isMet: time <= times, isTime: true, of: times)
            }
        case .faster(let times, let rivals, let metric):
            let who = rivals.count > 1 ? "the faster of \(rivals.joined(separator: " and "))" : rivals[0]
            let demand = "≥ \(CSVReport.number(times)) times as fast as \(who)\(suffix(metric))"
            return compared(target, metric, rivals, begin + [demand]) { _, speed in
                (isMet: speed >= times, isTime: false, of: times)
            }
        }
    }

    private func suffix(_ metric: String) -> String {
        if Metric.isPercentile(metric) { return ", \(Metric.percentileName(metric))" }
        return metric == Metric.dependent ? ", dependent reads" : ""
    }

    /// A clause that holds alex against the fastest of some engines. `judge` takes the ratio as time and as speed.
    private func compared(
        _ target: Targets.Target, _ metric: String, _ others: [String], _ begin: [String],
        _ judge: (_ time: Double, _ speed: Double) -> (isMet: Bool, isTime: Bool, of: Double)
    ) -> Line {
        guard let (name, row) = source(target, metric, [target.subject] + others), let index = indices[name],
            let (other, its) = fastest(of: others, index, row, metric),
            let mine = index.median(row, metric, target.subject),
            let speed = index.ratio(row, metric, other, to: target.subject)
        else { return missing(target, begin) }
        if let result = results[name], Roster.hasAssertions(other, in: result) {
            let why = "\(other) was built with its assertions on: no ratio is published; 'make rivals'"
            return Line(outcome: .missing, cells: begin + [Figures.time(mine), "–", "–", why])
        }
        let verdict = judge(speed.inverse.ratio, speed.ratio)
        let shown = verdict.isTime ? speed.inverse : speed
        let arm = shown.halfWidth.isFinite ? " ± \(Figures.ratio(shown.halfWidth))" : ""
        let cells =
            begin + [
                Figures.time(mine), "\(Figures.time(its)) (\(other))",
                Figures.ratio(shown.ratio) + arm,
            ]
        if verdict.isMet { return Line(outcome: .met, cells: cells + ["met"]) }
        let short = "short: \(Figures.ratio(shown.ratio)) of \(CSVReport.number(verdict.of))"
        guard !verdict.isTime, let floor = index.ratio(row, metric, target.subject, to: Targets.floor) else {
            return Line(outcome: .short, cells: cells + [short])
        }
        let beside = "\(Figures.ratio(floor.ratio)) times the time of \(Targets.floor)"
        if floor.ratio <= Targets.floorShare {
            return Line(outcome: .metAtFloor, cells: cells + ["met at the floor: \(beside)"])
        }
        return Line(outcome: .short, cells: cells + ["\(short) (\(beside))"])
    }

    private func fastest(
        of engines: [String], _ index: SampleIndex, _ row: SampleIndex.Row, _ metric: String
    ) -> (name: String, median: Double)? {
        engines.compactMap { name in index.median(row, metric, name).map { (name: name, median: $0) } }
            .min { $0.median < $1.median }
    }

    private func rate(_ above: Double, _ target: Targets.Target, _ begin: [String]) -> Line {
        let begin = begin + ["> \(Figures.short(above)) operations a second"]
        guard let (name, row) = source(target, Metric.operationsPerSecond, [target.subject]),
            let interval = indices[name].flatMap({
                MedianInterval($0.values(row, Metric.operationsPerSecond, target.subject))
            })
        else { return missing(target, begin) }
        let error = interval.relativeError.map { " ±" + Figures.percent($0) } ?? ""
        let isMet = interval.median > above
        let figure = Figures.short(interval.median)
        return Line(
            outcome: isMet ? .met : .short, cells: begin + [figure, "–", figure + error, isMet ? "met" : "short"])
    }

    /// A clause that holds alex in one row against itself in another.
    private func itself(
        _ times: Double, _ target: Targets.Target, _ other: String, _ threads: Int, _ metric: String, _ begin: [String]
    ) -> Line {
        let what = other == target.row ? "with 1 thread" : "in \(other)"
        let begin = begin + ["≥ \(CSVReport.number(times)) times its own rate \(what)"]
        guard let (name, row) = source(target, metric, [target.subject]), let index = indices[name],
            let base = index.rows.first(where: {
                $0.workload == other && $0.threads == threads && $0.scale == row.scale
                    && $0.valueBytes == row.valueBytes && $0.durability == row.durability
            }),
            let ratio = index.ratio(metric, target.subject, row, to: base),
            let mine = index.median(row, metric, target.subject), let its = index.median(base, metric, target.subject)
        else { return missing(target, begin) }
        let arm = ratio.halfWidth.isFinite ? " ± \(Figures.ratio(ratio.halfWidth))" : ""
        let isMet = ratio.ratio >= times
        let verdict = isMet ? "met" : "short: \(Figures.ratio(ratio.ratio)) of \(CSVReport.number(times))"
        let cells = ["\(Figures.short(mine))/s", "\(Figures.short(its))/s", Figures.ratio(ratio.ratio) + arm, verdict]
        return Line(outcome: isMet ? .met : .short, cells: begin + cells)
    }

    private func time(_ atMost: Double, _ target: Targets.Target, _ metric: String, _ begin: [String]) -> Line {
        let begin = begin + ["≤ \(CSVReport.number(atMost)) ns\(suffix(metric))"]
        guard let (name, row) = source(target, metric, [target.subject]),
            let median = indices[name]?.median(row, metric, target.subject)
        else { return missing(target, begin) }
        let isMet = median <= atMost
        let figure = Figures.time(median)
        return Line(
            outcome: isMet ? .met : .short, cells: begin + [figure, "–", figure, isMet ? "met" : "short"])
    }

    /// The harness is the tool's own, so the run that began last speaks for it.
    private func harness(_ metric: String, _ atMost: Double, _ target: Targets.Target, _ begin: [String]) -> Line {
        let begin = begin + ["\(metric) ≤ \(CSVReport.number(atMost)) ns"]
        let runs = results.map { name, result in
            let samples = result.samples.filter {
                $0.workload == target.row && $0.metric == metric && $0.scale == Targets.records
                    && $0.valueBytes == Targets.valueBytes
            }
            return (date: result.date, name: name, values: samples.map(\.value))
        }
        let last = runs.filter { !$0.values.isEmpty }.max { ($0.date, $0.name) < ($1.date, $1.name) }
        guard let last, let median = Statistics.median(last.values) else { return missing(target, begin) }
        let isMet = median <= atMost
        let figure = "\(Figures.time(median)), \(last.values.count) samples of \(last.name)"
        return Line(outcome: isMet ? .met : .short, cells: begin + ["–", "–", figure, isMet ? "met" : "short"])
    }

    private func missing(_ target: Targets.Target, _ begin: [String]) -> Line {
        Line(
            outcome: .missing,
            cells: begin + ["–", "–", "–", "not measured; this does: \(Targets.command(target))"])
    }

    /// The result that has the row with all these engines: one with the floor beside them if there is one, as a row may
    /// be met there; of those the one with the most repeats; of equals the first by name.
    private func source(
        _ target: Targets.Target, _ metric: String, _ engines: [String]
    ) -> (String, SampleIndex.Row)? {
        var best: (name: String, row: SampleIndex.Row, hasFloor: Bool, repeats: Int)?
        for (name, index) in indices.sorted(by: { $0.key < $1.key }) {
            for place in index.rows
            where place.workload == target.row && place.scale == target.records ?? place.scale
                && place.durability == target.durability && place.threads == target.threads
            {
                let repeats = engines.map { index.values(place, metric, $0).count }.min() ?? 0
                let hasFloor = !index.values(place, metric, Targets.floor).isEmpty
                let rank = (hasFloor ? 1 : 0, repeats)
                if repeats > 0, rank > best.map({ ($0.hasFloor ? 1 : 0, $0.repeats) }) ?? (0, 0) {
                    best = (name, place, hasFloor, repeats)
                }
            }
        }
        return best.map { ($0.name, $0.row) }
    }

    /// Rows in which a tuned configuration is slower than its default: a bug of our tuning, no weakness of the rival.
    private func tuningBugs() -> [String] {
        var lines: [String] = []
        for (name, index) in indices.sorted(by: { $0.key < $1.key }) {
            for row in index.rows where row.scale == Targets.records && row.workload != "settle" {
                for engine in ["rocksdb", "sqlite", "lmdb"] {
                    let metric = Metric.nanosecondsPerOperation
                    guard let slower = index.ratio(row, metric, engine + "-tuned", to: engine), slower.lower > 1 else {
                        continue
                    }
                    let times = "\(Figures.ratio(slower.ratio)) ± \(Figures.ratio(slower.halfWidth)) times"
                    lines.append(
                        "Tuning bug: \(engine)-tuned takes \(times) as long as \(engine) in \(row.workload) of \(name)")
                }
            }
        }
        return lines
    }
}
