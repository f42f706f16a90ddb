import AlexStorage
public import StorageBackends

/// The configurations of AlexStorage that alexbench offers.
public enum AlexBackends {
    /// All of them, in the order in which they are listed.
    public static let all: [BackendDescriptor] = [alex]

    /// AlexStorage as it comes.
    public static let alex = BackendDescriptor(
        name: "alex",
        summary: "AlexStorage: learned index over a mapped value log, checksum compared on every read",
        capabilities: .engine,
        nativeSettings: [
            .memory: "stores into a shared map; synced at close",
            .process: "stores into a shared map, which outlives the process; no system call an operation",
            .power: "pwrite and fdatasync by each commit, into space filled with zeros ahead; seen by reads afterwards",
        ],
        configuration: ["checksum on read: on", "segments of 256 MiB, grown ahead by 16 MiB"],
        libraryVersion: { "AlexStorage \(AlexStore.version)" },
        open: { options throws(BackendError) in try AlexAdapter(options) })
}
