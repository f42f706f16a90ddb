import AlexStorage
public import StorageBackends

/// The configurations of AlexStorage that alexbench offers.
public enum AlexBackends {
    /// All of them, in the order in which they are listed.
    public static let all: [BackendDescriptor] = [alex, alexWithoutCompaction, alexWithFilter, alexWithoutChecks]

    /// AlexStorage as it comes.
    public static let alex = descriptor(
        "alex", "AlexStorage: learned index over a mapped value log, checksum compared on every read",
        ["compacts by itself from one half of garbage on, 64 MiB/s"]
    ) { _ in }

    /// The same that never compacts by itself: what its compaction costs is the difference.
    public static let alexWithoutCompaction = descriptor(
        "alex-no-compaction", "AlexStorage that never compacts by itself", ["automatic compaction: off"]
    ) { $0.automaticCompaction = nil }

    /// The same with a filter for absent keys.
    public static let alexWithFilter = descriptor(
        "alex-filter", "AlexStorage with a filter that lets 0.5 % of absent keys pass",
        ["compacts by itself from one half of garbage on, 64 MiB/s", "filter for absent keys: 0.5 % pass"]
    ) { $0.absentKeyFilter = 0.005 }

    /// The same that compares no checksum on a read: what the check costs is the difference.
    public static let alexWithoutChecks = descriptor(
        "alex-no-checks", "AlexStorage that compares no checksum on a read",
        ["compacts by itself from one half of garbage on, 64 MiB/s"], checksOnRead: false
    ) { $0.checksOnRead = false }

    private static func descriptor(
        _ name: String, _ summary: String, _ configuration: [String], checksOnRead: Bool = true,
        _ configure: @escaping @Sendable (inout AlexStoreOptions) -> Void
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
            open: { options throws(BackendError) in try AlexAdapter(options, configure: configure) })
    }
}
