import CIntrinsics

// Who is reading, so that memory is given back only when nobody can hold it. Steps:
//  1. a reader enters: it writes the current epoch into a free slot, then looks for what it wants to read;
//  2. the writer takes something away: first no way leads to it any more, then the epoch advances; what was taken away
//     is stamped with the epoch that ended;
//  3. it is given back once every pinned epoch is above its stamp;
//  4. the reader leaves: its slot is free again.
//
// Why it is right: between a reader's store (1) and its first look stands a full fence, and one between the writer's
// taking away (2) and its look at the slots (3). So either the writer sees the pin, or the reader no longer finds what
// was taken away. A pin with an epoch above a stamp read that epoch after the way was gone.
//
// Invariants:
//  1. the epoch never falls and is never 0; a slot holds 0 or an epoch that was current at its reader's entry, or
//     lower;
//  2. a slot belongs to who changed it from 0, until he makes it 0 again;
//  3. the overflow slot holds a count and an epoch that is not above any of those that it counts.
// Threads: any number may enter and leave, and any may advance. Nobody ever waits.

/// The readers of an index that are under way, and the epoch; a plain pointer, valid while the `AlexIndex` or one of
/// its `IndexReader`s lives.
///
/// An engine over the index uses the same epochs to keep what the index's values lead to: readers enter once, look up
/// and follow the value; who takes something away calls `advance()` afterwards, and frees it as soon as
/// `oldestPinned` is above the result.
public struct EpochRegistry: @unchecked Sendable {
    /// Line 0: the epoch. Lines 1 to 126: a slot each. Line 127: the overflow slot. Lines of 64 bytes.
    @usableFromInline let lines: UnsafeMutableRawPointer

    /// Readers that can be pinned at once, each with a slot of its own; more of them share one.
    public static let slotCount = 126

    @usableFromInline static var lineBytes: Int { 64 }
    @usableFromInline static var overflow: Int { 127 }

    /// A registry without readers. Released once, by who made it.
    ///
    /// - Throws: `outOfMemory`.
    static func make() throws(IndexError) -> EpochRegistry {
        let bytes = 128 * lineBytes
        guard let lines = intrinsics_lines_allocate(UInt(bytes)) else { throw .outOfMemory(bytes: bytes) }
        intrinsics_store_relaxed(lines, 1)
        return EpochRegistry(lines: lines)
    }

    init(lines: UnsafeMutableRawPointer) {
        self.lines = lines
    }

    func release() { intrinsics_lines_release(lines) }

    @inlinable @inline(__always)
    func slot(_ number: Int) -> UnsafeMutableRawPointer {
        // Safe: callers pass numbers of slots, 1 to 127.
        lines + number &* EpochRegistry.lineBytes
    }

    // MARK: - Readers

    /// Begins a read: nothing that a reader finds from now on is given back before `leave`. O(1), one exchange of a
    /// word, 6 ns with `leave` when the slot's line is this processor's; where that slot is taken it looks for another,
    /// at most 126. Never waits.
    ///
    /// - Parameter home: Any number. Readers with different ones, up to `slotCount`, do not disturb each other.
    @inlinable @inline(__always)
    public func enter(home: Int) -> EpochPin {
        let number = Int(truncatingIfNeeded: UInt(bitPattern: home) % UInt(EpochRegistry.slotCount)) &+ 1
        if intrinsics_exchange_if(slot(number), 0, intrinsics_load_acquire(lines)) { return EpochPin(slot: number) }
        return enterElsewhere(number)
    }

    /// Ends a read. A pin is left once. O(1), one store.
    @inlinable @inline(__always)
    public func leave(_ pin: EpochPin) {
        if pin.slot == EpochRegistry.overflow { return leaveOverflow() }
        intrinsics_store_release(slot(pin.slot), 0)
    }

    @usableFromInline @inline(never)
    func enterElsewhere(_ taken: Int) -> EpochPin {
        for step in 1..<EpochRegistry.slotCount {
            let number = (taken - 1 + step) % EpochRegistry.slotCount + 1
            if intrinsics_load_relaxed(slot(number)) != 0 { continue }
            if intrinsics_exchange_if(slot(number), 0, intrinsics_load_acquire(lines)) { return EpochPin(slot: number) }
        }
        enterOverflow()
        return EpochPin(slot: EpochRegistry.overflow)
    }

    // The overflow slot: a count in the upper 16 bits, an epoch in the lower 48. The epoch of the first reader stays
    // until the last has left, which keeps more than it must, never less.
    private static let one: UInt64 = 1 << 48

    private func enterOverflow() {
        let word = slot(EpochRegistry.overflow)
        while true {
            let held = intrinsics_load_relaxed(word)
            let epoch = intrinsics_load_acquire(lines)
            let next = held == 0 ? EpochRegistry.one | epoch : held &+ EpochRegistry.one
            if intrinsics_exchange_if(word, held, next) { return }
        }
    }

    @usableFromInline @inline(never)
    func leaveOverflow() {
        let word = slot(EpochRegistry.overflow)
        while true {
            let held = intrinsics_load_relaxed(word)
            let rest = held &- EpochRegistry.one
            if intrinsics_exchange_if(word, held, rest < EpochRegistry.one ? 0 : rest) { return }
        }
    }

    // MARK: - Who takes things away

    /// The current epoch.
    public var epoch: UInt64 { intrinsics_load_acquire(lines) }

    /// Begins a new epoch and returns the one that ended: the stamp of all that was taken away before the call. O(1),
    /// one addition in shared memory.
    @discardableResult
    public func advance() -> UInt64 { intrinsics_add(lines, 1) }

    /// The lowest epoch that a reader under way entered in, or `UInt64.max` if there is none: what has a lower stamp
    /// can be given back. Looks at all slots: O(126), up to some µs where their lines are in other processors' caches.
    public var oldestPinned: UInt64 {
        intrinsics_fence_full()
        var oldest = UInt64.max
        for number in 1...EpochRegistry.slotCount {
            let held = intrinsics_load_acquire(slot(number))
            if held != 0 && held < oldest { oldest = held }
        }
        let shared = intrinsics_load_acquire(slot(EpochRegistry.overflow))
        if shared != 0 { oldest = min(oldest, shared & (EpochRegistry.one - 1)) }
        return oldest
    }
}

/// A read that is under way; given back with `EpochRegistry.leave`, once.
public struct EpochPin: Sendable, BitwiseCopyable {
    @usableFromInline let slot: Int

    @inlinable @inline(__always)
    init(slot: Int) {
        self.slot = slot
    }
}
