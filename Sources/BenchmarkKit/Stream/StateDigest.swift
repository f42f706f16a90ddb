/// A digest of a set of pairs that does not depend on their order: two sums of 64 bits over a hash of each pair.
///
/// The hash folds key, length and every eight bytes of the value through a full-width multiplication, so that each
/// changed, missing, doubled or foreign pair changes the sums but for one chance in about 2^64.
struct StateDigest: Sendable, Hashable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private(set) var pairs: UInt64 = 0

    mutating func add(_ key: Int64, _ value: UnsafeRawBufferPointer) {
        let hash = Self.hash(key, value)
        first &+= hash
        second &+= SplitMix.mix(hash)
        pairs &+= 1
    }

    mutating func subtract(_ key: Int64, _ value: UnsafeRawBufferPointer) {
        let hash = Self.hash(key, value)
        first &-= hash
        second &-= SplitMix.mix(hash)
        pairs &-= 1
    }

    /// Adds the pairs of another digest: the sum over shards is the digest of the whole.
    mutating func add(_ other: StateDigest) {
        first &+= other.first
        second &+= other.second
        pairs &+= other.pairs
    }

    /// The two sums.
    var words: [UInt64] { [first, second] }

    /// 32 hexadecimal digits.
    var text: String { hexadecimal(first) + hexadecimal(second) }

    static func hash(_ key: Int64, _ value: UnsafeRawBufferPointer) -> UInt64 {
        var state = fold(UInt64(bitPattern: key), UInt64(value.count) ^ 0xA076_1D64_78BD_642F)
        var offset = 0
        while offset &+ 8 <= value.count {
            // Safe: offset + 8 is within the value.
            state = fold(state, value.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var tail: UInt64 = 0
        while offset < value.count {
            tail = tail << 8 | UInt64(value[offset])
            offset &+= 1
        }
        return SplitMix.mix(fold(state, tail))
    }

    private static func fold(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: (word ^ 0x8EBC_6AF0_9C88_C6E3) | 1)
        // The word itself is added, for the product forgets a factor's lowest bit.
        return product.high ^ product.low &+ word
    }
}

/// 16 digits.
func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
