/// The documents' breakdowns. Data, and nothing measured here.
extension Published {
    /// A part of an operation, ns: as it was projected, and as the documents say it was measured or reckoned.
    struct Part: Sendable {
        var projected: Double?
        var measured: Double?
    }

    /// Of a query at 100K (phase 1). The overhead of 165 is that of `overheadParts`.
    static let queryParts: [String: Part] = [
        "index-lookup": Part(projected: 218, measured: 218), "map-read": Part(projected: 151, measured: 151),
        "header": Part(measured: 50), "check": Part(measured: 20), "copy": Part(measured: 30),
        "wrapping": Part(measured: 30), "whole": Part(projected: 389, measured: 534),
        "overhead": Part(projected: 20, measured: 165),
    ]

    /// Of a query at 1M, before zero-copy and after it (phase 3).
    static let queryPartsBefore: [String: Part] = [
        "index-lookup": Part(measured: 350), "map-read": Part(measured: 250), "overhead": Part(measured: 451),
        "whole": Part(measured: 1_051),
    ]
    static let queryPartsAfter: [String: Part] = [
        "index-lookup": Part(measured: 350), "map-read": Part(measured: 250), "overhead": Part(measured: 305),
        "whole": Part(measured: 905),
    ]

    /// Of RocksStorage's query at 100K (phase 1).
    static let rocksStorageParts: [String: Part] = [
        "index-lookup": Part(measured: 218), "rest": Part(measured: 1_646), "whole": Part(measured: 1_864),
    ]

    /// Of an insert at 100K (phase 1), the remap in its parts (phase 2).
    static let insertParts: [String: Part] = [
        "file-write": Part(measured: 100), "flush": Part(measured: 50), "open": Part(measured: 500),
        "map": Part(measured: 2_000), "unmap": Part(measured: 500), "touch": Part(measured: 700),
        "remap": Part(measured: 3_700), "index-insert": Part(measured: 100), "whole": Part(measured: 3_967),
    ]

    /// The parts that the documents give for the row of a breakdown, by the steps' names.
    static func parts(of row: String, backend: String, records: UInt64) -> [String: Part] {
        switch (row, backend, records) {
        case (Explanation.query, "alex-phase-foundation", _): queryParts
        case (Explanation.query, "alex-phase-deferred", 1_000_000): queryPartsBefore
        case (Explanation.query, "alex-phase-zero-copy", 1_000_000): queryPartsAfter
        case (Explanation.query, "rocksdb-alex", _): rocksStorageParts
        case (Explanation.insert, "alex-phase-foundation", _), (Explanation.batch, "alex-phase-foundation", _):
            insertParts
        default: [:]
        }
    }

    /// Parts that a document names and no run can tell apart, and why.
    static let immeasurable: [String: String] = [
        "conversions": "no instruction of its own in optimised code: it can't be run apart",
        "compiler": "what the compiler makes of the rest is in every other figure: it can't be run apart",
        "cache": "needs the misses of single operations with the copy and without: no run here tells them apart",
        "branches": "needs the processor's counters of mispredicted branches, which this machine does not give",
        "TLB": "needs the processor's counters of TLB misses, which this machine does not give",
    ]
}
