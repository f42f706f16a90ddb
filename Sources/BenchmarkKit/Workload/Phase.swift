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
        public var scanLengths: Lengths
        /// Operations a batch put, or keys a batch get; above 1 only for inserts and updates alone or reads alone. Each
        /// operation counts, not each batch.
        public var batch: UInt64
        /// Of several threads, how many do all the writing, the others all the reading; 0 where every thread does both.
        /// Reads then choose records of even numbers, updates of odd ones, so that what a read must find is certain.
        public var writers: UInt64
        /// Whether those who write have a store of their own, the engine's second one, filled like the first: then a
        /// reader's loss beside them is the machine's. Of one thread it is the one store, and either way updates put
        /// the value that a record has, so that the store that is read stays as the stream says.
        public var writersElsewhere: Bool

        public init(
            name: String, operations: UInt64, mix: Mix, distribution: Distribution = .uniform,
            scanLength: UInt32 = 100, scanLengths: Lengths? = nil, batch: UInt64 = 1, writers: UInt64 = 0,
            writersElsewhere: Bool = false
        ) {
            self.name = name
            self.operations = operations
            self.mix = mix
            self.distribution = distribution
            self.scanLengths = scanLengths ?? .fixed(scanLength)
            self.batch = batch
            self.writers = writers
            self.writersElsewhere = writersElsewhere
        }
    }

    /// Shares of the kinds of operation, in hundredths of a percent that sum to 10,000.
    public struct Mix: Sendable, Hashable {
        /// Hundredths of a percent by `Operation.Kind.rawValue`.
        var parts: [UInt32]
        /// What the parts of a whole mix sum to.
        static let whole: UInt64 = 10_000

        /// No share at all: `mix[.read] = 80` and so on fills it.
        public init() {
            parts = Array(repeating: 0, count: Operation.Kind.allCases.count)
        }

        public init(_ shares: [Operation.Kind: Double]) {
            self.init()
            for (kind, percent) in shares { self[kind] = percent }
        }

        /// Percent of this kind, to two decimals.
        public subscript(kind: Operation.Kind) -> Double {
            get { Double(parts[Int(kind.rawValue)]) / 100 }
            set { parts[Int(kind.rawValue)] = UInt32(max(0, min((newValue * 100).rounded(), 1_000_000))) }
        }

        var sumOfParts: UInt64 { parts.reduce(0) { $0 + UInt64($1) } }

        /// The sum of all shares in percent, as a message shows it.
        public var sumText: String { Self.text(ofParts: sumOfParts) }

        /// Whether the shares sum to a whole.
        public var isWhole: Bool { sumOfParts == Self.whole }

        /// The share of a kind as text: `80`, `0.25`.
        public func text(of kind: Operation.Kind) -> String { Self.text(ofParts: UInt64(parts[Int(kind.rawValue)])) }

        private static func text(ofParts parts: UInt64) -> String {
            let rest = parts % 100
            if rest == 0 { return "\(parts / 100)" }
            return "\(parts / 100)." + (rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")
        }

        /// A share as a user wrote it, or `nil` if it is none: 0 to 100, two decimals at most.
        public static func isShare(_ percent: Double) -> Bool {
            percent >= 0 && percent <= 100 && abs(percent * 100 - (percent * 100).rounded()) < 1e-6
        }

        /// The kind's name in `--mix` and in workload files.
        public static func name(of kind: Operation.Kind) -> String {
            switch kind {
            case .read: "read"
            case .readAbsent: "read_absent"
            case .insert: "insert"
            case .update: "update"
            case .remove: "remove"
            case .scan: "scan"
            case .readModifyWrite: "read_modify_write"
            }
        }

        /// The kind of a name in `--mix` and in workload files, `nil` for no such name.
        public static func kind(named name: String) -> Operation.Kind? {
            Operation.Kind.allCases.first { Self.name(of: $0) == name }
        }

        /// Every name that `kind(named:)` knows.
        public static var names: [String] { Operation.Kind.allCases.map(name(of:)) }

        /// Whether a phase with this mix leaves the store other than it was.
        var changesStore: Bool { needsVersions || self[.insert] > 0 }

        /// Whether the stream must remember what became of each record.
        var needsVersions: Bool { self[.update] + self[.remove] + self[.readModifyWrite] > 0 }

        /// Whether it is made of reads, scans and updates alone, which threads of their own can share out.
        var hasRoles: Bool { self[.insert] + self[.remove] + self[.readModifyWrite] == 0 }

        /// Whether it reads records, found or not.
        var reads: Bool { self[.read] + self[.readAbsent] + self[.readModifyWrite] > 0 }

        /// What a batch can hold: inserts and updates and nothing else, or reads and nothing else.
        var isBatchable: Bool { isMade(of: [.insert, .update]) || isMade(of: [.read, .readAbsent]) }

        private func isMade(of kinds: [Operation.Kind]) -> Bool {
            Operation.Kind.allCases.allSatisfy { self[$0] == 0 || kinds.contains($0) }
        }
    }
}
