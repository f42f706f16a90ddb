/// How the subject did against its best rival in one row.
struct Verdict: Sendable, Hashable {
    enum Kind: Int, Sendable, Hashable {
        case lost
        case undecided
        case won
    }

    let subject: String
    let row: SampleIndex.Row
    let metric: String
    /// The row in words: `query`, `query, dependent reads`.
    let label: String
    let rival: String
    /// How many times faster the subject is.
    let speed: RatioEstimate
    let kind: Kind
    let rivalHasAssertions: Bool
    /// The row's A/A floor, where it was measured and the difference lies under it.
    let floorAbove: Double?

    /// Verdicts of all rows that have the subject and a rival, losses first. p-values are adjusted for their number.
    static func all(of result: RunResult, _ index: SampleIndex) -> [Verdict] {
        let subject = Roster.subject(of: index.backends)
        var found: [(row: SampleIndex.Row, metric: String, label: String, rival: String, speed: RatioEstimate)] = []
        for row in index.rows where index.isRanked(subject) {
            for metric in [Metric.operationsPerSecond, Metric.dependent] {
                guard let rival = bestRival(row, metric, index),
                    let ratio = index.ratio(row, metric, subject, to: rival)
                else { continue }
                let isRate = metric == Metric.operationsPerSecond
                let label = index.label(row) + (isRate ? "" : ", dependent reads")
                found.append((row, metric, label, rival, isRate ? ratio : ratio.inverse))
            }
        }
        let adjusted = Statistics.adjusted(found.map(\.speed.probability))
        let verdicts = zip(found, adjusted).map { one, probability in
            let floor = result.noiseFloor(one.row)
            let isUnderFloor = floor.map { max(one.speed.ratio, 1 / one.speed.ratio) - 1 < $0 } ?? false
            let isTold = one.speed.isTold(adjusted: probability) && !isUnderFloor
            return Verdict(
                subject: subject, row: one.row, metric: one.metric, label: one.label, rival: one.rival,
                speed: one.speed,
                kind: !isTold ? .undecided : one.speed.ratio > 1 ? .won : .lost,
                rivalHasAssertions: Roster.hasAssertions(one.rival, in: result), floorAbove: isUnderFloor ? floor : nil)
        }
        return [.lost, .undecided, .won].flatMap { kind in verdicts.filter { $0.kind == kind } }
    }

    static func bestRival(_ row: SampleIndex.Row, _ metric: String, _ index: SampleIndex) -> String? {
        let rivals = index.backends.filter { Roster.isRival($0) && index.isRanked($0) }.compactMap { name in
            index.median(row, metric, name).map { (name: name, median: $0) }
        }
        let isRate = Metric.direction(of: metric) == .higher
        return rivals.min { isRate ? $0.median > $1.median : $0.median < $1.median }?.name
    }

    /// One line for the end of a report.
    var sentence: String {
        let speed = kind == .lost ? self.speed.inverse : self.speed
        let arm = speed.halfWidth.isFinite ? " ± \(Figures.ratio(speed.halfWidth))" : ""
        let ratio = Figures.ratio(speed.ratio) + arm
        var text: String
        switch kind {
        case .won: text = "\(subject) ran \(ratio) times faster than \(rival)"
        case .lost: text = "\(subject) lost: \(rival) ran \(ratio) times faster than \(subject)"
        case .undecided: text = "\(subject) and \(rival) can't be told apart: ratio of speeds \(ratio)"
        }
        text += " (\(label), class \(row.durability), \(pairs))"
        if let floorAbove { text += "; under the machine's own noise of \(Figures.percent(floorAbove)), measured A/A" }
        if rivalHasAssertions { text += "; not for publishing: this \(rival) has its assertions on" }
        return text
    }

    private var pairs: String {
        let count = speed.count == 1 ? "1 pair" : "\(speed.count) pairs"
        return speed.count < Statistics.usualRepeats ? count + ": few" : count
    }
}
