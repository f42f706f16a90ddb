// Verdicts: what a published figure is worth beside a measured one.
//
//  1. A time of another machine is no claim about this one. What is judged is a ratio of two systems, a part's share of
//     its whole, and a demand on this engine.
//  2. Reproduced is a figure when the whole measured interval lies within a quarter of it. One that the interval holds,
//     with more beside, can't be told: a wide interval holds anything. Where 1 is in the interval and the figure is
//     not, or lies on its other side, nearness is no merit.
//  3. An interval of fewer repeats than 95 % needs, or without ends, tells nothing about a published figure. Demands
//     are judged by it all the same, for they are bounds; it prints its own coverage.
//  4. Every verdict but `reproduced` and `met` comes with a sentence.
extension PhaseSection {
    /// A word for the table and, where the document is not borne out, a clause for a sentence.
    typealias Verdict = (word: String, clause: String?)

    /// How far beside the published figure the interval of one that is reproduced ends at most, as a factor.
    static let tolerance = 1.25

    /// What is said of a figure that is near enough or can't be refused; `nil` of any other.
    private static func near(_ published: Double, _ measured: Measured) -> Verdict? {
        if measured.lower > published / tolerance, measured.upper < published * tolerance { return ("reproduced", nil) }
        return measured.holds(published) ? ("can't be told", "the interval holds it and much else beside") : nil
    }

    private static let tooFew: Verdict = ("can't be told", "so few repeats can't tell")

    /// Whether a ratio of two systems is what was published.
    static func verdict(_ published: Double, _ measured: Measured) -> Verdict {
        if measured.isLoose { return tooFew }
        if !measured.holds(published) {
            if measured.holds(1) { return ("not reproduced", "no difference can be told") }
            if (measured.value > 1) != (published > 1) { return ("contradicted", "it is the other way round") }
        }
        if let near = near(published, measured) { return near }
        let size = measured.value > published ? "larger" : "smaller"
        return ("\(size) ratio", "the ratio is \(size)")
    }

    /// Whether a part is as large a share of its whole as was published.
    static func shareVerdict(_ published: Double, _ measured: Measured) -> Verdict {
        if measured.isLoose { return tooFew }
        if measured.holds(0) { return ("can't be told from nothing", "it can't be told from nothing") }
        if let near = near(published, measured) { return near }
        let size = measured.value > published ? "larger" : "smaller"
        return ("\(size) share", "the share is \(size)")
    }

    /// A ratio of two systems beside the published one; without one it is merely shown.
    mutating func claim(_ what: String, _ system: String, _ measured: Measured?, published: Double?, source: String) {
        var line = Line(what: what, system: system, unit: .times, published: published, measured: measured)
        line.source = source
        if let published, let measured {
            let verdict = Self.verdict(published, measured)
            line.verdict = verdict.word
            if let clause = verdict.clause {
                let name = what.contains(system) ? what : "\(what), \(system)"
                say(
                    "\(name): the document has \(Figures.ratio(published)) times, measured are "
                        + "\(Self.spelt(measured, .times)): \(clause).")
            }
        }
        add(line)
    }

    /// The claim that one engine is so many times as fast as another in a row.
    mutating func claim(
        _ data: PhaseData, _ row: String, _ records: UInt64, _ engine: String, fasterThan other: String,
        published: Double?
    ) {
        let place = data.place(row, records)
        let ratio = place?.ratio(other, to: engine)
        if let place, ratio != nil {
            note(place.name, place.result)
        } else if published == nil {
            return
        } else {
            need(row, records)
        }
        claim(
            "\(PhaseEngines.words(row, place)): \(engine) faster than \(other)", engine, ratio.map { Measured($0) },
            published: published, source: ratio == nil ? "" : place?.name ?? "")
    }

    /// A demand on a measured value: met, unmet, or undecided where the interval holds its bound.
    mutating func demand(
        _ what: String, _ system: String, _ text: String, unit: Unit, _ measured: Measured?, source: String,
        atLeast: Double? = nil, atMost: Double? = nil
    ) {
        var line = Line(what: what, system: system, unit: unit, publishedText: text, measured: measured)
        line.source = source
        if let measured {
            let isMet = atLeast.map { measured.lower >= $0 } ?? true && atMost.map { measured.upper <= $0 } ?? true
            let isShort = atLeast.map { measured.upper < $0 } ?? false || atMost.map { measured.lower > $0 } ?? false
            line.verdict = isMet ? "met" : isShort ? "unmet" : "undecided"
            if !isMet {
                say("\(what): demanded are \(text), measured are \(Self.spelt(measured, unit)): \(line.verdict).")
            }
        } else {
            line.verdict = "not measured"
        }
        add(line)
    }

    // MARK: - Parts

    /// Judges a part by its share of the whole, in percent.
    mutating func judge(_ line: inout Line, share published: Double, _ measured: Measured, of whole: String) {
        let verdict = Self.shareVerdict(published, measured)
        line.share = (published, measured)
        line.verdict = verdict.word
        if let clause = verdict.clause {
            say(
                "\(line.what): the document gives it \(Self.text(published, .percent)) % of \(whole), measured are "
                    + "\(Self.spelt(measured, .percent)): \(clause).")
        }
    }

    /// Adds a part, or several as one, judged by its share of the whole.
    /// - Parameters:
    ///   - published: The document's figure of the part, and of the whole that it is a share of; without the latter
    ///     nothing is judged.
    ///   - others: The parts that make that whole, where it is not the operation.
    mutating func part(
        _ what: String, _ backend: String, _ found: PhaseData.TakenApart?, _ names: [String],
        published: (part: Double, whole: Double?)?, of others: [String]? = nil, called name: String = "the whole"
    ) {
        var line = Line(what: what, system: backend, unit: .nanoseconds, published: published?.part)
        if let found, let interval = found.breakdown.combined(names) {
            note(found.name, found.result)
            line.measured = Measured(interval)
            line.source = found.name
            if let published, let whole = published.whole, let share = found.breakdown.share(names, of: others) {
                judge(&line, share: 100 * published.part / whole, Measured(share), of: name)
            }
        }
        add(line)
    }

    /// What is left of the whole when its steps are taken off.
    mutating func rest(
        _ what: String, _ backend: String, _ found: PhaseData.TakenApart?, published: (part: Double, whole: Double)?
    ) {
        var line = Line(what: what, system: backend, unit: .nanoseconds, published: published?.part)
        if let found {
            note(found.name, found.result)
            line.measured = Measured(found.breakdown.rest)
            line.source = found.name
            if let published, let share = found.breakdown.restShare {
                judge(&line, share: 100 * published.part / published.whole, Measured(share), of: "the whole")
            }
        }
        add(line)
    }

    /// The whole of an operation, and whether its parts sum to it.
    mutating func whole(_ what: String, _ backend: String, _ found: PhaseData.TakenApart?, published: Double?) {
        var line = Line(what: what, system: backend, unit: .nanoseconds, published: published)
        if let found {
            note(found.name, found.result)
            line.measured = Measured(found.breakdown.whole)
            line.source = found.name
            for sentence in found.breakdown.sentences {
                say("\(found.breakdown.row), \(found.breakdown.backend): \(sentence)")
            }
        }
        add(line)
    }

    /// A line that no run can measure, and why.
    mutating func immeasurable(_ what: String, _ system: String, published: Double, why: String) {
        var line = Line(what: what, system: system, unit: .nanoseconds, published: published)
        line.absence = "n/a"
        line.verdict = "n/a"
        add(line)
        say("\(what): n/a, \(why).")
    }
}

extension Breakdown {
    /// Several parts as one, by repeat; `nil` where one of them was not run.
    func nanoseconds(_ names: [String]) -> [Double]? {
        let those = names.compactMap(part)
        guard those.count == names.count, let first = those.first else { return nil }
        return first.nanoseconds.indices.map { place in those.reduce(0) { $0 + $1.nanoseconds[place] } }
    }

    /// The parts' share of the whole, or of `others`, in percent, repeat by repeat.
    func share(_ names: [String], of others: [String]?) -> MedianInterval? {
        guard let tops = nanoseconds(names), let bottoms = others == nil ? wholes : nanoseconds(others ?? []) else {
            return nil
        }
        return Self.percent(tops, of: bottoms)
    }

    /// The share of what is in no step.
    var restShare: MedianInterval? {
        guard let sums = nanoseconds(parts.map(\.name)) else { return nil }
        return Self.percent(zip(wholes, sums).map { $0 - $1 }, of: wholes)
    }

    private static func percent(_ tops: [Double], of bottoms: [Double]) -> MedianInterval? {
        guard bottoms.allSatisfy({ $0 > 0 }) else { return nil }
        return MedianInterval(zip(tops, bottoms).map { 100 * $0 / $1 })
    }
}
