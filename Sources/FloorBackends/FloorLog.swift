public import AlexStorage
import StorageBackends

/// The engine's own value log, opened for a floor: append, checksum and read are the same code.
enum FloorLog {
    static func open(
        _ options: BackendOptions, replay: (ReplayedRecord) -> Void
    ) throws(BackendError) -> ValueLog {
        var log = AlexStoreOptions()
        switch options.durability {
        case .memory: log.durability = .memory
        case .process: log.durability = .process
        case .power: throw BackendError(.unsupported, "the floors' log has no class power; use process or memory")
        }
        do throws(AlexStoreError) {
            return try ValueLog.open(directory: options.directory, options: log, replay: replay)
        } catch {
            throw BackendError(log: error)
        }
    }

    static let nativeSettings: [DurabilityClass: String] = [
        .memory: "AlexStorage's log: stores into a shared map; synced at close",
        .process: "AlexStorage's log: stores into a shared map, which outlives the process",
    ]
}

extension BackendError {
    /// The log's error as the runner knows it.
    @usableFromInline
    init(log error: AlexStoreError) {
        let kind: Kind =
            switch error {
            case .io, .poisoned: .io
            case .locked: .locked
            case .incompatible: .incompatible
            case .damaged: .damaged
            case .unsupported, .addressSpaceExhausted, .index: .unsupported
            case .valueTooLong, .batchTooLong, .scanInProgress, .snapshotLost, .closed, .cancelled,
                .transactionInProgress, .transactionEnded, .transactionTooLong, .conflict:
                .invalid
            }
        self.init(kind, error.description)
    }
}
