import StorageBackends

/// The flags of all commands.
enum Flags {
    static let scale = Flag<UInt64?>.quantity(
        "scale", aliases: ["records"], in: 1...100_000_000_000, fallback: nil, defaultText: "1M",
        "records loaded before the measured phase: 1000, 10K, 1M, 4Ki")
    static let scales = Flag<[UInt64]>.quantities(
        "scales", in: 1...100_000_000_000, fallback: [1_000, 10_000, 100_000, 1_000_000], "the sizes to sweep")
    static let ops = Flag<UInt64?>.quantity(
        "ops", in: 1...10_000_000_000, fallback: nil, defaultText: "as many as records",
        "operations of the measured phase")
    static let backend = Flag<[BackendDescriptor]?>(
        label: FlagLabel(
            name: "backend", valueName: "NAME,NAME,…", summary: "the engines to run; see: alexbench list",
            defaultText: "those built of \(BackendTable.usual.joined(separator: ", "))",
            completion: .list(BackendTable.entries.map(\.name))),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> [BackendDescriptor]? in
        try backends(text)
    }
    static let durability = Flag<DurabilityClass>.choice(
        "durability", [("memory", .memory), ("process", .process), ("power", .power)],
        synonyms: ["nosync": "memory", "lazy": "process", "sync": "power"],
        valueName: "CLASS", fallback: .process, defaultText: "process",
        "what survives: memory (a clean close), process (kill -9), power (power loss); nosync, lazy and sync are other names"
    )
    static let repeats = Flag<UInt64?>.quantity(
        "repeats", in: 1...1000, fallback: nil, defaultText: "10", "fresh stores, each a sample; decided in advance")
    static let seed = Flag<UInt64?>.quantity(
        "seed", in: 0...UInt64.max, fallback: 1, defaultText: "1",
        "another seed, other keys and another order of operations")
    static let batch = Flag<UInt64?>.quantity(
        "batch", in: 1...10_000_000, fallback: nil, defaultText: "1 for inserts, 10K for the load",
        "records in one commit")
    static let directory = Flag<String?>.text(
        "directory", valueName: "DIR", fallback: nil, defaultText: "a fresh one under the system's temporary folder",
        completion: .directory, "an empty or absent directory for the stores")
    static let output = Flag<String?>.text(
        "output", valueName: "FILE", fallback: nil, defaultText: "-, which is stdout", completion: .file,
        "where the result goes")
    static let keep = Flag<Bool>.toggle("keep", "keep the stores after the run")
    static let dryRun = Flag<Bool>.toggle("dry-run", "say what would run, and run nothing")
    static let noProgress = Flag<Bool>.toggle("no-progress", "no progress line on stderr")
    static let color = Flag<ColorChoice>.choice(
        "color", [("auto", .auto), ("always", .always), ("never", .never)], fallback: .auto, defaultText: "auto",
        "colour in the text table; auto obeys the terminal and NO_COLOR")
    static let threshold = Flag<Double>.percent(
        "threshold", upTo: 1000, fallback: 0.05, defaultText: "5%", "the smallest change that counts")
    static let failOnRegression = Flag<Bool>.toggle(
        "fail-on-regression", "end with exit code 2 when something became slower by more than the threshold")

    private static func backends(_ text: String) throws(ValueProblem) -> [BackendDescriptor] {
        var chosen: [BackendDescriptor] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let entry = BackendTable.entries.first(where: { $0.name == name }) else {
                throw ValueProblem(
                    "'\(name)' is unknown",
                    remedy: Suggestion.remedy(
                        for: name, among: BackendTable.entries.map(\.name), noun: "backends"))
            }
            guard let descriptor = BackendTable.descriptor(named: name) else {
                throw ValueProblem("'\(name)' is not built into this binary", remedy: entry.requirement?.remedy)
            }
            if chosen.contains(where: { $0.name == name }) { throw ValueProblem("names \(name) twice") }
            chosen.append(descriptor)
        }
        return chosen
    }
}

/// When to colour.
enum ColorChoice: Sendable { case auto, always, never }
