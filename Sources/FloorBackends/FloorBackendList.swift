import AlexStorage
public import StorageBackends

/// The floors that alexbench measures beside the engines.
public enum FloorBackendList {
    /// All of them, in the order in which they are listed.
    public static let all: [BackendDescriptor] = [limit, twoReads, hashLog, null]

    public static let limit = BackendDescriptor(
        name: "limit",
        summary: "floor: an array indexed by the record's number over AlexStorage's log; no search at all",
        capabilities: [.update, .remove, .atomicBatch, .reopen, .stores],
        nativeSettings: FloorLog.nativeSettings,
        configuration: ["checksum on read: on"],
        libraryVersion: { "AlexStorage \(AlexStore.version)" },
        open: { options throws(BackendError) in try LimitBackend(options) })

    public static let twoReads = BackendDescriptor(
        name: "two-reads",
        summary: "floor: a slot of 24 bytes by the record's number, then its record in AlexStorage's log; no search",
        capabilities: [.update, .remove, .atomicBatch, .reopen, .stores],
        nativeSettings: FloorLog.nativeSettings,
        configuration: ["checksum on read: on"],
        libraryVersion: { "AlexStorage \(AlexStore.version)" },
        open: { options throws(BackendError) in try TwoReadsBackend(options) })

    public static let hashLog = BackendDescriptor(
        name: "hash-log",
        summary: "floor: an open-addressing hash table over AlexStorage's log; no order",
        capabilities: [.unorderedInsert, .update, .remove, .atomicBatch, .reopen, .stores],
        nativeSettings: FloorLog.nativeSettings,
        configuration: ["checksum on read: on", "hash table at most half full"],
        libraryVersion: { "AlexStorage \(AlexStore.version)" },
        open: { options throws(BackendError) in try HashLogBackend(options) })

    public static let null = BackendDescriptor(
        name: "null",
        summary: "does nothing: the harness's own cost",
        capabilities: [.unorderedInsert, .update, .remove, .scan],
        nativeSettings: [.memory: "keeps nothing", .process: "keeps nothing", .power: "keeps nothing"],
        libraryVersion: { "AlexStorage \(AlexStore.version)" },
        open: { _ throws(BackendError) in NullBackend() })
}
