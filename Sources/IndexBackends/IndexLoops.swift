import CIntrinsics
import Glibc
import StorageBackends

/// An index as the loops below see it: plain calls that the compiler inlines for each concrete type.
protocol LoopedMap {
    func value(forKey key: Int64) -> UInt64?
    /// Calls `body` with each pair from `key` up until it returns false.
    func forEach(from key: Int64, _ body: (Int64, UInt64) -> Bool)
}

/// The measured loops in Swift. They are generic functions, called with a concrete type and so specialised for it; a
/// generic class would run them through tables instead.
enum IndexLoops {
    @inline(__always)
    static func lookUp(_ map: some LoopedMap, _ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        for key in keys {
            guard let value = map.value(forKey: key) else { continue }
            tally.hits &+= 1
            if value != IndexPayload.value(of: key) { tally.wrong &+= 1 }
            tally.checksum &+= value
        }
        return tally
    }

    /// A value that was found is what the next key is computed from. An absent key has none, and a zero in its place
    /// would be known as soon as the branch is guessed: there the processor is made to end the lookup first.
    @inline(__always)
    static func lookUpDependent(_ map: some LoopedMap, _ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        var last: UInt64 = 0
        for plain in keys {
            let key = plain &+ Int64(bitPattern: intrinsics_opaque_zero(last))
            guard let value = map.value(forKey: key) else {
                intrinsics_finish_all()
                continue
            }
            last = value
            tally.hits &+= 1
            if value != IndexPayload.value(of: key) { tally.wrong &+= 1 }
            tally.checksum &+= value
        }
        return tally
    }

    @inline(__always)
    static func scan(_ map: some LoopedMap, from keys: IndexKeys, length: Int) -> IndexTally {
        var tally = IndexTally()
        guard length > 0 else { return tally }
        for first in keys {
            var rest = length
            var previous = first
            map.forEach(from: first) { key, value in
                tally.pairs &+= 1
                if key < previous || value != IndexPayload.value(of: key) { tally.wrong &+= 1 }
                tally.checksum &+= value
                previous = key
                rest &-= 1
                return rest > 0
            }
        }
        return tally
    }

    @inline(__always)
    static func walk(_ map: some LoopedMap) -> IndexTally {
        var tally = IndexTally()
        var previous = Int64.min
        map.forEach(from: .min) { key, value in
            if tally.pairs > 0, key <= previous { tally.wrong &+= 1 }
            if value != IndexPayload.value(of: key) { tally.wrong &+= 1 }
            tally.pairs &+= 1
            tally.checksum &+= value
            previous = key
            return true
        }
        return tally
    }

    /// Processor time of this thread (CLOCK_THREAD_CPUTIME_ID of clock_gettime(2)), ns.
    @inline(__always)
    static func threadNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }
}
