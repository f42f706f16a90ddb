import CIntrinsics
import StorageIO

// Two doors before which threads wait for groups of commits, those of odd numbers and those of even ones apart, without
// the lock: whom a door lets through learns from `durableSequence` whether its commit is durable, and is done.
//
// 1. Under the lock a thread takes a ticket, which is what the door's word says; then it gives up the lock and waits as
//    long as the word says so: futex(2), FUTEX_WAIT.
// 2. Whoever has made a group durable changes the words of both doors under the lock, gives it up, and only then wakes:
//    all before the group's own door, and one before the other, to lead the next group.
//
// Invariants
// 1. A word is changed before anybody is woken, so that none who holds an older ticket falls asleep afterwards.
// 2. A woken thread looks again at what it waits for: it may be woken for others' sake, and for none.
// 3. Every change of a word is followed by its waking: one woken in place of another is followed by the other.

/// Where threads wait for their commits.
final class CommitDoors: @unchecked Sendable {
    // Safe to share: the words are read and changed by atomic instructions; `waiting` is touched under the lock alone.
    private let words: UnsafeMutableRawPointer
    /// Who took a ticket of a door since all of its were woken last: no fewer than wait there.
    private var waiting = (0, 0)

    /// The last sequence number that is durable stands behind the doors' words, each on a line of its own.
    private static let lineBytes = 64
    private static let durableOffset = 2 * lineBytes

    init(durableSequence: UInt64) {
        words = .allocate(byteCount: 3 * Self.lineBytes, alignment: Self.lineBytes)
        words.initializeMemory(as: UInt8.self, repeating: 0, count: 3 * Self.lineBytes)
        self.durableSequence = durableSequence
    }

    deinit { words.deallocate() }

    private func word(_ door: Int) -> WaitWord {
        // Safe: there are two doors, and their words are aligned.
        WaitWord((words + (door & 1) * Self.lineBytes).assumingMemoryBound(to: UInt32.self))
    }

    /// Commits up to this one are durable and shown. Read without the lock, set with it.
    var durableSequence: UInt64 {
        // Safe: the word is aligned and lies in the memory.
        get { intrinsics_load_acquire(words + Self.durableOffset) }
        set { intrinsics_store_release(words + Self.durableOffset, newValue) }
    }

    /// With the lock held: what `wait` needs.
    func ticket(before door: Int) -> UInt32 {
        if door & 1 == 0 { waiting.0 += 1 } else { waiting.1 += 1 }
        return word(door).value
    }

    /// Without the lock: returns once the door was opened after the ticket was taken, or earlier.
    func wait(before door: Int, _ ticket: UInt32) { word(door).wait(while: ticket) }

    /// With the lock held: opens a door for all who wait before it.
    /// - Returns: Whether anybody may have to be woken, by `wakeAll`.
    func open(_ door: Int) -> Bool {
        word(door).change()
        defer { if door & 1 == 0 { waiting.0 = 0 } else { waiting.1 = 0 } }
        return (door & 1 == 0 ? waiting.0 : waiting.1) > 0
    }

    /// With the lock held: opens a door for one of those who wait before it, the others stay.
    /// - Returns: Whether anybody may have to be woken, by `wakeOne`.
    func openForOne(_ door: Int) -> Bool {
        guard (door & 1 == 0 ? waiting.0 : waiting.1) > 0 else { return false }
        word(door).change()
        return true
    }

    func wakeAll(_ door: Int) { word(door).wakeAll() }
    func wakeOne(_ door: Int) { word(door).wakeOne() }

    /// Has everyone look again at what they wait for. With the lock held.
    func openAll() {
        for door in 0...1 {
            _ = open(door)
            wakeAll(door)
        }
    }
}
