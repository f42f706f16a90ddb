import AlexStorage
public import StorageBackends

/// The floor without a search: an array indexed by the record's number, over the engine's log.
///
/// It knows the way from keys to record numbers, which no engine can. It takes new records only in the order of their
/// numbers, has no order of keys, and holds at most `BackendOptions.expectedRecords`, or what a reopened log holds.
public final class LimitBackend: StorageBackend {
    /// Log and places, behind one pointer that never changes.
    @usableFromInline let state: UnsafeMutablePointer<State>
    @usableFromInline let keys: KeyMapping

    @usableFromInline
    struct State: ~Copyable {
        @usableFromInline var log: ValueLog
        /// The place of each record; 0 for one that was removed.
        @usableFromInline var places: PlaceArray

        init(log: consuming ValueLog, places: PlaceArray) {
            self.log = log
            self.places = places
        }
    }

    public init(_ options: BackendOptions) throws(BackendError) {
        keys = options.keys
        let keys = options.keys
        var places = PlaceArray(capacity: Int(clamping: max(options.expectedRecords, 16)))
        let log: ValueLog
        do {
            log = try FloorLog.open(options) { record in
                places.set(keys.record(ofKey: record.key), to: record.isDelete ? 0 : record.place)
            }
        } catch {
            places.free()
            throw error
        }
        state = .allocate(capacity: 1)
        state.initialize(to: State(log: log, places: places))
    }

    deinit {
        state.pointee.places.free()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    @inlinable
    public func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        let record = keys.record(ofKey: key)
        guard record <= UInt64(truncatingIfNeeded: state.pointee.places.count) else { throw Self.outOfOrder(record) }
        do throws(AlexStoreError) {
            let place = try state.pointee.log.put(key, value)
            state.pointee.places.set(record, to: place)
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable
    public func putBatch(_ batch: PutBatch) throws(BackendError) {
        let (state, keys) = (state, keys)
        var next = UInt64(truncatingIfNeeded: state.pointee.places.count)
        for index in 0..<batch.count {
            let record = keys.record(ofKey: batch.key(at: index))
            guard record <= next else { throw Self.outOfOrder(record) }
            if record == next { next &+= 1 }
        }
        do throws(AlexStoreError) {
            try state.pointee.log.putBatch(
                count: batch.count, key: { batch.key(at: $0) }, value: { batch.value(at: $0) },
                { index, place in state.pointee.places.set(keys.record(ofKey: batch.key(at: index)), to: place) })
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable
    public func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        let place = state.pointee.places.place(of: keys.record(ofKey: key))
        guard place != 0 else { return nil }
        do throws(AlexStoreError) {
            return body(try state.pointee.log.record(at: place, key: key))
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable
    public func remove(_ key: Int64) throws(BackendError) -> Bool {
        let record = keys.record(ofKey: key)
        guard state.pointee.places.place(of: record) != 0 else { return false }
        do throws(AlexStoreError) { try state.pointee.log.delete(key) } catch { throw BackendError(log: error) }
        state.pointee.places.set(record, to: 0)
        return true
    }

    public func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        throw BackendError(.unsupported, "limit has no order of keys, so it can't scan; use alex")
    }

    public func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        for record in 0..<UInt64(state.pointee.places.count) {
            let key = keys.key(ofRecord: record)
            _ = try get(key) { body(key, $0) }
        }
    }

    public func close() throws(BackendError) {
        do throws(AlexStoreError) { try state.pointee.log.close() } catch { throw BackendError(log: error) }
    }

    @usableFromInline @inline(never)
    static func outOfOrder(_ record: UInt64) -> BackendError {
        BackendError(
            .unsupported,
            "limit takes new records only in the order of their numbers, and record \(record) comes too early; "
                + "use hash-log or alex")
    }
}

/// Places by record number: an array that grows by doubling.
@usableFromInline
struct PlaceArray {
    @usableFromInline var places: UnsafeMutablePointer<UInt64>
    @usableFromInline var capacity: Int
    /// One more than the highest record number that was ever set.
    @usableFromInline var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        places = .allocate(capacity: capacity)
        places.initialize(repeating: 0, count: capacity)
    }

    @inlinable
    func place(of record: UInt64) -> UInt64 {
        // Safe: below `count`, which never exceeds the capacity.
        record < UInt64(truncatingIfNeeded: count) ? places[Int(truncatingIfNeeded: record)] : 0
    }

    @inlinable
    mutating func set(_ record: UInt64, to place: UInt64) {
        let index = Int(truncatingIfNeeded: record)
        if index >= capacity { grow() }
        places[index] = place
        if index >= count { count = index &+ 1 }
    }

    @usableFromInline @inline(never)
    mutating func grow() {
        let larger = PlaceArray(capacity: capacity * 2)
        larger.places.update(from: places, count: count)
        places.deallocate()
        places = larger.places
        capacity = larger.capacity
    }

    func free() { places.deallocate() }
}
