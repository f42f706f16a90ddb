public import StorageBackends

/// Does nothing: what is left of a run's time is the harness's own cost. Exempt from check and digest.
public final class NullBackend: StorageBackend {
    @inlinable
    public init() {}

    @inlinable
    public func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {}

    @inlinable
    public func putBatch(_ batch: PutBatch) throws(BackendError) {}

    @inlinable
    public func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? { nil }

    @inlinable
    public func remove(_ key: Int64) throws(BackendError) -> Bool { true }

    @inlinable
    public func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int { 0 }

    public func close() throws(BackendError) {}
}
