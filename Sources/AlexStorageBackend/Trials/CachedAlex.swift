import AlexStorage
import StorageBackends

// The roadmap's LRU cache of hot values, built far enough to be measured: it is no part of the engine. A set of four
// places for each group of keys, the least recently used of them given up; 64 Ki values of at most 128 bytes.
//
// Invariant: what a place holds is the newest value of its key, since every write of the key empties it.

/// AlexStorage behind an LRU cache of values.
final class CachedAlex: StorageBackend {
    private let inner: AlexAdapter
    private let places: UnsafeMutablePointer<Place>
    private let values: UnsafeMutableRawPointer
    private var clock: UInt32 = 0

    private struct Place {
        var key: Int64 = 0
        /// 0 for an empty place.
        var usedAt: UInt32 = 0
        var count: UInt32 = 0
    }

    private static let ways = 4
    private static let setBits: UInt64 = 14
    private static let valueBytesMax = 128
    private static var placeCount: Int { ways << Int(setBits) }

    init(_ options: BackendOptions) throws(BackendError) {
        inner = try AlexAdapter(options)
        places = .allocate(capacity: Self.placeCount)
        places.initialize(repeating: Place(), count: Self.placeCount)
        values = .allocate(byteCount: Self.placeCount * Self.valueBytesMax, alignment: 64)
    }

    deinit {
        places.deallocate()
        values.deallocate()
    }

    /// The first place of the key's set.
    private func set(of key: Int64) -> Int {
        let spread = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: spread &>> (64 &- Self.setBits)) &* Self.ways
    }

    private func forget(_ key: Int64) {
        let first = set(of: key)
        // Safe: a set's places are within the table.
        for way in first..<(first &+ Self.ways) where places[way].key == key { places[way].usedAt = 0 }
    }

    /// The time of use; 0 is left out, which stands for an empty place.
    private func tick() -> UInt32 {
        clock &+= 1
        if clock == 0 { clock = 1 }
        return clock
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        let first = set(of: key)
        var victim = first
        // Safe: a set's places, and the values of them, are within the tables.
        for way in first..<(first &+ Self.ways) {
            if places[way].key == key && places[way].usedAt != 0 {
                places[way].usedAt = tick()
                return body(
                    UnsafeRawBufferPointer(
                        start: values + way &* Self.valueBytesMax, count: Int(places[way].count)))
            }
            if places[way].usedAt < places[victim].usedAt { victim = way }
        }
        return try inner.get(key) { bytes in
            if bytes.count <= Self.valueBytesMax {
                places[victim] = Place(key: key, usedAt: tick(), count: UInt32(bytes.count))
                if let base = bytes.baseAddress {
                    (values + victim &* Self.valueBytesMax).copyMemory(from: base, byteCount: bytes.count)
                }
            }
            return body(bytes)
        }
    }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        forget(key)
        try inner.put(key, value)
    }

    func putBatch(_ batch: PutBatch) throws(BackendError) {
        for index in 0..<batch.count { forget(batch.key(at: index)) }
        try inner.putBatch(batch)
    }

    func remove(_ key: Int64) throws(BackendError) -> Bool {
        forget(key)
        return try inner.remove(key)
    }

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
