import StorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's files, with the n-th call failing, once or from then on.
final class FaultFileSystem: FileSystem {
    struct Plan {
        var calls = 0
        var failsAt = Int.max
        var isForGood = false
        var code: Int32 = EIO
        /// Only calls of this name fail and are counted; nil for all.
        var only: String?
        /// Only calls on a path that holds this fail and are counted; nil for all.
        var onPath: String?
    }

    let plan = Mutex(Plan())
    /// Runs before each allocation; for one that takes its time.
    let onAllocate = Mutex<(@Sendable () -> Void)?>(nil)
    /// Told of each call and its path, before it is made or fails.
    let onCall = Mutex<(@Sendable (String, String) -> Void)?>(nil)
    /// How long a sync takes.
    let syncMicroseconds = Mutex<UInt32>(0)

    func arm(at call: Int, code: Int32, isForGood: Bool, only: String? = nil, onPath: String? = nil) {
        plan.withLock {
            $0 = Plan(calls: 0, failsAt: call, isForGood: isForGood, code: code, only: only, onPath: onPath)
        }
    }

    func disarm() { plan.withLock { $0.failsAt = .max } }
    var calls: Int { plan.withLock { $0.calls } }

    func pass(_ call: String, _ name: String) throws(StorageIOError) {
        onCall.withLock { $0 }?(call, name)
        let code: Int32? = plan.withLock { plan in
            if let only = plan.only, only != call { return nil }
            if let onPath = plan.onPath, !name.contains(onPath) { return nil }
            defer { plan.calls += 1 }
            let fails = plan.isForGood ? plan.calls >= plan.failsAt : plan.calls == plan.failsAt
            return fails ? plan.code : nil
        }
        if let code { throw StorageIOError(call: call, name: name, code: code) }
    }

    func open(_ path: String, _ mode: FileMode) throws(StorageIOError) -> any StorageFile {
        try pass("open", path)
        return FaultFile(try SystemFileSystem.shared.open(path, mode), self)
    }

    func makeDirectory(_ path: String) throws(StorageIOError) {
        try pass("mkdir", path)
        try SystemFileSystem.shared.makeDirectory(path)
    }

    func list(_ path: String) throws(StorageIOError) -> [String] {
        try pass("list", path)
        return try SystemFileSystem.shared.list(path)
    }

    func rename(_ from: String, to path: String) throws(StorageIOError) {
        try pass("rename", path)
        try SystemFileSystem.shared.rename(from, to: path)
    }

    func remove(_ path: String) throws(StorageIOError) {
        try pass("remove", path)
        try SystemFileSystem.shared.remove(path)
    }

    func syncDirectory(_ path: String) throws(StorageIOError) {
        try pass("syncDirectory", path)
    }
}

final class FaultFile: StorageFile {
    let file: any StorageFile
    let system: FaultFileSystem

    init(_ file: any StorageFile, _ system: FaultFileSystem) {
        self.file = file
        self.system = system
    }

    var path: String { file.path }

    func size() throws(StorageIOError) -> Int {
        try system.pass("size", path)
        return try file.size()
    }

    func identity() throws(StorageIOError) -> FileIdentity {
        try system.pass("identity", path)
        return try file.identity()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageIOError) -> Int {
        try system.pass("read", path)
        return try file.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageIOError) {
        try system.pass("write", path)
        try file.write(bytes, at: offset)
    }

    func allocate(from start: Int, to end: Int) throws(StorageIOError) {
        system.onAllocate.withLock { $0 }?()
        try system.pass("allocate", path)
        try file.allocate(from: start, to: end)
    }

    func truncate(to size: Int) throws(StorageIOError) {
        try system.pass("truncate", path)
        try file.truncate(to: size)
    }

    func syncData() throws(StorageIOError) {
        // Only noted: no test loses power, and a real sync would take most of the time.
        usleep(system.syncMicroseconds.withLock { $0 })
        try system.pass("syncData", path)
    }

    func tryLock() throws(StorageIOError) -> Bool {
        try system.pass("tryLock", path)
        return try file.tryLock()
    }

    func map(
        _ range: Range<Int>, into region: AddressRegion, at regionOffset: Int, access: MapAccess
    ) throws(StorageIOError) {
        try system.pass("map", path)
        try file.map(range, into: region, at: regionOffset, access: access)
    }

    func close() { file.close() }
}
