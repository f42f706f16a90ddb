import Foundation
import StorageBackends

/// A YCSB properties file as a workload (Cooper et al., SoCC 2010; the core workload's keys and defaults).
///
/// 1. Lines `key=value` (or `key:value`); `#` and `!` begin comments; a key that is there twice counts as it is last.
/// 2. Every key must be one that YCSB knows. Those that say nothing about keys, values and operations are noted.
/// 3. The shares of the operations are weights, as in YCSB: they are scaled to a whole of 10,000 parts.
/// 4. A record's fields are one value here, fieldcount × fieldlength bytes long, read and written whole.
public struct YCSBProperties: Sendable {
    public let workload: Workload
    /// What of the file has no effect here, or another than in YCSB: a sentence each.
    public let notes: [String]

    /// Keys that shape the workload.
    static let shaping = [
        "workload", "recordcount", "operationcount", "fieldcount", "fieldlength", "minfieldlength",
        "fieldlengthdistribution", "readproportion", "updateproportion", "insertproportion", "scanproportion",
        "readmodifywriteproportion", "requestdistribution", "minscanlength", "maxscanlength",
        "scanlengthdistribution", "insertorder", "hotspotdatafraction", "hotspotopnfraction",
        "exponential.percentile", "exponential.frac", "zipfianconstant", "zipfian_const", "zipfianconst",
    ]
    /// Keys of YCSB that have no effect here, and why.
    static let idle: [String: String] = [
        "readallfields": "a record is one value, read whole", "writeallfields": "a record is one value, written whole",
        "table": "a store has one table", "columnfamily": "a store has one table",
        "fieldnameprefix": "values have no fields", "dataintegrity": "every value is checked, always",
        "zeropadding": "keys are 64-bit integers", "keylength": "keys are 64-bit integers",
        "insertstart": "records are numbered from 0", "insertcount": "the load inserts recordcount records",
        "threadcount": "ask for --threads", "target": "ask for --rate",
        "maxexecutiontime": "ask for --duration", "warmupexecutiontime": "ask for --warmup", "db": "ask for --backend",
        "measurementtype": "latency is always a histogram", "histogram.buckets": "latency is always a histogram",
        "hdrhistogram.percentiles": "percentiles are fixed", "timeseries.granularity": "intervals are fixed",
        "measurement.raw.output_file": "every repeat is in the result", "measurement.trackjvm": "there is no JVM",
        "measurement.interval": "ask for --arrival", "status.interval": "progress is always shown",
        "exporter": "ask for --format", "exportfile": "ask for --output", "label": "the file's name is the label",
        "reportlatencyforeacherror": "an error ends a run", "latencytrackederrors": "an error ends a run",
        "core_workload_insertion_retry_limit": "an error ends a run",
        "core_workload_insertion_retry_interval": "an error ends a run", "dotransactions": "load and phases both run",
        "jdbc.driver": "ask for --backend", "fieldlengthhistogram": "only a histogram of lengths would use it",
    ]

    /// Reads the text of a properties file.
    /// - Parameters:
    ///   - file: The file's name, for messages and for the workload's own.
    ///   - remedy: What to say of an unknown word, given it and those that would do: `did you mean …?`.
    public init(
        text: String, file: String, remedy: (_ word: String, _ candidates: [String]) -> String
    ) throws(RunError) {
        var reader = YCSBReader(file: file, members: try Self.members(text, file: file))
        for key in reader.members.keys.sorted() where !Self.shaping.contains(key) && Self.idle[key] == nil {
            let known = Self.shaping + Self.idle.keys.sorted()
            throw RunError(.invalid, "\(file): \(key) is no key of YCSB's core workload: \(remedy(key, known))")
        }
        try Self.checkClass(reader)
        let name = Self.name(of: file)
        let records = try reader.count("recordcount", fallback: nil, 1...Workload.recordsLimit)
        var notes: [String] = []
        let value = try Self.value(&reader)
        let phase = Workload.Phase(
            name: name, operations: try reader.count("operationcount", fallback: nil, 1...Workload.recordsLimit),
            mix: try Self.mix(reader, &notes), distribution: try Self.distribution(reader, remedy),
            scanLengths: try Self.scanLengths(reader))
        var workload = Workload(
            name: name, records: records, keys: try Self.keys(reader, remedy), value: value,
            load: Workload.Load(row: "load-\(name)", batch: Workload.usualBatch), phases: [phase])
        if workload.load.row.utf8.count > 64 { workload.load.row = "load" }
        try workload.check(source: file)
        self.workload = workload
        for key in reader.members.keys.sorted() {
            if let reason = Self.idle[key] { notes.append("\(file): \(key) has no effect: \(reason)") }
        }
        self.notes = notes
    }

    private static func members(_ text: String, file: String) throws(RunError) -> [String: String] {
        var members: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("!") { continue }
            guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }), separator > line.startIndex else {
                throw RunError(.invalid, "\(file): line \(index + 1) is \"\(line)\": write it as key=value")
            }
            members[line[..<separator].trimmingCharacters(in: .whitespaces)] =
                line[line.index(after: separator)...].trimmingCharacters(in: .whitespaces)
        }
        return members
    }

    private static func checkClass(_ reader: YCSBReader) throws(RunError) {
        guard let name = reader.members["workload"] else { return }
        let last = name.split(separator: ".").last.map(String.init) ?? ""
        guard ["CoreWorkload", "core"].contains(last) else {
            throw reader.wrong("workload", "only site.ycsb.workloads.CoreWorkload and its files can be run")
        }
    }

    /// `workloada` of `…/workloada.properties`: lower-case letters, digits and hyphens.
    static func name(of file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? file
        let stem = last.split(separator: ".").first.map(String.init) ?? last
        let name = String(
            stem.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(48))
        return Workload.isName(name) ? name : "ycsb"
    }

    private static func value(_ reader: inout YCSBReader) throws(RunError) -> Workload.Value {
        let fields = try reader.count("fieldcount", fallback: 10, 1...1_000_000)
        let largest = try reader.count("fieldlength", fallback: 100, 0...Workload.valueBytesLimit)
        guard fields * largest <= Workload.valueBytesLimit else {
            throw reader.wrong(
                "fieldlength", "\(fields) fields of it are more than \(Workload.valueBytesLimit) bytes: lower one")
        }
        let smallest = min(try reader.count("minfieldlength", fallback: 1, 0...Workload.valueBytesLimit), largest)
        let range = UInt32(fields * smallest)...UInt32(fields * largest)
        switch reader.members["fieldlengthdistribution"] ?? "constant" {
        case "constant": return .bytes(range.upperBound)
        case "uniform": return .lengths(.uniform(range))
        case "zipfian": return .lengths(.zipfian(range, theta: Distribution.usualTheta))
        default:
            throw reader.wrong(
                "fieldlengthdistribution",
                "write constant, uniform or zipfian; for a histogram write a workload file with \"value_bytes\": "
                    + "\"file:PATH\"")
        }
    }

    /// Weights scaled to 10,000 parts, the remainders going where they are largest.
    private static func mix(_ reader: YCSBReader, _ notes: inout [String]) throws(RunError) -> Workload.Mix {
        let weights: [(kind: StorageBackends.Operation.Kind, weight: Double)] = [
            (.read, try reader.share("readproportion", fallback: 0.95)),
            (.update, try reader.share("updateproportion", fallback: 0.05)),
            (.insert, try reader.share("insertproportion", fallback: 0)),
            (.scan, try reader.share("scanproportion", fallback: 0)),
            (.readModifyWrite, try reader.share("readmodifywriteproportion", fallback: 0)),
        ]
        let sum = weights.reduce(0) { $0 + $1.weight }
        guard sum > 0 else {
            throw RunError(
                .invalid, "\(reader.file): its proportions are all 0: give readproportion or another a share")
        }
        var parts = weights.map { Int($0.weight / sum * 10_000) }
        let remainders = weights.indices.sorted {
            weights[$0].weight / sum * 10_000 - Double(parts[$0]) > weights[$1].weight / sum * 10_000
                - Double(parts[$1])
        }
        for index in remainders.prefix(10_000 - parts.reduce(0, +)) { parts[index] += 1 }
        var mix = Workload.Mix()
        for (part, weight) in zip(parts, weights) { mix[weight.kind] = Double(part) / 100 }
        if abs(sum - 1) > 1e-9 {
            notes.append("\(reader.file): its proportions sum to \(sum), so they were scaled to \(mix.text)")
        }
        return mix
    }

    private static func distribution(
        _ reader: YCSBReader, _ remedy: (String, [String]) -> String
    ) throws(RunError) -> Distribution {
        let word = reader.members["requestdistribution"] ?? "uniform"
        switch word {
        case "uniform": return .uniform
        case "sequential": return .sequential
        case "latest": return .latest
        case "zipfian":
            let keys = ["zipfianconstant", "zipfian_const", "zipfianconst"]
            guard let key = keys.first(where: { reader.members[$0] != nil }) else {
                return .zipfian(theta: Distribution.usualTheta)
            }
            return .zipfian(theta: try reader.number(key, fallback: 0, above: 0, to: 10))
        case "hotspot":
            return .hotspot(
                keyFraction: try reader.number("hotspotdatafraction", fallback: 0.2, above: 0, to: 0.999_999),
                operationFraction: try reader.number("hotspotopnfraction", fallback: 0.8, above: 0, to: 0.999_999))
        case "exponential":
            return .exponential(
                percentile: try reader.number("exponential.percentile", fallback: 95, above: 0, to: 99.999_999),
                fraction: try reader.number("exponential.frac", fallback: 0.857_142_857_1, above: 0, to: 1))
        default:
            throw reader.wrong("requestdistribution", remedy(word, Distribution.names))
        }
    }

    private static func scanLengths(_ reader: YCSBReader) throws(RunError) -> Lengths {
        let largest = UInt32(try reader.count("maxscanlength", fallback: 1000, 1...1_000_000))
        let smallest = min(UInt32(try reader.count("minscanlength", fallback: 1, 1...1_000_000)), largest)
        switch reader.members["scanlengthdistribution"] ?? "uniform" {
        case "uniform": return .uniform(smallest...largest)
        case "zipfian": return .zipfian(smallest...largest, theta: Distribution.usualTheta)
        case "constant", "const": return .fixed(largest)
        default: throw reader.wrong("scanlengthdistribution", "write uniform, zipfian or constant")
        }
    }

    private static func keys(
        _ reader: YCSBReader, _ remedy: (String, [String]) -> String
    ) throws(RunError) -> Workload.KeyOrder {
        switch reader.members["insertorder"] ?? "hashed" {
        case "hashed": return .scattered
        case "ordered": return .ordered
        case let word: throw reader.wrong("insertorder", remedy(word, ["hashed", "ordered"]))
        }
    }
}

/// Reads values of a properties file, with errors that name file, key, value and remedy.
private struct YCSBReader {
    let file: String
    let members: [String: String]

    func wrong(_ key: String, _ remedy: String) -> RunError {
        RunError(.invalid, "\(file): \(key) is \"\(members[key] ?? "")\": \(remedy)")
    }

    func count(_ key: String, fallback: UInt64?, _ range: ClosedRange<UInt64>) throws(RunError) -> UInt64 {
        let remedy = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = members[key] else {
            if let fallback { return fallback }
            throw RunError(.invalid, "\(file): \(key) is missing, and YCSB has no default for it: \(remedy)")
        }
        guard let number = UInt64(text), range.contains(number) else { throw wrong(key, remedy) }
        return number
    }

    func share(_ key: String, fallback: Double) throws(RunError) -> Double {
        guard let text = members[key] else { return fallback }
        guard let share = Double(text), share >= 0, share <= 1e6 else {
            throw wrong(key, "write a share such as 0.95")
        }
        return share
    }

    func number(_ key: String, fallback: Double, above: Double, to: Double) throws(RunError) -> Double {
        guard let text = members[key] else { return fallback }
        guard let number = Double(text), number > above, number <= to else {
            throw wrong(key, "write a number above \(above), at most \(to)")
        }
        return number
    }
}
