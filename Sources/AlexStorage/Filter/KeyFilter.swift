import CIntrinsics
import LearnedIndex

// Which keys are surely not there: a blocked Bloom filter (Putze, Sanders and Singler, "Cache-, hash- and
// space-efficient Bloom filters", ACM JEA 14, 2009). A key's bits all lie in one cache line, so that a look costs one
// miss at most, and an absent key is mostly told by the second bit.
//
// Steps
// 1. A hash of the key chooses the line, and up to seven bits in it.
// 2. A new key sets its bits. A removed one leaves them set, as others may share them.
// 3. When as many keys were added as the table was made for, one of twice the keys that are there is begun. New keys go
//    to both; with each of them some of the index's keys are entered in the larger one, in ascending order. Once all
//    are, it takes the place of the smaller. So the bits of removed keys go, too, and no step is longer than another
//    but the one that gives a table's memory back to the system.
// 4. An adaptive filter begins without a table. Looks that find absent keys in the index are counted; once they are
//    dear enough, a table is begun as in 3, and filled beside further ones. Each look that it lets pass, and each new
//    key, then takes from a credit, each absent key that it tells adds to it; where nothing is left it is given back,
//    and counting begins anew. Whatever comes, it costs at most a few times what never or always having it would.
//
// Invariants
// 1. Every key of the index has its bits in `current`, where that is a table; without one every key passes. So no
//    absent answer is wrong.
// 2. While `next` is there, every key below `cursor` has its bits in it, too.
//
// Threads: as the store's own methods. Readers on other threads do not ask it.

/// A filter that tells most absent keys without the index; nothing while it has no table. A handle: whoever began it
/// ends it.
@usableFromInline
struct KeyFilter {
    /// The bits that are asked.
    @usableFromInline var current = Table.none
    @usableFromInline var next = Table.none
    /// The next key of the index to be entered in `next`.
    private var cursor = Int64.min
    /// Keys added to `current` and to `next`, those that were there before included.
    private var added = 0
    private var addedToNext = 0
    private var shape: KeyFilterShape?
    /// Whether it comes and goes by what is looked for.
    private var isAdaptive = false
    /// What it may still cost in vain, in looks, and what it may at most.
    @usableFromInline var credit = 0
    @usableFromInline var creditMax = 0
    /// Looks that found absent keys in the index since a table was last begun or given back.
    @usableFromInline var absentLooks = 0

    /// Keys of the index that are entered in a larger table with each new key: with 8, one that is made for twice the
    /// keys that are there is whole when an eighth more have come.
    private static let stepKeys = 64
    private static let addsBetweenSteps = 8
    /// The same for looks at absent keys: some 10 µs every 16 of them.
    private static let stepKeysOfLooks = 128
    @usableFromInline static var looksBetweenSteps: Int { 16 }
    /// A table is begun after so many looks at absent keys and three quarters as many as there are keys, and given back
    /// when it was asked in vain so many times more than it told a key: a key is entered in some 77 ns, and a look that
    /// the filter tells, or that it is asked for in vain, is 30 to 130 ns (table in AbsentKeys.md).
    private static let looksMin = 1 << 10
    private static let looksPerFourKeys = 3
    /// Looks that entering a new key costs as much as.
    private static let looksPerAdd = 2
    /// Tables are made for so many keys at least: 4,096, 6 KiB.
    private static let capacityMin = 1 << 12

    /// No filter: every key may be there.
    init() {}

    var isOn: Bool { shape != nil }
    /// Whether there is a table, asked or being filled, that new keys are added to.
    @inlinable var isKept: Bool { current.lines != nil || next.lines != nil }
    /// Bytes of its tables.
    var bytes: Int { current.bytes + next.bytes }

    /// Whether `key` may be in the index; false when it surely is not.
    @inlinable @inline(__always)
    func mayHold(_ key: Int64) -> Bool { current.mayHold(key) }

    /// The same for a look at `key`, of which the filter takes note: an adaptive one may be given back.
    @inlinable @inline(__always)
    mutating func lets(_ key: Int64) -> Bool {
        if current.lines == nil { return true }
        if current.mayHold(key) {
            credit &-= 1
            if credit < 0 { giveBack() }
            return true
        }
        credit = min(credit &+ 1, creditMax)
        return false
    }

    /// Turns it on for as long as it pays.
    mutating func adapt(_ shape: KeyFilterShape) {
        self.shape = shape
        isAdaptive = true
    }

    /// Begins a table, or fills more of it, where looks at absent keys have become dear.
    mutating func tend(_ index: borrowing AlexIndex) {
        guard isAdaptive, let shape, current.isNone else { return }
        if !next.isNone { return enterSome(index, Self.stepKeysOfLooks) }
        let price = Self.looksMin + index.count / 4 * Self.looksPerFourKeys
        if absentLooks < price { return }
        next = Table(shape, keys: max(2 * index.count, Self.capacityMin))
        (cursor, addedToNext) = (.min, 0)
        // Without memory it is tried again when as many looks have come.
        absentLooks = 0
        (credit, creditMax) = (price, price)
    }

    /// Gives the tables back.
    @usableFromInline @inline(never)
    mutating func giveBack() {
        current.release()
        next.release()
        (current, next, absentLooks) = (.none, .none, 0)
    }

    /// Turns it on, for the keys that are there. O(keys). Without memory it stays off.
    mutating func begin(_ shape: KeyFilterShape, _ index: borrowing AlexIndex) {
        self.shape = shape
        (credit, creditMax) = (Int.max / 2, Int.max / 2)
        current = Table(shape, keys: max(2 * index.count, Self.capacityMin))
        let table = current
        index.forEach(in: .min ... .max) { key, _ in
            table.add(key)
            return true
        }
        added = index.count
        if current.isNone { self.shape = nil }
    }

    /// Turns it off.
    mutating func end() {
        giveBack()
        shape = nil
    }

    /// Enters a key that the index did not have.
    mutating func add(_ key: Int64, _ index: borrowing AlexIndex) {
        guard let shape, isKept else { return }
        credit -= Self.looksPerAdd
        if credit < 0 { return giveBack() }
        current.add(key)
        added += 1
        if !next.isNone {
            next.add(key)
            addedToNext += 1
            if addedToNext % Self.addsBetweenSteps == 0 { enterSome(index, Self.stepKeys) }
        } else if added > current.capacity {
            // Without memory the one that is there gets fuller, and tells fewer keys.
            next = Table(shape, keys: max(2 * index.count, Self.capacityMin))
            (cursor, addedToNext) = (.min, 0)
        }
    }

    /// Enters some of the index's keys in the larger table, and lets it take over when it has all.
    private mutating func enterSome(_ index: borrowing AlexIndex, _ count: Int) {
        let table = next
        var (entered, last) = (0, cursor)
        var isWhole = true
        index.forEach(in: cursor ... .max) { key, _ in
            if entered == count {
                (isWhole, last) = (false, key)
                return false
            }
            table.add(key)
            entered += 1
            return true
        }
        cursor = last
        if !isWhole { return }
        current.release()
        (current, next) = (next, .none)
        added = index.count
    }
}

extension KeyFilter {
    /// Lines of 512 bits.
    @usableFromInline
    struct Table: BitwiseCopyable {
        /// `nil` for no table at all.
        @usableFromInline let lines: UnsafeMutablePointer<UInt64>?
        @usableFromInline let lineCount: UInt64
        @usableFromInline let probes: Int
        /// Keys that it is made for.
        let capacity: Int

        static var none: Table { Table() }

        private init() { (lines, lineCount, probes, capacity) = (nil, 0, 0, 0) }

        /// Zeros that the system gives when they are touched; `none` without memory. Not from the heap: that would keep
        /// what is given back, and clear all of it for the next table at once.
        init(_ shape: KeyFilterShape, keys: Int) {
            let count = max((keys * shape.bitsPerKey + 511) / 512, 1)
            lines = intrinsics_memory_reserve(count * 64)?.bindMemory(to: UInt64.self, capacity: count * 8)
            lineCount = lines == nil ? 0 : UInt64(count)
            probes = shape.probes
            capacity = keys
        }

        var isNone: Bool { lines == nil }
        var bytes: Int { Int(lineCount) * 64 }

        /// O(bytes) of the system's work.
        func release() {
            if let lines { intrinsics_memory_release(lines, bytes) }
        }

        /// Both words of a key's hash: the first chooses the line, nine bits each of the second its bits. The mixing is
        /// that of SplitMix64 (Steele et al., OOPSLA 2014).
        @inlinable @inline(__always)
        static func hash(_ key: Int64) -> (line: UInt64, bits: UInt64) {
            var word = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
            word ^= word &>> 31
            return (word, word &* 0xD6E8_FEB8_6659_FD93)
        }

        @inlinable @inline(__always)
        func mayHold(_ key: Int64) -> Bool {
            guard let lines else { return true }
            let hash = Self.hash(key)
            // Safe: the high word of a product with the count is below the count; a line has eight words.
            let line = lines + Int(truncatingIfNeeded: hash.line.multipliedFullWidth(by: lineCount).high) &* 8
            var bits = hash.bits
            for _ in 0..<probes {
                let word = line[Int(truncatingIfNeeded: bits &>> 61)]
                if (word &>> (bits &>> 55)) & 1 == 0 { return false }
                bits = bits &<< 9
            }
            return true
        }

        func add(_ key: Int64) {
            guard let lines else { return }
            let hash = Self.hash(key)
            // Safe: as in `mayHold`.
            let line = lines + Int(truncatingIfNeeded: hash.line.multipliedFullWidth(by: lineCount).high) &* 8
            var bits = hash.bits
            for _ in 0..<probes {
                line[Int(truncatingIfNeeded: bits &>> 61)] |= 1 &<< (bits &>> 55)
                bits = bits &<< 9
            }
        }
    }
}

extension AlexStore.State {
    /// A key has come into the index. Does nothing where no filter is.
    @inlinable @inline(__always)
    static func noteNew(_ key: Int64, in state: UnsafeMutablePointer<Self>) {
        if state.pointee.filter.isKept { addToFilter(key, in: state) }
    }

    /// A look has found in the index that its key is absent.
    @inlinable @inline(__always)
    static func noteAbsent(in state: UnsafeMutablePointer<Self>) {
        state.pointee.filter.absentLooks &+= 1
        if state.pointee.filter.absentLooks & (KeyFilter.looksBetweenSteps &- 1) == 0 { tendFilter(in: state) }
    }

    @usableFromInline @inline(never)
    static func tendFilter(in state: UnsafeMutablePointer<Self>) {
        // Walking an index that is being brought in would bring in all of it at once.
        if !state.pointee.index.isLate { state.pointee.filter.tend(state.pointee.index) }
    }

    @usableFromInline @inline(never)
    static func addToFilter(_ key: Int64, in state: UnsafeMutablePointer<Self>) {
        state.pointee.filter.add(key, state.pointee.index)
    }

    /// Forgets all keys: the store is closed.
    mutating func removeAll() {
        index.removeAll()
        filter.end()
    }
}
