/// What the learned index is to reach beside Abseil's B-tree: data, never mixed with measurements.
///
/// Each column is a figure of every key set; times are ratios inside one repeat, so that a busy machine slows both.
enum IndexTargets {
    static let index = "alex-index"
    static let tree = "absl-btree"

    /// What a column shows of a key set.
    enum Figure: Sendable {
        /// The index's figure ÷ the tree's, in the same row.
        case toTree(metric: String)
        /// The index's figure ÷ its own time for lookups after a bulk load.
        case toLookup(metric: String)
        /// The index's figure as it is.
        case own(metric: String)
    }

    struct Column: Sendable {
        /// The targets that it belongs to.
        let id: String
        let title: String
        let row: IndexRow
        let figure: Figure
        /// The most that is allowed; `nil` where a size or a key set has no demand.
        let demand: @Sendable (_ keySet: String, _ keys: UInt64) -> Double?

        init(
            _ id: String, _ title: String, _ row: IndexRow, _ figure: Figure,
            demand: @escaping @Sendable (_ keySet: String, _ keys: UInt64) -> Double?
        ) {
            self.id = id
            self.title = title
            self.row = row
            self.figure = figure
            self.demand = demand
        }
    }

    struct Section: Sendable {
        let title: String
        let columns: [Column]
    }

    private static let million: UInt64 = 1_000_000
    private static let time = Metric.nanosecondsPerOperation

    /// Lookups as a share of the tree's time, for the sets that a share is asked of; 1 for all others.
    private static let lookups: [String: (at1M: Double, at10M: Double)] = [
        "uniform": (0.28, 0.12), "sequential": (0.19, 0.11), "timestamps": (0.23, 0.10), "lognormal": (0.43, 0.13),
        "clusters": (0.60, 0.35), "outliers": (0.60, 0.25), "z-order": (0.90, 0.36),
    ]

    static let sections: [Section] = [
        Section(
            title: "Lookups, time ÷ B-tree's",
            columns: [
                Column("X1, X2", "independent", .lookup, .toTree(metric: time)) { set, keys in
                    guard let share = lookups[set] else { return 1 }
                    return keys < million ? 1 : keys < 10 * million ? share.at1M : share.at10M
                },
                Column("X2", "dependent", .lookup, .toTree(metric: Metric.dependent)) { _, _ in 1 },
                Column("X2", "absent keys", .lookupMiss, .toTree(metric: time)) { _, _ in 1 },
                Column("X2", "zipfian", .lookupZipfian, .toTree(metric: time)) { _, _ in 1 },
                Column("X6", "batched ÷ one by one", .lookupBatched, .toLookup(metric: time)) { _, keys in
                    keys < 10 * million ? nil : 0.5
                },
            ]),
        Section(
            title: "Changes and scans, time ÷ B-tree's",
            columns: [
                Column("X3", "random inserts", .insertRandom, .toTree(metric: time)) { _, keys in
                    keys < 10 * million ? 0.75 : 0.4
                },
                Column("X3", "appends", .insertAppend, .toTree(metric: time)) { _, keys in
                    keys < 10 * million ? 2 : 1
                },
                Column(
                    "X3", "lookups after appends ÷ after bulk load", .insertAppend,
                    .toLookup(metric: "lookup_ns_per_op")
                ) { _, _ in 1.2 },
                Column("X8", "descending inserts", .insertDescending, .toTree(metric: time)) { _, _ in 2 },
                Column("X8", "the set's own order", .insertAdversarial, .toTree(metric: time)) { _, _ in 2 },
                Column("X8", "removes", .remove, .toTree(metric: time)) { _, _ in 2 },
                Column("X8", "scans of 100", .scan, .toTree(metric: time)) { _, _ in 2 },
            ]),
        Section(
            title: "Single inserts at random: processor time, and slots that the worst moved",
            columns: [
                Column("X4, E14", "p99.99, ns", .insertRandom, .own(metric: "p9999_ns")) { _, _ in 20_000 },
                Column("X4, E14", "worst, ns", .insertRandom, .own(metric: "max_ns")) { _, _ in 500_000 },
                Column("X4, E14", "slots moved", .insertRandom, .own(metric: "shifts_max")) { _, _ in 4_096 },
            ]),
        Section(
            title: "Memory and bulk load",
            columns: [
                Column("X5, E15", "B a key, loaded", .bulkLoad, .own(metric: "bytes_per_key")) { _, _ in 23 },
                Column("X5, E15", "B a key, random inserts", .insertRandom, .own(metric: "bytes_per_key")) { set, _ in
                    lookups[set] == nil ? 40 : 24
                },
                Column("X5", "B a key, own order", .insertAdversarial, .own(metric: "bytes_per_key")) { _, _ in 40 },
                Column("X10", "bulk load, ns a key", .bulkLoad, .own(metric: time)) { _, keys in
                    keys < 10 * million ? 60 : nil
                },
            ]),
    ]
}
