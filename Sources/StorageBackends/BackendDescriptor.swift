/// What survives once an operation has returned. Engines are ranked only inside one class.
public enum DurabilityClass: String, Sendable, CaseIterable, Codable {
    /// Survives a clean close only.
    case memory
    /// Survives `kill -9`.
    case process
    /// Survives power loss.
    case power
}

/// What a backend can do. What it lacks prints `n/a`; nothing is emulated in silence.
public struct Capabilities: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Takes new keys in any order, not only in the order of their record numbers.
    public static let unorderedInsert = Capabilities(rawValue: 1 << 0)
    /// Overwrites the value of a key.
    public static let update = Capabilities(rawValue: 1 << 1)
    /// Removes a key.
    public static let remove = Capabilities(rawValue: 1 << 2)
    /// Scans in key order.
    public static let scan = Capabilities(rawValue: 1 << 3)
    /// Applies a batch whole or not at all.
    public static let atomicBatch = Capabilities(rawValue: 1 << 4)
    /// Finds its data again after it was closed.
    public static let reopen = Capabilities(rawValue: 1 << 5)
    /// Keeps what it is given. `null` does not, and is exempt from every check.
    public static let stores = Capabilities(rawValue: 1 << 6)

    /// All that a whole ordered engine can do.
    public static let engine: Capabilities = [
        .unorderedInsert, .update, .remove, .scan, .atomicBatch, .reopen, .stores,
    ]
}

/// One configuration of one engine, as the command line names it.
public struct BackendDescriptor: Sendable {
    /// The name on the command line and in results: `rocksdb-tuned`.
    public let name: String
    /// One line for `alexbench list`.
    public let summary: String
    public let capabilities: Capabilities
    /// The engine's own settings behind each durability class. A class that is absent here prints `n/a`.
    public let nativeSettings: [DurabilityClass: String]
    /// The settings of this configuration, in the engine's own words, for the header of a result.
    public let configuration: [String]
    /// What a memory budget of so many bytes sets, in the engine's own words; `nil` for an engine without a cache of
    /// its own to limit.
    public var memorySettings: (@Sendable (UInt64) -> String)?
    /// What the configuration sets besides when the system's memory is limited, in the engine's own words; `nil` for
    /// nothing.
    public var memoryLimitSettings: String?
    /// Name and version of the library as it reports itself: `RocksDB 7.8.3`.
    public let libraryVersion: @Sendable () -> String
    /// What makes a result of this build doubtful (`built with assertions`), or `nil`.
    public let buildWarning: @Sendable () -> String?
    /// Opens the store in `options.directory`, creating it when it is absent.
    public let open: @Sendable (BackendOptions) throws(BackendError) -> any StorageBackend

    public init(
        name: String, summary: String, capabilities: Capabilities,
        nativeSettings: [DurabilityClass: String], configuration: [String] = [],
        libraryVersion: @escaping @Sendable () -> String,
        buildWarning: @escaping @Sendable () -> String? = { nil },
        open: @escaping @Sendable (BackendOptions) throws(BackendError) -> any StorageBackend
    ) {
        self.name = name
        self.summary = summary
        self.capabilities = capabilities
        self.nativeSettings = nativeSettings
        self.configuration = configuration
        self.libraryVersion = libraryVersion
        self.buildWarning = buildWarning
        self.open = open
    }
}

extension BackendDescriptor {
    /// The settings of this configuration under a memory budget, and under a limit of the system's memory.
    public func configuration(memoryBytes: UInt64?, isLimited: Bool = false) -> [String] {
        var settings = configuration
        if let memoryBytes {
            settings.append("under --memory: " + (memorySettings?(memoryBytes) ?? "n/a, no cache of its own"))
        }
        if isLimited, let memoryLimitSettings { settings.append("under --memory-limit: " + memoryLimitSettings) }
        return settings
    }
}

/// What a backend is told when it opens.
public struct BackendOptions: Sendable {
    /// A directory of the backend's own. It exists; it is empty unless a store is being reopened.
    public var directory: String
    public var durability: DurabilityClass
    /// What the engine's own caches may hold together; `nil` leaves the configuration's.
    public var memoryBytes: UInt64?
    /// The limit of the system's memory, the page cache included, under which the store is opened; `nil` for none. A
    /// store that is several times as large is read from the disk, where reading ahead of a random read is waste.
    public var memoryLimitBytes: UInt64?
    /// How many records the run will hold at most: a hint for sizing, and the capacity of `limit`.
    public var expectedRecords: UInt64
    /// The way from record numbers to keys, which `limit` inverts.
    public var keys: KeyMapping
    /// How many threads will use the store at once, each with a session of its own if the engine has them.
    public var threads = 1

    public init(directory: String, durability: DurabilityClass, expectedRecords: UInt64, keys: KeyMapping) {
        self.directory = directory
        self.durability = durability
        self.expectedRecords = expectedRecords
        self.keys = keys
    }
}
