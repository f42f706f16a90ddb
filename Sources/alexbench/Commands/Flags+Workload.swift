import BenchmarkKit
import StorageBackends

/// Flags that say what keys, values and operations are.
extension Flags {
    static let keys = Flag<String?>.text(
        "keys", valueName: "FILE", fallback: nil, defaultText: "made from the seed", completion: .file,
        "take the keys of a file in SOSD's form: a 64-bit count, then so many 64-bit keys")
    static let valueSize = Flag<Workload.Value>(
        label: FlagLabel(
            name: "value-size", valueName: "BYTES",
            summary: "bytes of each value: 0, 100, 4Ki, uniform:16-1024, zipfian:16-1024:0.99, or file:PATH with lines "
                + "LENGTH,COUNT", defaultText: "100"),
        fallback: .bytes(100)
    ) { (text: String) throws(ValueProblem) -> Workload.Value in
        try value(text)
    }
    static let compressible = Flag<Double>.percent(
        "compressible", upTo: 100, fallback: 0, defaultText: "0%", "the share of each value that repeats")
    static let scanLength = Flag<Lengths>(
        label: FlagLabel(
            name: "scan-length", valueName: "PAIRS", summary: "pairs of a scan: 100, uniform:1-100, zipfian:1-100:0.99",
            defaultText: "100"),
        fallback: .fixed(Workload.usualScanLength)
    ) { (text: String) throws(ValueProblem) -> Lengths in
        guard let lengths = Lengths(text), lengths.smallest > 0, lengths.largest <= 1_000_000 else {
            throw ValueProblem("is no length of a scan", remedy: "write \(Lengths.forms), from 1 to 1000000")
        }
        return lengths
    }
    private static func value(_ text: String) throws(ValueProblem) -> Workload.Value {
        if text.hasPrefix("file:") {
            do {
                return .lengths(.histogram(try LengthHistogram(contentsOf: String(text.dropFirst("file:".count)))))
            } catch {
                throw ValueProblem(error.message)
            }
        }
        if text.contains(":") {
            guard let lengths = Lengths(text) else {
                throw ValueProblem("is no distribution of lengths", remedy: "write \(Lengths.forms), or file:PATH")
            }
            guard UInt64(lengths.largest) <= Workload.valueBytesLimit else {
                throw ValueProblem("is too large", remedy: "the largest is \(Quantity.text(Workload.valueBytesLimit))")
            }
            return Workload.Value(lengths)
        }
        return .bytes(UInt32(try bounded(text, 0...Workload.valueBytesLimit)))
    }
}

extension Workload {
    /// This workload with the keys and values that the flags ask for. Without `--scale`, a file of keys gives as many
    /// records as leave keys for the inserts of the phases.
    func shaped(by arguments: ParsedArguments, keyFile: KeyFile?) -> Workload {
        var workload = self
        workload.compressiblePercent = UInt8((arguments[Flags.compressible] * 100).rounded())
        guard let keyFile else { return workload }
        workload.keyFile = keyFile
        if arguments[Flags.scale] == nil {
            workload.records = min(workload.records, keyFile.count)
            while workload.records > 1, workload.recordsNeeded(warmUp: arguments[Flags.warmup]) > keyFile.count {
                workload.records = max(workload.records / 10 * 9, 1)
            }
        }
        return workload
    }
}

extension KeyFile {
    /// The keys that `--keys` names, or `nil` without it.
    static func named(by arguments: ParsedArguments) throws(Failure) -> KeyFile? {
        guard let path = arguments[Flags.keys] else { return nil }
        do {
            return try KeyFile(contentsOf: path, named: path)
        } catch {
            throw Failure(.usage, "--keys \(error.message)")
        }
    }
}
