import LearnedIndex
import Synchronization

// Stable read views beside a running writer. While no snapshot is open, nothing here is touched but a flag that a write
// looks at. Otherwise
//  1. opening a snapshot appends a view to a chain, oldest first, or joins the newest one if nothing has changed since
//     that was made: O(1);
//  2. before a key changes for the first time since the newest view was made, the writer keeps its old place, or that
//     it had none, in that view's overlay; then it changes the index;
//  3. a read of a snapshot asks the index first, then its own view's overlay, then those of the newer ones: the first
//     that knows the key is right, and where none does, the index was;
//  4. compaction's moves are no change of what a key means; segments that it replaces stay mapped while a snapshot is
//     open that is not younger than that;
//  5. when a view's last snapshot has ended, the writer moves its entries to the view before it, 64 with each write,
//     where older ones win, and takes it out of the chain; of the oldest view it just takes them away.
//
// Why 3 is right. Say the index gave p for key k at time t. If k had changed between the snapshot and t, then by 2 the
// place that it had first was kept before the first of those changes, in the view that was the newest then, and a
// reader who sees what was written last sees that, too. If it changes only after t, p is right, and so is what is kept
// meanwhile: p. The first view that has k has it from k's first change since the snapshot: older views of the chain are
// searched first, each key is kept once for each view, and 5 never lets a newer entry stand before an older one.
// A view taken out of the chain while a reader walks along it: a reader takes a view's successor before it searches the
// view. So it either goes on to the one that was taken out, which stays as it was until the reader's epoch has passed,
// or it searches the one before after all entries had been moved there.
//
// Invariants
//  1. The oldest view of the chain has an open snapshot, after `tidy`; the chain is empty when there is none.
//  2. Of a key's entries in the chain, those of older views are older.
//  3. A view that ended gets no entries any more; its entries go to the view before it only.
// Threads: the writer alone, but for reads (SnapshotView, StoreSnapshot) and `end`.

/// The views of a store's snapshots.
final class SnapshotViews: @unchecked Sendable {
    // Safe to share: `ended` is atomic, all else is the writer's.
    private var views: [Entry] = []
    private var limbo = Limbo<SnapshotView>()
    private var lastNumber: UInt64 = 0
    /// Snapshots that have ended, and how many of them the writer has heard of.
    private let ended = Atomic<UInt64>(0)
    private var endedSeen: UInt64 = 0

    private struct Entry {
        let view: SnapshotView
        /// Whether its entries are on their way to the view before it, and the key to go on from.
        var hasEnded = false
        var cursor = Int64.min
    }

    /// Entries moved with each write: some 10 µs at the most.
    private static let movesMax = 64

    deinit {
        for entry in views { entry.view.release() }
        for view in limbo.items { view.release() }
        limbo.release()
    }

    /// Whether nothing must be kept.
    var isEmpty: Bool { views.isEmpty }

    /// The view of the present state, with one snapshot more.
    ///
    /// - Throws: `outOfMemory`.
    func open(_ epochs: EpochRegistry) throws(IndexError) -> SnapshotView {
        tidy(epochs)
        if let last = views.last, !last.hasEnded, last.view.overlay == nil, !last.view.isLost {
            last.view.addSnapshot()
            return last.view
        }
        let view = try SnapshotView.make(number: lastNumber + 1)
        lastNumber += 1
        views.last?.view.setNext(view)
        views.append(Entry(view: view))
        return view
    }

    /// Ends a snapshot. Any thread.
    func end(_ view: SnapshotView) {
        view.endSnapshot()
        ended.add(1, ordering: .releasing)
    }

    /// Keeps what `key` leads to now, which is about to change. Returns whether there is an open snapshot.
    func keep(_ key: Int64, of index: borrowing AlexIndex) -> Bool {
        if ended.load(ordering: .acquiring) != endedSeen { tidy(index.epochs) }
        moveSome(index.epochs)
        guard let newest = views.lastIndex(where: { !$0.hasEnded }) else { return false }
        // Entries of ended views behind it are on their way to it.
        for entry in views[newest...] where entry.view.keeps(key) { return true }
        views[newest].view.keep(index.value(forKey: key) ?? SnapshotView.absent, forKey: key)
        return true
    }

    /// The number of the newest view that may be read, 0 if there is none.
    var newest: UInt64 { views.last?.view.number ?? 0 }

    /// The number of the oldest view that may be read, `UInt64.max` if there is none.
    func oldest(_ epochs: EpochRegistry) -> UInt64 {
        tidy(epochs)
        return views.first?.view.number ?? .max
    }

    /// How many views there are, those on their way out included; for tests.
    var count: Int { views.count }

    // MARK: What has ended

    /// Notices what has ended, and takes the oldest away.
    private func tidy(_ epochs: EpochRegistry) {
        endedSeen = ended.load(ordering: .acquiring)
        for at in views.indices where !views[at].hasEnded && views[at].view.snapshots == 0 {
            views[at].hasEnded = true
        }
        while let first = views.first, first.hasEnded {
            views.removeFirst()
            limbo.retire(first.view)
        }
        reclaim(epochs)
    }

    /// Moves entries of the first view that has ended to the one before it.
    private func moveSome(_ epochs: EpochRegistry) {
        guard let at = views.firstIndex(where: \.hasEnded), at > 0 else { return }
        let (target, source) = (views[at - 1].view, views[at].view)
        // Where entries are missing, those that are there prove nothing.
        if source.isLost { target.setLost() }
        if !target.isLost, let overlay = source.overlay {
            var (count, next) = (0, Int64?.none)
            overlay.pointee.index.forEach(in: views[at].cursor ... .max) { key, place in
                if count == Self.movesMax {
                    next = key
                    return false
                }
                if !target.keeps(key) { target.keep(place, forKey: key) }
                count += 1
                return true
            }
            if let next {
                views[at].cursor = next
                return
            }
        }
        target.setNext(source.next)
        views.remove(at: at)
        limbo.retire(source)
        reclaim(epochs)
    }

    /// Frees what no reader can hold.
    private func reclaim(_ epochs: EpochRegistry) {
        if limbo.isOpen { limbo.seal(epochs.advance()) }
        if limbo.count > 0 { limbo.reclaim(below: epochs.oldestPinned) { $0.release() } }
    }
}

extension AlexStore.State {
    /// Enters a record's place. Every change of what a key leads to comes this way or by `forget`, so that snapshots
    /// hear of it first; compaction's moves, which change nothing for them, go to the index.
    ///
    /// - Returns: The place that it takes the place of.
    @inlinable @inline(__always) @discardableResult
    mutating func change(_ key: Int64, to place: UInt64) throws(IndexError) -> UInt64? {
        if isWatched { keepForSnapshots(key) }
        return try index.updateValue(place, forKey: key)
    }

    /// Takes a key out: see `change`.
    ///
    /// - Returns: The place that it led to.
    @inlinable @inline(__always) @discardableResult
    mutating func forget(_ key: Int64) -> UInt64? {
        if isWatched { keepForSnapshots(key) }
        return index.removeValue(forKey: key)
    }

    @usableFromInline @inline(never)
    mutating func keepForSnapshots(_ key: Int64) {
        isWatched = views.keep(key, of: index)
    }

    /// Who may still find the way to something that was taken out of the index by now.
    func holdOnTaken() -> SegmentHold { SegmentHold(epoch: index.epochs.advance(), snapshot: views.newest) }

    /// The oldest of those who read now.
    func reach() -> SegmentHold { SegmentHold(epoch: index.epochs.oldestPinned, snapshot: views.oldest(index.epochs)) }
}
