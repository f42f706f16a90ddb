/// One storage engine under test: a whole engine, not a file layer below one.
///
/// A backend is used from one thread at a time; further threads get a session each. It is opened by its
/// `BackendDescriptor` and has released every resource when `close` returns. The loops over operations (`run`,
/// `runDependent`, `runTimed`, `load`, `run(_:as:lock:tally:)`) are requirements with a default, so that the compiler
/// specialises them for each adapter inside the adapter's module: the runner pays one dynamic call for a whole slice of
/// operations and none for an operation.
public protocol StorageBackend: AnyObject {
    /// Inserts the key or overwrites its value, durable for the store's class on return.
    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError)

    /// Puts all pairs as one unit, atomic where `Capabilities.atomicBatch` is declared.
    func putBatch(_ batch: PutBatch) throws(BackendError)

    /// Calls `body` once with the value's bytes, valid only during the call, or returns `nil` for an absent key.
    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result?

    /// Calls `body` with the number of each of `keys` from 0 and its value's bytes, `nil` for an absent key, in the
    /// order of the keys, the bytes valid only during the call: the engine's own way to get many at once. The default
    /// gets one after the other.
    func getBatch(
        _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(BackendError)

    /// Removes the key. Returns whether it was there.
    func remove(_ key: Int64) throws(BackendError) -> Bool

    /// Calls `body` with up to `limit` pairs in ascending key order, the first at or after `first`.
    /// Returns how many there were.
    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int

    /// Calls `body` with every pair, in any order.
    func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError)

    /// Finishes the work that the engine has put off: flushes, compacts, checkpoints.
    func settle() throws(BackendError)

    /// The engine's own settings as it reports them: setting and value, for the receipt of a result.
    func readBackSettings() throws(BackendError) -> [(setting: String, value: String)]

    /// What the engine has counted of its own work since it was opened, under the names that a result gives it, always
    /// the same ones in the same order: `remaps`. The runner records by how much each throughput pass raised them.
    /// None, the default, where an engine counts nothing.
    func workCounts() -> [(metric: String, count: UInt64)]

    /// Closes the store. Every later call is a programmer's error.
    func close() throws(BackendError)

    /// A further handle onto the same open store, for another thread to use at the same time as this one and other
    /// sessions. `nil`, the default, where the engine takes one thread at a time: the runner then holds one lock around
    /// each operation, and the result says so.
    ///
    /// This handle must not be used while sessions are open, and sees all that they wrote once they are closed. A
    /// session's `close` leaves the store open; every session is closed before the store is.
    func makeSession() throws(BackendError) -> (any StorageBackend)?

    func load(_ slice: OperationSlice, batch: Int, tally: inout Tally) throws(BackendError)
    func run(_ slice: OperationSlice, tally: inout Tally) throws(BackendError)
    func runDependent(_ slice: OperationSlice, tally: inout Tally) throws(BackendError)
    func runTimed(
        _ slice: OperationSlice, nanoseconds: UnsafeMutableBufferPointer<UInt64>, tally: inout Tally
    ) throws(BackendError)
    func run(
        _ slice: OperationSlice, as loop: OperationLoop, lock: OperationLock?, tally: inout Tally
    ) throws(BackendError)
}

extension StorageBackend {
    /// For engines that have no call for many keys.
    @inlinable
    public func getBatch(
        _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(BackendError) {
        for number in 0..<keys.count {
            if try get(keys[number], { body(number, $0) }) == nil { body(number, nil) }
        }
    }

    /// For engines that have an order: one scan over all keys.
    @inlinable
    public func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        _ = try scan(from: .min, limit: .max, body)
    }

    @inlinable
    public func settle() throws(BackendError) {}

    @inlinable
    public func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] { [] }

    @inlinable
    public func workCounts() -> [(metric: String, count: UInt64)] { [] }
}
