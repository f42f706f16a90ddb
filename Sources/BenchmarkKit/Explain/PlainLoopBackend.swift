import StorageBackends

/// A backend whose values are not compared while it is measured, so that the parts of an operation add up to it.
///
/// Hits, misses and the state at the end are checked as ever.
final class PlainLoopBackend: StorageBackend {
    private let engine: any StorageBackend

    init(_ engine: any StorageBackend) { self.engine = engine }

    /// The same backend under the same name.
    static func descriptor(of backend: BackendDescriptor) -> BackendDescriptor {
        var descriptor = BackendDescriptor(
            name: backend.name, summary: backend.summary, capabilities: backend.capabilities,
            nativeSettings: backend.nativeSettings, configuration: backend.configuration + ["values are not compared"],
            libraryVersion: backend.libraryVersion, buildWarning: backend.buildWarning,
            open: { options throws(BackendError) in PlainLoopBackend(try backend.open(options)) })
        descriptor.memorySettings = backend.memorySettings
        descriptor.memoryLimitSettings = backend.memoryLimitSettings
        return descriptor
    }

    private func unchecked(_ slice: OperationSlice) -> OperationSlice {
        OperationSlice(
            operations: slice.operations, values: slice.values, pattern: slice.pattern, keys: slice.keys,
            checksValues: false)
    }

    func load(_ slice: OperationSlice, batch: Int, tally: inout Tally) throws(BackendError) {
        try engine.load(unchecked(slice), batch: batch, tally: &tally)
    }

    func run(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        try engine.run(unchecked(slice), tally: &tally)
    }

    func runDependent(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        try engine.runDependent(unchecked(slice), tally: &tally)
    }

    func runTimed(
        _ slice: OperationSlice, nanoseconds: UnsafeMutableBufferPointer<UInt64>, tally: inout Tally
    ) throws(BackendError) {
        try engine.runTimed(unchecked(slice), nanoseconds: nanoseconds, tally: &tally)
    }

    func settle() throws(BackendError) { try engine.settle() }

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
