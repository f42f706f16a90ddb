import AlexStorage
import StorageBackends

// The roadmap's prefetch learned from access patterns, built far enough to be measured: it is no part of the engine. A
// table remembers for each key which one was read after it the last time; a read asks for that one's record before it
// looks its own up.

/// AlexStorage that learns which key follows which.
final class ForeseeingAlex: StorageBackend {
    private let inner: AlexAdapter
    private let followers: UnsafeMutablePointer<Follower>
    private var last: Int64 = 0

    private struct Follower {
        var key: Int64 = 0
        var next: Int64 = 0
    }

    /// 2^20 keys, 16 MiB: of several keys that share a place the last one is remembered.
    private static let bits: UInt64 = 20

    init(_ options: BackendOptions) throws(BackendError) {
        inner = try AlexAdapter(options)
        followers = .allocate(capacity: 1 << Int(Self.bits))
        followers.initialize(repeating: Follower(), count: 1 << Int(Self.bits))
    }

    deinit { followers.deallocate() }

    private func place(of key: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- Self.bits))
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        // Safe: a place is within the table.
        followers[place(of: last)] = Follower(key: last, next: key)
        last = key
        let follower = followers[place(of: key)]
        if follower.key == key { inner.store.prefetch(forKey: follower.next) }
        return try inner.get(key, body)
    }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) { try inner.put(key, value) }

    func putBatch(_ batch: PutBatch) throws(BackendError) { try inner.putBatch(batch) }

    func remove(_ key: Int64) throws(BackendError) -> Bool { try inner.remove(key) }

    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        try inner.scan(from: first, limit: limit, body)
    }

    func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
        try inner.readBackSettings()
    }

    func close() throws(BackendError) { try inner.close() }
}
