import StorageBackends

/// One engine in one repeat: its open store and what its turns came to since the row began.
final class Contestant {
    let descriptor: BackendDescriptor
    /// `nil` while it is reopened, so that nothing keeps the closed store's maps, and after that has failed.
    private var store: (any StorageBackend)?
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
    /// The engine's own counts before the current pass.
    private var workBefore: [(metric: String, count: UInt64)] = []
    /// Pairs that scans had returned in this row before the current pass.
    var pairsBefore: UInt64 = 0
    /// The latencies of the current row's latency pass.
    let histogram = LatencyHistogram()
    /// The current row over time: its throughput pass, and its latency pass.
    private(set) var throughputSeries: IntervalRecorder
    private(set) var latencySeries: IntervalRecorder
    /// Operations between two looks at the clock in the throughput pass: about a twentieth of an interval's.
    private(set) var chunkOperations = RunTuning.firstChunkOperations
    private let intervalNanoseconds: UInt64
    /// What its turns took of the machine since the row began, and the load's time, for the debt.
    var observed = ObservationLedger.Entry()
    var loadNanoseconds: UInt64 = 0
    /// The handles of the current phase's threads, where it runs on several or in the open loop.
    private(set) var crew: Crew?
    /// Where the phase's writers write, if not to the store that is read.
    private(set) var neighbour: Neighbour?
    /// What the threads that write only, and those that read only, came to in the current pass.
    var writing = RoleTotal()
    var reading = RoleTotal()
    /// The search for a rate, while one goes on.
    var search: RateSearch?
    /// The mean distance between two operations of the open loop.
    var nanosecondsPerUnit = 0.0
    /// Growth of the process's resident memory during this engine's own turns, since it was opened.
    var residentBytes: Int64 = 0

    init(
        _ descriptor: BackendDescriptor, _ backend: any StorageBackend, directory: String, intervalNanoseconds: UInt64
    ) {
        self.descriptor = descriptor
        self.intervalNanoseconds = intervalNanoseconds
        throughputSeries = IntervalRecorder(length: intervalNanoseconds)
        latencySeries = throughputSeries
        store = backend
        self.directory = directory
    }

    var name: String { descriptor.name }

    func openCrew(threads: Int) throws(BackendError) { crew = try Crew(backend, threads: threads) }

    /// Opens a second store and fills it with what is in the first.
    func openNeighbour(_ options: BackendOptions) throws(BackendError) {
        neighbour = try Neighbour(descriptor, options, filledFrom: backend)
    }

    func closeCrew() throws(BackendError) {
        defer {
            crew = nil
            neighbour = nil
        }
        try crew?.close()
        try neighbour?.close()
    }

    /// `null` keeps nothing, so there is nothing to verify.
    var isVerified: Bool { descriptor.capabilities.contains(.stores) }

    /// Closes the store, does `between`, and opens it again.
    func reopen(_ options: BackendOptions, between: () -> Void) throws(BackendError) {
        try closeStore()
        between()
        try openStore(options)
    }

    /// Opens the store again after `closeStore`.
    func openStore(_ options: BackendOptions) throws(BackendError) { store = try descriptor.open(options) }

    /// Closes the store and lets go of it.
    func closeStore() throws(BackendError) {
        let closing = store
        store = nil
        try closing?.close()
    }

    /// The open store. Between rows every contestant has one: a failed reopening ends the run.
    var backend: any StorageBackend {
        guard let store else { preconditionFailure("a store is used while it is closed") }
        return store
    }

    /// Whether there is a store to close.
    var isOpen: Bool { store != nil }

    func beginRow() {
        tally = Tally()
        histogram.removeAll()
        throughputSeries = IntervalRecorder(length: intervalNanoseconds)
        latencySeries = IntervalRecorder(length: intervalNanoseconds)
    }

    /// Accounts for a stretch of the throughput pass, and fits the length of the next one to it.
    func addChunk(operations: Int, nanoseconds: UInt64) {
        throughputSeries.add(operations: operations, nanoseconds: nanoseconds)
        setChunk(operations: operations, nanoseconds: nanoseconds)
    }

    private func setChunk(operations: Int, nanoseconds: UInt64) {
        let wanted = intervalNanoseconds / RunTuning.chunksOfInterval * UInt64(operations) / max(nanoseconds, 1)
        chunkOperations = Int(max(min(wanted, 1 << 30), RunTuning.leastChunkOperations))
    }

    /// The same for a slice that several threads ran: each stretch from its beginning after the slice's.
    func addStretches(
        _ stretches: [(operations: Int, begin: UInt64, nanoseconds: UInt64)], nanoseconds: UInt64
    ) {
        for one in stretches {
            throughputSeries.addStretch(operations: one.operations, from: one.begin, nanoseconds: one.nanoseconds)
        }
        throughputSeries.advance(nanoseconds)
        setChunk(operations: stretches.reduce(0) { $0 + $1.operations }, nanoseconds: nanoseconds)
    }

    /// Accounts for latencies in the order in which operations ended, at times of the current pass.
    /// - Parameter begin: The pass's time to which the ends are counted.
    func addLatencies(_ latencies: [(end: UInt64, time: UInt64)], begin: UInt64) {
        for one in latencies {
            latencySeries.record(one.time, at: begin + one.end)
            histogram.record(one.time)
        }
    }

    /// Accounts for a slice of the open loop, whose operations ended at these times of the pass.
    func addResponses(_ latencies: [(end: UInt64, time: UInt64)], nanoseconds elapsed: UInt64) {
        let before = throughputSeries.elapsed
        for one in latencies {
            throughputSeries.addStretch(operations: 1, from: max(one.end, before + 1) - before - 1, nanoseconds: 1)
        }
        throughputSeries.advance(elapsed)
        addLatencies(latencies, begin: 0)
    }

    /// Accounts for the service times of a slice, one after the other.
    func addServiceTimes(_ nanoseconds: UnsafeMutableBufferPointer<UInt64>) {
        for time in nanoseconds {
            latencySeries.add(operations: 1, nanoseconds: time)
            latencySeries.record(time, at: latencySeries.elapsed)
            histogram.record(time)
        }
    }

    /// Begins a step of a search: what the last one recorded is forgotten.
    func beginStep(rate: Double) {
        nanosecondsPerUnit = 1e9 / max(rate, 1)
        histogram.removeAll()
        throughputSeries = IntervalRecorder(length: intervalNanoseconds)
        latencySeries = IntervalRecorder(length: intervalNanoseconds)
    }

    func beginPass() {
        nanoseconds = 0
        operations = 0
        pairsBefore = tally.scannedPairs
        writing = RoleTotal()
        reading = RoleTotal()
        workBefore = backend.workCounts()
    }

    /// What the engine has counted of its own work in the pass that ended.
    var workOfPass: [(metric: String, count: UInt64)] {
        zip(workBefore, backend.workCounts()).map { before, now in (now.metric, now.count - before.count) }
    }

    /// Mean nanoseconds of an operation in the pass that ended.
    var nanosecondsPerOperation: Double { Double(max(nanoseconds, 1)) / Double(max(operations, 1)) }
}

/// Operations of the threads of one role, and the time from the first one's beginning to the last one's end.
struct RoleTotal {
    private(set) var operations = 0
    private(set) var nanoseconds: UInt64 = 0

    /// Adds what the role's threads did in one slice.
    mutating func add(_ parts: [(operations: Int, begin: UInt64, end: UInt64)]) {
        let busy = parts.filter { $0.operations > 0 }
        guard let begin = busy.map(\.begin).min(), let end = busy.map(\.end).max() else { return }
        operations += busy.reduce(0) { $0 + $1.operations }
        nanoseconds += end - begin
    }

    /// Nil where the role had nothing to do.
    var operationsPerSecond: Double? { nanoseconds == 0 ? nil : Double(operations) * 1e9 / Double(nanoseconds) }
}
