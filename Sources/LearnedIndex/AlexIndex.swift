// An ALEX index: a tree whose nodes find their slots by a line fitted to their keys instead of by halving.
//
// Every node is a gapped array whose gaps hold copies of the entry before them (Node.swift). A lookup
//  1. starts at the root's model, held in the handle;
//  2. in an inner node: predicts a slot, corrects it by exact separators, and finds there the child's place and model;
//  3. in the data node: predicts a slot, and searches outward from it for the key.
// Lines only say where to look first; keys are compared exactly, so no rounding can lose one.
//
// Invariants:
//  1. all data nodes lie equally deep; an inner node's first separator equals its own in its parent, the root's is
//     Int64.min;
//  2. a child's keys are at or above its separator and below the next one;
//  3. no data node is empty, unless it is the root; no node exceeds its slots, so one insert moves and allocates a
//     bounded amount.
// Threads: one writer and nobody beside it, or any number of readers; reading writes nothing at all. Readers beside the
// writer go by way of `IndexReader` (Readers/), which the writer serves by its order of work
// (Readers/IndexHandle+Sharing).

/// An ordered map from `Int64` to `UInt64` that predicts where its keys are.
///
/// ```swift
/// var index = try AlexIndex()
/// try index.updateValue(7, forKey: 42)
/// index.value(forKey: 42)   // 7
/// ```
/// Every key and every value is legal. The index lives in memory alone. Writing needs exclusive access; readers may
/// run side by side. To read on other threads while one writes, take a `reader()` for them.
public struct AlexIndex: ~Copyable {
    /// A plain pointer to this index, for a class that must read without exclusivity checks. Valid while the index is.
    public let handle: IndexHandle

    /// An empty index. It asks for address space, which costs no memory until used. O(1): a few system calls, and
    /// scratch memory for one node of each kind.
    ///
    /// - Throws: `outOfMemory` when the system has no address space to give.
    public init(configuration: Configuration = Configuration()) throws(IndexError) {
        handle = try IndexHandle.make(configuration)
    }

    @usableFromInline
    init(adopting handle: IndexHandle) {
        self.handle = handle
    }

    deinit {
        handle.destroy()
    }

    /// Entries in the index. O(1).
    @inlinable
    public var count: Int { handle.count }

    /// The value of a key, or nil.
    ///
    /// O(height · log d), d being the distance between prediction and place in each node, at most 4 096 slots: one
    /// cache line a node where its model fits. Writes nothing.
    @inlinable
    public func value(forKey key: Int64) -> UInt64? { handle.value(forKey: key) }

    /// Inserts or overwrites; returns the value that was there.
    ///
    /// O(height · log d) to find the place, as `value(forKey:)`. Then it moves at most one data node's slots, or builds
    /// one data node anew, and one inner node a level when it splits: bounded by the sizes of nodes, not by `count`; a
    /// few slots on average (`Statistics.shifts`). A key beyond all others, where keys come in order, is O(1).
    ///
    /// - Throws: `outOfMemory`; then nothing has changed. Overwriting never throws.
    @discardableResult
    public mutating func updateValue(_ value: UInt64, forKey key: Int64) throws(IndexError) -> UInt64? {
        try handle.updateValue(value, forKey: key)
    }

    /// Makes room, so that the next `inserts` inserts will hardly throw, and the next one surely won't: for who must
    /// write elsewhere before entering a key here. The room is of addresses; memory comes as it is touched.
    ///
    /// O(1): a comparison when there is room, else one system call.
    ///
    /// - Throws: `outOfMemory`; then nothing has changed.
    @inlinable @inline(__always)
    public mutating func reserve(inserts: Int) throws(IndexError) {
        try handle.reserve(inserts: inserts)
    }

    /// Removes a key; returns the value that was there, or nil.
    ///
    /// O(height · log d) to find it, then the same bounds as for an insert: the slots of its entry become copies of a
    /// neighbour, or one data node is built smaller, or joined with a neighbour. Never throws: where there is no memory
    /// to build a smaller node, the old one stays.
    @discardableResult
    public mutating func removeValue(forKey key: Int64) -> UInt64? {
        handle.removeValue(forKey: key)
    }

    /// Removes everything and gives the memory back to the system. Counters of work done stay.
    ///
    /// O(1) and one system call for the whole range; with readers beside the writer O(nodes), and the memory is reused
    /// when they have left, not given back.
    public mutating func removeAll() {
        handle.removeAll()
    }
}
