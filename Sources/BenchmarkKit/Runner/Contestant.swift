import StorageBackends

/// One engine in one repeat: its open store and what its turns came to since the row began.
final class Contestant {
    let descriptor: BackendDescriptor
    let backend: any StorageBackend
    /// The store's folder.
    let directory: String
    /// Whether it still runs. It leaves when a phase that changes the store is beyond it, for then its state is
    /// another than the stream's.
    var isRunning = true
    /// Whether the current phase, which changes nothing, is beyond it.
    var isSkipping = false
    /// All answers of the current row.
    var tally = Tally()
    /// Time and operations of the current pass.
    var nanoseconds: UInt64 = 0
    var operations: UInt64 = 0
    /// Pairs that scans had returned in this row before the current pass.
    var pairsBefore: UInt64 = 0
    var latencies: [UInt64] = []
    /// Growth of the process's resident memory during this engine's own turns, since it was opened.
    var residentBytes: Int64 = 0

    init(_ descriptor: BackendDescriptor, _ backend: any StorageBackend, directory: String) {
        self.descriptor = descriptor
        self.backend = backend
        self.directory = directory
    }

    var name: String { descriptor.name }

    /// `null` keeps nothing, so there is nothing to verify.
    var isVerified: Bool { descriptor.capabilities.contains(.stores) }

    func beginPass() {
        nanoseconds = 0
        operations = 0
        pairsBefore = tally.scannedPairs
        latencies.removeAll(keepingCapacity: true)
    }

    /// Mean nanoseconds of an operation in the pass that ended.
    var nanosecondsPerOperation: Double { Double(max(nanoseconds, 1)) / Double(max(operations, 1)) }
}
