import StorageBackends

/// What one row of the index benchmark does.
public enum IndexRow: String, Sendable, Hashable, CaseIterable {
    case bulkLoad = "bulk-load"
    case lookup
    case lookupMiss = "lookup-miss"
    case lookupZipfian = "lookup-zipfian"
    case lookupBatched = "lookup-batched"
    case lookupBesideWriter = "lookup-beside-writer"
    case scan = "scan-100"
    case remove
    case insertRandom = "insert-random"
    case insertBatch = "insert-batch"
    case insertAppend = "insert-append"
    case insertDescending = "insert-descending"
    case insertAdversarial = "insert-adversarial"

    /// Pairs of one scan.
    static let scanLength = 100

    /// The row in words.
    public var summary: String {
        switch self {
        case .bulkLoad: "all keys in ascending order, in the way that suits each index best"
        case .lookup: "keys of the set, uniform; after the bulk load"
        case .lookupMiss: "keys that are not in the set, from its gaps where it has any"
        case .lookupZipfian: "keys of the set, zipfian with exponent 0.99, the frequent ones scattered"
        case .lookupBatched: "keys of the set, uniform, 64 in one call"
        case .lookupBesideWriter:
            "half of the keys, uniform, by a reader on one thread while another removes and inserts the other half"
        case .scan: "100 pairs from a uniform key of the set; an operation is one scan"
        case .remove: "half of the keys, in random order; after the bulk load"
        case .insertRandom: "all keys one by one into an empty index, in random order"
        case .insertBatch: "all keys into an empty index, 10 000 in one call, in random order"
        case .insertAppend: "all keys one by one into an empty index, ascending"
        case .insertDescending: "all keys one by one into an empty index, descending"
        case .insertAdversarial: "all keys one by one into an empty index, in the set's own order"
        }
    }

    /// What an index must be able to do.
    var needs: IndexCapabilities {
        switch self {
        case .bulkLoad, .lookup, .lookupMiss, .lookupZipfian: []
        case .lookupBatched: .batch
        case .lookupBesideWriter: .readers
        case .scan: .order
        case .insertBatch: .insertBatch
        case .remove, .insertRandom, .insertAppend, .insertDescending, .insertAdversarial: .change
        }
    }

    /// Threads that use the index at once.
    var threads: Int { self == .lookupBesideWriter ? 2 : 1 }

    /// Why an index that lacks what it needs has no figure.
    var lack: String {
        switch needs {
        case .batch: "it has no call that looks many keys up"
        case .order: "it keeps no order"
        case .insertBatch: "it has no call for many pairs that is more than single inserts"
        case .readers: "it has no readers beside a writer"
        default: "it takes no single inserts and removes"
        }
    }

    /// The order of a row that inserts into an empty index.
    var insertOrder: IndexInsertOrder? {
        switch self {
        case .insertRandom, .insertBatch: .random
        case .insertAppend: .ascending
        case .insertDescending: .descending
        case .insertAdversarial: .own
        default: nil
        }
    }
}
