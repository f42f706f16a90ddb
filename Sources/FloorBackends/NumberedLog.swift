import AlexStorage
import StorageBackends

/// What one slot of a `PlaceArray` holds: a place in the log, 0 for none, and as much beside it as its size says.
@usableFromInline
protocol PlaceSlot {
    init(place: UInt64)
    var place: UInt64 { get }
}

/// The engine's log with an array of places by record number for its index: what `limit` and `two-reads` are.
///
/// It knows the way from keys to record numbers, which no engine can. It takes new records only in the order of their
/// numbers, has no order of keys, and is made for `BackendOptions.expectedRecords`, or what a reopened log holds.
/// A struct of one pointer and calls that inline, so that a backend's loops are compiled for its size of slot.
@usableFromInline
struct NumberedLog<Slot: PlaceSlot> {
    /// Log and places, behind one pointer that never changes.
    @usableFromInline let state: UnsafeMutablePointer<State>
    @usableFromInline let keys: KeyMapping
    /// The backend's name, for errors.
    @usableFromInline let name: StaticString

    @usableFromInline
    struct State: ~Copyable {
        @usableFromInline var log: ValueLog
        /// The place of each record; 0 for one that was removed.
        @usableFromInline var places: PlaceArray<Slot>

        init(log: consuming ValueLog, places: PlaceArray<Slot>) {
            self.log = log
            self.places = places
        }
    }

    init(_ name: StaticString, _ options: BackendOptions) throws(BackendError) {
        self.name = name
        keys = options.keys
        let keys = options.keys
        var places = PlaceArray<Slot>(capacity: Int(clamping: max(options.expectedRecords, 16)))
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

    /// Gives back the memory; whoever made it calls this once.
    func free() {
        state.pointee.places.free()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    @inlinable @inline(__always)
    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        let record = keys.record(ofKey: key)
        guard record <= UInt64(truncatingIfNeeded: state.pointee.places.count) else { throw outOfOrder(record) }
        do throws(AlexStoreError) {
            let place = try state.pointee.log.put(key, value)
            state.pointee.places.set(record, to: place)
        } catch {
            throw BackendError(log: error)
        }
    }

    @inlinable @inline(__always)
    func putBatch(_ batch: PutBatch) throws(BackendError) {
        let (state, keys) = (state, keys)
        var next = UInt64(truncatingIfNeeded: state.pointee.places.count)
        for index in 0..<batch.count {
            let record = keys.record(ofKey: batch.key(at: index))
            guard record <= next else { throw outOfOrder(record) }
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

    @inlinable @inline(__always)
    func get<Result>(
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

    @inlinable @inline(__always)
    func remove(_ key: Int64) throws(BackendError) -> Bool {
        let record = keys.record(ofKey: key)
        guard state.pointee.places.place(of: record) != 0 else { return false }
        do throws(AlexStoreError) { try state.pointee.log.delete(key) } catch { throw BackendError(log: error) }
        state.pointee.places.set(record, to: 0)
        return true
    }

    func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        for record in 0..<UInt64(state.pointee.places.count) {
            let key = keys.key(ofRecord: record)
            _ = try get(key) { body(key, $0) }
        }
    }

    func close() throws(BackendError) {
        do throws(AlexStoreError) { try state.pointee.log.close() } catch { throw BackendError(log: error) }
    }

    func noScan() -> BackendError {
        BackendError(.unsupported, "\(name) has no order of keys, so it can't scan; use alex")
    }

    @usableFromInline @inline(never)
    func outOfOrder(_ record: UInt64) -> BackendError {
        BackendError(
            .unsupported,
            "\(name) takes new records only in the order of their numbers, and record \(record) comes too early; "
                + "use hash-log or alex")
    }
}

/// Places by record number: an array that grows by doubling.
@usableFromInline
struct PlaceArray<Slot: PlaceSlot> {
    @usableFromInline var slots: UnsafeMutablePointer<Slot>
    @usableFromInline var capacity: Int
    /// One more than the highest record number that was ever set.
    @usableFromInline var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(place: 0), count: capacity)
    }

    @inlinable @inline(__always)
    func place(of record: UInt64) -> UInt64 {
        // Safe: below `count`, which never exceeds the capacity.
        record < UInt64(truncatingIfNeeded: count) ? slots[Int(truncatingIfNeeded: record)].place : 0
    }

    @inlinable @inline(__always)
    mutating func set(_ record: UInt64, to place: UInt64) {
        let index = Int(truncatingIfNeeded: record)
        if index >= capacity { grow() }
        slots[index] = Slot(place: place)
        if index >= count { count = index &+ 1 }
    }

    @usableFromInline @inline(never)
    mutating func grow() {
        let larger = PlaceArray(capacity: capacity * 2)
        larger.slots.update(from: slots, count: count)
        slots.deallocate()
        slots = larger.slots
        capacity = larger.capacity
    }

    func free() { slots.deallocate() }
}
