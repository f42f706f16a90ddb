/// An index under test as the command line names it.
public struct IndexDescriptor: Sendable {
    /// `alex-index`, `absl-btree` …
    public let name: String
    /// One line for lists.
    public let summary: String
    public let capabilities: IndexCapabilities
    /// Name and version of what is measured.
    public let library: String
    /// An empty index.
    public let make: @Sendable () throws(BackendError) -> any IndexUnderTest

    public init(
        name: String, summary: String, capabilities: IndexCapabilities, library: String,
        make: @escaping @Sendable () throws(BackendError) -> any IndexUnderTest
    ) {
        self.name = name
        self.summary = summary
        self.capabilities = capabilities
        self.library = library
        self.make = make
    }
}

/// What an index can do; what it lacks is reported as `n/a`, never imitated.
public struct IndexCapabilities: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Inserts and removes single keys without rebuilding the whole.
    public static let change = IndexCapabilities(rawValue: 1)
    /// Scans in ascending order.
    public static let order = IndexCapabilities(rawValue: 2)
    /// Has a call of its own that looks many keys up.
    public static let batch = IndexCapabilities(rawValue: 4)
    /// Has readers that run beside a writer on another thread.
    public static let readers = IndexCapabilities(rawValue: 8)
    /// Has a call of its own that inserts many pairs, and is more than as many single inserts.
    public static let insertBatch = IndexCapabilities(rawValue: 16)
}
