import CIntrinsics

/// A plain pointer to an index: copies cost nothing, and reading through one pays no exclusivity check.
///
/// Valid while the `AlexIndex` it came from lives. Readers and a writer must be kept apart by the caller; readers
/// beside a writer take `IndexReader`.
public struct IndexHandle: @unchecked Sendable {
    @usableFromInline let state: UnsafeMutablePointer<IndexState>

    @usableFromInline
    init(state: UnsafeMutablePointer<IndexState>) {
        self.state = state
    }

    /// An empty index; whoever makes it destroys it. Memory for `count` entries of a load is touched at once, the page
    /// of its empty root included.
    @usableFromInline
    static func make(
        _ configuration: AlexIndex.Configuration, toLoad count: Int = 0
    ) throws(IndexError) -> IndexHandle {
        let bounded = configuration.bounded
        let shared = try SharedRoot.make()
        let epochs: EpochRegistry
        let arena: Arena
        do {
            epochs = try EpochRegistry.make()
        } catch {
            shared.release()
            throw error
        }
        do {
            arena = try Arena(reservedBytes: bounded.reservedBytes, bytesMax: bounded.bytesMax)
        } catch {
            shared.release()
            epochs.release()
            throw error
        }
        let state = UnsafeMutablePointer<IndexState>.allocate(capacity: 1)
        state.initialize(to: IndexState(bounded, arena, shared, epochs))
        let handle = IndexHandle(state: state)
        if count > 0 { handle.populate(entries: count) }
        handle.makeEmptyRoot()
        return handle
    }

    /// Has the system back the memory of so many entries of a load in one call.
    func populate(entries count: Int) {
        let (bytes, isHuge) = count.multipliedReportingOverflow(by: Tuning.bytesPerKeyLoaded)
        state.pointee.arena.populate(bytes: isHuge ? .max : bytes)
    }

    /// What the index and each of its readers do last; the last of them frees all.
    @usableFromInline
    func destroy() {
        // Safe: one subtracted for each that was added, so that nobody comes after the last.
        if intrinsics_add(state.pointee.shared.owners, ~0) > 1 { return }
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Entries in the index.
    @inlinable
    public var count: Int { state.pointee.count }

    /// The value of a key, or nil. Reads one line of each inner node and of the data node where the models fit;
    /// writes nothing, takes no lock.
    @inlinable
    public func value(forKey key: Int64) -> UInt64? {
        if let value = find(key) { return value }
        return state.pointee.isLate ? lateValue(forKey: key) : nil
    }

    /// The value of a key among the nodes that are there.
    @inlinable @inline(__always)
    func find(_ key: Int64) -> UInt64? {
        if key == .max || key == .min { return valueByBounds(forKey: key) }
        let base = state.pointee.base
        var place = state.pointee.root
        var height = state.pointee.height
        while height > 0 {
            place = child(of: place, base, forKey: key)
            height &-= 1
        }
        return value(in: place, base, forKey: key)
    }

    @inlinable @inline(__always)
    static func slots<Slot>(
        of child: Child, _ base: UnsafeMutableRawPointer, _: Slot.Type
    ) -> UnsafeMutablePointer<Slot> {
        // Safe: a child's reference is the place of its header, 64 bytes before its slots.
        (base + (Int(child.reference) &* 64 &+ 64)).assumingMemoryBound(to: Slot.self)
    }

    /// The same answer by way of the headers.
    @usableFromInline
    func valueByBounds(forKey key: Int64) -> UInt64? {
        let place = locate(key)
        let node = dataNode(place.child)
        let at = node.upperBound(of: key, near: place.predicted)
        return at > node.start && node.slots[at - 1].key == key ? node.slots[at - 1].value : nil
    }
}

// MARK: - Finding a data node

/// A data node, and the keys that belong to it: from its separator up to, not including, the next one's.
@usableFromInline
struct DataPlace {
    @usableFromInline var child: Child
    @usableFromInline var predicted: Int
    @usableFromInline var separator: Int64
    @usableFromInline var separatorBehind: Int64?
}

extension IndexHandle {
    @inlinable @inline(__always)
    func header(_ reference: Int) -> UnsafeMutablePointer<NodeHeader> {
        // Safe: references come from the arena, which gives none outside its range.
        (state.pointee.base + reference &* 64).assumingMemoryBound(to: NodeHeader.self)
    }

    @inlinable @inline(__always)
    func dataNode(_ child: Child) -> Node<Pair> { Node(header(Int(child.reference))) }

    @inlinable @inline(__always)
    func innerNode(_ child: Child) -> Node<Child> { Node(header(Int(child.reference))) }

    /// The data node that `key` belongs to.
    @usableFromInline
    func locate(_ key: Int64) -> DataPlace {
        var place = DataPlace(child: state.pointee.root, predicted: 0, separator: .min, separatorBehind: nil)
        for _ in 0..<state.pointee.height {
            let node = innerNode(place.child)
            let near = place.child.model.predictPosition(of: key, capacity: node.capacity)
            let slot = max(node.start, node.upperBound(of: key, near: near) - 1)
            let behind = node.next(after: slot)
            if behind < node.end { place.separatorBehind = node.slots[behind].key }
            place.child = node.slots[slot]
            place.separator = place.child.key
        }
        place.predicted = place.child.model.predictPosition(of: key, capacity: place.child.capacity)
        return place
    }
}
