/// What `alexbench store` does.
enum StoreAction: String, CaseIterable {
    case stats, verify, compact, backup, salvage, dump

    /// Whether it writes a new store.
    var needsTarget: Bool { self == .backup || self == .salvage }

    /// What became of it when the user stopped it.
    var whenInterrupted: String {
        switch self {
        case .stats: "nothing was counted"
        case .verify: "not everything was checked; the store is as it was"
        case .compact: "the store is as it was"
        case .backup, .salvage: "nothing is left of the copy"
        case .dump: "the dump is not whole"
        }
    }

    var usage: String { "store \(rawValue) DIRECTORY" + (needsTarget ? " TARGET" : "") }
}

/// How `alexbench store` writes what it found.
enum StoreFormat: String, CaseIterable, Sendable { case text, csv, json }

/// How values are written.
enum ValueEncoding: String, CaseIterable, Sendable { case hex, base64 }
