import StorageBackends

extension Workload {
    /// One measured phase: a mix of operations over the records that are there.
    public struct Phase: Sendable, Hashable {
        /// The row's name in results: `query`.
        public var name: String
        /// Operations of the throughput pass. The dependent and the latency pass are shorter: see `RunTuning`.
        public var operations: UInt64
        public var mix: Mix
        /// How reads, updates, removes and scans choose their record. Inserts take the next record number.
        public var distribution: Distribution
        /// Pairs that one scan asks for.
        public var scanLength: UInt32
        /// Operations a batch put; above 1 only for a mix of inserts and updates alone.
        public var batch: UInt64

        public init(
            name: String, operations: UInt64, mix: Mix, distribution: Distribution = .uniform,
            scanLength: UInt32 = 100, batch: UInt64 = 1
        ) {
            self.name = name
            self.operations = operations
            self.mix = mix
            self.distribution = distribution
            self.scanLength = scanLength
            self.batch = batch
        }
    }

    /// Shares of the kinds of operation, in whole percent that sum to 100.
    public struct Mix: Sendable, Hashable {
        /// Percent by `Operation.Kind.rawValue`.
        var percentages: [UInt32]

        /// No share at all: `mix[.read] = 80` and so on fills it.
        public init() {
            percentages = Array(repeating: 0, count: Operation.Kind.allCases.count)
        }

        public init(_ shares: [Operation.Kind: UInt32]) {
            self.init()
            for (kind, percent) in shares { self[kind] = percent }
        }

        /// Percent of this kind.
        public subscript(kind: Operation.Kind) -> UInt32 {
            get { percentages[Int(kind.rawValue)] }
            set { percentages[Int(kind.rawValue)] = newValue }
        }

        public var sum: UInt64 { percentages.reduce(0) { $0 + UInt64($1) } }

        /// The kind's name in `--mix` and in workload files.
        public static func name(of kind: Operation.Kind) -> String {
            switch kind {
            case .read: "read"
            case .readAbsent: "read_absent"
            case .insert: "insert"
            case .update: "update"
            case .remove: "remove"
            case .scan: "scan"
            }
        }

        /// The kind of a name in `--mix` and in workload files, `nil` for no such name.
        public static func kind(named name: String) -> Operation.Kind? {
            Operation.Kind.allCases.first { Self.name(of: $0) == name }
        }

        /// Every name that `kind(named:)` knows.
        public static var names: [String] { Operation.Kind.allCases.map(name(of:)) }

        /// Whether a phase with this mix leaves the store other than it was.
        var changesStore: Bool { self[.insert] + self[.update] + self[.remove] > 0 }

        /// Whether the stream must remember what became of each record.
        var needsVersions: Bool { self[.update] + self[.remove] > 0 }
    }
}
