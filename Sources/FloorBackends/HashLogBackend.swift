import AlexStorage
public import StorageBackends

/// The floor without order: an open-addressing hash table over the engine's log.
public final class HashLogBackend: StorageBackend {
    /// Log and table, behind one pointer that never changes.
    @usableFromInline let state: UnsafeMutablePointer<State>

    @usableFromInline
    struct State: ~Copyable {
        @usableFromInline var log: ValueLog
        @usableFromInline var table: PlaceTable

        init(log: consuming ValueLog, table: PlaceTable) {
            self.log = log
            self.table = table
        }
    }

    public init(_ options: BackendOptions) throws(BackendError) {
        var table = PlaceTable(expected: Int(clamping: options.expectedRecords))
        let log: ValueLog
        do {
            log = try FloorLog.open(options) { record in
                if record.isDelete { table.remove(record.key) } else { table.set(record.key, to: record.place) }
            }
        } catch {
            table.free()
            throw error
        }
        state = .allocate(capacity: 1)
        state.initialize(to: State(log: log, table: table))
    }

    deinit {
        state.pointee.table.free()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    @inlinable
    public func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        do throws(AlexStoreError) {
            let place = try state.pointee.log.put(key, value)
            state.pointee.table.set(key, to: place)
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable
    public func putBatch(_ batch: PutBatch) throws(BackendError) {
        let state = state
        do throws(AlexStoreError) {
            try state.pointee.log.putBatch(
                count: batch.count, key: { batch.key(at: $0) }, value: { batch.value(at: $0) },
                { index, place in state.pointee.table.set(batch.key(at: index), to: place) })
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable
    public func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        let place = state.pointee.table.place(of: key)
        guard place != 0 else { return nil }
        do throws(AlexStoreError) {
            return body(try state.pointee.log.record(at: place, key: key))
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable
    public func remove(_ key: Int64) throws(BackendError) -> Bool {
        guard state.pointee.table.place(of: key) != 0 else { return false }
        do throws(AlexStoreError) { try state.pointee.log.delete(key) } catch { throw BackendError(log: error) }
        state.pointee.table.remove(key)
        return true
    }

    public func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        throw BackendError(.unsupported, "hash-log has no order of keys, so it can't scan; use alex")
    }

    public func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        let table = state.pointee.table
        for slot in 0..<table.capacity where table.slots[slot].place != 0 {
            let key = table.slots[slot].key
            _ = try get(key) { body(key, $0) }
        }
    }

    public func close() throws(BackendError) {
        do throws(AlexStoreError) { try state.pointee.log.close() } catch { throw BackendError(log: error) }
    }
}
