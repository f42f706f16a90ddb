import BenchmarkKit
import StorageBackends

/// The flags of all commands.
enum Flags {
    static let scale = Flag<UInt64?>.quantity(
        "scale", aliases: ["records"], in: 1...100_000_000_000, fallback: nil, defaultText: "1M",
        "records loaded before the measured phase: 1000, 10K, 1M, 4Ki")
    static let scales = Flag<[UInt64]>.quantities(
        "scales", in: 1...100_000_000_000, fallback: [1_000, 10_000, 100_000, 1_000_000], "the sizes to sweep")
    static let ops = Flag<UInt64?>.quantity(
        "ops", in: 1...10_000_000_000, fallback: nil,
        defaultText: "as many as records, at most \(Quantity.text(RunTuning.usualOperationsLimit))",
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
        "what survives: memory (a clean close), process (kill -9), power (power loss); other names: nosync, lazy, sync"
    )
    static let distribution = Flag<Distribution>(
        label: FlagLabel(
            name: "distribution", valueName: "NAME", summary: "how keys are chosen: \(Distribution.forms)",
            defaultText: "uniform", completion: .words(Distribution.names)),
        fallback: .uniform
    ) { (text: String) throws(ValueProblem) -> Distribution in
        if let distribution = Distribution(text) { return distribution }
        let word = String(text.prefix { $0 != ":" })
        if Distribution.names.contains(word) {
            throw ValueProblem("is no distribution", remedy: "write one of: \(Distribution.forms)")
        }
        throw ValueProblem(
            "is unknown", remedy: Suggestion.remedy(for: word, among: Distribution.names, noun: "distributions"))
    }
    static let mix = Flag<Workload.Mix?>(
        label: FlagLabel(
            name: "mix", valueName: "KIND=PERCENT,…",
            summary: "shares of \(Workload.Mix.names.joined(separator: ", ")); they sum to 100",
            defaultText: "read=80,insert=20", completion: .list(Workload.Mix.names.map { "\($0)=" })),
        fallback: nil
    ) { (text: String) throws(ValueProblem) -> Workload.Mix? in
        try mix(text)
    }
    static let schedule = Flag<Schedule>.choice(
        "schedule", Schedule.allCases.map { ($0.rawValue, $0) }, fallback: .rotate, defaultText: "rotate",
        "how engines take turns: in short slices in rotated or random order, or one after the other")
    static let warmup = Flag<UInt64?>.quantity(
        "warmup", in: 0...10_000_000_000, fallback: nil,
        defaultText: "a tenth of the phase, at most \(Quantity.text(RunTuning.warmUpLimit))",
        "operations before each phase that are checked and not measured")
    static let repeats = Flag<UInt64?>.quantity(
        "repeats", in: 1...1000, fallback: UInt64(RunTuning.usualRepeats),
        "fresh stores, each a sample; decided in advance")
    static let seed = Flag<UInt64?>.quantity(
        "seed", in: 0...UInt64.max, fallback: 1,
        "another seed, other keys and another order of operations")
    static let batch = Flag<UInt64?>.quantity(
        "batch", in: 1...10_000_000, fallback: Workload.usualBatch, "records in one commit of the batched load")
    static let insertRows = Flag<[Workload.InsertRow]>(
        label: FlagLabel(
            name: "workload", valueName: "NAME,NAME,…", summary: "the rows", defaultText: "all four",
            completion: .list(Workload.InsertRow.allCases.map(\.rawValue))),
        fallback: Workload.InsertRow.allCases
    ) { (text: String) throws(ValueProblem) -> [Workload.InsertRow] in
        try names(text, among: Workload.InsertRow.allCases, noun: "rows")
    }
    static let directory = Flag<String?>.text(
        "directory", valueName: "DIR", fallback: nil, defaultText: "a fresh one under the system's temporary folder",
        completion: .directory, "an empty or absent directory for the stores")
    static let output = Flag<String?>.text(
        "output", valueName: "FILE", fallback: nil, defaultText: "-, which is stdout", completion: .file,
        "where the result goes")
    static let format = Flag<ResultFormat>.choice(
        "format", ResultFormat.allCases.map { ($0.rawValue, $0) }, synonyms: ["md": "markdown"],
        fallback: .text, defaultText: "text", "how the result is written")
    static let listFormat = Flag<Bool>.choice(
        "format", [("text", false), ("csv", true)], fallback: false, defaultText: "text",
        "how the list is written; the CSV has the columns backend, state, library")
    static let write = Flag<Bool>.toggle("write", "write the report into the folder of the results")
    static let readme = Flag<String?>.text(
        "readme", valueName: "FILE", fallback: nil, defaultText: nil, completion: .file,
        "fill the results table of this README, between its markers")
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

    private static func mix(_ text: String) throws(ValueProblem) -> Workload.Mix {
        let remedy = "write it like read=80,insert=20"
        var mix = Workload.Mix()
        var named: Set<String> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2 else {
                throw ValueProblem("has a part '\(part)' that is no KIND=PERCENT", remedy: remedy)
            }
            guard let kind = Workload.Mix.kind(named: pair[0]) else {
                throw ValueProblem(
                    "has an unknown kind '\(pair[0])'",
                    remedy: Suggestion.remedy(for: pair[0], among: Workload.Mix.names, noun: "kinds"))
            }
            let digits = pair[1].hasSuffix("%") ? String(pair[1].dropLast()) : pair[1]
            guard let percent = Double(digits), Workload.Mix.isShare(percent) else {
                throw ValueProblem(
                    "gives \(pair[0]) the share '\(pair[1])'",
                    remedy: "a share is a percentage from 0 to 100, two decimals at most")
            }
            guard named.insert(pair[0]).inserted else { throw ValueProblem("names \(pair[0]) twice", remedy: remedy) }
            mix[kind] = percent
        }
        guard mix.isWhole else {
            throw ValueProblem("sums to \(mix.sumText)", remedy: "the shares must sum to 100: read=80,insert=20")
        }
        return mix
    }

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
