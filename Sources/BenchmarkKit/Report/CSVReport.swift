/// One metric a row, RFC 4180, the header line first and nothing else before it.
enum CSVReport {
    static let columns = [
        "workload", "backend", "durability", "scale", "value_bytes", "threads", "repeat", "metric", "value", "unit",
    ]

    static func render(_ result: RunResult) -> String {
        var text = columns.joined(separator: ",") + "\r\n"
        for sample in result.samples {
            let fields = [
                sample.workload, sample.backend, sample.durability, "\(sample.scale)", "\(sample.valueBytes)",
                "\(sample.threads)", "\(sample.repeat)", sample.metric, number(sample.value), sample.unit,
            ]
            text += fields.map(quoted).joined(separator: ",") + "\r\n"
        }
        return text + observations(of: result)
    }

    /// What was observed, as rows of repeat 0: of a whole run, not of one repeat. `run` and `machine` stand where an
    /// observation has no row and no engine.
    private static func observations(of result: RunResult) -> String {
        let durability = result.samples.first?.durability ?? ""
        var text = ""
        for seen in result.observations {
            let beside = result.samples.first { $0.workload == seen.workload && $0.scale == seen.scale }
            let fields = [
                seen.workload.isEmpty ? "run" : seen.workload, seen.backend.isEmpty ? "machine" : seen.backend,
                durability, "\(seen.scale)", "\(beside?.valueBytes ?? 0)", "\(beside?.threads ?? 0)", "0", seen.metric,
                number(seen.value), seen.unit,
            ]
            text += fields.map(quoted).joined(separator: ",") + "\r\n"
        }
        return text
    }

    /// The shortest decimal that reads back as the same value; whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    /// A field in quotes where commas, quotes or line breaks demand them.
    static func quoted(_ field: String) -> String {
        let needsQuotes = field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
