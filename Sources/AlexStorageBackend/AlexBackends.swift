import AlexStorage
public import StorageBackends

/// The configurations of AlexStorage that alexbench offers.
public enum AlexBackends {
    /// All of them, in the order in which they are listed.
    public static let all: [BackendDescriptor] = [
        alex, alexWithoutCompaction, alexWithFilter, alexWithoutChecks, alexCompacted, alexWithCache,
        alexForeseeing,
    ]

    /// AlexStorage as it comes.
    public static let alex = descriptor(
        "alex", "AlexStorage: learned index over a mapped value log, checksum compared on every read",
        ["compacts by itself from one half of garbage on, 64 MiB/s", "filter for absent keys: as long as it pays"]
    ) { _ in }

    /// The same that never compacts by itself: what its compaction costs is the difference.
    public static let alexWithoutCompaction = descriptor(
        "alex-no-compaction", "AlexStorage that never compacts by itself", ["automatic compaction: off"]
    ) { $0.automaticCompaction = nil }

    /// The same with a filter for absent keys.
    public static let alexWithFilter = descriptor(
        "alex-filter", "AlexStorage that always asks its filter for absent keys",
        ["compacts by itself from one half of garbage on, 64 MiB/s", "filter for absent keys: 0.5 % pass"]
    ) { $0.absentKeyFilter = .always(passing: 0.005) }

    /// The same that compares no checksum on a read: what the check costs is the difference.
    public static let alexWithoutChecks = descriptor(
        "alex-no-checks", "AlexStorage that compares no checksum on a read",
        ["compacts by itself from one half of garbage on, 64 MiB/s"], checksOnRead: false
    ) { $0.checksOnRead = false }

    /// The same whose load is laid in the order of the keys before it is read, as a compaction leaves it: what that
    /// order is worth to a scan is the difference, and what it costs stands in the row `settle`.
    public static let alexCompacted = descriptor(
        "alex-compacted", "AlexStorage that compacts the whole log once it is loaded",
        ["compacts by itself from one half of garbage on, 64 MiB/s", "compacted whole when a load settles"],
        compactsWhenSettled: true
    ) { _ in }

    /// A trial of the roadmap's LRU cache: see `CachedAlex`.
    public static let alexWithCache = descriptor(
        "alex-lru", "AlexStorage behind an LRU cache of 64 Ki hot values: a trial",
        ["compacts by itself from one half of garbage on, 64 MiB/s", "LRU cache of 64 Ki values of up to 128 bytes"],
        open: { options throws(BackendError) in try CachedAlex(options) })

    /// A trial of the roadmap's learned prefetch: see `ForeseeingAlex`.
    public static let alexForeseeing = descriptor(
        "alex-foreseeing", "AlexStorage that learns which key is read after which: a trial",
        ["compacts by itself from one half of garbage on, 64 MiB/s", "followers of 1 Mi keys remembered"],
        open: { options throws(BackendError) in try ForeseeingAlex(options) })

    private static func descriptor(
        _ name: String, _ summary: String, _ configuration: [String], checksOnRead: Bool = true,
        compactsWhenSettled: Bool = false,
        _ configure: @escaping @Sendable (inout AlexStoreOptions) -> Void
    ) -> BackendDescriptor {
        descriptor(name, summary, configuration, checksOnRead: checksOnRead) { options throws(BackendError) in
            try AlexAdapter(options, compactsWhenSettled: compactsWhenSettled, configure: configure)
        }
    }

    private static func descriptor(
        _ name: String, _ summary: String, _ configuration: [String], checksOnRead: Bool = true,
        open: @escaping @Sendable (BackendOptions) throws(BackendError) -> any StorageBackend
    ) -> BackendDescriptor {
        BackendDescriptor(
            name: name, summary: summary, capabilities: .engine,
            nativeSettings: [
                .memory: "stores into a shared map; synced at close",
                .process: "stores into a shared map, which outlives the process; no system call an operation",
                .power: "pwrite and fdatasync by each commit, into space filled with zeros ahead; seen by reads "
                    + "afterwards",
            ],
            configuration: [
                "checksum on read: \(checksOnRead ? "on" : "off")", "segments of 256 MiB, grown ahead by 16 MiB",
            ] + configuration,
            libraryVersion: { "AlexStorage \(AlexStore.version)" },
            open: open)
    }
}
