import AlexStorage
public import StorageBackends

/// Two bare dependent accesses, of the sizes of the engine's: a slot of 24 bytes, what a key may take in the index (X5
/// of the targets), and the record in the log that it names, its checksum included. It is `limit` with larger slots.
///
/// Reads are of random records, so the slots that they touch are as scattered as in a shuffled array.
public final class TwoReadsBackend: StorageBackend {
    @usableFromInline let numbered: NumberedLog<WideSlot>

    public init(_ options: BackendOptions) throws(BackendError) {
        numbered = try NumberedLog("two-reads", options)
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

/// A place in 24 bytes.
@usableFromInline
struct WideSlot: PlaceSlot {
    @usableFromInline let place: UInt64
    // Never read: they make the array as large as an index may be.
    @usableFromInline let unread: (UInt64, UInt64)

    @inlinable
    init(place: UInt64) {
        self.place = place
        unread = (0, 0)
    }
}
