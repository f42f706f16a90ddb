import Foundation

/// What an action of `alexbench store` found: figures by name, and a list of files where there is one.
struct StoreReport {
    /// A figure or a word.
    enum Value {
        case number(Int)
        case text(String)
        case flag(Bool)

        var plain: String {
            switch self {
            case .number(let number): "\(number)"
            case .text(let text): text
            case .flag(let flag): flag ? "yes" : "no"
            }
        }

        var json: Any {
            switch self {
            case .number(let number): number
            case .text(let text): text
            case .flag(let flag): flag
            }
        }
    }

    typealias Row = (name: String, value: Value)

    var rows: [Row] = []
    /// Files by name, each with figures of its own.
    var segments: [(name: String, rows: [Row])] = []

    mutating func add(_ name: String, _ number: some BinaryInteger) { rows.append((name, .number(Int(number)))) }
    mutating func add(_ name: String, _ text: String) { rows.append((name, .text(text))) }
    mutating func add(_ name: String, _ flag: Bool) { rows.append((name, .flag(flag))) }

    func rendered(_ format: StoreFormat) -> String {
        switch format {
        case .text: text
        case .csv: csv
        case .json: json
        }
    }

    private var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        var lines = rows.map { row in
            row.name.replacing("_", with: " ")
                + String(repeating: " ", count: width + 2 - row.name.count) + row.value.plain
        }
        for segment in segments {
            let figures = segment.rows.map { "\($0.name.replacing("_", with: " ")) \($0.value.plain)" }
            lines.append("\(segment.name)  \(figures.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// RFC 4180: name and value, a file's figures under its name.
    private var csv: String {
        let all = rows + segments.flatMap { segment in segment.rows.map { ("\(segment.name)/\($0.name)", $0.value) } }
        return "name,value\r\n" + all.map { "\($0.0),\(Self.quoted($0.1.plain))\r\n" }.joined()
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    private var json: String {
        var object = Dictionary(rows.map { ($0.name, $0.value.json) }, uniquingKeysWith: { first, _ in first })
        if !segments.isEmpty {
            object["files"] = segments.map { segment in
                Dictionary([("name", segment.name as Any)] + segment.rows.map { ($0.name, $0.value.json) }) {
                    first, _ in first
                }
            }
        }
        let data = try? JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data ?? Data("{}".utf8), as: UTF8.self) + "\n"
    }
}
