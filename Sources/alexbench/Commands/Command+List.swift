import BenchmarkKit
import StorageBackends

extension Command {
    /// `alexbench list`.
    static let list = Command(
        name: "list", summary: "the engines and indexes, built and not built, their settings, and the workloads",
        discussion: """
            For each durability class: the engine's own settings behind it, n/a where it has none. Last come the indexes
            of 'alexbench index'; the CSV has the engines alone.
            """,
        flags: [Flags.listFormat]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        if arguments[Flags.listFormat] {
            try Console.data("backend,state,library\n" + BackendTable.entries.map(row).joined())
            return .fine
        }
        let backends = BackendTable.entries.map(describe).joined(separator: "\n")
        let workloads = Program.commands.filter { measuring.contains($0.name) }.map {
            "  \($0.name)\(String(repeating: " ", count: max(0, 8 - $0.name.count)))\($0.summary)"
        }
        try Console.data(
            "Backends\n\n\(backends)\nWorkloads\n\n\(workloads.joined(separator: "\n"))\n"
                + "  files   alexbench run FILE…; those of this package are in Workloads/\n"
                + "  index   \(Command.index.summary)\n\nIndexes alone\n\n"
                + IndexTable.entries.map(describeIndex).joined(separator: "\n"))
        return .fine
    }

    private static let measuring = ["insert", "query", "mixed", "scale"]

    private static func row(_ entry: BackendTable.Entry) -> String {
        let backend = BackendTable.descriptor(named: entry.name)
        let library = (backend?.libraryVersion() ?? "").split(separator: "\"").joined(separator: "\"\"")
        return "\(entry.name),\(backend == nil ? "not built" : "built"),\"\(library)\"\n"
    }

    private static func describe(_ entry: BackendTable.Entry) -> String {
        guard let backend = BackendTable.descriptor(named: entry.name) else {
            let remedy = entry.requirement.map { ": \($0.remedy)" } ?? ""
            return "\(entry.name)\n  not built\(remedy)\n"
        }
        var lines = [backend.name, "  \(backend.summary)", "  library       \(backend.libraryVersion())"]
        if let warning = backend.buildWarning() { lines.append("  warning       \(warning)") }
        lines.append("  can           \(capabilities(backend.capabilities))")
        for durability in DurabilityClass.allCases {
            let name = durability.rawValue + String(repeating: " ", count: 12 - durability.rawValue.count)
            lines.append("  \(name)  \(backend.nativeSettings[durability] ?? "n/a")")
        }
        if !backend.configuration.isEmpty {
            lines.append("  configured    \(backend.configuration.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func describeIndex(_ entry: BackendTable.Entry) -> String {
        guard let index = IndexTable.descriptor(named: entry.name) else {
            let remedy = entry.requirement.map { ": \($0.remedy)" } ?? ""
            return "\(entry.name)\n  not built\(remedy)\n"
        }
        let can: [(IndexCapabilities, String)] = [
            (.change, "insert and remove"), (.order, "scan"), (.batch, "look many keys up in one call"),
            (.insertBatch, "insert many pairs in one call"), (.readers, "readers beside a writer"),
        ]
        let words = ["look up"] + can.filter { index.capabilities.contains($0.0) }.map(\.1)
        return "\(index.name)\n  \(index.summary)\n  library       \(index.library)\n"
            + "  can           \(words.joined(separator: ", "))\n"
    }

    private static func capabilities(_ capabilities: Capabilities) -> String {
        let named: [(Capabilities, String)] = [
            (.unorderedInsert, "unordered insert"), (.update, "update"), (.remove, "remove"), (.scan, "scan"),
            (.atomicBatch, "atomic batch"), (.reopen, "reopen"), (.stores, "store"),
        ]
        return named.filter { capabilities.contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
