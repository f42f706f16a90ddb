import BenchmarkKit
import Foundation

extension Command {
    /// `alexbench selfcheck`.
    static let selfcheck = Command(
        name: "selfcheck", summary: "measure the tool itself: its cost, its agreement with plain loops, its verdicts",
        discussion:
            "T1: the harness's cost of an operation and of a value's check. T2: its figures for RocksDB, SQLite and "
            + "LMDB against hand-written loops over the same operations (make -C Tests/ReferenceLoops). T3: a build "
            + "compared with itself, so that every finding is a false alarm. T4: the same with a slow-down of 10 % "
            + "planted in one side. The state is written after each step: the same command goes on where it stopped. "
            + "Ends with 2 when a target is not met.",
        flags: [
            Flags.trials, Flags.parts, Flags.state, Flags.loops, Flags.pairs, Flags.selfcheckScale, Flags.loopScale,
            Flags.output, Flags.noProgress,
        ],
        examples: ["alexbench selfcheck --state Results/selfcheck.json --output Results/selfcheck.md"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let output = try OutputFile(arguments[Flags.output])
        var check = try Selfcheck(arguments)
        Interruption.listen()
        var failure: Failure?
        do throws(Failure) {
            try check.run()
        } catch {
            failure = error
        }
        let report = SelfcheckReport(check.state, trials: check.trials)
        try output.write(report.markdown)
        if let failure { throw failure }
        return report.isMet ? .fine : .regression
    }
}

/// The steps of `selfcheck`: each that is not in the state yet runs, and goes into it.
struct Selfcheck {
    private(set) var state: SelfcheckState
    let trials: Int
    private let arguments: ParsedArguments
    private let parts: Set<String>
    private let itself: ChildRun
    private let file: OutputFile

    /// Trials of T3 and of T4 (TARGETS: 100), pairs of runs in each, records of a run, records in T2.
    static let trials: UInt64 = 100
    static let pairs: UInt64 = 20
    static let scale: UInt64 = 20_000
    static let loopScale: UInt64 = 100_000
    /// Operations of a run in T3 and T4: long enough to average over, short enough for a trial of some seconds.
    static let operations = 60_000
    /// Small, so that little of a trial goes into making files longer, which varies most.
    static let valueBytes = 16

    /// Pairs of T2, enough for an interval.
    private static let loopPairs = 10
    private static let costRepeats = 10
    private static let engines = ["rocksdb-tuned", "sqlite-tuned", "lmdb-tuned"]
    /// T3 and T4 judge at this level, corrected for all figures of a comparison.
    static let level = 0.01
    static let planted = "alex=10%"

    init(_ arguments: ParsedArguments) throws(Failure) {
        self.arguments = arguments
        trials = Int(arguments[Flags.trials] ?? Self.trials)
        parts = Set(arguments[Flags.parts])
        itself = try ChildRun.itself()
        let path = arguments[Flags.state] ?? "selfcheck.json"
        file = try OutputFile(path)
        let scale = Quantity.text(arguments[Flags.selfcheckScale] ?? Self.scale)
        let design =
            "compare --exec BUILD BUILD --scale \(scale) --ops \(Self.operations) --value-size \(Self.valueBytes) "
            + "--backend alex --repeats "
            + "\(arguments[Flags.pairs] ?? Self.pairs) (runs of \(PairedRuns.repeatsPerRun) repeats each) "
            + "--alpha \(Self.level) --threshold 0%; in T4 one side has "
            + "--handicap \(Self.planted)"
        state = SelfcheckState(
            command: MeasuringFlags.receipt(arguments), design: design,
            directory: FileManager.default.temporaryDirectory.path)
        guard FileManager.default.fileExists(atPath: path) else { return }
        let kept = try Self.read(path)
        guard kept.design == design, kept.environment == state.environment, kept.commit == state.commit else {
            throw .usage(
                "--state \(path)",
                "holds trials of another design, machine or build: \(kept.design), commit \(kept.commit)",
                remedy: "go on with the same flags and build on the same machine, or remove it to begin anew")
        }
        state = kept
    }

    private static func read(_ path: String) throws(Failure) -> SelfcheckState {
        let data = try InputFile.contents(ofFile: path, missing: .failure)
        guard let state = try? JSONDecoder().decode(SelfcheckState.self, from: data),
            state.schema == SelfcheckState.currentSchema
        else {
            throw Failure(.failure, "\(path): is no state of selfcheck, or one of another version\nname another file")
        }
        return state
    }

    private func save() throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(state) else { throw Failure(.failure, "the state has no JSON form") }
        try file.write(String(decoding: data, as: UTF8.self) + "\n")
    }

    private func say(_ text: String) { if !arguments[Flags.noProgress] { Console.message(text + "\n") } }

    /// Runs what is missing. T3 and T4 take turns, so that both see the same hours of the machine.
    mutating func run() throws(Failure) {
        if parts.contains("T1") { try measureCosts() }
        if parts.contains("T2") { try measureLoops() }
        for number in 1...trials {
            if parts.contains("T3") { try trial(.same, number) }
            if parts.contains("T4") { try trial(.planted, number) }
        }
    }

    // MARK: T1

    private mutating func measureCosts() throws(Failure) {
        guard state.costs.isEmpty else { return }
        say("T1: the harness's own cost")
        let result = try withScratchFolder { (scratch: String) throws(Failure) in
            try itself.measure(
                [
                    "mixed", "--scale", "1K", "--ops", "\(RunTuning.harnessOperations)", "--backend", "hash-log",
                    "--repeats", "\(Self.costRepeats)", "--no-receipts",
                ],
                scratch: scratch)
        }
        func values(_ metric: String) -> [Double] {
            result.samples.filter { $0.workload == "harness" && $0.metric == metric }.map(\.value)
        }
        let (operations, checks, timers) = (values("ns_per_op"), values("check_ns_per_value"), values("timer_ns"))
        for (place, operation) in operations.enumerated() where place < checks.count && place < timers.count {
            state.costs.append(.init(operation: operation, check: checks[place], timer: timers[place]))
        }
        try save()
    }

    // MARK: T2

    private mutating func measureLoops() throws(Failure) {
        let loops = arguments[Flags.loops] ?? ".build/reference-loops/loops"
        guard FileManager.default.isExecutableFile(atPath: loops) else {
            say("T2: left out, \(loops) is not there; build it with: make -C Tests/ReferenceLoops")
            return
        }
        let program = try ChildRun(program: loops)
        for engine in Self.engines where BackendTable.descriptor(named: engine) != nil {
            for workload in ["query", "mixed"] { try measureLoop(program, engine, workload) }
        }
    }

    /// All rows of one engine and workload: pairs of both programs in turns, each pair with a seed of its own.
    private mutating func measureLoop(_ program: ChildRun, _ engine: String, _ workload: String) throws(Failure) {
        guard !state.loops.contains(where: { $0.engine == engine && $0.workload == workload }) else { return }
        let records = arguments[Flags.loopScale] ?? Self.loopScale
        var found: [SelfcheckState.Loop] = []
        for pair in 1...Self.loopPairs {
            say("T2: \(engine) \(workload), pair \(pair) of \(Self.loopPairs)")
            let (ours, theirs) = try runPair(program, engine, workload, records, pair)
            for key in theirs.keys.sorted() {
                guard let mine = ours[key], let other = theirs[key], mine > 0, other > 0 else { continue }
                let place =
                    found.firstIndex { $0.row == key.row && $0.metric == key.metric }
                    ?? {
                        found.append(
                            .init(
                                engine: engine, workload: workload, row: key.row, metric: key.metric, records: records))
                        return found.count - 1
                    }()
                found[place].alexbench.append(mine)
                found[place].loop.append(other)
            }
        }
        state.loops += found
        try save()
    }

    /// What a figure is of.
    private struct RowMetric: Hashable, Comparable {
        var row: String
        var metric: String

        static func < (first: RowMetric, second: RowMetric) -> Bool {
            (first.row, first.metric) < (second.row, second.metric)
        }
    }

    /// Both programs in turns, slice by slice; every second pair the loop begins.
    private func runPair(
        _ program: ChildRun, _ engine: String, _ workload: String, _ records: UInt64, _ pair: Int
    ) throws(Failure) -> (ours: [RowMetric: Double], theirs: [RowMetric: Double]) {
        func beginOurs(
            _ end: PairInTurns.End, _ folder: String, _ onEnd: @escaping @Sendable () -> Void
        ) throws(Failure) -> RunningChild {
            try itself.beginMeasuring(
                [
                    workload, "--scale", "\(records)", "--backend", engine, "--repeats", "1", "--seed", "\(pair)",
                    "--no-receipts", "--turns", "\(end.reading),\(end.writing)",
                ], scratch: folder, onEnd: onEnd)
        }
        func beginTheirs(
            _ end: PairInTurns.End, _ folder: String, _ onEnd: @escaping @Sendable () -> Void
        ) throws(Failure) -> RunningChild {
            let store = folder + "/store"
            do {
                try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
            } catch {
                throw Failure(.failure, "\(store): can't be made: \(error)")
            }
            return try program.begin(
                [engine, workload, "\(records)", "\(pair)", store, end.reading, end.writing], scratch: folder,
                onEnd: onEnd)
        }
        func readOurs(_ child: RunningChild) throws(Failure) -> [RowMetric: Double] {
            Self.figures(try child.result(), engine)
        }
        func readTheirs(_ child: RunningChild) throws(Failure) -> [RowMetric: Double] {
            Self.figures(try child.output())
        }
        if PairedRuns.order(pair: pair)[0] == .old {
            return try PairInTurns.run(beginOurs, readOurs, beginTheirs, readTheirs)
        }
        let (theirs, ours) = try PairInTurns.run(beginTheirs, readTheirs, beginOurs, readOurs)
        return (ours, theirs)
    }

    private static func figures(_ result: RunResult, _ engine: String) -> [RowMetric: Double] {
        var figures: [RowMetric: Double] = [:]
        for sample in result.samples where sample.backend == engine {
            figures[RowMetric(row: sample.workload, metric: sample.metric)] = sample.value
        }
        return figures
    }

    /// The figures that the loops print, in the columns of alexbench's CSV.
    private static func figures(_ text: String) -> [RowMetric: Double] {
        var figures: [RowMetric: Double] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 10, let value = Double(fields[8]) else { continue }
            // Settling what was loaded takes no operations of ours: it says nothing about the tool.
            if fields[0] != "settle" { figures[RowMetric(row: fields[0], metric: fields[7])] = value }
        }
        return figures
    }

    // MARK: T3 and T4

    private mutating func trial(_ kind: SelfcheckState.Trial.Kind, _ number: Int) throws(Failure) {
        guard !state.trials.contains(where: { $0.kind == kind && $0.number == number }) else { return }
        let pairs = Int(arguments[Flags.pairs] ?? Self.pairs)
        let scale = "\(arguments[Flags.selfcheckScale] ?? Self.scale)"
        // No two trials share an operation stream.
        let seed = UInt64(number * 2 + (kind == .same ? 0 : 1)) * 1_000
        var slowed = itself
        if kind == .planted { slowed.ownArguments = ["--handicap", Self.planted] }
        let builds = InterleavedBuilds(
            old: itself, new: slowed,
            arguments: [
                "mixed", "--scale", scale, "--ops", "\(Self.operations)", "--value-size", "\(Self.valueBytes)",
                "--backend", "alex",
            ], pairs: pairs, seed: seed)
        let begin = DispatchTime.now().uptimeNanoseconds
        let runs = try builds.run { _ in }
        guard let comparison = runs.comparison(.init(level: Self.level)) else { return }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
        let name = "\(kind == .same ? "T3" : "T4") \(number) of \(trials)"
        guard seconds <= SelfcheckState.trialSecondsMax else {
            return say(
                "\(name): took \(Int(seconds.rounded())) s, does not count (at most "
                    + "\(Int(SelfcheckState.trialSecondsMax)) s); the next run makes it again")
        }
        let trial = SelfcheckState.Trial(
            kind: kind, number: number, seed: seed, comparison: comparison, seconds: seconds)
        state.trials.append(trial)
        say("\(name): told \(trial.told)")
        try save()
    }
}
