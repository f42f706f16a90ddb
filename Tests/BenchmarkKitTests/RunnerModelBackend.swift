import Foundation
import StorageBackends

@testable import BenchmarkKit

/// An in-memory backend too simple to be wrong, and the ways in which a wrong one can lie.
final class ModelBackend: StorageBackend {
    enum Lie: Sendable {
        case none
        /// Every so many reads, one gives a value with a wrong byte.
        case wrongByte(every: Int)
        /// Every so many puts, one is forgotten.
        case forgets(every: Int)
        /// A pair of its own lies in the store.
        case foreignPair
        /// Absent keys are found.
        case findsAll
        /// Scans end one pair early.
        case shortScan
        /// Every call fails after so many puts.
        case failsAfter(puts: Int)
        /// The system takes its file's pages out of memory while it settles.
        case losesPages
    }

    /// What sessions share, one operation at a time.
    private final class State {
        var values: [Int64: [UInt8]] = [:]
        var sorted: [Int64]? = []
        var puts = 0
        var gets = 0
        let lock = OperationLock()
    }

    private let state: State
    private var values: [Int64: [UInt8]] {
        get { state.values }
        _modify { yield &state.values }
    }
    private var sorted: [Int64]? {
        get { state.sorted }
        set { state.sorted = newValue }
    }
    private var puts: Int {
        get { state.puts }
        set { state.puts = newValue }
    }
    private var gets: Int {
        get { state.gets }
        set { state.gets = newValue }
    }
    private let lie: Lie
    private let log: CallLog?
    private let name: String
    private let directory: String
    /// Whether further threads get a handle each.
    private let handsOut: Bool

    init(name: String, lie: Lie, log: CallLog?, directory: String, handsOut: Bool) {
        state = State()
        self.handsOut = handsOut
        self.name = name
        self.lie = lie
        self.log = log
        self.directory = directory
        _ = FileManager.default.createFile(atPath: directory + "/store", contents: Data(repeating: 1, count: 10_000))
    }

    private init(on other: ModelBackend) {
        state = other.state
        name = other.name
        lie = other.lie
        log = other.log
        directory = other.directory
        handsOut = true
    }

    /// Puts so far, and what is there; for tests, when no thread is at work.
    var putCount: Int { puts }
    var pairs: [Int64: [UInt8]] { values }

    func makeSession() throws(BackendError) -> (any StorageBackend)? { handsOut ? ModelBackend(on: self) : nil }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        state.lock.lock()
        defer { state.lock.unlock() }
        puts += 1
        if case .failsAfter(let limit) = lie, puts > limit { throw BackendError(.io, "the disk is full: free space") }
        if case .forgets(let every) = lie, puts % every == 0 { return }
        if values.updateValue(Array(value), forKey: key) == nil { sorted = nil }
    }

    func putBatch(_ batch: PutBatch) throws(BackendError) {
        for index in 0..<batch.count { try put(batch.key(at: index), batch.value(at: index)) }
    }

    func get<Result>(_ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result) throws(BackendError) -> Result? {
        state.lock.lock()
        defer { state.lock.unlock() }
        gets += 1
        guard var value = values[key] else {
            if case .findsAll = lie { return [UInt8(1)].withUnsafeBytes(body) }
            return nil
        }
        if case .wrongByte(let every) = lie, gets % every == 0 { value[value.count / 2] ^= 1 }
        return value.withUnsafeBytes(body)
    }

    func remove(_ key: Int64) throws(BackendError) -> Bool {
        state.lock.lock()
        defer { state.lock.unlock() }
        sorted = nil
        return values.removeValue(forKey: key) != nil
    }

    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        state.lock.lock()
        defer { state.lock.unlock() }
        let keys = sorted ?? values.keys.sorted()
        sorted = keys
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < first { low = middle + 1 } else { high = middle }
        }
        var chosen = keys[low...].prefix(limit)
        if case .shortScan = lie, chosen.count > 1 { chosen = chosen.dropLast() }
        for key in chosen { values[key]?.withUnsafeBytes { body(key, $0) } }
        return chosen.count
    }

    func forEachPair(_ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(BackendError) {
        for (key, value) in values { value.withUnsafeBytes { body(key, $0) } }
        if case .foreignPair = lie { [UInt8(7)].withUnsafeBytes { body(42, $0) } }
    }

    func settle() throws(BackendError) {
        if case .losesPages = lie { _ = PageCache.drop(filesUnder: directory) }
    }

    func close() throws(BackendError) {}

    // The loops again, to write down whose turn it was.
    func run(_ slice: OperationSlice, tally: inout Tally) throws(BackendError) {
        log?.append(name)
        for operation in slice.operations { _ = try performLogged(operation, of: slice, tally: &tally) }
    }

    private func performLogged(
        _ operation: StorageBackends.Operation, of slice: OperationSlice, tally: inout Tally
    ) throws(BackendError) {
        var copy = operation
        try withUnsafeMutablePointer(to: &copy) { pointer throws(BackendError) in
            let one = OperationSlice(
                operations: UnsafeBufferPointer(start: pointer, count: 1), values: slice.values,
                pattern: slice.pattern, keys: slice.keys, checksValues: slice.checksValues)
            try runDependent(one, tally: &tally)
        }
    }
}

/// Whose turn it was, in order.
final class CallLog: @unchecked Sendable {
    private(set) var names: [String] = []
    func append(_ name: String) { names.append(name) }
}

/// The models that a run opened, in order.
final class OpenedModels: @unchecked Sendable {
    // Safe to share: stores are opened by the runner's own thread.
    var stores: [(directory: String, model: ModelBackend)] = []
}

/// Keeps nothing, answers nothing.
final class EmptyBackend: StorageBackend {
    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {}
    func putBatch(_ batch: PutBatch) throws(BackendError) {}
    func get<Result>(_ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result) throws(BackendError) -> Result? { nil }
    func remove(_ key: Int64) throws(BackendError) -> Bool { true }
    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int { 0 }
    func close() throws(BackendError) {}
}

enum Models {
    static func model(
        _ name: String, _ lie: ModelBackend.Lie = .none, capabilities: Capabilities = .engine, log: CallLog? = nil,
        classes: [DurabilityClass] = [.memory, .process], handsOut: Bool = false,
        onOpen: @escaping @Sendable (String, ModelBackend) -> Void = { _, _ in }
    ) -> BackendDescriptor {
        BackendDescriptor(
            name: name, summary: "a model", capabilities: capabilities,
            nativeSettings: Dictionary(uniqueKeysWithValues: classes.map { ($0, "a dictionary") }),
            configuration: ["plain"], libraryVersion: { "Model 1" },
            open: { options throws(BackendError) in
                let model = ModelBackend(
                    name: name, lie: lie, log: log, directory: options.directory, handsOut: handsOut)
                onOpen(options.directory, model)
                return model
            })
    }

    static let null = BackendDescriptor(
        name: "null", summary: "does nothing", capabilities: Capabilities.engine.subtracting(.stores),
        nativeSettings: [.process: "nothing"], libraryVersion: { "null" },
        open: { _ throws(BackendError) in EmptyBackend() })
}
