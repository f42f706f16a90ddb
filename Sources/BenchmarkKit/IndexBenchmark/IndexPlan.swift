import StorageBackends

/// Everything that a run of the index benchmark needs to know.
public struct IndexPlan: Sendable {
    /// The key sets, one after the other; each is a group of rows.
    public var sources: [IndexKeySource]
    /// Keys of each made set; `nil` takes all keys of a file and `IndexTuning.usualRecords` of a made set.
    public var records: UInt64?
    public var indexes: [IndexDescriptor]
    public var rows: [IndexRow] = IndexRow.allCases
    public var schedule: Schedule = .rotate
    /// Fresh indexes of fresh keys for each set. At least 1.
    public var repeats = RunTuning.usualRepeats
    /// Repeat r makes its keys from `seed` and r.
    public var seed: UInt64 = 1
    /// Lookups of a row; `nil` takes `IndexTuning.lookups`.
    public var operations: UInt64?
    /// The command line that repeats the run, without paths.
    public var command: String

    public init(sources: [IndexKeySource], indexes: [IndexDescriptor], command: String) {
        self.sources = sources
        self.indexes = indexes
        self.command = command
    }

    /// The row's name in the result: plain where one set runs, else with the set's name behind a stroke.
    public func name(_ row: IndexRow, _ source: IndexKeySource) -> String {
        sources.count == 1 ? row.rawValue : "\(row.rawValue)/\(source.name)"
    }

    /// The rows of a set, in the order in which they are run, whatever order they were asked for in, and each once:
    /// `remove` would leave half of the keys to a lookup behind it. An order of its own is for the sets that have one.
    public func rows(of source: IndexKeySource) -> [IndexRow] {
        IndexRow.allCases.filter {
            rows.contains($0) && ($0 != .insertAdversarial || source.set?.isAdversarial == true)
        }
    }
}

/// Where the keys of a group of rows come from.
public enum IndexKeySource: Sendable, Hashable {
    /// Made from a seed.
    case made(IndexKeySet)
    /// Read from a file: distinct, ascending.
    case read(name: String, keys: [Int64])

    /// The set's name in rows.
    public var name: String {
        switch self {
        case .made(let set): set.rawValue
        case .read(let name, _): name
        }
    }

    var set: IndexKeySet? {
        if case .made(let set) = self { return set }
        return nil
    }

    /// The set in words.
    public var summary: String {
        switch self {
        case .made(let set): set.summary
        case .read(let name, let keys): "\(keys.count) distinct keys of the file \(name)"
        }
    }

    /// Distinct keys in ascending order. Of a file with more keys than asked for: a sample without replacement.
    func keys(_ records: UInt64?, seed: UInt64) -> [Int64] {
        switch self {
        case .made(let set): return set.keys(Int(records ?? IndexTuning.usualRecords), seed: seed)
        case .read(_, let keys):
            guard let records, records < UInt64(keys.count) else { return keys }
            var random = SplitMix(seed: seed)
            var wanted = Int(records)
            var left = keys.count
            return keys.filter { _ in
                defer { left -= 1 }
                guard random.below(UInt64(left)) < UInt64(wanted) else { return false }
                wanted -= 1
                return true
            }
        }
    }

    /// Keys that a repeat will have.
    public func count(_ records: UInt64?) -> UInt64 {
        switch self {
        case .made: records ?? IndexTuning.usualRecords
        case .read(_, let keys): min(records ?? UInt64(keys.count), UInt64(keys.count))
        }
    }
}

/// The numbers that shape a run of the index benchmark, each with where it comes from.
public enum IndexTuning {
    /// The scale of the targets.
    public static let usualRecords: UInt64 = 1_000_000
    /// Lookups of one row and repeat: 25 ms of the fastest index, three slices of the usual length.
    public static let lookups: UInt64 = 300_000
    /// The dependent pass runs one part in this many of the independent one: it is two to five times slower.
    static let dependentShare: UInt64 = 3
    /// A scan is one operation in the place of this many lookups.
    static let lookupsPerScan: UInt64 = 20
    /// Turns of the reader alone and of the reader beside a writer, alternating.
    static let readerTurns = 4
    /// Exponent of the zipfian row (YCSB: Cooper et al., SoCC 2010).
    static let zipfianExponent = 0.99
    /// Memory that a run may need for each key and index: the largest of them, with the loops' own keys.
    static let bytesPerKey: UInt64 = 64
    /// Attempts to find a gap for a key that must miss, before one beyond the ends is taken.
    static let gapAttempts = 8
}
