import StorageBackends

/// A pair that a scan returned.
struct Pair: Equatable {
    let key: Int64
    let value: [UInt8]
}

extension StorageBackend {
    func put(_ key: Int64, _ value: [UInt8]) throws {
        // Not a throwing closure: compiler 6.3.1 crashes on one that throws a typed error and returns nothing.
        let failure = value.withUnsafeBytes { bytes -> BackendError? in
            do throws(BackendError) {
                try put(key, bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// An owned copy of the value.
    func value(_ key: Int64) throws -> [UInt8]? { try get(key) { Array($0) } }

    /// Owned copies of the values of many keys. Answers out of turn are an error.
    func values(_ keys: [Int64]) throws -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        var isInTurn = true
        try keys.withUnsafeBufferPointer { keys in
            try getBatch(keys) { number, bytes in
                if number != values.count { isInTurn = false }
                values.append(bytes.map { Array($0) })
            }
        }
        if !isInTurn { throw BackendError(.invalid, "getBatch answered out of turn") }
        return values
    }

    func pairs(from first: Int64, limit: Int) throws -> [Pair] {
        var pairs: [Pair] = []
        let count = try scan(from: first, limit: limit) { pairs.append(Pair(key: $0, value: Array($1))) }
        guard count == pairs.count else {
            throw BackendError(.invalid, "the scan returned \(count) for \(pairs.count) pairs")
        }
        return pairs
    }

    /// All pairs as `forEachPair` gives them. A key that comes twice is an error.
    func allPairs() throws -> [Int64: [UInt8]] {
        var pairs: [Int64: [UInt8]] = [:]
        var repeated: Int64?
        try forEachPair { key, bytes in
            if pairs.updateValue(Array(bytes), forKey: key) != nil { repeated = key }
        }
        if let repeated { throw BackendError(.invalid, "forEachPair gave key \(repeated) twice") }
        return pairs
    }
}

/// The generator of all random tests: SplitMix64, so that a seed means the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
