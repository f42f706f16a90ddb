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
