import StorageIO

/// What was asked of a store, commit by commit: the oracle's side.
///
/// A store is right when it holds the state after one of the commits, none older than the last that was durable for
/// certain. Each value is unlike every other, so a state that is told by its digest is told for sure.
struct History {
    typealias State = [Int64: [UInt8]]

    /// The state after each commit; the first is the one that the history begins with.
    private(set) var states: [State]
    private var indexOfDigest: [UInt64: Int] = [:]

    init(from state: State) {
        states = [state]
        indexOfDigest[Self.digest(state)] = 0
    }

    var last: State { states[states.count - 1] }
    var lastIndex: Int { states.count - 1 }

    /// Notes a commit before it is asked for: from then on it may be there.
    mutating func append(_ state: State) {
        states.append(state)
        indexOfDigest[Self.digest(state)] = lastIndex
    }

    /// The newest commit after which the state was this one.
    func index(of state: State) -> Int? {
        guard let index = indexOfDigest[Self.digest(state)], states[index] == state else { return nil }
        return index
    }

    /// The same for any order of the keys.
    private static func digest(_ state: State) -> UInt64 {
        var sum: UInt64 = 0
        for (key, value) in state {
            let checksum = value.withUnsafeBytes { Checksum.standard($0) }
            var mixed = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(checksum) << 20
            mixed = (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
            sum &+= mixed ^ mixed >> 32
        }
        return sum
    }
}
