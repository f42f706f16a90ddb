import CIntrinsics
import LearnedIndex

/// What readers beside a writer may see, key by key. The writer counts the changes of each key: `begun` before it makes
/// one, `done` after. A reader that takes `done` before it reads and `begun` behind it knows every state that the key
/// can have had meanwhile, since the number alone tells a key's state.
///
/// A key's number 0 is absence. Of a changing key every fourth change is a removal; a staying key is never removed; an
/// absent key never has a change.
final class Oracle: @unchecked Sendable {
    enum Role { case stays, changes, absent }

    let keys: [Int64]
    private let rank: [Int64: Int]
    private let begun: UnsafeMutablePointer<UInt64>
    private let done: UnsafeMutablePointer<UInt64>

    init(_ set: KeySet, _ count: Int, seed: UInt64) {
        keys = Array(Set(set.keys(count, seed: seed))).sorted()
        rank = Dictionary(uniqueKeysWithValues: zip(keys, 0...))
        begun = .allocate(capacity: keys.count)
        begun.initialize(repeating: 0, count: keys.count)
        done = .allocate(capacity: keys.count)
        done.initialize(repeating: 0, count: keys.count)
    }

    deinit {
        begun.deallocate()
        done.deallocate()
    }

    /// Neighbours change together, so that whole nodes fill and become empty.
    func role(_ rank: Int) -> Role {
        switch rank / 32 % 4 {
        case 0: .stays
        case 1, 2: .changes
        default: rank % 2 == 0 ? .absent : .changes
        }
    }

    private func value(_ rank: Int, _ number: UInt64) -> UInt64 { IndexMix.of(keys[rank]) << 40 | number }

    private func isPresent(_ rank: Int, _ number: UInt64) -> Bool {
        switch role(rank) {
        case .stays: number > 0
        case .changes: number % 4 != 0
        case .absent: false
        }
    }

    // MARK: - The writer

    /// Makes the next change of a key.
    func change(_ rank: Int, of index: inout AlexIndex) throws {
        if role(rank) == .absent { return }
        let number = begun[rank] + 1
        intrinsics_store_release(begun + rank, number)
        if isPresent(rank, number) {
            try index.updateValue(value(rank, number), forKey: keys[rank])
        } else {
            index.removeValue(forKey: keys[rank])
        }
        intrinsics_store_release(done + rank, number)
    }

    /// The next change of many keys at once, but of those whose next change is a removal.
    func changeTogether(_ ranks: Range<Int>, of index: inout AlexIndex) throws {
        let some = ranks.filter { role($0) != .absent && isPresent($0, begun[$0] + 1) }
        for rank in some { intrinsics_store_release(begun + rank, begun[rank] + 1) }
        try index.insertBatch(some.map { (key: keys[$0], value: value($0, begun[$0])) })
        for rank in some { intrinsics_store_release(done + rank, begun[rank]) }
    }

    // MARK: - A reader

    /// To be taken before a read.
    func floor(_ rank: Int) -> UInt64 { intrinsics_load_acquire(done + rank) }

    /// After a read: nil if `key` can have had this value, else what is wrong.
    func fault(_ rank: Int, floor: UInt64, seen: UInt64?) -> String? {
        let top = intrinsics_load_acquire(begun + rank)
        let name = "key \(keys[rank]) (\(role(rank)), changes \(floor) to \(top))"
        guard let seen else {
            return (floor...top).contains { !isPresent(rank, $0) } ? nil : "\(name) was not found"
        }
        let number = seen & 0xFF_FFFF_FFFF
        if seen != value(rank, number) { return "\(name) had another key's value" }
        if !isPresent(rank, number) { return "\(name) was found in change \(number), which removed it" }
        if number < floor || number > top { return "\(name) was found in change \(number)" }
        return nil
    }

    func rank(of key: Int64) -> Int? { rank[key] }
}

/// Twenty-four bits that tell one key from another.
private enum IndexMix {
    static func of(_ key: Int64) -> UInt64 { UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15 >> 40 }
}
