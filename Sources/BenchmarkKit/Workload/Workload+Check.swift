import StorageBackends

extension Workload {
    /// Most records of one workload: what a table of versions and a Double in JSON can still count.
    public static let recordsLimit: UInt64 = 1 << 40
    /// Most bytes of one value.
    public static let valueBytesLimit: UInt64 = 16 << 20
    /// Most bytes that one batch of values may hold, for offsets in a batch are 32 bits.
    static let batchBytesLimit: UInt64 = 4 << 30

    /// Whether `text` can name a workload, row or phase.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
    }

    /// Refuses what can't be run: numbers out of range, a mix that does not sum to 100 or can't be served, two rows of
    /// one name.
    /// - Parameter source: What to name in messages: the file, or nothing for the command line's own workloads.
    public func check(source: String? = nil) throws(RunError) {
        let place = source.map { "\($0): " } ?? ""
        guard (1...Self.recordsLimit).contains(records) else {
            throw RunError(.invalid, "\(place)\"records\" is \(records): ask for 1 to \(Self.recordsLimit)")
        }
        guard valueBytesLargest <= Self.valueBytesLimit else {
            throw RunError(
                .invalid, "\(place)\"value_bytes\" is \(valueBytesLargest): ask for 0 to \(Self.valueBytesLimit)")
        }
        guard compressiblePercent <= 100, compressiblePercent == 0 || value != .text else {
            throw RunError(
                .invalid,
                "\(place)\"compressible_percent\" is \(compressiblePercent): ask for 0 to 100, and for 0 where values "
                    + "are text")
        }
        if let keyFile {
            guard records <= keyFile.count else {
                throw RunError(
                    .invalid,
                    "\(place)\"records\" is \(records), and \(keyFile.path) has \(keyFile.count) keys, duplicates "
                        + "left out: ask for fewer records")
            }
            guard keys != .timestamps else {
                throw RunError(
                    .invalid, "\(place)\"keys.order\" is \"timestamps\": write \"scattered\" or \"ordered\"")
            }
        }
        try checkBatch(load.batch, key: "load.batch_records", of: records, place: place)
        for (index, phase) in phases.enumerated() {
            try phase.check(place: place, key: "phases[\(index)].", records: records)
            try checkBatch(
                phase.batch, key: "phases[\(index)].batch_operations", of: phase.operations, place: place)
        }
        try checkRows(place: place)
    }

    /// The most records that a repeat of this workload may insert, its load included.
    /// - Parameter warmUp: Operations of warm-up before each phase, `nil` for the usual.
    public func recordsNeeded(warmUp: UInt64?) -> UInt64 { recordsInsertedLimit(warmUp: warmUp, loop: LoopPlan()) }

    /// Refuses a file of keys that has not enough for all inserts of a run.
    func checkKeys(warmUp: UInt64?, loop: LoopPlan = LoopPlan()) throws(RunError) {
        guard let keyFile else { return }
        let needed = recordsInsertedLimit(warmUp: warmUp, loop: loop)
        guard needed <= keyFile.count else {
            throw RunError(
                .invalid,
                "\(keyFile.path): it has \(keyFile.count) keys, and \(name) may insert \(needed), \(records) in its "
                    + "load and the others in its phases: lower the records or the operations")
        }
    }

    private func checkRows(place: String) throws(RunError) {
        var seen: Set<String> = [Self.harnessRow]
        for (index, row) in rows.enumerated() {
            if !seen.insert(row).inserted {
                let what = index == 0 ? "load.row" : "phases[\(max(index - 2, 0))].name"
                throw RunError(
                    .invalid, "\(place)\"\(what)\" is \"\(row)\", which another row has: give each row its own name")
            }
        }
    }

    private func checkBatch(_ batch: UInt64, key: String, of operations: UInt64, place: String) throws(RunError) {
        let (bytes, overflow) = min(batch, operations).multipliedReportingOverflow(
            by: max(valueBytesLargest, 1))
        if batch == 0 || overflow || bytes >= Self.batchBytesLimit {
            let shown = batch == Self.wholeBatch ? "all" : "\(batch)"
            throw RunError(
                .invalid,
                "\(place)\"\(key)\" is \(shown), \(bytes) bytes of values: a batch holds at least one record and less "
                    + "than 4 GiB, so ask for a smaller batch")
        }
    }
}

extension Workload.Phase {
    func check(place: String, key: String, records: UInt64) throws(RunError) {
        func refuse(_ member: String, _ value: String, _ remedy: String) -> RunError {
            RunError(.invalid, "\(place)\"\(key)\(member)\" is \(value): \(remedy)")
        }
        guard operations > 0, operations <= Workload.recordsLimit else {
            throw refuse("operations", "\(operations)", "ask for 1 to \(Workload.recordsLimit)")
        }
        guard mix.isWhole else {
            throw refuse("mix_percent", mix.text, "its shares sum to \(mix.sumText), make them sum to 100")
        }
        guard scanLengths.smallest > 0, scanLengths.largest <= 1_000_000 else {
            throw refuse("scan_length_pairs", "\"\(scanLengths.text)\"", "ask for 1 to 1000000 pairs")
        }
        if batch > 1, !mix.isBatchable {
            throw refuse(
                "batch_operations", "\(batch)",
                "a batch holds inserts and updates alone, or reads alone, so take 1 or change the mix \(mix.text)")
        }
        if writers > 0, !mix.hasRoles || records < 2 || batch > 1 {
            throw refuse(
                "writer_threads", "\(writers)",
                "threads of their own share out reads, scans and updates of at least two records, one operation at a "
                    + "time, so take 0 or change the mix \(mix.text)")
        }
        if writersElsewhere, writers == 0 {
            throw refuse(
                "writer_store", "\"other\"",
                "without writer_threads nobody would write there, so add them or take it out")
        }
        // Passes and warm-up run up to three times the operations; half of the records must outlive them.
        if mix[.remove] > mix[.insert] {
            let lost = Double(operations) * 3 * (mix[.remove] - mix[.insert]) / 100
            guard lost <= Double(records) / 2 else {
                throw refuse(
                    "mix_percent", mix.text,
                    "it may remove \(UInt64(lost)) of \(records) records, so lower its removes or the operations")
            }
        }
    }
}

extension Workload.Mix {
    /// `read=80,insert=20`: the form that `--mix` takes.
    public var text: String {
        let shares = Self.names.compactMap { name -> String? in
            guard let kind = Self.kind(named: name), self[kind] > 0 else { return nil }
            return "\(name)=\(text(of: kind))"
        }
        return shares.isEmpty ? "empty" : shares.joined(separator: ",")
    }
}
