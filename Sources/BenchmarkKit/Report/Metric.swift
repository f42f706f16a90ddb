/// What the reports know of a metric by its name in the samples.
enum Metric {
    /// Which way is better.
    enum Direction: Sendable, Hashable {
        case higher
        case lower
        /// A count that has to be equal.
        case exact
    }

    static let operationsPerSecond = "ops_per_second"
    static let nanosecondsPerOperation = "ns_per_op"
    static let dependent = "dependent_ns_per_op"
    static let bytesPerKey = "bytes_per_key"

    static func direction(of metric: String) -> Direction {
        if metric.hasSuffix("_per_second") { return .higher }
        if isTime(metric) || metric.hasSuffix("_bytes") || metric == bytesPerKey { return .lower }
        return .exact
    }

    static func isTime(_ metric: String) -> Bool {
        metric.hasSuffix("_ns") || metric.contains("ns_per_")
    }

    static func isPercentile(_ metric: String) -> Bool {
        metric == "max_ns"
            || (metric.hasSuffix("_ns") && metric.hasPrefix("p") && metric.dropFirst().first?.isNumber == true)
    }

    /// A percentile of the response time, charged from when an operation was due.
    static func isResponse(_ metric: String) -> Bool { metric.hasPrefix("response_") && isTime(metric) }

    /// `p99_ns` as a reader says it: `p99`; `p999_ns`: `p99.9`.
    static func percentileName(_ metric: String) -> String {
        let name = String(metric.dropLast(3))
        guard name.hasPrefix("p"), name.count > 3 else { return name }
        return name.prefix(3) + "." + name.dropFirst(3)
    }

    /// A metric's row of a section, in words.
    static func label(_ metric: String) -> String {
        switch metric {
        case "settle_ns": "settle"
        case "all_in_ops_per_second": "all in, settling included"
        case "disk_bytes": "on disk"
        case "resident_bytes": "resident"
        case "checked_values": "values checked"
        case "scanned_pairs": "pairs scanned"
        case "slo_ops_per_second": "highest rate that holds"
        case _ where isResponse(metric): percentileName(String(metric.dropFirst("response_".count)))
        default: isPercentile(metric) ? percentileName(metric) : metric.replacing("_", with: " ")
        }
    }
}

/// Which engines are ranked against each other.
enum Roster {
    /// The engine whose wins and losses the verdicts tell.
    static let subject = "alex"

    /// The same where the index runs alone.
    static let subjectIndex = "alex-index"

    /// The subject of a result with these backends.
    static func subject(of backends: [String]) -> String { backends.contains(subjectIndex) ? subjectIndex : subject }

    /// Engines and indexes that the subject is compared with.
    static func isRival(_ backend: String) -> Bool {
        ["rocksdb", "sqlite", "lmdb"].contains { backend == $0 || backend.hasPrefix($0 + "-") }
            && !backend.contains("-gauge")
            || ["absl-btree", "std-map", "sorted-array"].contains(backend)
    }

    /// Backends that show how fast the machine lets anybody be; they are no engines and win nothing.
    static func isFloor(_ backend: String) -> Bool {
        ["limit", "two-reads", "hash-log", "absl-hash", "null"].contains(backend)
    }

    /// Whether the backend is a configuration of the phase documents' or a part of one, measured to be taken apart: it
    /// keeps nothing that an engine keeps, so it is shown and not ranked.
    static func isRung(_ backend: String) -> Bool { backend.hasPrefix("alex-phase-") || isStep(backend) }

    /// Whether the backend is a part of an operation, as `alexbench explain` runs them.
    static func isStep(_ backend: String) -> Bool { backend.hasPrefix("step-") }

    /// Whether this engine was compiled with its assertions on, so that ratios against it aren't for publishing.
    static func hasAssertions(_ backend: String, in result: RunResult) -> Bool {
        result.backends.contains { $0.name == backend && $0.library.contains("assertions on") }
    }
}
