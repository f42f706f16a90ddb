import LearnedIndex
import StorageBackends

/// A rung: file, map and the project's own learned index, put together as the phase documents put them.
///
/// Durability none, recovery none: nothing is synced, and a store that was closed can't be opened again. The rungs
/// differ in how a read hands out its value and in the record's layout; each is a class of its own, so that the
/// measured loops are compiled for it.
protocol LadderStore: StorageBackend {
    var state: UnsafeMutablePointer<LadderState> { get }
    static var layout: LadderLayout { get }
}

/// What a rung is made of, behind one pointer that never changes.
struct LadderState: ~Copyable {
    var file: LadderFile
    var index: AlexIndex

    init(file: consuming LadderFile, index: consuming AlexIndex) {
        self.file = file
        self.index = index
    }

    static func make(
        _ options: BackendOptions, growthBytes: Int
    ) throws(BackendError) -> UnsafeMutablePointer<LadderState> {
        if options.durability == .power {
            throw BackendError(.unsupported, "alex-phase never syncs, so it has no class power; use alex")
        }
        let index = try emptyIndex()
        let file = try LadderFile(directory: options.directory, growthBytes: growthBytes)
        let pointer = UnsafeMutablePointer<LadderState>.allocate(capacity: 1)
        pointer.initialize(to: LadderState(file: file, index: index))
        return pointer
    }

    private static func emptyIndex() throws(BackendError) -> AlexIndex {
        do throws(IndexError) {
            return try AlexIndex()
        } catch {
            throw BackendError(.io, "alex-phase: \(error)")
        }
    }

    /// The last step of an insert.
    mutating func insert(_ key: Int64, _ place: UInt64) throws(BackendError) {
        do throws(IndexError) {
            try index.updateValue(place, forKey: key)
        } catch {
            throw BackendError(.io, "alex-phase: \(error)")
        }
    }

    mutating func insert(_ pairs: [AlexIndex.Entry]) throws(BackendError) {
        do throws(IndexError) {
            try index.insertBatch(pairs)
        } catch {
            throw BackendError(.io, "alex-phase: \(error)")
        }
    }
}

extension LadderStore {
    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        let state = state
        let place = try state.pointee.file.write(key, value, Self.layout)
        state.pointee.file.flush()
        if state.pointee.file.isOutgrown { try state.pointee.file.remap() }
        try state.pointee.insert(key, place)
    }

    /// All records are written, then one flush, one remap at most, and the index takes all of them.
    func putBatch(_ batch: PutBatch) throws(BackendError) {
        let state = state
        var pairs: [AlexIndex.Entry] = []
        pairs.reserveCapacity(batch.count)
        for index in 0..<batch.count {
            let key = batch.key(at: index)
            pairs.append((key, try state.pointee.file.write(key, batch.value(at: index), Self.layout)))
        }
        state.pointee.file.flush()
        if state.pointee.file.isOutgrown { try state.pointee.file.remap() }
        try state.pointee.insert(pairs)
    }

    func remove(_ key: Int64) throws(BackendError) -> Bool {
        throw BackendError(.unsupported, "alex-phase can't remove: the phase documents have no removal; use alex")
    }

    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        throw BackendError(.unsupported, "alex-phase can't scan: the phase documents have no scan; use alex")
    }

    func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        let state = state
        var failure: BackendError?
        state.pointee.index.forEach(in: .min ... .max) { key, place in
            do throws(BackendError) {
                body(key, try Self.value(at: place, in: state.pointee.file))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }

    @inline(__always)
    static func value(at place: UInt64, in file: borrowing LadderFile) throws(BackendError) -> UnsafeRawBufferPointer {
        switch layout {
        case .lengthFirst: try file.lengthFirstValue(at: place)
        case .keyFirst: try file.keyFirstValue(at: place)
        }
    }

    func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
        let growthBytes = state.pointee.file.growthBytes
        return [
            ("growth_bytes", growthBytes == 0 ? "0, a new map after every write" : "\(growthBytes)"),
            ("file_bytes", "\(state.pointee.file.bytes)"), ("mapped_bytes", "\(state.pointee.file.mappedBytes)"),
        ]
    }

    func workCounts() -> [(metric: String, count: UInt64)] { [("remaps", state.pointee.file.remaps)] }

    func close() throws(BackendError) { state.pointee.file.close() }
}

/// Foundation and deferred remap: length first, a read gives an owned copy.
final class CopyingLadderStore: LadderStore {
    let state: UnsafeMutablePointer<LadderState>
    static var layout: LadderLayout { .lengthFirst }

    init(_ options: BackendOptions, growthBytes: Int) throws(BackendError) {
        state = try LadderState.make(options, growthBytes: growthBytes)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// The value as an array of its own, as the documents return it. Not inlined: else the compiler might see that
    /// nobody keeps the copy, and make none.
    @inline(never)
    func copy(_ key: Int64) throws(BackendError) -> [UInt8]? {
        guard let place = state.pointee.index.value(forKey: key) else { return nil }
        return Array(try state.pointee.file.lengthFirstValue(at: place))
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        guard let value = try copy(key) else { return nil }
        return value.withUnsafeBytes { body($0) }
    }
}

/// Zero-copy: length first, a read borrows the map.
final class BorrowingLadderStore: LadderStore {
    let state: UnsafeMutablePointer<LadderState>
    static var layout: LadderLayout { .lengthFirst }

    init(_ options: BackendOptions, growthBytes: Int) throws(BackendError) {
        state = try LadderState.make(options, growthBytes: growthBytes)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        guard let place = state.pointee.index.value(forKey: key) else { return nil }
        return body(try state.pointee.file.lengthFirstValue(at: place))
    }
}

/// Key first: a read borrows the map and goes through it in one direction.
final class KeyFirstLadderStore: LadderStore {
    let state: UnsafeMutablePointer<LadderState>
    static var layout: LadderLayout { .keyFirst }

    init(_ options: BackendOptions, growthBytes: Int) throws(BackendError) {
        state = try LadderState.make(options, growthBytes: growthBytes)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        guard let place = state.pointee.index.value(forKey: key) else { return nil }
        return body(try state.pointee.file.keyFirstValue(at: place))
    }
}
