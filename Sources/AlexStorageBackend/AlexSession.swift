public import AlexStorage
public import StorageBackends

/// One thread's handle on a store that other threads use at the same time: reads take no lock, writes go through the
/// store's committer, which lets one thread write at a time and in class power syncs the commits of several together.
public final class AlexSession: StorageBackend {
    @usableFromInline let reader: StoreReader
    @usableFromInline let committer: StoreCommitter

    init(_ committer: StoreCommitter) {
        self.committer = committer
        reader = committer.reader()
    }

    @inlinable
    public func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        do throws(AlexStoreError) { try committer.put(value, forKey: key) } catch { throw BackendError(error) }
    }

    @inlinable
    public func putBatch(_ batch: PutBatch) throws(BackendError) {
        do throws(AlexStoreError) {
            try committer.putBatch(
                count: batch.count, key: { batch.key(at: $0) }, value: { batch.value(at: $0) })
        } catch {
            throw BackendError(error)
        }
    }

    @inlinable
    public func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        do throws(AlexStoreError) { return try reader.withValue(forKey: key, body) } catch { throw BackendError(error) }
    }

    @inlinable
    public func getBatch(
        _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(BackendError) {
        do throws(AlexStoreError) { try reader.forEachValue(forKeys: keys, body) } catch { throw BackendError(error) }
    }

    @inlinable
    public func remove(_ key: Int64) throws(BackendError) -> Bool {
        do throws(AlexStoreError) { return try committer.remove(key) } catch { throw BackendError(error) }
    }

    @inlinable
    public func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        do throws(AlexStoreError) {
            return try reader.scan(in: first ... .max, limit: limit) { key, value in
                body(key, value)
                return true
            }
        } catch {
            throw BackendError(error)
        }
    }

    /// Nothing: the store is the handle's that made this one.
    public func close() {}
}

extension AlexAdapter {
    /// A handle for another thread, whose reads take no lock.
    public func makeSession() -> (any StorageBackend)? { AlexSession(store.committer()) }
}
