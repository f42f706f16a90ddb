import LearnedIndex
import StorageBackends

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How far an insert's step goes. Each does all that the ones before it do; the last does more than an insert.
enum InsertDepth: Int, CaseIterable, Comparable {
    case loop, fileWrite, flush, open, map, unmap, indexInsert, touch

    static func < (left: InsertDepth, right: InsertDepth) -> Bool { left.rawValue < right.rawValue }

    private var words: (name: String, summary: String) {
        switch self {
        case .loop: ("loop", "the harness's loop, no insert")
        case .fileWrite: ("file-write", "and the record goes to the file in three calls of write(2)")
        case .flush: ("flush", "and the file is flushed, which has no buffer")
        case .open: ("open", "and, where a new map is due, the file is grown, opened again and closed")
        case .map: ("map", "and mapped; the old map stays for now")
        case .unmap: ("unmap", "and the old map goes at once")
        case .indexInsert: ("index-insert", "and the index takes the key: the whole insert")
        case .touch: ("touch", "and the new record is read through the map: more than an insert")
        }
    }

    var name: String { "step-\(rawValue)-\(words.name)" }
    var summary: String { words.summary }
}

/// A store that does an insert as far as it goes. It can be asked for nothing.
final class InsertStep: StorageBackend {
    private let state: UnsafeMutablePointer<LadderState>
    private let layout: LadderLayout
    private let depth: InsertDepth
    private let kept: UnsafeMutablePointer<KeptMaps>
    private let sum: UnsafeMutablePointer<UInt64>

    init(
        _ options: BackendOptions, growthBytes: Int, layout: LadderLayout, depth: InsertDepth
    ) throws(BackendError) {
        state = try LadderState.make(options, growthBytes: growthBytes)
        self.layout = layout
        self.depth = depth
        kept = .allocate(capacity: 1)
        kept.initialize(to: KeptMaps())
        sum = .allocate(capacity: 1)
        sum.initialize(to: 0)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        kept.deinitialize(count: 1)
        kept.deallocate()
        sum.deallocate()
    }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        guard depth > .loop else { return }
        let place = try state.pointee.file.write(key, value, layout)
        try finishWrite()
        if depth >= .indexInsert { try state.pointee.insert(key, place) }
        if depth == .touch { touch(place) }
    }

    func putBatch(_ batch: PutBatch) throws(BackendError) {
        guard depth > .loop else { return }
        var pairs: [AlexIndex.Entry] = []
        pairs.reserveCapacity(batch.count)
        for index in 0..<batch.count {
            let key = batch.key(at: index)
            pairs.append((key, try state.pointee.file.write(key, batch.value(at: index), layout)))
        }
        try finishWrite()
        if depth >= .indexInsert { try state.pointee.insert(pairs) }
        if depth == .touch, let last = pairs.last { touch(last.value) }
    }

    /// Flush and remap, as far as the step goes.
    @inline(__always)
    private func finishWrite() throws(BackendError) {
        guard depth >= .flush else { return }
        state.pointee.file.flush()
        guard depth >= .open, state.pointee.file.isOutgrown else { return }
        if depth >= .unmap { return try state.pointee.file.remap() }
        let (kept, isMapped) = (kept, depth == .map)
        try state.pointee.file.withReader { (file, reader) throws(BackendError) in
            if isMapped, let map = try file.mapped(reader) { kept.pointee.add(map) }
        }
    }

    private func touch(_ place: UInt64) {
        guard let map = state.pointee.file.map else { return }
        // Safe: the map was made after the record was written whole, and its key has eight bytes.
        sum.pointee &+= map.loadUnaligned(fromByteOffset: Int(place), as: UInt64.self)
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? { nil }

    func remove(_ key: Int64) throws(BackendError) -> Bool {
        throw BackendError(.unsupported, "a step of an insert removes nothing")
    }

    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        throw BackendError(.unsupported, "a step of an insert scans nothing")
    }

    func close() throws(BackendError) {
        kept.pointee.unmapAll()
        state.pointee.file.close()
    }
}

/// Maps that the step `map` leaves alone, so that making them is measured without unmapping them. The system allows
/// about 65 000 maps a process: at 50 000 all go at once, which counts as a part of one operation.
private struct KeptMaps {
    private static let limit = 50_000
    private var maps: [(start: UnsafeRawPointer, count: Int)] = []

    init() { maps.reserveCapacity(Self.limit) }

    mutating func add(_ map: (start: UnsafeRawPointer, count: Int)) {
        maps.append(map)
        if maps.count == Self.limit { unmapAll() }
    }

    mutating func unmapAll() {
        for map in maps { munmap(UnsafeMutableRawPointer(mutating: map.start), map.count) }
        maps.removeAll(keepingCapacity: true)
    }
}
