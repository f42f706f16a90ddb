extension AlexIndex {
    /// Checks everything that must always hold; for tests. O(count).
    ///
    /// - Throws: `InvariantViolation`, naming the first broken fact.
    public func checkInvariants() throws(InvariantViolation) {
        handle.complete()
        let state = handle.state
        let configuration = state.pointee.configuration
        try require(state.pointee.root.key == .min, "the root's separator is \(state.pointee.root.key)")
        var check = Check(handle: handle, configuration: configuration)
        try check.node(state.pointee.root, height: state.pointee.height, below: nil)
        try require(check.count == count, "the index counts \(count) entries, its nodes hold \(check.count)")
        try check.edges(state.pointee.edges)
        let used = try state.pointee.arena.checkInvariants()
        let isWhereReadersLook =
            MemoryLayout<NodeHeader>.offset(of: \.version) == NodeHeader.versionOffset
            && MemoryLayout<NodeHeader>.offset(of: \.start) == NodeHeader.boundsOffset
            && MemoryLayout<NodeHeader>.offset(of: \.end) == NodeHeader.boundsOffset + 4
        try require(isWhereReadersLook, "a node's version or bounds stand where no reader looks for them")
        let limbo = state.pointee.limboUnits
        try require(
            used == check.units + limbo,
            "the arena has \(used) units in use, the nodes take \(check.units), those in limbo \(limbo)")
        try checkLimbo()
    }

    private func checkLimbo() throws(InvariantViolation) {
        var units = 0
        var isWhole = true
        for reference in handle.state.pointee.limbo.items {
            units += Int(handle.header(Int(reference)).pointee.units)
            if handle.header(Int(reference)).pointee.version & 1 == 1 { isWhole = false }
        }
        try require(isWhole, "a node in limbo has an odd version")
        let counted = handle.state.pointee.limboUnits
        try require(units == counted, "the index counts \(counted) units in limbo, its nodes take \(units)")
    }

    /// One line a node, indented by depth: separator, slots, entries. For tests and for looking. O(nodes).
    public var dump: String {
        handle.complete()
        var lines: [String] = []
        let height = handle.state.pointee.height
        handle.walk(handle.state.pointee.root, height: height) { child, level in
            let header = handle.header(Int(child.reference)).pointee
            let indent = String(repeating: "  ", count: height - level)
            let kind = level > 0 ? "inner" : "data"
            lines.append("\(indent)\(kind) from \(child.key): \(header.count) in \(header.capacity) slots")
        }
        return lines.joined(separator: "\n")
    }
}

/// A walk that checks.
private struct Check {
    let handle: IndexHandle
    let configuration: AlexIndex.Configuration
    var count = 0
    var units = 0
    private var firstData: Child?
    private var lastData: Child?
    private var isSpotFound = false

    init(handle: IndexHandle, configuration: AlexIndex.Configuration) {
        self.handle = handle
        self.configuration = configuration
    }

    mutating func node(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
        let header = handle.header(Int(child.reference)).pointee
        let name = "\(height > 0 ? "inner" : "data") node from \(child.key)"
        units += Int(header.units)
        let kind = height > 0 ? NodeHeader.Kind.inner : NodeHeader.Kind.data
        try require(header.kind == kind, "\(name): its header says kind \(header.kind)")
        try require(header.version & 1 == 0, "\(name): its version \(header.version) is odd")
        try require(child.capacity == Int(header.capacity), "\(name): its parent and header differ on its capacity")
        if height > 0 {
            try inner(handle.innerNode(child), name, child, height, below)
        } else {
            try array(handle.dataNode(child), name)
            try data(handle.dataNode(child), name, child, below)
        }
    }

    /// The keys of the spot belong to its node.
    private func spot(_ child: Child, _ name: String, _ below: Int64?) throws(InvariantViolation) {
        let edges = handle.state.pointee.edges
        guard edges.spotLow < edges.spotHigh && child.reference == edges.spotReference else { return }
        try require(edges.spotLow >= child.key, "\(name): the spot's keys begin below it, at \(edges.spotLow)")
        try require(edges.spotHigh <= below ?? .max, "\(name): the spot's keys end behind it, at \(edges.spotHigh)")
    }

    /// The invariants of the open edges, by their numbers in IndexHandle+Edges.swift.
    func edges(_ edges: OpenEdges) throws(InvariantViolation) {
        try require(isSpotFound || edges.spotReference == 0, "the spot's node is not in the tree")
        if edges.tailKey != .max {
            try require(edges.tailReference == lastData?.reference, "(1) the open tail is not the last data node")
            let node = Node<Pair>(handle.header(Int(edges.tailReference)))
            try require(node.isPacked, "(1) the open tail is not packed")
            let highest = node.count > 0 ? node.slots[node.end - 1].key : .min
            try require(highest <= edges.tailKey, "(2) key \(highest) is above the tail's \(edges.tailKey)")
        }
        if edges.headKey != .min {
            try require(edges.headReference == firstData?.reference, "(1) the open head is not the first data node")
            let node = Node<Pair>(handle.header(Int(edges.headReference)))
            try require(node.isPacked, "(1) the open head is not packed")
            let lowest = node.count > 0 ? node.slots[node.start].key : .max
            try require(lowest >= edges.headKey, "(2) key \(lowest) is below the head's \(edges.headKey)")
        }
    }

    private mutating func data(
        _ node: Node<Pair>, _ name: String, _ child: Child, _ below: Int64?
    ) throws(InvariantViolation) {
        try require(node.capacity <= configuration.dataSlotsMax + 4, "\(name): has \(node.capacity) slots")
        try require(node.count > 0 || handle.state.pointee.height == 0, "\(name): empty")
        try spot(child, name, below)
        isSpotFound = isSpotFound || child.reference == handle.state.pointee.edges.spotReference
        count += node.count
        firstData = firstData ?? child
        lastData = child
        var at = node.firstSet(from: 0)
        while at < node.capacity {
            let pair = node.slots[at]
            try require(pair.key >= child.key, "\(name): key \(pair.key) is below its separator")
            if let below { try require(pair.key < below, "\(name): key \(pair.key) is not below the next, \(below)") }
            try require(handle.value(forKey: pair.key) == pair.value, "\(name): key \(pair.key) is not found")
            let behind = min(node.next(after: at), node.end)
            for copy in at..<behind {
                try require(node.slots[copy].value == pair.value, "\(name): copies of \(pair.key) differ")
            }
            at = node.next(after: at)
        }
    }

    private mutating func inner(
        _ node: Node<Child>, _ name: String, _ child: Child, _ height: Int, _ below: Int64?
    ) throws(InvariantViolation) {
        try array(node, name)
        try require(node.capacity <= configuration.innerSlotsMax, "\(name): has \(node.capacity) slots")
        try require(node.count > 0, "\(name): no children")
        try require(node.slots[node.start].key == child.key, "\(name): its first child is from another key")
        var at = node.firstSet(from: 0)
        while at < node.capacity {
            let next = node.next(after: at)
            let first = node.slots[at]
            for copy in at..<min(next, node.end) {
                let same =
                    node.slots[copy].reference == first.reference && node.slots[copy].slotCount == first.slotCount
                try require(same, "\(name): copies of child \(first.key) differ")
            }
            try self.node(first, height: height - 1, below: next < node.end ? node.slots[next].key : below)
            at = next
        }
    }

    /// The invariants of one gapped array, by their numbers in Node.swift.
    private func array<Slot: NodeSlot>(_ node: Node<Slot>, _ name: String) throws(InvariantViolation) {
        let slots = node.slots
        try require(node.start <= node.end && node.end <= node.capacity, "\(name): used slots out of range")
        try require(node.count <= Int(node.header.pointee.countMax), "\(name): \(node.count) entries are too many")
        let bytes = Int(node.header.pointee.units) * Arena.unitBytes
        try require(Node<Slot>.bytes(capacity: node.capacity) <= bytes, "\(name): longer than its block")
        var set = 0
        for at in 0..<node.capacity {
            let key = slots[at].key
            let used = at >= node.start && at < node.end
            let begins = used && (at == node.start || slots[at - 1].key != key)
            try require(at == 0 || slots[at - 1].key <= key, "\(name): (1) keys fall at slot \(at)")
            try require(node.isFirst(at) == begins, "\(name): (3) the bit of slot \(at) is wrong")
            if !used {
                try require(key == (at < node.start ? .min : .max), "\(name): (4) slot \(at) is no padding")
            }
            if begins { set += 1 }
        }
        try require(set == node.count, "\(name): counts \(node.count) entries, its slots hold \(set)")
        let beyond = node.capacity % 64
        if beyond != 0 {
            let word = node.bits[node.capacity / 64]
            try require(word >> UInt64(beyond) == 0, "\(name): bits beyond its capacity are set")
        }
    }
}
