import LearnedIndex
import StorageBackends

/// How far a query's step goes. Each does all that the ones before it do.
enum QueryDepth: Int, CaseIterable, Comparable {
    case loop, indexLookup, mapRead, header, check, allocation, copy, wrapping

    static func < (left: QueryDepth, right: QueryDepth) -> Bool { left.rawValue < right.rawValue }

    private var words: (name: String, summary: String) {
        switch self {
        case .loop: ("loop", "the harness's loop, no query")
        case .indexLookup: ("index-lookup", "and the index is asked for the record's place")
        case .mapRead: ("map-read", "and eight bytes are read from the map at that place")
        case .header: ("header", "and the length is read, and the value's last bytes")
        case .check: ("check", "and header and value are held against the map's end")
        case .allocation: ("allocation", "and memory of the value's length is allocated and freed")
        case .copy: ("copy", "and the value is copied into it")
        case .wrapping: ("wrapping", "and comes back from a function that may throw or find nothing")
        }
    }

    var name: String { "step-\(rawValue)-\(words.name)" }
    var summary: String { words.summary }

    /// Rungs that borrow have no copy to make, and hand out no result that was made elsewhere.
    func belongs(to rung: LadderRung) -> Bool { self <= .check || [.foundation, .deferred].contains(rung) }
}

/// A store that loads like its rung and answers a query only as far as it goes.
protocol QueryStep: LadderStore {
    var depth: QueryDepth { get }
    /// Eight bytes to hand out where no value was read.
    var idle: UnsafeMutablePointer<UInt64> { get }
}

extension QueryStep {
    /// What lies at a place, eight bytes of it, with no check: a record's key in both layouts.
    @inline(__always)
    func glance(at place: UInt64) -> UnsafeRawBufferPointer {
        // Safe: a record is written whole before the index has its place, and its key has eight bytes.
        UnsafeRawBufferPointer(start: state.pointee.file.map.unsafelyUnwrapped + Int(place), count: 8)
    }

    var idleBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: idle, count: 8) }

    @inline(__always)
    func answer<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result,
        unchecked: (UInt64) -> UnsafeRawBufferPointer
    ) throws(BackendError) -> Result? {
        let depth = depth
        guard depth > .loop else { return body(idleBytes) }
        if depth == .wrapping {
            guard let value = try wrapped(key) else { return nil }
            return value.withUnsafeBytes { body($0) }
        }
        guard let place = state.pointee.index.value(forKey: key) else { return nil }
        guard depth > .indexLookup else {
            idle.pointee = place
            return body(idleBytes)
        }
        guard depth > .mapRead else { return body(glance(at: place)) }
        guard depth > .header else { return body(unchecked(place)) }
        let value = try Self.value(at: place, in: state.pointee.file)
        switch depth {
        case .allocation:
            let memory = StepMemory.allocate(value.count)
            defer { StepMemory.free(memory) }
            return body(value)
        case .copy: return StepMemory.copy(value).withUnsafeBytes { body($0) }
        default: return body(value)
        }
    }

    /// As the copying rungs return a value.
    @inline(never)
    private func wrapped(_ key: Int64) throws(BackendError) -> [UInt8]? {
        guard let place = state.pointee.index.value(forKey: key) else { return nil }
        return Array(try Self.value(at: place, in: state.pointee.file))
    }
}

/// Memory that the compiler can't see to be superfluous.
enum StepMemory {
    /// An array's head and so many bytes, as a copy of them would take.
    @inline(never)
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: 32 + count, alignment: 16)
    }

    @inline(never)
    static func free(_ memory: UnsafeMutableRawPointer) { memory.deallocate() }

    @inline(never)
    static func copy(_ value: UnsafeRawBufferPointer) -> [UInt8] { Array(value) }
}

final class LengthFirstQueryStep: QueryStep {
    let state: UnsafeMutablePointer<LadderState>
    let depth: QueryDepth
    let idle: UnsafeMutablePointer<UInt64>
    static var layout: LadderLayout { .lengthFirst }

    init(_ options: BackendOptions, growthBytes: Int, depth: QueryDepth) throws(BackendError) {
        state = try LadderState.make(options, growthBytes: growthBytes)
        self.depth = depth
        idle = .allocate(capacity: 1)
        idle.initialize(to: 0)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        idle.deallocate()
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        try answer(key, body) { place in
            // Safe: the length was written before the place that is known, and the value behind its key.
            let record = state.pointee.file.map.unsafelyUnwrapped + Int(place)
            let length = Int(UInt32(littleEndian: record.loadUnaligned(fromByteOffset: -4, as: UInt32.self)))
            return UnsafeRawBufferPointer(
                start: record + LadderLayout.keyBytes, count: length &- LadderLayout.keyBytes)
        }
    }
}

final class KeyFirstQueryStep: QueryStep {
    let state: UnsafeMutablePointer<LadderState>
    let depth: QueryDepth
    let idle: UnsafeMutablePointer<UInt64>
    static var layout: LadderLayout { .keyFirst }

    init(_ options: BackendOptions, growthBytes: Int, depth: QueryDepth) throws(BackendError) {
        state = try LadderState.make(options, growthBytes: growthBytes)
        self.depth = depth
        idle = .allocate(capacity: 1)
        idle.initialize(to: 0)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        idle.deallocate()
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        try answer(key, body) { place in
            // Safe: the length was written behind the key, and the value behind the length.
            let record = state.pointee.file.map.unsafelyUnwrapped + Int(place)
            let length = Int(UInt32(littleEndian: record.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
            return UnsafeRawBufferPointer(start: record + LadderLayout.headerBytes, count: length)
        }
    }
}
