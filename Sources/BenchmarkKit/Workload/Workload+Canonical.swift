import StorageBackends

extension Workload {
    /// Records a batch of a batched load, unless told otherwise.
    public static let usualBatch: UInt64 = 10_000
    /// Pairs a scan, unless told otherwise.
    public static let usualScanLength: UInt32 = 100

    /// Operations of a phase over `records` records, unless told otherwise: as many as records, at most
    /// `RunTuning.usualOperationsLimit`.
    public static func usualOperations(records: UInt64) -> UInt64 {
        min(max(records, 1), RunTuning.usualOperationsLimit)
    }

    /// The rows of the `insert` subcommand.
    public enum InsertRow: String, CaseIterable, Sendable {
        case insertRandom = "insert-random"
        case insertSequential = "insert-sequential"
        case loadRandom = "load-random"
        case loadSequential = "load-sequential"

        var keys: KeyOrder { self == .insertRandom || self == .loadRandom ? .scattered : .ordered }
        var isBatched: Bool { self == .loadRandom || self == .loadSequential }
    }

    /// The `insert` subcommand: four stores, rows `insert-random` and `insert-sequential` (each record on its own),
    /// `load-random` and `load-sequential` (batched).
    /// - Parameter rows: A store for each of these, in this order.
    public static func insert(
        records: UInt64, value: Value, batch: UInt64 = usualBatch, rows: [InsertRow] = InsertRow.allCases
    ) -> [Workload] {
        rows.map {
            Workload(
                name: $0.rawValue, records: records, keys: $0.keys, value: value,
                load: Load(row: $0.rawValue, batch: $0.isBatched ? batch : 1))
        }
    }

    /// The `query` subcommand: rows `load-random`, `settle`, `query`, `query-miss` and `scan-100` (its length).
    ///
    /// The scan phase runs a hundredth of the operations, so that it reads about as many pairs as the query.
    /// - Parameter operations: `nil` takes `usualOperations(records:)`.
    public static func query(
        records: UInt64, value: Value, operations: UInt64? = nil, distribution: Distribution = .uniform,
        scanLength: UInt32 = usualScanLength, batch: UInt64 = usualBatch
    ) -> Workload {
        let operations = operations ?? usualOperations(records: records)
        return Workload(
            name: "query", records: records, value: value, load: Load(row: "load-random", batch: batch),
            phases: [
                Phase(name: "query", operations: operations, mix: Mix([.read: 100]), distribution: distribution),
                Phase(name: "query-miss", operations: operations, mix: Mix([.readAbsent: 100])),
                Phase(
                    name: "scan-\(scanLength)", operations: max(operations / UInt64(max(scanLength, 1)), 1),
                    mix: Mix([.scan: 100]), distribution: distribution, scanLength: scanLength),
            ])
    }

    /// The `mixed` subcommand: rows `load-random`, `settle` and `mixed`, 80 % reads and 20 % inserts.
    /// - Parameter operations: `nil` takes `usualOperations(records:)`.
    public static func mixed(
        records: UInt64, value: Value, operations: UInt64? = nil, mix: Mix = Mix([.read: 80, .insert: 20]),
        distribution: Distribution = .uniform, scanLength: UInt32 = usualScanLength, batch: UInt64 = usualBatch
    ) -> Workload {
        Workload(
            name: "mixed", records: records, value: value, load: Load(row: "load-random", batch: batch),
            phases: [
                Phase(
                    name: "mixed", operations: operations ?? usualOperations(records: records), mix: mix,
                    distribution: distribution, scanLength: scanLength)
            ])
    }
}
