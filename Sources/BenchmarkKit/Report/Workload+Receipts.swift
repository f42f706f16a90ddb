import StorageBackends

extension Workload {
    /// Each of the workload's rows in words, for the header of a result. Names no scale: several scales share it.
    var receipts: [RunResult.RowReceipt] {
        let batch =
            load.batch == Self.wholeBatch
            ? "all records in one batch" : load.batch == 1 ? "one record at a time" : "batches of \(load.batch)"
        let order = keys == .ordered ? "ascending keys" : "keys in random order"
        let loadRow = RunResult.RowReceipt(workload: load.row, summary: "\(order), \(batch)")
        guard !phases.isEmpty else { return [loadRow] }
        let settle = RunResult.RowReceipt(
            workload: Self.settleRow, summary: "the work that engines put off during the load")
        return [loadRow, settle]
            + phases.map { RunResult.RowReceipt(workload: $0.name, summary: $0.summary) }
    }
}

extension Workload.Phase {
    /// Mix and distribution: `read 80 %, insert 20 %, uniform`.
    var summary: String {
        let shares = Operation.Kind.allCases.filter { mix[$0] > 0 }.map { kind in
            "\(Workload.Mix.name(of: kind).replacing("_", with: " ")) \(mix[kind]) %"
        }
        let batches = batch > 1 ? ", batches of \(batch)" : ""
        return shares.joined(separator: ", ") + ", \(distribution.text)" + batches
    }
}
