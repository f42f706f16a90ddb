/// What was taken away and waits until no reader can hold it, in the order in which it was taken.
///
/// `retire` whatever no way leads to, or will lead to at the end of the change under way; `seal` when the change is
/// whole; `reclaim` from time to time. A plain value so that its owner's accessors stay simple; the owner calls
/// `release()` once. Threads: one at a time.
package struct Limbo<Item: BitwiseCopyable> {
    private struct Entry {
        var stamp: UInt64
        var item: Item
    }

    /// A ring: entries `head ..< head + count`, modulo the capacity, a power of two.
    private var entries: UnsafeMutablePointer<Entry>?
    private var capacity = 0
    private var head = 0
    package private(set) var count = 0
    /// Entries at the end that are not sealed.
    private var open = 0

    package init() {}

    /// Frees its memory; items still in it are forgotten.
    package func release() { entries?.deallocate() }

    /// Whether something was retired since the last `seal`.
    package var isOpen: Bool { open > 0 }

    package mutating func retire(_ item: Item) {
        if count == capacity { grow() }
        write(Entry(stamp: .max, item: item), at: count)
        count += 1
        open += 1
    }

    /// Stamps all that was retired since the last time: no reader that enters in a later epoch can hold it.
    package mutating func seal(_ stamp: UInt64) {
        for place in (count - open)..<count {
            var entry = read(place)
            entry.stamp = stamp
            write(entry, at: place)
        }
        open = 0
    }

    /// Hands out, and forgets, all that has a stamp below `oldestPinned`.
    package mutating func reclaim(below oldestPinned: UInt64, _ body: (Item) -> Void) {
        while count > open, read(0).stamp < oldestPinned {
            let item = read(0).item
            head = (head + 1) & (capacity - 1)
            count -= 1
            body(item)
        }
    }

    /// All that is in it, oldest first.
    package var items: [Item] { (0..<count).map { read($0).item } }

    private func read(_ place: Int) -> Entry {
        // Safe: callers pass places below the count, and then there is a ring.
        entries.unsafelyUnwrapped[(head + place) & (capacity - 1)]
    }

    private func write(_ entry: Entry, at place: Int) {
        // Safe: callers pass places below the capacity, and then there is a ring.
        (entries.unsafelyUnwrapped + (head + place) & (capacity - 1)).initialize(to: entry)
    }

    private mutating func grow() {
        let larger = max(16, capacity * 2)
        let moved = UnsafeMutablePointer<Entry>.allocate(capacity: larger)
        for place in 0..<count { (moved + place).initialize(to: read(place)) }
        entries?.deallocate()
        (entries, capacity, head) = (moved, larger, 0)
    }
}
