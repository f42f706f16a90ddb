import StorageBackends

/// What `alexbench explain` runs: a backend's operation beside the same operation cut short after each of its steps.
public enum Explanation {
    /// Reads of records in random order.
    public static let query = "explain-query"
    /// The same reads in the order in which the records lie in the file.
    public static let queryInOrder = "explain-query-in-order"
    /// Inserts one by one.
    public static let insert = "explain-insert"
    /// All records in one batch.
    public static let batch = "explain-batch"
    /// The load before the reads: no part of a breakdown.
    static let load = "explain-load"

    /// Inserts of one repeat: few enough that the step which keeps its maps stays below the system's limit.
    public static let insertsUsual: UInt64 = 10_000

    /// Keys and values of the phase documents: `value_<n>` under random keys, loaded in one batch.
    public static func queries(records: UInt64, operations: UInt64?) -> Workload {
        let operations = operations ?? Workload.usualOperations(records: records)
        return Workload(
            name: query, records: records, value: .text, load: Workload.Load(row: load, batch: Workload.wholeBatch),
            phases: [
                Workload.Phase(name: query, operations: operations, mix: Workload.Mix([.read: 100])),
                Workload.Phase(
                    name: queryInOrder, operations: operations, mix: Workload.Mix([.read: 100]),
                    distribution: .sequential),
            ])
    }

    public static func inserts(records: UInt64, operations: UInt64?) -> Workload {
        Workload(
            name: insert, records: records, value: .text, load: Workload.Load(row: batch, batch: Workload.wholeBatch),
            phases: [
                Workload.Phase(
                    name: insert, operations: operations ?? insertsUsual, mix: Workload.Mix([.insert: 100]))
            ])
    }

    /// The backends of the run: the steps in their order, then the whole; none of them compares values.
    public static func backends(steps: [BackendDescriptor], whole: BackendDescriptor) -> [BackendDescriptor] {
        (steps + [whole]).map(PlainLoopBackend.descriptor)
    }
}
