import BenchmarkKit
import StorageBackends

extension Command {
    /// `alexbench index`.
    static let index = Command(
        name: "index", summary: "the learned index alone, without a log, beside a B-tree, a tree, a hash table",
        discussion: indexDiscussion,
        flags: [
            Flags.indexScale, Flags.keySets, Flags.keyFile, Flags.indexBackend, Flags.indexRows, Flags.indexOps,
            Flags.indexSchedule, Flags.indexRepeats, Flags.seed, Flags.format, Flags.output, Flags.dryRun,
            Flags.noProgress, Flags.color,
        ],
        examples: [
            "alexbench index --scale 1M --keyset uniform,outliers,z-order",
            "alexbench index --keyset all --workload lookup --repeats 3",
            "alexbench index --scale 10M --workload insert-random,insert-batch,insert-append",
            "alexbench index --keys books_200M_uint64 --scale 10M --workload lookup,insert-random",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        try IndexMeasurement(arguments).run()
    }
}

extension Command {
    /// The help of `index`: what it runs comes from the declarations of rows, key sets and indexes.
    fileprivate static var indexDiscussion: String {
        let rows = IndexRow.allCases.map { (name: $0.rawValue, meaning: $0.summary) }
        let sets = IndexKeySet.allCases.map {
            (name: $0.rawValue, meaning: $0.summary + ($0.isAdversarial ? " (own order)" : ""))
        }
        let indexes = IndexTable.entries.map { entry in
            let needs = entry.requirement.map { "needs the trait \($0.trait) and the package \($0.package)" }
            return (name: entry.name, meaning: needs ?? "always built")
        }
        return """
            Each key has a value of 8 bytes that follows from it, and every value is checked. Lookups are measured
            twice: independent ones, which the processor may overlap, and dependent ones, none of which begins before
            the last has ended. Rows of inserts tell the latency of single ones too, in processor time of the thread.
            One key set: rows are named lookup, insert-random …; several: lookup/uniform, lookup/clusters …

            \(HelpText.block("Rows (--workload):", rows))

            \(HelpText.block("Key sets (--keyset):", sets))

            A file of keys (--keys) is one more set beside them: SOSD's binary form, a count and then so many uint64
            keys. The highest bit of each is turned, which makes it signed and keeps the order; duplicates are dropped.

            \(HelpText.block("Indexes (--backend); 'alexbench list' tells what each is and which are there:", indexes))
            """
    }
}

/// The command `index`: arguments, plan, run, result.
private struct IndexMeasurement {
    let arguments: ParsedArguments
    let runner: IndexRunner
    let output: OutputFile

    init(_ arguments: ParsedArguments) throws(Failure) {
        self.arguments = arguments
        output = try OutputFile(arguments[Flags.output])
        do {
            runner = try IndexRunner(try Self.plan(arguments))
        } catch let error as RunError {
            throw Failure(error)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.failure, "\(error)")
        }
    }

    private static func plan(_ arguments: ParsedArguments) throws -> IndexPlan {
        var sources = (arguments[Flags.keySets] ?? []).map(IndexKeySource.made)
        if let path = arguments[Flags.keyFile] {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            do {
                let file = try KeyFile(contentsOf: path, named: path)
                sources.append(.read(name: name, keys: withExtendedLifetime(file) { Array(file.sortedKeys) }))
            } catch {
                throw Failure(.usage, "--keys \(error.message)")
            }
        }
        if sources.isEmpty { sources = [.made(.uniform)] }
        var plan = IndexPlan(
            sources: sources, indexes: arguments[Flags.indexBackend] ?? IndexTable.built,
            command: receipt(arguments))
        plan.records = arguments[Flags.indexScale]
        if let rows = arguments[Flags.indexRows] { plan.rows = rows }
        plan.schedule = arguments[Flags.indexSchedule]
        plan.repeats = Int(arguments[Flags.indexRepeats] ?? UInt64(RunTuning.usualRepeats))
        plan.seed = arguments[Flags.seed] ?? 1
        plan.operations = arguments[Flags.indexOps]
        return plan
    }

    /// The command line that repeats the run: a key file from the root of the machine by its name alone.
    private static func receipt(_ arguments: ParsedArguments) -> String {
        guard let path = arguments[Flags.keyFile], path.hasPrefix("/") else { return MeasuringFlags.receipt(arguments) }
        var plain = arguments
        plain.set(Flags.keyFile, path, text: path.split(separator: "/").last.map(String.init) ?? path)
        return MeasuringFlags.receipt(plain)
    }

    func run() throws(Failure) -> ExitCode {
        if arguments[Flags.dryRun] {
            try Console.data(dryRun)
            return .fine
        }
        let format = arguments[Flags.format]
        if output.path != nil || (format != .text && format != .markdown) {
            Console.message(runner.warnings.map { "warning: \($0.text); \($0.remedy)\n" }.joined())
        }
        Interruption.listen()
        let isQuiet = arguments[Flags.noProgress]
        let text = ResultText(arguments, to: output)
        var line = ProgressLine()
        let outcome = runner.run(
            cancellation: Interruption.cancellation,
            progress: { if !isQuiet { line.show($0) } },
            // So that a crash costs one repeat. The last write is the one that reports a failure.
            onRepeat: { if output.path != nil { try? output.write(text.rendered($0)) } })
        line.clear()
        if !outcome.result.samples.isEmpty { try output.write(text.rendered(outcome.result)) }
        guard let failure = outcome.failure else { return .fine }
        throw Failure(failure)
    }

    /// What `--dry-run` prints.
    private var dryRun: String {
        let plan = runner.plan
        var lines = ["command   \(plan.command)"]
        lines.append("indexes   \(plan.indexes.map(\.name).joined(separator: ", "))")
        lines.append("schedule  \(plan.schedule.rawValue), slices of \(RunTuning.sliceOperations) operations")
        lines.append("repeats   \(plan.repeats)")
        lines.append("seed      \(plan.seed)")
        for source in plan.sources {
            let rows = plan.rows(of: source).map { plan.name($0, source) }
            lines.append("keys      \(source.count(plan.records)): \(source.summary)")
            lines.append("rows      \(rows.joined(separator: ", "))")
        }
        lines.append("memory    \((runner.memoryBytes + (1 << 20) - 1) >> 20) MiB at most")
        lines += runner.warnings.map { "warning   \($0.text); \($0.remedy)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
