import StorageBackends

/// An engine that is slower than it is, by a known share: to see whether a comparison finds it.
///
/// After each measured loop it spins for the share of the time that the loop took, so that every rate, mean and
/// percentile of the engine is worse by just that. Answers and state are the engine's own.
final class HandicappedBackend: StorageBackend {
    private let engine: any StorageBackend
    /// 0.1 makes every loop take 1.1 times its time.
    private let share: Double

    init(_ engine: any StorageBackend, share: Double) {
        self.engine = engine
        self.share = share
    }

    /// The same engine under the same name, slowed down, and saying so in its configuration.
    static func descriptor(of backend: BackendDescriptor, share: Double) -> BackendDescriptor {
        BackendDescriptor(
            name: backend.name, summary: backend.summary, capabilities: backend.capabilities,
            nativeSettings: backend.nativeSettings,
            configuration: backend.configuration + ["slowed down on purpose by \(Figures.percent(share))"],
            libraryVersion: backend.libraryVersion,
            buildWarning: { "slowed down by \(Figures.percent(share)) on purpose: leave out --handicap" },
            open: { options throws(BackendError) in
                HandicappedBackend(try backend.open(options), share: share)
            })
    }

    /// Runs the body, then spins for its share of the body's time.
    private func slowed(_ body: () throws(BackendError) -> Void) throws(BackendError) {
        let begin = monotonicNanoseconds()
        try body()
        let end = monotonicNanoseconds()
        let until = end + UInt64(Double(end - begin) * share)
        while monotonicNanoseconds() < until {}
    }

    func load(_ slice: OperationSlice, batch: Int, tally: inout Tally) throws(BackendError) {
        try slowed { () throws(BackendError) in try engine.load(slice, batch: batch, tally: &tally) }
    }

    func run(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        try slowed { () throws(BackendError) in try engine.run(slice, tally: &tally) }
    }

    func runDependent(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        try slowed { () throws(BackendError) in try engine.runDependent(slice, tally: &tally) }
    }

    func runTimed(
        _ slice: OperationSlice, nanoseconds: UnsafeMutableBufferPointer<UInt64>, tally: inout Tally
    ) throws(BackendError) {
        try engine.runTimed(slice, nanoseconds: nanoseconds, tally: &tally)
        for place in nanoseconds.indices.prefix(slice.operations.count) {
            nanoseconds[place] += UInt64(Double(nanoseconds[place]) * share)
        }
    }

    func settle() throws(BackendError) {
        try slowed { () throws(BackendError) in try engine.settle() }
    }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) { try engine.put(key, value) }

    func putBatch(_ batch: PutBatch) throws(BackendError) { try engine.putBatch(batch) }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? { try engine.get(key, body) }

    func remove(_ key: Int64) throws(BackendError) -> Bool { try engine.remove(key) }

    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int { try engine.scan(from: first, limit: limit, body) }

    func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        try engine.forEachPair(body)
    }

    func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
        try engine.readBackSettings()
    }

    func workCounts() -> [(metric: String, count: UInt64)] { engine.workCounts() }

    func close() throws(BackendError) { try engine.close() }
}

/// Engines slowed down on purpose: the value of `--handicap`.
public struct Handicap: Sendable, Hashable {
    public let backend: String
    /// 0.1 is 10 %.
    public let share: Double

    public init(backend: String, share: Double) {
        self.backend = backend
        self.share = share
    }

    /// The backends with the one of that name slowed down.
    public func applied(to backends: [BackendDescriptor]) -> [BackendDescriptor] {
        backends.map { $0.name == backend ? HandicappedBackend.descriptor(of: $0, share: share) : $0 }
    }
}
