import StorageBackends

/// What to run: the store that is loaded, then the measured phases in their order.
///
/// One workload is one store a repeat. A subcommand that needs several stores (`insert`) makes several workloads. Each
/// workload gives result rows: the load's row, a row `settle` where phases follow, then one row a phase.
public struct Workload: Sendable, Hashable {
    /// The name in result receipts and file names: lower-case letters, digits and hyphens.
    public var name: String
    /// Records that the load puts into the empty store. Their numbers are 0 ..< records.
    public var records: UInt64
    public var keys: KeyOrder
    /// The keys of a file in the place of made ones, in the order that `keys` says: scattered or ordered.
    public var keyFile: KeyFile?
    public var value: Value
    /// The share of each value that repeats, in percent, so that a compressor finds just so much. 0 to 100.
    public var compressiblePercent: UInt8 = 0
    public var load: Load
    /// The measured phases. Empty where the load itself is what is measured.
    public var phases: [Phase]

    /// How keys follow from record numbers. Records are always loaded in the order of their numbers.
    public enum KeyOrder: String, Sendable, Hashable, CaseIterable {
        /// A seeded permutation of all 2^64 keys: random order.
        case scattered
        /// The record number itself: ascending order.
        case ordered
        /// Nanosecond time stamps of a sensor, a millisecond apart with jitter, 1 in 32 of them late by 256 to 8,192
        /// readings.
        case timestamps
    }

    /// What values are made of.
    public enum Value: Sendable, Hashable {
        /// Incompressible values of this many bytes each, 0 allowed.
        case bytes(UInt32)
        /// `value_<record>` for a loaded record and `new` for a later one, as in the phase documents.
        case text
        /// As `bytes`, of different lengths. A record's length follows from its number and version.
        case lengths(Lengths)

        /// Values of these lengths: `bytes` where all are of one.
        public init(_ lengths: Lengths) {
            if case .fixed(let length) = lengths { self = .bytes(length) } else { self = .lengths(lengths) }
        }
    }

    /// The load, a measured row of its own.
    public struct Load: Sendable, Hashable {
        /// The row's name in results: `load-random`.
        public var row: String
        /// Records a batch put. 1 puts each on its own; `Workload.wholeBatch` puts all in one.
        public var batch: UInt64

        public init(row: String, batch: UInt64) {
            self.row = row
            self.batch = batch
        }
    }

    /// The batch size that stands for "all records in one batch"; `all` in a workload file.
    public static let wholeBatch = UInt64.max

    public init(
        name: String, records: UInt64, keys: KeyOrder = .scattered, value: Value = .bytes(100), load: Load,
        phases: [Phase] = []
    ) {
        self.name = name
        self.records = records
        self.keys = keys
        self.value = value
        self.load = load
        self.phases = phases
    }

    /// Bytes of one value as results state it: the mean, rounded. For text: of the last loaded record's value.
    public var valueBytes: UInt64 {
        switch value {
        case .bytes(let count): UInt64(count)
        case .lengths(let lengths): UInt64(lengths.mean.rounded())
        case .text: UInt64(ValuePattern.textBytes(record: max(records, 1) - 1, version: 0))
        }
    }

    /// Bytes of the longest value.
    public var valueBytesLargest: UInt64 {
        if case .lengths(let lengths) = value { return UInt64(lengths.largest) }
        return valueBytes
    }

    /// The way from record numbers to keys. Keys of a file live as long as `keyFile`.
    func keyMapping(seed: UInt64) -> KeyMapping {
        if let keyFile {
            return KeyMapping(seed: seed, sortedKeys: keyFile.sortedKeys, ordered: keys == .ordered)
        }
        switch keys {
        case .scattered: return KeyMapping(seed: seed, order: .scattered)
        case .ordered: return KeyMapping(seed: seed, order: .ordered)
        case .timestamps: return KeyMapping(seed: seed, order: .timestamps)
        }
    }

    /// The names of all result rows, in the order in which they are measured.
    public var rows: [String] {
        phases.isEmpty ? [load.row] : [load.row, settleRow] + phases.map(\.name)
    }

    /// The row that times each engine's debt after the load.
    public private(set) var settleRow = "settle"

    /// The same with rows that bear the workload's name, for a result of several workloads: `ycsb-a`,
    /// `ycsb-a-load-random`, `ycsb-a-settle`.
    public func withQualifiedRows() -> Workload {
        func qualified(_ row: String) -> String {
            row == name || row.hasPrefix(name + "-") ? row : "\(name)-\(row)"
        }
        var copy = self
        copy.load.row = qualified(load.row)
        copy.settleRow = qualified(settleRow)
        for place in phases.indices { copy.phases[place].name = qualified(phases[place].name) }
        return copy
    }

    /// Whether a row of any workload prepares what other rows measure: a load, or the settling after it.
    static func isPreparation(_ row: String) -> Bool {
        row.hasPrefix("load") || row.contains("-load-") || row == "settle" || row.hasSuffix("-settle")
    }

    /// The row of the harness's own cost.
    public static let harnessRow = "harness"
}
