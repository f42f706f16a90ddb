/// What `alexbench store` does.
enum StoreAction: String, CaseIterable {
    case stats, verify, compact, backup, salvage, dump

    /// Whether it writes a new store.
    var needsTarget: Bool { self == .backup || self == .salvage }

    var usage: String { "store \(rawValue) DIRECTORY" + (needsTarget ? " TARGET" : "") }
}

/// How `alexbench store` writes what it found.
enum StoreFormat: String, CaseIterable, Sendable { case text, csv, json }

/// How values are written.
enum ValueEncoding: String, CaseIterable, Sendable { case hex, base64 }
