import CStorageIO

/// A word on which threads wait for one another: futex(2). The memory is the caller's, 4 bytes at a multiple of 4, and
/// 0 at first.
public struct WaitWord: @unchecked Sendable {
    // Safe to share: the word is read and changed by atomic instructions and system calls alone.
    private let word: UnsafeMutablePointer<UInt32>

    public init(_ word: UnsafeMutablePointer<UInt32>) { self.word = word }

    /// What it says now: what `wait(while:)` needs.
    public var value: UInt32 { storage_io_word(word) }

    /// Makes it say something else: whoever was told its value before no longer falls asleep on it.
    public func change() { storage_io_change_word(word) }

    /// Sleeps as long as the word says `value`. May return earlier: the caller looks again at what it waits for.
    public func wait(while value: UInt32) { storage_io_wait_while(word, value) }

    /// Wakes all who sleep on it. One system call, whether or not anybody sleeps.
    public func wakeAll() { storage_io_wake(word, .max) }

    /// Wakes one of those who sleep on it.
    public func wakeOne() { storage_io_wake(word, 1) }
}
