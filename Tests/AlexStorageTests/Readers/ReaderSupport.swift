import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Threads that run beside the test's own until they are joined.
final class BackgroundThreads {
    private final class Start {
        let number: Int
        let body: @Sendable (Int) -> Void
        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.body = body
        }
    }

    private var threads: [pthread_t] = []

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        for number in 0..<count {
            var thread = pthread_t()
            let start = Unmanaged.passRetained(Start(number, body))
            let code = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                    start.body(start.number)
                    return nil
                }, start.toOpaque())
            precondition(code == 0, "no thread to be had")
            threads.append(thread)
        }
    }

    func join() {
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }
}

/// The first few things that threads found wrong, and how much they did.
final class Findings: Sendable {
    private let texts = Mutex<[String]>([])
    private let done = Atomic(false)
    private let readCount = Atomic(0)

    var all: [String] { texts.withLock { $0 } }
    /// Whether threads should end.
    var isDone: Bool { done.load(ordering: .acquiring) }
    var reads: Int { readCount.load(ordering: .relaxed) }

    func report(_ text: String) {
        texts.withLock { if $0.count < 5 { $0.append(text) } }
        end()
    }

    func end() { done.store(true, ordering: .releasing) }
    func countRead() { readCount.add(1, ordering: .relaxed) }

    /// Reports what `body` throws.
    func run(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { report("\(what): \(error)") }
    }
}

/// A snapshot that threads can hand on, and that ends when nobody holds it any more.
final class SnapshotBox: Sendable {
    let snapshot: StoreSnapshot
    init(_ snapshot: consuming StoreSnapshot) { self.snapshot = snapshot }
    init(of store: AlexStore) throws { snapshot = try store.snapshot() }

    var count: Int { snapshot.count }
    func bytes(_ key: Int64) throws -> [UInt8]? { try snapshot.bytes(forKey: key) }
    func contains(_ key: Int64) throws -> Bool { try snapshot.contains(key) }

    /// Everything in it; scanned in the right order.
    func contents(
        in range: ClosedRange<Int64> = .min ... .max, descending: Bool = false
    ) throws -> [Int64: [UInt8]] {
        var pairs: [Int64: [UInt8]] = [:]
        var last: Int64?
        try snapshot.scan(in: range, descending: descending) { key, value in
            if let last { #expect(descending ? key < last : key > last) }
            last = key
            pairs[key] = Array(value)
            return true
        }
        return pairs
    }
}

extension AlexStore {
    /// Whether a change is told to snapshots first.
    var isWatched: Bool { state.pointee.isWatched }
    var views: SnapshotViews { state.pointee.views }
    /// Segments that were replaced and are still there.
    var replacedSegments: Int { state.pointee.log.files.leaving.count }
}

/// The bytes of a slice.
func bytes(_ span: borrowing RawSpan) -> [UInt8] { span.withUnsafeBytes { Array($0) } }

/// What every key may have been at any time: versions that ascend with each change, told before the change and after.
/// Version 0 and each multiple of 5 is a removal.
final class VersionOracle: @unchecked Sendable {
    // Safe to share: atomics at places that never change.
    let count: Int
    private let begun: UnsafeMutablePointer<Atomic<UInt64>>
    private let done: UnsafeMutablePointer<Atomic<UInt64>>

    init(_ count: Int) {
        self.count = count
        begun = .allocate(capacity: count)
        done = .allocate(capacity: count)
        for at in 0..<count {
            (begun + at).initialize(to: Atomic(0))
            (done + at).initialize(to: Atomic(0))
        }
    }

    deinit {
        begun.deinitialize(count: count)
        done.deinitialize(count: count)
        begun.deallocate()
        done.deallocate()
    }

    static func isRemoval(_ version: UInt64) -> Bool { version % 5 == 0 }

    /// The value of a version: the key, the version, and bytes that follow from them, of many lengths.
    static func value(_ key: Int64, _ version: UInt64) -> [UInt8] {
        let longest = version % 64 == 1 ? 3000 : 90
        let length = 16 + Int((UInt64(bitPattern: key) &* 31 &+ version &* 7) % UInt64(longest))
        return (0..<length).map { at in
            if at < 8 { return UInt8(truncatingIfNeeded: UInt64(bitPattern: key) >> UInt64(8 * at)) }
            if at < 16 { return UInt8(truncatingIfNeeded: version >> UInt64(8 * (at - 8))) }
            return UInt8(truncatingIfNeeded: version &+ UInt64(at))
        }
    }

    // MARK: The writer

    /// Begins the next change of a key; returns its version.
    func begin(_ key: Int64) -> UInt64 {
        begun[Int(key)].add(1, ordering: .sequentiallyConsistent).newValue
    }

    func end(_ key: Int64, _ version: UInt64) { done[Int(key)].store(version, ordering: .sequentiallyConsistent) }

    // MARK: Readers

    func floor(_ key: Int64) -> UInt64 { done[Int(key)].load(ordering: .sequentiallyConsistent) }

    /// What is wrong with what was read since `floor` was asked for, if anything is.
    func fault(_ key: Int64, floor: UInt64, read: UnsafeRawBufferPointer?) -> String? {
        let ceiling = begun[Int(key)].load(ordering: .sequentiallyConsistent)
        guard let read else {
            let isPossible = (floor...ceiling).contains { Self.isRemoval($0) }
            return isPossible ? nil : "key \(key) is missing between versions \(floor) and \(ceiling)"
        }
        guard read.count >= 16 else { return "key \(key) has \(read.count) bytes" }
        let version = read.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        guard version >= floor && version <= ceiling && !Self.isRemoval(version) else {
            return "key \(key) has version \(version), not one of \(floor) to \(ceiling)"
        }
        return read.elementsEqual(Self.value(key, version)) ? nil : "key \(key) has other bytes in version \(version)"
    }
}
