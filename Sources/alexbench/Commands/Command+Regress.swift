import AlexStorageBackend
import BenchmarkKit
import Foundation
import StorageBackends

extension Command {
    /// `alexbench regress`.
    static let regress = Command(
        name: "regress", summary: "hold exact counts and ratios to rivals against a committed expectation",
        discussion:
            "Counts (slots moved, splits, bytes of log) have no noise: each has to be equal. Ratios to a rival in the "
            + "same run may fall to half of what is expected, no lower. Needs no quiet machine. Ends with 2 when "
            + "something differs, 5 when there is no expectation. --update writes it anew.",
        flags: [Flags.expected, Flags.update],
        examples: ["alexbench regress", "alexbench regress --update"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let path = arguments[Flags.expected] ?? RegressGate.usualPath
        let isUpdate = arguments[Flags.update]
        // Read first: no work is lost to a mistyped path.
        let expected = isUpdate ? nil : try RegressGate.read(path)
        let measured = try RegressGate.measured()
        guard let expected else {
            try OutputFile(path).write(measured.json)
            try Console.data("\(measured.counts.count) counts and \(measured.ratios.count) ratios written to \(path)\n")
            return .fine
        }
        let problems = measured.problems(against: expected)
        try Console.data(problems.map { "DIFFERS  \($0)\n" }.joined())
        try Console.data(
            measured.ratios.keys.sorted().map { "ratio    \($0): \(RegressGate.text(measured.ratios[$0] ?? 0))\n" }
                .joined())
        try Console.data(
            problems.isEmpty
                ? "\(measured.counts.count) counts equal, \(measured.ratios.count) ratios within their tolerance\n"
                : "if that is meant: make regress UPDATE=1, and commit \(path)\n")
        return problems.isEmpty ? .fine : .regression
    }
}

/// What the program counts, and how it stands to rivals in one run.
struct RegressGate: Codable {
    static let usualPath = "Tests/regress-counts.json"
    /// A ratio may fall to this share of what is expected.
    static let toleratedShare = 0.5

    var counts: [String: UInt64]
    /// Rate of the first named engine ÷ rate of the second.
    var ratios: [String: Double]

    private static let rivals = ["hash-log", "sqlite-tuned", "sqlite"]
    private static let scale: UInt64 = 20_000
    private static let repeats = 5

    static func read(_ path: String) throws(Failure) -> RegressGate {
        let data = try InputFile.contents(ofFile: path, missing: .noBaseline)
        guard let gate = try? JSONDecoder().decode(RegressGate.self, from: data) else {
            throw Failure(
                .failure, "\(path): is no expectation of counts and ratios\nmake it anew: make regress UPDATE=1")
        }
        return gate
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
    }

    static func measured() throws(Failure) -> RegressGate {
        let counts = try withScratchFolder { (scratch: String) throws(Failure) -> [CountedWork.Count] in
            do throws(BackendError) {
                let store = scratch + "/store"
                try? FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
                return try CountedWork.counts(directory: store)
            } catch {
                throw Failure(.failure, "alex: \(error.message)")
            }
        }
        return RegressGate(
            counts: Dictionary(uniqueKeysWithValues: counts.map { ($0.name, $0.value) }), ratios: try ratios())
    }

    /// Medians over the pairs of one short interleaved run. Rivals that are not built are left out.
    private static func ratios() throws(Failure) -> [String: Double] {
        let workload = Workload.mixed(records: scale, value: .bytes(100), mix: Workload.Mix([.read: 80, .insert: 20]))
        let backends = (["alex"] + rivals).compactMap(BackendTable.descriptor(named:))
        var plan = RunPlan(workloads: [workload], backends: backends, harness: nil, command: "alexbench regress")
        plan.repeats = repeats
        let outcome: Runner.Outcome
        do {
            outcome = try Runner(plan).run()
        } catch {
            throw Failure(error)
        }
        if let failure = outcome.failure { throw Failure(failure) }
        var ratios: [String: Double] = [:]
        func rates(_ backend: String) -> [Double] {
            outcome.result.samples.filter {
                $0.workload == "mixed" && $0.backend == backend && $0.metric == "ops_per_second"
            }.sorted { $0.repeat < $1.repeat }.map(\.value)
        }
        for rival in backends.map(\.name) where rival != "alex" {
            guard let ratio = RatioEstimate.paired(rates("alex"), rates(rival)) else { continue }
            ratios["mixed at \(Quantity.text(scale)), alex to \(rival)"] = (ratio.ratio * 100).rounded() / 100
        }
        return ratios
    }

    /// A sentence for each count that is not equal, and for each ratio that fell too low.
    func problems(against expected: RegressGate) -> [String] {
        var problems: [String] = []
        for name in Set(counts.keys).union(expected.counts.keys).sorted() where counts[name] != expected.counts[name] {
            func text(_ count: UInt64?) -> String { count.map { "\($0)" } ?? "absent" }
            problems.append("\(name): expected \(text(expected.counts[name])), now \(text(counts[name]))")
        }
        for (name, ratio) in expected.ratios.sorted(by: { $0.key < $1.key }) {
            guard let now = ratios[name], now < ratio * Self.toleratedShare else { continue }
            problems.append(
                "\(name): expected at least \(Self.text(ratio * Self.toleratedShare)), now \(Self.text(now))")
        }
        return problems
    }

    static func text(_ ratio: Double) -> String { "\((ratio * 100).rounded() / 100)" }
}
