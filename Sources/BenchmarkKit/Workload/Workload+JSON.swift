public import Foundation
import StorageBackends

// A workload file is one JSON object:
//
//     {
//       "name": "oltp", "records": 1000000, "keys": "scattered", "value_bytes": 100,
//       "load": { "row": "load-random", "batch_records": 10000 },
//       "phases": [
//         { "name": "oltp", "operations": 250000, "mix_percent": { "read": 80, "insert": 20 },
//           "distribution": "uniform" }
//       ]
//     }
//
// `"value": "text"` stands in the place of `value_bytes` for the phase documents' values; `value_bytes` is a number or
// a distribution of lengths; `keys` is an order or an object that names a file; `batch_records` is a number or `"all"`;
// a phase may have `scan_length_pairs`, `batch_operations`, `writer_threads` and `writer_store`. Workloads/schema.json
// says the same to other programs.

extension Workload: Codable {
    /// Reads a workload file, strictly: an unknown key, a wrong type or an impossible mix is an error that names file,
    /// key, value and remedy.
    /// - Parameter file: The file's name, for messages only.
    public init(json: Data, file: String) throws(RunError) {
        let tree: JSONValue
        do {
            tree = try JSONDecoder().decode(JSONValue.self, from: json)
        } catch {
            throw RunError(.invalid, "\(file): the file is no JSON document: compare it with one in Workloads/")
        }
        self = try Self(tree, file: file)
    }

    /// Reads the same form as a workload file, as strictly. Throws `RunError`.
    public init(from decoder: any Decoder) throws {
        self = try Self(JSONValue(from: decoder), file: "workload")
    }

    init(_ tree: JSONValue, file: String) throws(RunError) {
        var reader = try JSONReader(tree, file: file, path: "")
        name = try reader.name("name")
        records = try reader.number("records", 1...Self.recordsLimit)
        (keys, keyFile) = try Self.keys(&reader)
        value = try Self.value(&reader)
        compressiblePercent = UInt8(try reader.number("compressible_percent", 0...100, fallback: 0))
        load = try Self.load(&reader)
        phases = try Self.phases(&reader)
        try reader.end()
        try check(source: file)
    }

    private static func keys(_ reader: inout JSONReader) throws(RunError) -> (KeyOrder, KeyFile?) {
        guard let value = reader.take("keys") else { return (.scattered, nil) }
        if case .object = value {
            var file = try JSONReader(value, file: reader.file, path: "keys.")
            let path = try file.path("file", "write the path of a file of keys, as SOSD has them")
            var order = KeyOrder.scattered
            if let text = file.take("order") {
                guard text == .string("scattered") || text == .string("ordered") else {
                    throw file.wrong("order", text, "write \"scattered\" or \"ordered\"")
                }
                order = text == .string("ordered") ? .ordered : .scattered
            }
            try file.end()
            return (order, try KeyFile(contentsOf: WorkloadFiles.path(path, besides: reader.file), named: path))
        }
        guard case .string(let text) = value, let keys = KeyOrder(rawValue: text) else {
            throw reader.wrong(
                "keys", value, "write \"scattered\", \"ordered\" or \"timestamps\", or { \"file\": \"keys.uint64\" }")
        }
        return (keys, nil)
    }

    private static func value(_ reader: inout JSONReader) throws(RunError) -> Value {
        guard let text = reader.take("value") else {
            return Value(
                try reader.lengths("value_bytes", 0...valueBytesLimit, what: "file of lengths", fallback: nil))
        }
        guard text == .string("text") else {
            throw reader.wrong("value", text, "write \"text\", or a number of bytes as \"value_bytes\"")
        }
        if let bytes = reader.take("value_bytes") {
            throw reader.wrong("value_bytes", bytes, "remove it or \"value\": one of them says what values are")
        }
        return .text
    }

    private static func load(_ reader: inout JSONReader) throws(RunError) -> Load {
        let tree = try reader.required("load", "write { \"row\": \"load-random\", \"batch_records\": 10000 }")
        var load = try JSONReader(tree, file: reader.file, path: "load.")
        let row = try load.name("row")
        let batch =
            try load.takeWord("batch_records", "all")
            ? wholeBatch : load.number("batch_records", 1...recordsLimit)
        try load.end()
        return Load(row: row, batch: batch)
    }

    private static func phases(_ reader: inout JSONReader) throws(RunError) -> [Phase] {
        guard let value = reader.take("phases") else { return [] }
        guard case .array(let trees) = value else {
            throw reader.wrong("phases", value, "write a list of phases, [ … ]")
        }
        var phases: [Phase] = []
        for (index, tree) in trees.enumerated() {
            phases.append(try Phase(tree, file: reader.file, path: "phases[\(index)]."))
        }
        return phases
    }

    public func encode(to encoder: any Encoder) throws { try tree.encode(to: encoder) }

    /// The workload as a file that `init(json:file:)` reads.
    public func json() -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // An encoder of plain numbers and strings has nothing to fail on.
        return (try? encoder.encode(tree)) ?? Data()
    }

    private var tree: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "records": .number(Double(records)), "keys": keysTree,
            "load": .object([
                "row": .string(load.row),
                "batch_records": load.batch == Self.wholeBatch ? .string("all") : .number(Double(load.batch)),
            ]),
            "phases": .array(phases.map(\.tree)),
        ]
        switch value {
        case .bytes(let count): members["value_bytes"] = .number(Double(count))
        case .text: members["value"] = .string("text")
        case .lengths(let lengths): members["value_bytes"] = lengths.tree
        }
        if compressiblePercent > 0 { members["compressible_percent"] = .number(Double(compressiblePercent)) }
        return .object(members)
    }

    private var keysTree: JSONValue {
        guard let keyFile else { return .string(keys.rawValue) }
        return .object(["file": .string(keyFile.path), "order": .string(keys.rawValue)])
    }
}

extension Workload.Phase {
    init(_ tree: JSONValue, file: String, path: String) throws(RunError) {
        var reader = try JSONReader(tree, file: file, path: path)
        name = try reader.name("name")
        operations = try reader.number("operations", 1...Workload.recordsLimit)
        let mixTree = try reader.required("mix_percent", "write { \"read\": 80, \"insert\": 20 }")
        mix = try Workload.Mix(mixTree, file: file, path: path + "mix_percent.")
        distribution = try Self.distribution(&reader)
        scanLengths = try reader.lengths(
            "scan_length_pairs", 1...1_000_000, what: nil, fallback: .fixed(Workload.usualScanLength))
        batch = try reader.number("batch_operations", 1...Workload.recordsLimit, fallback: 1)
        writers = try reader.number("writer_threads", 0...UInt64(RunTuning.threadsLimit), fallback: 0)
        writersElsewhere = try Self.writersElsewhere(&reader)
        try reader.end()
    }

    private static func distribution(_ reader: inout JSONReader) throws(RunError) -> Distribution {
        guard let value = reader.take("distribution") else { return .uniform }
        guard case .string(let text) = value, let distribution = Distribution(text) else {
            throw reader.wrong("distribution", value, "write one of \(Distribution.forms)")
        }
        return distribution
    }

    private static func writersElsewhere(_ reader: inout JSONReader) throws(RunError) -> Bool {
        guard let value = reader.take("writer_store") else { return false }
        guard value == .string("same") || value == .string("other") else {
            throw reader.wrong("writer_store", value, "write \"same\" or \"other\"")
        }
        return value == .string("other")
    }

    fileprivate var tree: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "operations": .number(Double(operations)), "mix_percent": mix.tree,
            "distribution": .string(distribution.text),
        ]
        if mix[.scan] > 0 { members["scan_length_pairs"] = scanLengths.tree }
        if batch > 1 { members["batch_operations"] = .number(Double(batch)) }
        if writers > 0 { members["writer_threads"] = .number(Double(writers)) }
        if writersElsewhere { members["writer_store"] = .string("other") }
        return .object(members)
    }
}

extension Workload.Mix {
    init(_ tree: JSONValue, file: String, path: String) throws(RunError) {
        self.init()
        var reader = try JSONReader(tree, file: file, path: path)
        for name in Self.names {
            guard let kind = Self.kind(named: name) else { continue }
            self[kind] = try reader.share(name)
        }
        try reader.end()
    }

    fileprivate var tree: JSONValue {
        var members: [String: JSONValue] = [:]
        for name in Self.names {
            guard let kind = Self.kind(named: name), self[kind] > 0 else { continue }
            members[name] = .number(self[kind])
        }
        return .object(members)
    }
}

extension Lengths {
    fileprivate var tree: JSONValue {
        if case .fixed(let length) = self { return .number(Double(length)) }
        return .string(text)
    }
}
