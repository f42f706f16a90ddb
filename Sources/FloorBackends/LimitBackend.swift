import AlexStorage
public import StorageBackends

/// The floor without a search: an array indexed by the record's number, over the engine's log: see `NumberedLog`.
public final class LimitBackend: StorageBackend {
    @usableFromInline let numbered: NumberedLog<PlainSlot>

    public init(_ options: BackendOptions) throws(BackendError) {
        numbered = try NumberedLog("limit", options)
    }

    deinit { numbered.free() }

    @inlinable
    public func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        try numbered.put(key, value)
    }

    @inlinable
    public func putBatch(_ batch: PutBatch) throws(BackendError) { try numbered.putBatch(batch) }

    @inlinable
    public func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? { try numbered.get(key, body) }

    @inlinable
    public func remove(_ key: Int64) throws(BackendError) -> Bool { try numbered.remove(key) }

    public func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int { throw numbered.noScan() }

    public func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        try numbered.forEachPair(body)
    }

    public func close() throws(BackendError) { try numbered.close() }
}

/// A place and nothing else: 8 bytes a record.
@usableFromInline
struct PlainSlot: PlaceSlot {
    @usableFromInline let place: UInt64

    @inlinable
    init(place: UInt64) { self.place = place }
}
