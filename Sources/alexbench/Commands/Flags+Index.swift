import BenchmarkKit
import StorageBackends

/// The flags of `alexbench index`.
extension Flags {
    static let indexScale = Flag<UInt64?>.quantity(
        "scale", aliases: ["records"], in: 1...100_000_000_000, fallback: nil,
        defaultText: "1M; with --keys all of the file", "keys in the index: 1000, 10K, 1M, 4Ki")
    static let keySets = Flag<[IndexKeySet]?>(
        label: FlagLabel(
            name: "keyset", valueName: "NAME,NAME,…",
            summary: "the key sets, or all",
            defaultText: "uniform; with --keys the file alone",
            completion: .list(["all"] + IndexKeySet.allCases.map(\.rawValue))),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> [IndexKeySet]? in
        if text == "all" { return IndexKeySet.allCases }
        return try names(text, among: IndexKeySet.allCases, noun: "key sets", more: ["all"])
    }
    static let keyFile = Flag<String?>.text(
        "keys", valueName: "FILE", fallback: nil, defaultText: nil, completion: .file,
        "one more key set, from a file in SOSD's binary form")
    static let indexRows = Flag<[IndexRow]?>(
        label: FlagLabel(
            name: "workload", valueName: "NAME,NAME,…",
            summary: "the rows",
            defaultText: "all that the key set has", completion: .list(IndexRow.allCases.map(\.rawValue))),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> [IndexRow]? in
        try names(text, among: IndexRow.allCases, noun: "rows")
    }
    static let indexBackend = Flag<[IndexDescriptor]?>(
        label: FlagLabel(
            name: "backend", valueName: "NAME,NAME,…",
            summary: "the indexes to run",
            defaultText: "those built", completion: .list(IndexTable.entries.map(\.name))),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> [IndexDescriptor]? in
        try indexes(text)
    }
    static let indexSchedule = Flag<Schedule>.choice(
        "schedule", Schedule.allCases.map { ($0.rawValue, $0) }, fallback: .rotate, defaultText: "rotate",
        "how indexes take turns: in short slices in rotated or random order, or one after the other")
    static let indexRepeats = Flag<UInt64?>.quantity(
        "repeats", in: 1...1000, fallback: UInt64(RunTuning.usualRepeats),
        "fresh keys in fresh indexes, each a sample; decided in advance")
    static let indexOps = Flag<UInt64?>.quantity(
        "ops", in: 1...10_000_000_000, fallback: nil, defaultText: Quantity.text(IndexTuning.lookups),
        "lookups of each row; scans and dependent lookups in proportion")

    /// Names of cases, separated by commas, each once.
    static func names<Name: RawRepresentable<String> & Equatable>(
        _ text: String, among all: [Name], noun: String, more: [String] = []
    ) throws(ValueProblem) -> [Name] {
        var chosen: [Name] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let name = all.first(where: { $0.rawValue == word }) else {
                throw ValueProblem(
                    "'\(word)' is unknown",
                    remedy: Suggestion.remedy(for: word, among: all.map(\.rawValue) + more, noun: noun))
            }
            if chosen.contains(name) { throw ValueProblem("names \(word) twice") }
            chosen.append(name)
        }
        return chosen
    }

    private static func indexes(_ text: String) throws(ValueProblem) -> [IndexDescriptor] {
        var chosen: [IndexDescriptor] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let entry = IndexTable.entries.first(where: { $0.name == name }) else {
                throw ValueProblem(
                    "'\(name)' is unknown",
                    remedy: Suggestion.remedy(for: name, among: IndexTable.entries.map(\.name), noun: "indexes"))
            }
            guard let descriptor = IndexTable.descriptor(named: name) else {
                throw ValueProblem("'\(name)' is not built into this binary", remedy: entry.requirement?.remedy)
            }
            if chosen.contains(where: { $0.name == name }) { throw ValueProblem("names \(name) twice") }
            chosen.append(descriptor)
        }
        return chosen
    }
}
