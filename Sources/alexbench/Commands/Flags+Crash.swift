import BenchmarkKit
import StorageBackends

/// The flags of `alexbench crash`.
extension Flags {
    static let crashClasses = Flag<[DurabilityClass]>(
        label: FlagLabel(
            name: "durability", valueName: "CLASS,CLASS,…",
            summary: "the classes: memory, process, power; other names: nosync, lazy, sync",
            defaultText: "process,power", completion: .list(DurabilityClass.allCases.map(\.rawValue))),
        fallback: [.process, .power]
    ) { (text: String) throws(ValueProblem) -> [DurabilityClass] in
        let synonyms = ["nosync": "memory", "lazy": "process", "sync": "power"]
        var chosen: [DurabilityClass] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let durability = DurabilityClass(rawValue: synonyms[word] ?? word) else {
                let words = DurabilityClass.allCases.map(\.rawValue)
                throw ValueProblem(
                    "'\(word)' is unknown",
                    remedy: Suggestion.remedy(for: word, among: words + synonyms.keys.sorted(), noun: "classes"))
            }
            if chosen.contains(durability) { throw ValueProblem("names \(durability.rawValue) twice") }
            chosen.append(durability)
        }
        return chosen
    }
    static let kills = Flag<UInt64?>.quantity(
        "kills", in: 1...100_000, fallback: 10, "kills of each engine in each class")
    static let powerLosses = Flag<UInt64?>.quantity(
        "power-losses", in: 0...1_000_000_000, fallback: 1000,
        "simulated power losses of alex in each class; 0 leaves them out")
    static let crashScale = Flag<UInt64?>.quantity(
        "scale", aliases: ["records"], in: 1...100_000_000, fallback: 10_000,
        "records loaded before the first kill of a store: 1000, 10K, 1M, 4Ki")
    static let crashValueBytes = Flag<UInt64?>.quantity(
        "value-size", valueName: "BYTES", in: UInt64(CrashScript.valueBytesMin)...65_536, fallback: 100,
        "bytes of each value")
    static let crashBackend = Flag<[BackendDescriptor]?>(
        label: FlagLabel(
            name: "backend", valueName: "NAME,NAME,…", summary: "the engines to kill; see: alexbench list",
            defaultText: "every engine that is built, without the floors",
            completion: .list(BackendTable.entries.map(\.name))),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> [BackendDescriptor]? in
        try Flags.backend.parse(text)
    }
}
