import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

/// Workloads/schema.json says what the reader reads: the same keys, required where the reader requires them.
@Suite struct WorkloadSchemaTests {
    private static func schema() throws -> JSONValue {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try JSONDecoder().decode(
            JSONValue.self, from: Data(contentsOf: folder.appendingPathComponent("Workloads/schema.json")))
    }

    private static func member(_ value: JSONValue?, _ key: String) -> JSONValue? {
        guard case .object(let members)? = value else { return nil }
        return members[key]
    }

    private static func keys(_ value: JSONValue?) -> Set<String> {
        guard case .object(let members)? = value else { return [] }
        return Set(members.keys)
    }

    private static let whole = """
        { "name": "w", "records": 1000, "value_bytes": 100, "load": { "row": "load", "batch_records": 10 },
          "phases": [ { "name": "p", "operations": 50, "mix_percent": { "read": 100 } } ] }
        """

    /// The object of the schema, and where an unknown key makes the reader list the keys that it knows there.
    private static let places: [(object: String?, before: String, after: String)] = [
        (nil, "\"name\": \"w\"", "\"name\": \"w\", \"zzz\": 1"),
        ("keys", "\"name\": \"w\"", "\"name\": \"w\", \"keys\": { \"file\": \"f\", \"zzz\": 1 }"),
        ("load", "\"row\": \"load\"", "\"row\": \"load\", \"zzz\": 1"),
        ("phase", "\"name\": \"p\"", "\"name\": \"p\", \"zzz\": 1"),
        ("mix_percent", "\"read\": 100", "\"read\": 100, \"zzz\": 1"),
    ]

    @Test(arguments: places.indices) func theSchemaHasTheReadersKeys(_ index: Int) throws {
        let place = Self.places[index]
        let schema = try Self.schema()
        let object = place.object.map { Self.member(Self.member(schema, "$defs"), $0) } ?? schema
        let json = Self.whole.replacing(place.before, with: place.after)
        #expect(json != Self.whole)
        let error = #expect(throws: RunError.self) { try Workload(json: Data(json.utf8), file: "w.json") }
        let listed = try #require(error?.message.components(separatedBy: "use one of ").last)
        #expect(Self.keys(Self.member(object, "properties")) == Set(listed.components(separatedBy: ", ")))
        #expect(Self.member(object, "additionalProperties") == .bool(false))
    }

    /// What the schema requires is what the reader misses when it is taken away.
    @Test func theSchemaRequiresWhatTheReaderRequires() throws {
        let schema = try Self.schema()
        for (object, place) in [(nil, ""), ("load", "load."), ("phase", "phases[0].")] as [(String?, String)] {
            let part = object.map { Self.member(Self.member(schema, "$defs"), $0) } ?? schema
            guard case .array(let listed)? = Self.member(part, "required") else {
                Issue.record("\(object ?? "the schema") requires nothing")
                continue
            }
            let required = Set(
                listed.compactMap { value -> String? in
                    if case .string(let key) = value { return key }
                    return nil
                })
            for key in Self.keys(Self.member(part, "properties")) {
                let tree = try JSONDecoder().decode(JSONValue.self, from: Data(Self.whole.utf8))
                let isMissed: Bool
                do {
                    _ = try Workload(Self.without(key, at: object, tree), file: "w.json")
                    isMissed = false
                } catch {
                    isMissed = error.message.hasPrefix("w.json: \"\(place)\(key)\" is missing")
                }
                // A value is required, as bytes or as text: the schema says so with oneOf.
                #expect(isMissed == (required.contains(key) || key == "value_bytes"), "\(place)\(key)")
            }
        }
    }

    private static func without(_ key: String, at object: String?, _ tree: JSONValue) -> JSONValue {
        guard case .object(var members) = tree else { return tree }
        switch object {
        case "load": members["load"] = without(key, at: nil, members["load"] ?? .null)
        case "phase":
            if case .array(let phases)? = members["phases"] {
                members["phases"] = .array(phases.map { without(key, at: nil, $0) })
            }
        default: members[key] = nil
        }
        return .object(members)
    }

    /// Every word and form of the schema's lists is one that the reader takes.
    @Test func theSchemasWordsAreRead() throws {
        guard
            case .array(let forms)? = Self.member(
                Self.member(Self.member(try Self.schema(), "properties"), "keys"), "oneOf"),
            case .array(let words)? = Self.member(forms[0], "enum")
        else {
            Issue.record("no list of orders")
            return
        }
        #expect(Set(words) == Set(Workload.KeyOrder.allCases.map { .string($0.rawValue) }))
        let phase = Self.member(Self.member(Self.member(try Self.schema(), "$defs"), "phase"), "properties")
        guard case .string(let pattern)? = Self.member(Self.member(phase, "distribution"), "pattern") else {
            Issue.record("no pattern of distributions")
            return
        }
        let expression = try Regex(pattern)
        for text in Distribution.names + ["zipfian:0.5", "hotspot:0.1:0.9", "exponential:95:0.5"] {
            #expect(text.contains(expression) && Distribution(text) != nil, "\(text)")
        }
        for text in ["zipf", "hotspot:0.1", "uniform:1", ""] {
            #expect(!text.contains(expression) && Distribution(text) == nil, "\(text)")
        }
    }
}
