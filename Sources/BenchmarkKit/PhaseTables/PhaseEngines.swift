/// The backends that the tables measure, and the results that they are taken from.
enum PhaseEngines {
    static let foundation = "alex-phase-foundation"
    static let deferred = "alex-phase-deferred"
    static let zeroCopy = "alex-phase-zero-copy"
    static let keyFirst = "alex-phase-key-first"
    static let current = Roster.subject
    static let rocksStorage = "rocksdb-alex"
    /// With the gauge of the documents' baseline: our own leaves walked at each insert, and one for each 3 keys.
    static let gauge = "rocksdb-alex-gauge"
    static let gaugeOfThree = "rocksdb-alex-gauge-3"
    static let rungs = [foundation, deferred, zeroCopy, keyFirst, current]
    /// Engines that stand beside the documents' own.
    static let beside = [current, "rocksdb", "rocksdb-tuned", "sqlite", "sqlite-tuned"]
    static let all: [String] = rungs + [rocksStorage] + Array(beside.dropFirst())

    /// Bytes of a value where a row has no values of its own.
    static let usualValueBytes: UInt64 = 100

    /// Whether the row's name alone says what its values are.
    static func hasOwnValues(_ row: String) -> Bool {
        row.hasPrefix("phase-") || row.hasPrefix("gate-") || row.hasSuffix("-100m")
    }

    /// The name by which `make results ONLY=` makes the result that answers for the row.
    static func source(_ row: String, _ records: UInt64) -> String {
        let scale = Figures.scale(records)
        switch row {
        case "phase-growth", "phase-gauge": return row
        case _ where row.hasPrefix("phase-"): return records == 100_000 ? "phase" : "phase-\(scale.lowercased())"
        case _ where row.hasPrefix("gate-"): return "gates"
        case "load-100m", "query-100m": return "load-100m"
        case "query", "scan-1000": return "query-\(scale)"
        default: return "insert-\(scale)"
        }
    }

    /// The name of the result of one engine alone.
    static func alone(_ engine: String, _ records: UInt64) -> String { "insert-\(engine)-\(Figures.scale(records))" }

    /// The same of an operation taken apart.
    static func source(apart row: String, _ backend: String, _ records: UInt64) -> String {
        let operation = row.hasPrefix(Explanation.query) ? "query" : "insert"
        return "explain-\(operation)-\(backend.replacing("alex-phase-", with: ""))-\(Figures.scale(records))"
    }

    /// The command that makes a result.
    static func command(_ source: String) -> String { "make results ONLY=\(source)" }

    /// A row as a reader says it, with the operations of a repeat where those are not the records.
    static func words(_ row: String, _ place: PhaseData.Place?) -> String {
        let isLiteral = row.hasSuffix("-10k")
        let name = isLiteral ? String(row.dropLast(4)) : row
        let words =
            [
                "phase-load": "bulk insert", "phase-query": "query", "phase-mixed": "mixed 80/20",
                "phase-analytics": "analytics 95/5", "phase-growth": "insert", "phase-gauge": "mixed 80/20",
                "load-sequential": "sequential insert", "load-random": "random insert",
                "insert-random": "random insert, one by one", "query": "point query", "scan-1000": "range of 1 000",
            ][name] ?? name
        guard row.hasPrefix("phase-"), name != "phase-load",
            let count = place?.operations ?? (isLiteral ? 10_000 : nil)
        else { return words }
        return "\(words), \(Figures.scale(count)) operations"
    }
}
