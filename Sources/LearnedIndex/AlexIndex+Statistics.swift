extension AlexIndex {
    /// Counts of an index's nodes and of the work its writer has done.
    public struct Statistics: Sendable, Equatable {
        /// Entries.
        public var count = 0
        /// Data nodes, which hold the entries.
        public var dataNodes = 0
        /// Inner nodes, which lead to them.
        public var innerNodes = 0
        /// Nodes on the way to an entry, the data node included.
        public var depth = 0
        /// Slots of all data nodes; entries per slot is the density.
        public var dataSlots = 0
        /// Bytes of blocks that hold nodes.
        public var nodeBytes = 0
        /// Bytes of address space in use: nodes and the free blocks between them.
        public var arenaBytes = 0
        /// Bytes from the arena's begin for which huge pages were asked of the system.
        public var hugePageBytes = 0
        /// Distance in slots between where an entry is predicted and its nearest copy: mean over all entries.
        public var predictionErrorMean = 0.0
        /// The largest such distance.
        public var predictionErrorMax = 0
        /// The same for children in their inner nodes: mean over all children.
        public var routingErrorMean = 0.0
        /// Slots moved by inserts so far, and by the worst one.
        public var shifts = 0
        /// Slots moved by the worst insert.
        public var shiftsMax = 0
        /// Slots written by the worst removal that built no node: those of its entry, which become copies of a
        /// neighbour.
        public var removalShiftsMax = 0
        /// Entries laid out in nodes built so far, by a load, an insert, a batch or a removal: the same entry once for
        /// each build.
        public var builtEntries = 0
        /// Entries that a line was looked for, once for each attempt at all entries of a node: looks at a sample of
        /// them, which come before, are not counted.
        public var fittedEntries = 0
        /// Bytes of blocks allocated by the worst change, which is one insert, one removal, or what one data node gains
        /// from a batch: new data nodes, inner nodes that grew or split for them, and nodes moved to close gaps. A bulk
        /// load is not counted.
        public var allocatedBytesMax = 0
        /// Data nodes gained by splitting.
        public var splits = 0
        /// Inner nodes gained by splitting.
        public var innerSplits = 0
        /// Data nodes built anew to make room.
        public var expansions = 0
        /// Data nodes built anew because their gaps lay wrong, or because they had lost entries.
        public var retrains = 0
        /// Pairs of data nodes joined.
        public var merges = 0
        /// Nodes moved into gaps of the arena.
        public var moves = 0
        /// Inserts of a key above or below all others that took the short way, into an open node at that end.
        public var edgeInserts = 0

        /// Replaced nodes that are kept because a reader beside the writer may hold them, or may have when last looked.
        public var limboNodes = 0
        /// Bytes of their blocks.
        public var limboBytes = 0
        /// Ways to a node that were replaced by copies for the sake of a reader that was stuck there.
        public var pathCopies = 0

        /// Bytes of address space in use for each entry.
        public var bytesPerKey: Double { Double(arenaBytes) / Double(max(count, 1)) }
    }

    /// Replaced nodes that are kept for the sake of readers beside the writer. O(1).
    public var limboNodes: Int { handle.state.pointee.limbo.count }

    /// Walks the whole index. O(count).
    public var statistics: Statistics {
        handle.complete()
        var result = Statistics()
        result.count = count
        result.depth = handle.state.pointee.height + 1
        result.arenaBytes = handle.state.pointee.arena.touchedBytes
        result.hugePageBytes = handle.state.pointee.arena.advisedBytes
        let counters = handle.state.pointee.counters
        result.shifts = counters.shifts
        result.shiftsMax = counters.shiftsMax
        result.removalShiftsMax = counters.removalShiftsMax
        result.builtEntries = counters.builtEntries
        result.fittedEntries = counters.fittedEntries
        result.allocatedBytesMax = counters.allocatedBytesMax
        result.splits = counters.splits
        result.innerSplits = counters.innerSplits
        result.expansions = counters.expansions
        result.retrains = counters.retrains
        result.merges = counters.merges
        result.moves = counters.moves
        result.edgeInserts = counters.edgeInserts
        result.pathCopies = counters.pathCopies
        result.limboNodes = handle.state.pointee.limbo.count
        result.limboBytes = handle.state.pointee.limboUnits * Arena.unitBytes
        var errorSum = 0
        var routingErrorSum = 0
        handle.walk(handle.state.pointee.root, height: handle.state.pointee.height) { child, height in
            result.nodeBytes += Int(handle.header(Int(child.reference)).pointee.units) * 64
            if height > 0 {
                result.innerNodes += 1
                routingErrorSum += IndexHandle.predictionError(handle.innerNode(child), child.model).sum
                return
            }
            result.dataNodes += 1
            result.dataSlots += child.capacity
            let (sum, largest) = IndexHandle.predictionError(handle.dataNode(child), child.model)
            errorSum += sum
            result.predictionErrorMax = max(result.predictionErrorMax, largest)
        }
        result.predictionErrorMean = Double(errorSum) / Double(max(count, 1))
        let children = result.dataNodes + max(result.innerNodes - 1, 0)
        result.routingErrorMean = result.innerNodes == 0 ? 0 : Double(routingErrorSum) / Double(children)
        return result
    }
}

extension IndexHandle {
    /// Calls `body` with each node and its height, parents first, from left to right.
    func walk(_ child: Child, height: Int, _ body: (Child, Int) -> Void) {
        body(child, height)
        guard height > 0 else { return }
        let node = innerNode(child)
        var at = node.firstSet(from: 0)
        while at < node.capacity {
            walk(node.slots[at], height: height - 1, body)
            at = node.next(after: at)
        }
    }

    static func predictionError<Slot: NodeSlot>(_ node: Node<Slot>, _ model: LinearModel) -> (sum: Int, largest: Int) {
        var sum = 0
        var largest = 0
        var at = node.firstSet(from: 0)
        while at < node.capacity {
            let behind = min(node.next(after: at), node.end)
            let predicted = model.predictPosition(of: node.slots[at].key, capacity: node.capacity)
            let distance = max(at - predicted, predicted - (behind - 1), 0)
            sum += distance
            largest = max(largest, distance)
            at = node.next(after: at)
        }
        return (sum, largest)
    }
}
