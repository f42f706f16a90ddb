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
// `"value": "text"` stands in the place of `value_bytes` for the phase documents' values; `batch_records` is a
// number or `"all"`; a phase may have `scan_length_pairs` and `batch_operations`.

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
        keys = try Self.keys(&reader)
        value = try Self.value(&reader)
        load = try Self.load(&reader)
        phases = try Self.phases(&reader)
        try reader.end()
        try check(source: file)
    }

    private static func keys(_ reader: inout JSONReader) throws(RunError) -> KeyOrder {
        guard let value = reader.take("keys") else { return .scattered }
        guard case .string(let text) = value, let keys = KeyOrder(rawValue: text) else {
            throw reader.wrong("keys", value, "write \"scattered\" or \"ordered\"")
        }
        return keys
    }

    private static func value(_ reader: inout JSONReader) throws(RunError) -> Value {
        guard let text = reader.take("value") else {
            return .bytes(UInt32(try reader.number("value_bytes", 0...valueBytesLimit)))
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
            "name": .string(name), "records": .number(Double(records)), "keys": .string(keys.rawValue),
            "load": .object([
                "row": .string(load.row),
                "batch_records": load.batch == Self.wholeBatch ? .string("all") : .number(Double(load.batch)),
            ]),
            "phases": .array(phases.map(\.tree)),
        ]
        switch value {
        case .bytes(let count): members["value_bytes"] = .number(Double(count))
        case .text: members["value"] = .string("text")
        }
        return .object(members)
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
        scanLength = UInt32(
            try reader.number("scan_length_pairs", 1...1_000_000, fallback: UInt64(Workload.usualScanLength)))
        batch = try reader.number("batch_operations", 1...Workload.recordsLimit, fallback: 1)
        try reader.end()
    }

    private static func distribution(_ reader: inout JSONReader) throws(RunError) -> Distribution {
        guard let value = reader.take("distribution") else { return .uniform }
        guard case .string(let text) = value, let distribution = Distribution(text) else {
            throw reader.wrong("distribution", value, "write one of \(Distribution.forms)")
        }
        return distribution
    }

    fileprivate var tree: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "operations": .number(Double(operations)), "mix_percent": mix.tree,
            "distribution": .string(distribution.text),
        ]
        if mix[.scan] > 0 { members["scan_length_pairs"] = .number(Double(scanLength)) }
        if batch > 1 { members["batch_operations"] = .number(Double(batch)) }
        return .object(members)
    }
}

extension Workload.Mix {
    init(_ tree: JSONValue, file: String, path: String) throws(RunError) {
        self.init()
        var reader = try JSONReader(tree, file: file, path: path)
        for name in Self.names {
            guard let kind = Self.kind(named: name) else { continue }
            self[kind] = UInt32(try reader.number(name, 0...100, fallback: 0))
        }
        try reader.end()
    }

    fileprivate var tree: JSONValue {
        var members: [String: JSONValue] = [:]
        for name in Self.names {
            guard let kind = Self.kind(named: name), self[kind] > 0 else { continue }
            members[name] = .number(Double(self[kind]))
        }
        return .object(members)
    }
}
