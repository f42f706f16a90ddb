import BenchmarkKit
import StorageBackends

/// The flags of repeats, comparisons, baselines and gates.
extension Flags {
    static let budget = Flag<Double?>.seconds(
        "budget", fallback: nil, defaultText: nil,
        "time for further repeats once --repeats are done: 90s, 10m, 1h; they go where an interval is widest")
    static let noiseFloor = Flag<Bool>.toggle(
        "aa", "run the first engine twice (A/A), so that the result knows the machine's own noise")
    static let handicap = Flag<Handicap?>(
        label: FlagLabel(
            name: "handicap", valueName: "NAME=PERCENT",
            summary: "slow an engine down on purpose, to see whether compare finds it"),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> Handicap? in
        try parseHandicap(text)
    }
    static let thresholdAbsolute = Flag<Double>(
        label: FlagLabel(
            name: "threshold-absolute", valueName: "TIME",
            summary: "and the smallest that counts in an operation's time: 20ns, 1us, 1ms", defaultText: "0ns"),
        fallback: 0
    ) { (text: String) throws(ValueProblem) -> Double in
        try spanNanoseconds(text)
    }
    static let alpha = Flag<Double>(
        label: FlagLabel(
            name: "alpha", valueName: "SHARE", summary: "the chance of even one false finding, above 0 and below 1",
            defaultText: "0.05"),
        fallback: Statistics.level
    ) { (text: String) throws(ValueProblem) -> Double in
        guard let value = Double(text), value > 0, value < 1 else {
            throw ValueProblem("is not above 0 and below 1", remedy: "write it like 0.01")
        }
        return value
    }
    static let exec = Flag<Bool>.toggle("exec", "BASE and CANDIDATE are builds to run alternating")
    static let workload = Flag<String?>.text(
        "workload", valueName: "NAME|FILE", fallback: nil, defaultText: "mixed", completion: .file,
        "what --exec runs: mixed, query, insert, or a workload file")
    static let baselines = Flag<String?>.text(
        "baselines", valueName: "DIR", fallback: nil, defaultText: Baselines.usualFolder, completion: .directory,
        "the folder of baselines")
    static let trials = Flag<UInt64?>.quantity(
        "trials", in: 1...10_000, fallback: Selfcheck.trials, "trials of T3 and of T4")
    static let parts = Flag<[String]>(
        label: FlagLabel(
            name: "only", valueName: "T1,T2,…", summary: "the targets to check", defaultText: "T1,T2,T3,T4",
            completion: .list(["T1", "T2", "T3", "T4"])),
        fallback: ["T1", "T2", "T3", "T4"]
    ) { (text: String) throws(ValueProblem) -> [String] in
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for part in parts where !["T1", "T2", "T3", "T4"].contains(part) {
            throw ValueProblem("names '\(part)'", remedy: "the targets are T1, T2, T3 and T4")
        }
        return parts
    }
    static let state = Flag<String?>.text(
        "state", valueName: "FILE", fallback: nil, defaultText: "selfcheck.json", completion: .file,
        "where every step's figures are kept, to go on from")
    static let loops = Flag<String?>.text(
        "loops", valueName: "FILE", fallback: nil, defaultText: ".build/reference-loops/loops", completion: .file,
        "the hand-written loops of T2")
    static let pairs = Flag<UInt64?>.quantity(
        "pairs", in: 4...1000, fallback: Selfcheck.pairs, "pairs of runs in a trial of T3 and T4")
    static let selfcheckScale = Flag<UInt64?>.quantity(
        "scale", in: 1...10_000_000, fallback: Selfcheck.scale, "records of a run in T3 and T4")
    static let loopScale = Flag<UInt64?>.quantity(
        "loop-scale", in: 1...100_000_000, fallback: Selfcheck.loopScale, "records of a run in T2")
    static let expected = Flag<String?>.text(
        "expected", valueName: "FILE", fallback: nil, defaultText: RegressGate.usualPath, completion: .file,
        "what the counts and ratios have to be")
    static let update = Flag<Bool>.toggle("update", "write the expectation anew")
    static let compareFormat = Flag<Comparison.Format>.choice(
        "format", Comparison.Format.allCases.map { ($0.rawValue, $0) }, synonyms: ["md": "markdown"],
        fallback: .text, defaultText: "text",
        "how the comparison is written; github is a job summary, added to GITHUB_STEP_SUMMARY where that is set")
}

extension Flag {
    /// A span of time: `500ms`, `90s`, `10m`, `1h`, as seconds.
    static func seconds(
        _ name: String, fallback: Double?, defaultText: String?, _ summary: String
    ) -> Flag where Value == Double? {
        Flag(
            label: FlagLabel(name: name, valueName: "TIME", summary: summary, defaultText: defaultText),
            fallback: fallback
        ) { (text: String) throws(ValueProblem) -> Double? in
            try spanSeconds(text)
        }
    }
}

/// Seconds of a span of time with its unit, above 0 and at most a week.
private func spanSeconds(_ text: String) throws(ValueProblem) -> Double {
    let remedy = "write a number and a unit: 500ms, 90s, 10m, 1h"
    let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
    guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else {
        throw ValueProblem("has no unit of time", remedy: remedy)
    }
    let digits = text.dropLast(unit.suffix.count)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let value = Double(digits)
    else { throw ValueProblem("is no span of time", remedy: remedy) }
    guard value > 0, value * unit.seconds <= 604_800 else {
        throw ValueProblem("is not above 0 and at most a week", remedy: remedy)
    }
    return value * unit.seconds
}

/// Nanoseconds of a span of time with its unit, at most an hour.
private func spanNanoseconds(_ text: String) throws(ValueProblem) -> Double {
    let remedy = "write a number and a unit: 20ns, 1us, 1ms"
    let units: [(suffix: String, factor: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9),
    ]
    guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else {
        throw ValueProblem("has no unit of time", remedy: remedy)
    }
    let digits = text.dropLast(unit.suffix.count)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let value = Double(digits),
        value * unit.factor <= 3.6e12
    else { throw ValueProblem("is no span of time up to an hour", remedy: remedy) }
    return value * unit.factor
}

private func parseHandicap(_ text: String) throws(ValueProblem) -> Handicap {
    let remedy = "write it like alex=10%"
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw ValueProblem("is no NAME=PERCENT", remedy: remedy) }
    guard BackendTable.descriptor(named: parts[0]) != nil else {
        throw ValueProblem(
            "'\(parts[0])' is unknown or not built",
            remedy: Suggestion.remedy(for: parts[0], among: BackendTable.built.map(\.name), noun: "backends"))
    }
    let digits = parts[1].hasSuffix("%") ? String(parts[1].dropLast()) : parts[1]
    guard let percent = Double(digits), percent > 0, percent <= 1000 else {
        throw ValueProblem("slows by '\(parts[1])'", remedy: "a percentage above 0, at most 1000: alex=10%")
    }
    return Handicap(backend: parts[0], share: percent / 100)
}
