public import StorageBackends

/// The rungs of the phase documents' ladder: how AlexStorage was built up, one step a configuration.
///
/// They are there to be measured and for nothing else. The engine itself, `alex`, is the rung after the last.
public enum LadderRung: String, Sendable, CaseIterable {
    /// Phase 1: a new map after every write, reads copied.
    case foundation
    /// Phase 2: a new map once the file has outgrown it.
    case deferred
    /// Phase 3: reads borrow the map.
    case zeroCopy = "zero-copy"
    /// Phase 3 as it was projected: the key before the length, so that a read goes one way.
    case keyFirst = "key-first"

    /// The documents' growth of the map: 16 MiB.
    public static let usualGrowthBytes = 16 << 20

    var growthBytes: Int { self == .foundation ? 0 : Self.usualGrowthBytes }

    func open(_ options: BackendOptions, growthBytes: Int) throws(BackendError) -> any StorageBackend {
        switch self {
        case .foundation, .deferred: try CopyingLadderStore(options, growthBytes: growthBytes)
        case .zeroCopy: try BorrowingLadderStore(options, growthBytes: growthBytes)
        case .keyFirst: try KeyFirstLadderStore(options, growthBytes: growthBytes)
        }
    }
}

/// The backends `alex-phase-…`.
public enum AlexPhaseBackends {
    /// Growth sizes of the documents' table besides the usual one.
    private static let growths: [(name: String, bytes: Int)] = [
        ("1m", 1 << 20), ("4m", 4 << 20), ("64m", 64 << 20),
    ]

    /// The four rungs, then deferred remap with the other growth sizes, in the order in which they are listed.
    public static let all: [BackendDescriptor] =
        LadderRung.allCases.map { descriptor($0) }
        + growths.map { descriptor(.deferred, growthBytes: $0.bytes, suffix: "-" + $0.name) }

    /// One rung, with a growth size of its own if that is asked for.
    public static func descriptor(
        _ rung: LadderRung, growthBytes: Int? = nil, suffix: String = ""
    ) -> BackendDescriptor {
        let growth = growthBytes ?? rung.growthBytes
        let remap =
            growth == 0
            ? "a new map after every write" : "a new map each time the file has grown by \(growth >> 20) MiB"
        let reads = [.foundation, .deferred].contains(rung) ? "reads: an owned copy" : "reads: borrowed from the map"
        let layout = rung == .keyFirst ? "record: key, length, value" : "record: length, key, value"
        let nothing = "write(2), never synced; nothing can be opened again, so nothing survives a close either"
        return BackendDescriptor(
            name: "alex-phase-\(rung.rawValue)\(suffix)",
            summary: "the phase documents' rung \(rung.rawValue): \(remap); no durability, no recovery",
            capabilities: [.unorderedInsert, .update, .stores],
            nativeSettings: [.memory: nothing, .process: nothing],
            configuration: [
                remap, reads, layout, "reads checked against the map's end, no checksum",
                "three calls of write(2) a record", "index: AlexStorage's own", "second opener: refused",
            ],
            libraryVersion: { "rung \(rung.rawValue) of phases 1 to 3" },
            open: { options throws(BackendError) in try rung.open(options, growthBytes: growth) })
    }
}
