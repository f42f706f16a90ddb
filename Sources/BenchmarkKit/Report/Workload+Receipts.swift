import StorageBackends

extension Workload {
    /// Each of the workload's rows in words, for the header of a result. Names no scale: several scales share it.
    var receipts: [RunResult.RowReceipt] {
        let batch =
            load.batch == Self.wholeBatch
            ? "all records in one batch" : load.batch == 1 ? "one record at a time" : "batches of \(load.batch)"
        let order =
            switch keys {
            case .ordered: "ascending keys"
            case .scattered: "keys in random order"
            case .timestamps: "time stamps as keys, 1 in 32 late"
            }
        let loadRow = RunResult.RowReceipt(workload: load.row, summary: "\(order)\(details), \(batch)")
        guard !phases.isEmpty else { return [loadRow] }
        let settle = RunResult.RowReceipt(
            workload: settleRow, summary: "the work that engines put off during the load")
        return [loadRow, settle]
            + phases.map { RunResult.RowReceipt(workload: $0.name, summary: $0.summary) }
    }

    /// What the usual workloads have not: ` of FILE, values of uniform:16-1024 bytes, 50 % of them repeating`.
    private var details: String {
        var text = ""
        if let keyFile { text += " of \(keyFile.path.split(separator: "/").last ?? "a file")" }
        if case .lengths(let lengths) = value {
            // A path is the machine's own; the name of the file is enough.
            if case .histogram(let histogram) = lengths {
                text += ", values of lengths as in \(histogram.path.split(separator: "/").last ?? "a file")"
            } else {
                text += ", values of \(lengths.text) bytes"
            }
        }
        if compressiblePercent > 0 { text += ", \(compressiblePercent) % of each value repeating" }
        return text
    }
}

extension Workload.Phase {
    /// Mix and distribution: `read 80 %, insert 20 %, uniform`.
    var summary: String {
        let shares = Operation.Kind.allCases.filter { mix[$0] > 0 }.map { kind in
            let space = kind == .readModifyWrite ? "-" : " "
            return "\(Workload.Mix.name(of: kind).replacing("_", with: space)) \(mix.text(of: kind)) %"
        }
        let isRead = mix[.read] + mix[.readAbsent] > 0
        let batches = batch > 1 ? (isRead ? ", \(batch) keys a call" : ", batches of \(batch)") : ""
        var scans = ""
        if mix[.scan] > 0 {
            if case .fixed(let length) = scanLengths {
                scans = length == Workload.usualScanLength ? "" : ", scans of \(length)"
            } else {
                scans = ", scans of \(scanLengths.text)"
            }
        }
        return shares.joined(separator: ", ") + ", \(distribution.text)" + scans + batches
    }
}
