import BenchmarkKit
import StorageBackends

/// The commands that run engines.
extension Command {
    private static let usualScale: UInt64 = 1_000_000

    /// `alexbench insert`.
    static let insert = Command(
        name: "insert", summary: "insert records: one by one and in batches, in random and in ascending key order",
        discussion: "Each row fills fresh stores: insert-random, insert-sequential, load-random, load-sequential.",
        flags: [Flags.scale, Flags.insertRows, Flags.keys, Flags.valueSize, Flags.compressible, Flags.batch]
            + MeasuringFlags.shared,
        examples: [
            "alexbench insert --scale 100K", "alexbench insert --backend alex,sqlite --durability memory",
            "alexbench insert --scale 10M --workload load-random,load-sequential",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let keyFile = try KeyFile.named(by: arguments)
        let workloads = Workload.insert(
            records: arguments[Flags.scale] ?? usualScale, value: arguments[Flags.valueSize],
            batch: arguments[Flags.batch] ?? Workload.usualBatch, rows: arguments[Flags.insertRows]
        ).map { $0.shaped(by: arguments, keyFile: keyFile) }
        return try Measurement(arguments, workloads: workloads).run()
    }

    /// `alexbench query`.
    static let query = Command(
        name: "query", summary: "read loaded records: hits, misses, and scans of 100",
        flags: [
            Flags.scale, Flags.ops, Flags.keys, Flags.valueSize, Flags.compressible, Flags.distribution,
            Flags.scanLength, Flags.batch,
        ] + Flags.traces + Flags.load + MeasuringFlags.shared,
        examples: ["alexbench query --scale 1M", "alexbench query --distribution zipfian:0.99 --format csv"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        if let trace = try OperationTrace.named(by: arguments) {
            let workload = try trace.workload(for: arguments)
            return try Measurement(arguments, workloads: [workload], trace: trace).run()
        }
        var workload = Workload.query(
            records: arguments[Flags.scale] ?? usualScale, value: arguments[Flags.valueSize],
            operations: arguments[Flags.ops],
            distribution: arguments[Flags.distribution], scanLength: arguments[Flags.scanLength].largest,
            batch: arguments[Flags.batch] ?? Workload.usualBatch)
        workload.phases[2].scanLengths = arguments[Flags.scanLength]
        workload = workload.shaped(by: arguments, keyFile: try KeyFile.named(by: arguments))
        return try Measurement(arguments, workloads: [workload]).run()
    }

    /// `alexbench mixed`.
    static let mixed = Command(
        name: "mixed", summary: "reads and inserts mixed, 80 to 20 unless --mix says otherwise",
        flags: [
            Flags.scale, Flags.ops, Flags.mix, Flags.keys, Flags.valueSize, Flags.compressible, Flags.distribution,
            Flags.scanLength, Flags.batch,
        ] + Flags.traces + Flags.load + MeasuringFlags.shared,
        examples: [
            "alexbench mixed --scale 1M", "alexbench mixed --mix read=50,update=50 --backend alex,rocksdb-tuned",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        if let trace = try OperationTrace.named(by: arguments) {
            let workload = try trace.workload(for: arguments)
            return try Measurement(arguments, workloads: [workload], trace: trace).run()
        }
        var workload = mixedWorkload(arguments)
        workload.phases[0].scanLengths = arguments[Flags.scanLength]
        workload = workload.shaped(by: arguments, keyFile: try KeyFile.named(by: arguments))
        return try Measurement(arguments, workloads: [workload]).run()
    }

    private static func mixedWorkload(_ arguments: ParsedArguments) -> Workload {
        Workload.mixed(
            records: arguments[Flags.scale] ?? usualScale, value: arguments[Flags.valueSize],
            operations: arguments[Flags.ops],
            mix: arguments[Flags.mix] ?? Workload.Mix([.read: 80, .insert: 20]),
            distribution: arguments[Flags.distribution], batch: arguments[Flags.batch] ?? Workload.usualBatch)
    }

    /// `alexbench scale`.
    static let scale = Command(
        name: "scale", summary: "query and mixed over a range of sizes",
        flags: [Flags.scales, Flags.ops, Flags.mix, Flags.valueSize, Flags.distribution, Flags.batch]
            + MeasuringFlags.shared,
        examples: ["alexbench scale --scales 100K,1M,10M --repeats 3"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let workloads = arguments[Flags.scales].map { records in
            var sized = ParsedArguments(command: arguments.command)
            sized.copy(from: arguments)
            sized.set(Flags.scale, records, text: "\(records)")
            return sweepWorkload(sized)
        }
        return try Measurement(arguments, workloads: workloads).run()
    }

    /// One size of the sweep: the mixed workload with a query phase before it.
    private static func sweepWorkload(_ arguments: ParsedArguments) -> Workload {
        var workload = mixedWorkload(arguments)
        let operations = workload.phases[0].operations
        workload.name = "scale"
        workload.phases.insert(
            Workload.Phase(
                name: "query", operations: operations, mix: Workload.Mix([.read: 100]),
                distribution: arguments[Flags.distribution]), at: 0)
        return workload
    }

    /// `alexbench run FILE…`.
    static let runFiles = Command(
        name: "run", summary: "run workload files (JSON), such as those in Workloads/, and YCSB's properties files",
        operands: Operands(usage: "FILE…", count: 0...64, completion: .file),
        flags: [Flags.outputDirectory, Flags.resume] + Flags.traces + Flags.load + MeasuringFlags.shared,
        examples: [
            "alexbench run Workloads/smoke.json", "alexbench run Workloads/*.json --output-dir Results --resume",
            "alexbench run --trace mixed.trace",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let trace = try OperationTrace.named(by: arguments)
        if arguments.operands.isEmpty, trace == nil {
            throw .usage("run", "needs FILE…, or --trace FILE", remedy: "for example: Workloads/smoke.json")
        }
        let files = arguments.operands.isEmpty ? [] : try workloadFiles(arguments.operands)
        let workloads = files.isEmpty ? [trace?.workload].compactMap(\.self) : files.map(\.workload)
        for flag in Flags.traces where arguments.isGiven(flag) && arguments.isGiven(Flags.outputDirectory) {
            throw .usage(
                flag.label.spelling, "has no meaning beside --output-dir", remedy: "name the result with --output")
        }
        if let folder = arguments[Flags.outputDirectory] {
            return try ResultFolder(arguments, folder: folder).run(files)
        }
        if arguments[Flags.resume] {
            throw .usage("--resume", "needs --output-dir", remedy: "name the folder of the results that stopped")
        }
        // In one result, each row has to say whose it is.
        let named = workloads.count > 1 ? workloads.map { $0.withQualifiedRows() } : workloads
        return try Measurement(arguments, workloads: named, trace: trace).run()
    }

    /// The workloads of files. The schema that lies beside them in `Workloads/*.json` is none, and is left out.
    private static func workloadFiles(
        _ paths: [String]
    ) throws(Failure) -> [(path: String, workload: Workload)] {
        var files: [(path: String, workload: Workload)] = []
        for path in paths {
            if path.split(separator: "/").last != "schema.json" { files.append((path, try workload(atPath: path))) }
        }
        if files.isEmpty {
            throw .usage(
                paths[0], "is the form of workload files, no workload itself", remedy: "name one: Workloads/smoke.json")
        }
        if files.count < paths.count { Console.message("note: schema.json is no workload and was left out\n") }
        return files
    }

    /// A JSON file, or a properties file of YCSB: what does not begin with a brace and is not called `.json`.
    private static func workload(atPath path: String) throws(Failure) -> Workload {
        let data = try InputFile.contents(ofFile: path, missing: .usage)
        do {
            let first = data.first { ![9, 10, 13, 32].contains($0) }
            if path.hasSuffix(".json") || (first == UInt8(ascii: "{") && !path.hasSuffix(".properties")) {
                return try Workload(json: data, file: path)
            }
            let file = try YCSBProperties(
                text: String(decoding: data, as: UTF8.self), file: path,
                remedy: { Suggestion.remedy(for: $0, among: $1, noun: "known words") })
            Console.message(file.notes.map { "note: \($0)\n" }.joined())
            return file.workload
        } catch {
            throw Failure(.usage, error.message)
        }
    }
}
