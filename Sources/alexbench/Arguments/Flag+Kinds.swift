/// The kinds of value that flags take.
extension Flag {
    /// A switch: there or not there.
    static func toggle(_ name: String, _ summary: String) -> Flag where Value == Bool {
        Flag(label: FlagLabel(name: name, valueName: nil, summary: summary), fallback: false) {
            (_: String) throws(ValueProblem) -> Bool in true
        }
    }

    /// A whole number of things, within bounds.
    static func quantity(
        _ name: String, aliases: [String] = [], valueName: String = "N", in range: ClosedRange<UInt64>,
        fallback: UInt64?, defaultText: String? = nil, _ summary: String
    ) -> Flag where Value == UInt64? {
        Flag(
            label: FlagLabel(
                name: name, aliases: aliases, valueName: valueName, summary: summary,
                defaultText: defaultText ?? fallback.map(Quantity.text)),
            fallback: fallback
        ) { (text: String) throws(ValueProblem) -> UInt64? in
            try bounded(text, range)
        }
    }

    /// Several whole numbers, separated by commas.
    static func quantities(
        _ name: String, in range: ClosedRange<UInt64>, fallback: [UInt64], _ summary: String
    ) -> Flag where Value == [UInt64] {
        let defaultText = fallback.map(Quantity.text).joined(separator: ",")
        return Flag(
            label: FlagLabel(name: name, valueName: "N,N,…", summary: summary, defaultText: defaultText),
            fallback: fallback
        ) { (text: String) throws(ValueProblem) -> [UInt64] in
            var values: [UInt64] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                let value = try bounded(String(part), range, part: true)
                if values.contains(value) { throw ValueProblem("names \(part) twice") }
                values.append(value)
            }
            return values
        }
    }

    /// One word out of a few; `synonyms` are understood and not advertised.
    static func choice(
        _ name: String, _ choices: [(word: String, value: Value)], synonyms: [String: String] = [:],
        valueName: String? = nil, fallback: Value, defaultText: String?, _ summary: String
    ) -> Flag {
        let words = choices.map(\.word)
        return Flag(
            label: FlagLabel(
                name: name, valueName: valueName ?? words.joined(separator: "|"), summary: summary,
                defaultText: defaultText, completion: .words(words)),
            fallback: fallback
        ) { (text: String) throws(ValueProblem) -> Value in
            if let match = choices.first(where: { $0.word == synonyms[text] ?? text }) { return match.value }
            throw ValueProblem(
                "is unknown",
                remedy: Suggestion.remedy(for: text, among: words + synonyms.keys.sorted(), noun: "choices"))
        }
    }

    /// Any text but the empty one.
    static func text(
        _ name: String, valueName: String, fallback: String?, defaultText: String?,
        completion: FlagLabel.Completion = .nothing, _ summary: String
    ) -> Flag where Value == String? {
        Flag(
            label: FlagLabel(
                name: name, valueName: valueName, summary: summary, defaultText: defaultText, completion: completion),
            fallback: fallback
        ) { (text: String) throws(ValueProblem) -> String? in
            if text.isEmpty { throw ValueProblem("is empty") }
            return text
        }
    }

    /// A share in per cent, as a fraction: `10%` is 0.1.
    static func percent(
        _ name: String, upTo limit: Double, fallback: Double, defaultText: String, _ summary: String
    ) -> Flag where Value == Double {
        Flag(
            label: FlagLabel(name: name, valueName: "PERCENT", summary: summary, defaultText: defaultText),
            fallback: fallback
        ) { (text: String) throws(ValueProblem) -> Double in
            let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
            let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
            guard isNumber, let value = Double(digits), value <= limit else {
                throw ValueProblem("is not a percentage from 0 to \(Int(limit))", remedy: "write it like 10%")
            }
            return value / 100
        }
    }
}

/// Parses a quantity and holds it against its bounds. `part`: it is one of a list, so the message repeats it.
func bounded(_ text: String, _ range: ClosedRange<UInt64>, part: Bool = false) throws(ValueProblem) -> UInt64 {
    let value: UInt64
    do {
        value = try Quantity.parse(text)
    } catch {
        throw part ? ValueProblem("'\(text)' \(error.text)", remedy: error.remedy) : error
    }
    let subject = part ? "'\(text)' is" : "is"
    if value < range.lowerBound {
        throw ValueProblem("\(subject) too small", remedy: "the smallest is \(range.lowerBound)")
    }
    if value > range.upperBound {
        throw ValueProblem("\(subject) too large", remedy: "the largest is \(Quantity.text(range.upperBound))")
    }
    return value
}
