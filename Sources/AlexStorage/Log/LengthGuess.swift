public import CIntrinsics

/// The length that the last value had, as a guess of the next one's.
///
/// A read has to know a value's length before it can check the bytes, and the length comes with them, out of memory.
/// Whatever asks for it (the loops of a checksum, those of whoever gets the value) waits, and a processor has room for
/// few instructions that wait: it fills up with those of one read, and does not get as far as the next one's addresses.
/// With a guess only one comparison waits. Where lengths change from read to read the guess is wrong, which costs one
/// branch foretold wrongly, as the loops would have.
///
/// Thread rule: any number of threads, each word being loaded and stored whole; what one of them reads of another's is
/// a guess like any other. A line of its own, so that nobody waits for a line that others write.
@usableFromInline
struct LengthGuess: @unchecked Sendable, BitwiseCopyable {
    // Safe to share: one word, loaded and stored by atomic instructions.
    @usableFromInline let word: UnsafeMutableRawPointer

    /// A guess of 0. Ended with `release`, once.
    init() {
        word = .allocate(byteCount: 64, alignment: 64)
        word.storeBytes(of: 0, as: UInt64.self)
    }

    func release() { word.deallocate() }

    /// `valueBytes`, known before it has come out of memory if the guess is right; notes it if it is not.
    @inlinable @inline(__always)
    func settle(_ valueBytes: Int) -> Int {
        let guess = intrinsics_load_relaxed(word)
        // Hidden before the comparison: what the compiler knows to be equal, it takes one for the other.
        let settled = Int(truncatingIfNeeded: intrinsics_unknown(guess))
        if guess == UInt64(truncatingIfNeeded: valueBytes) { return settled }
        intrinsics_store_relaxed(word, UInt64(truncatingIfNeeded: valueBytes))
        return valueBytes
    }
}
